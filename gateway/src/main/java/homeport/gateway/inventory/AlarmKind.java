package homeport.gateway.inventory;

/** What an operator must hear of. */
public enum AlarmKind {
    /** A known id came with a key that is not its own. */
    NEW_KEY("new-key"),
    /** One key is, or claims to be, several devices. */
    KEY_ON_MANY_DEVICES("key-on-many-devices"),
    /** One device is live from two addresses at once. */
    KEY_IN_TWO_PLACES("key-in-two-places"),
    /** A message came whose HMAC was made for another key. */
    PROOF_REPLAYED("proof-replayed"),
    /** Another authority than before vouches for a known id. */
    AUTHORITY_CHANGED("authority-changed");

    private final String text;

    AlarmKind(String text) {
        this.text = text;
    }

    /** The word in commands, listings and the database. */
    public String text() {
        return text;
    }

    /** @throws IllegalArgumentException when there is none */
    public static AlarmKind ofText(String text) {
        for (var value : values()) {
            if (value.text.equals(text)) {
                return value;
            }
        }
        throw new IllegalArgumentException("no such word here: " + text);
    }
}
