package homeport.gateway.inventory;

/** How far a connection attempt came. */
public enum AttemptStage {
    CONNECTED("connected"),
    FIRST_BYTE("first-byte"),
    VERSION("version"),
    KEY_EXCHANGE("key-exchange"),
    IDENTITY("identity"),
    LOGIN("login"),
    /** The device is in. */
    LINKED("linked"),
    /** NETCONF's first message is due. */
    HELLO("hello");

    private final String text;

    AttemptStage(String text) {
        this.text = text;
    }

    /** The word in commands, listings and the database. */
    public String text() {
        return text;
    }

    /** The stage of a connection; what comes behind {@code LINKED} the gateway knows. */
    public static AttemptStage of(homeport.callhome.Stage stage) {
        return switch (stage) {
            case CONNECTED -> CONNECTED;
            case FIRST_BYTE -> FIRST_BYTE;
            case VERSION -> VERSION;
            case KEY_EXCHANGE -> KEY_EXCHANGE;
            case IDENTITY -> IDENTITY;
            case LOGIN -> LOGIN;
            case LINKED -> LINKED;
        };
    }

    /** @throws IllegalArgumentException when there is none */
    public static AttemptStage ofText(String text) {
        for (var value : values()) {
            if (value.text.equals(text)) {
                return value;
            }
        }
        throw new IllegalArgumentException("no such word here: " + text);
    }
}
