package homeport.gateway.inventory;

/** What became of a connection attempt. */
public enum AttemptOutcome {
    JOINED("joined"),
    HELD("held"),
    REFUSED("refused"),
    FAILED("failed");

    private final String text;

    AttemptOutcome(String text) {
        this.text = text;
    }

    /** The word in commands, listings and the database. */
    public String text() {
        return text;
    }

    /** @throws IllegalArgumentException when there is none */
    public static AttemptOutcome ofText(String text) {
        for (var value : values()) {
            if (value.text.equals(text)) {
                return value;
            }
        }
        throw new IllegalArgumentException("no such word here: " + text);
    }
}
