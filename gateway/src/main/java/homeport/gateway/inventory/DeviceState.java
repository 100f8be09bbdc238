package homeport.gateway.inventory;

/** Whether a device may in. */
public enum DeviceState {
    /** An operator has to say. */
    PENDING("pending"),
    /** It may, when it proves who it is. */
    ADMITTED("admitted"),
    /** It may not, whatever it proves. */
    REFUSED("refused");

    private final String text;

    DeviceState(String text) {
        this.text = text;
    }

    /** The word in commands, listings and the database. */
    public String text() {
        return text;
    }

    /** @throws IllegalArgumentException when there is none */
    public static DeviceState ofText(String text) {
        for (var value : values()) {
            if (value.text.equals(text)) {
                return value;
            }
        }
        throw new IllegalArgumentException("no such word here: " + text);
    }
}
