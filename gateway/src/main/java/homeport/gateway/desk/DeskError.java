package homeport.gateway.desk;

/** What was asked for cannot be done. The message is for the operator: what, with what, and what to do. */
public final class DeskError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Of what kind it is, for programs. */
    public enum Kind {
        INVALID,
        NOT_ALLOWED,
        NOT_FOUND,
        CONFLICT,
        OFFLINE
    }

    private final Kind kind;

    public DeskError(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
