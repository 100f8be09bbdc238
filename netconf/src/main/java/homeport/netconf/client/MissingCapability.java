package homeport.netconf.client;

/** An operation was not sent, since the server's hello says that it does not have what it takes. */
public final class MissingCapability extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String operation;
    private final String missing;

    MissingCapability(String operation, String missing) {
        super(operation + " was not sent: the server does not announce " + missing);
        this.operation = operation;
        this.missing = missing;
    }

    /** The operation's name, such as {@code commit}. */
    public String operation() {
        return operation;
    }

    /** What the server would have to announce: a capability URI, mostly. */
    public String missing() {
        return missing;
    }
}
