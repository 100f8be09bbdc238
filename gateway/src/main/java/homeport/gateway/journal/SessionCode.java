package homeport.gateway.journal;

import java.util.Locale;

/** What the journal says of a device that is in: the codes behind those of admission and of connections. */
public enum SessionCode {
    JOINED("the device is in"),
    /** It is in, and its SSH server has no such subsystem. */
    NO_NETCONF("the device is in, and refuses the subsystem netconf"),
    BAD_HELLO("the device is in, and its NETCONF hello is missing or makes no sense");

    private final String sentence;

    SessionCode(String sentence) {
        this.sentence = sentence;
    }

    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String sentence() {
        return sentence;
    }
}
