package homeport.gateway.inventory;

/** What an operator may do; each includes the ones before it. */
public enum Role {
    /** Sees devices, the journal and alarms. */
    VIEWER("viewer"),
    /** Uses devices and decides about them. */
    OPERATOR("operator"),
    /** Decides about operators, authorities and labels too. */
    ADMIN("admin");

    private final String text;

    Role(String text) {
        this.text = text;
    }

    /** The word in commands, listings and the database. */
    public String text() {
        return text;
    }

    /** @throws IllegalArgumentException when there is none */
    public static Role ofText(String text) {
        for (var value : values()) {
            if (value.text.equals(text)) {
                return value;
            }
        }
        throw new IllegalArgumentException("no such word here: " + text);
    }
}
