package homeport.callhome;

/** How far a connection has come. */
public enum Stage {
    /** Nothing was received. */
    CONNECTED,
    /** The peer has sent something. */
    FIRST_BYTE,
    /** The SSH version line came. */
    VERSION,
    /** Keys are exchanged. */
    KEY_EXCHANGE,
    /** The evidence is being judged. */
    IDENTITY,
    /** The device takes our login, or is asked what it offers. */
    LOGIN,
    /** There is a {@link DeviceLink}. */
    LINKED
}
