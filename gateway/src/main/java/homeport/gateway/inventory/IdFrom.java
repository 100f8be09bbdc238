package homeport.gateway.inventory;

/** Where in a certificate the device's id stands. */
public enum IdFrom {
    /** The subject's serialNumber, as in an IDevID (IEEE 802.1AR), or else a hardwareModuleName's. */
    SERIAL_NUMBER("serialNumber"),
    /** The subject's CN. */
    COMMON_NAME("CN"),
    /** A DNS name among the subject's alternative names. */
    ALTERNATIVE_NAME("SAN");

    private final String text;

    IdFrom(String text) {
        this.text = text;
    }

    /** The word in commands, listings and the database. */
    public String text() {
        return text;
    }

    /** @throws IllegalArgumentException when there is none */
    public static IdFrom ofText(String text) {
        for (var value : values()) {
            if (value.text.equals(text)) {
                return value;
            }
        }
        throw new IllegalArgumentException("no such word here: " + text);
    }
}
