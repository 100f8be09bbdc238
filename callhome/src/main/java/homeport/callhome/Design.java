package homeport.callhome;

/** The four ways in which a device behind something dials in. For showing: nothing above this module decides by it. */
public enum Design {
    /** A text message names the device, then it is the SSH server (Junos {@code outbound-ssh}, Calix). */
    BOOTSTRAP("bootstrap"),
    /** The device is the SSH server at once (RFC 8071). */
    CALL_HOME("call-home"),
    /** The device logs in as SSH client, and we open {@code session} channels towards it. */
    SERVER_CHANNELS("server-channels"),
    /** The device logs in as SSH client and forwards a port, through which we reach its SSH server. */
    TUNNEL("tunnel");

    private final String text;

    Design(String text) {
        this.text = text;
    }

    /** The name in commands, configuration and listings. */
    public String text() {
        return text;
    }
}
