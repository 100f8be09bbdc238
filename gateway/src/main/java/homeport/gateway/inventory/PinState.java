package homeport.gateway.inventory;

/** What a pinned key is good for. */
public enum PinState {
    /** Its holder is the device. */
    ACTIVE("active"),
    /** Seen under the device's id; good for nothing until an operator approves it. */
    WAITING("waiting");

    private final String text;

    PinState(String text) {
        this.text = text;
    }

    /** The word in commands, listings and the database. */
    public String text() {
        return text;
    }

    /** @throws IllegalArgumentException when there is none */
    public static PinState ofText(String text) {
        for (var value : values()) {
            if (value.text.equals(text)) {
                return value;
            }
        }
        throw new IllegalArgumentException("no such word here: " + text);
    }
}
