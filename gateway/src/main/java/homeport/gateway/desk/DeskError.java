package homeport.gateway.desk;

import homeport.gateway.access.Access;

/** What an operator asked for is not done. The message says why, with what, and what to do; it holds no secret. */
public final class DeskError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Of what kind, for programs. */
    public enum Kind {
        NOT_FOUND,
        NOT_ALLOWED,
        /** There is one already, or it is in no state for this. */
        CONFLICT,
        INVALID,
        /** It was changed by somebody else since it was read. */
        PRECONDITION_FAILED,
        /** The device is not connected. */
        OFFLINE,
        /** The device did not answer in time. */
        TIMEOUT,
        /** The device was reached, and did not do it. */
        DEVICE_FAILED
    }

    private final Kind kind;

    public DeskError(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public DeskError(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    static DeskError noDevice(String id) {
        return new DeskError(Kind.NOT_FOUND, "there is no device " + id + " that you may see: list those you may");
    }

    /** Passes over what is allowed. @param device empty when it is not about one */
    static void check(Access access, String device) {
        if (access instanceof Access.Denied denied) {
            // A device out of reach and one that is not there must not be told apart.
            throw denied.hidden() ? noDevice(device) : new DeskError(Kind.NOT_ALLOWED, denied.reason());
        }
    }
}
