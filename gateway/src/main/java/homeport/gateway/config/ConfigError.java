package homeport.gateway.config;

/** A configuration that cannot be used: where, which key, what is wrong. Never holds a value that may be a secret. */
public final class ConfigError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String key;

    ConfigError(Origin origin, String key, String what) {
        super(origin.text() + ": " + (key.isEmpty() ? "" : key + ": ") + what);
        this.key = key;
    }

    /** The key in question; empty when it is the file as a whole. */
    public String key() {
        return key;
    }
}
