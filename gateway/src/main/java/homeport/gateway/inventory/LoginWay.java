package homeport.gateway.inventory;

/** By what the gateway logs in to a device that is an SSH server. */
public enum LoginWay {
    /** The gateway's own key. */
    GATEWAY_KEY("gateway-key"),
    /** A password of the device's own. */
    PASSWORD("password"),
    /** A private key of the device's own. */
    KEY("key"),
    /** The gateway's key with a short-lived certificate of its own authority. */
    CERTIFICATE("certificate");

    private final String text;

    LoginWay(String text) {
        this.text = text;
    }

    /** The word in commands, listings and the database. */
    public String text() {
        return text;
    }

    /** @throws IllegalArgumentException when there is none */
    public static LoginWay ofText(String text) {
        for (var value : values()) {
            if (value.text.equals(text)) {
                return value;
            }
        }
        throw new IllegalArgumentException("no such word here: " + text);
    }
}
