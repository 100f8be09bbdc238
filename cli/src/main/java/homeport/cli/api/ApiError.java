package homeport.cli.api;

/** A call that was not answered as wished; the message is one line for people, with what to do. */
public final class ApiError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /** Whose turn it is. */
    public enum Kind {
        /** No gateway there, or it went away during the call. */
        NO_GATEWAY,
        /** No token, or one that is not good. */
        NO_TOKEN,
        /** The operator's role or selectors do not reach so far. */
        NOT_ALLOWED,
        NOT_FOUND,
        /** The device is not connected, or did not answer in time. */
        DEVICE_NOT_REACHED,
        /** What was asked is not as the contract says. */
        INVALID,
        /** Anything else that the gateway or the device could not do. */
        FAILED
    }

    ApiError(Kind kind, String line) {
        super(line, null, false, false);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
