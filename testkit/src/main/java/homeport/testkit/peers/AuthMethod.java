package homeport.testkit.peers;

/** The user authentication methods of RFC 4252 and RFC 4256 that peers are tested with. */
public enum AuthMethod {
    NONE("none"),
    PUBLIC_KEY("publickey"),
    PASSWORD("password"),
    KEYBOARD_INTERACTIVE("keyboard-interactive");

    private final String wireName;

    AuthMethod(String wireName) {
        this.wireName = wireName;
    }

    /** The name in SSH_MSG_USERAUTH_REQUEST. */
    public String wireName() {
        return wireName;
    }
}
