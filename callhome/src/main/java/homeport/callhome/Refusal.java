package homeport.callhome;

import java.util.Locale;

/** Why we end a dialler's connection, beside the rules of SSH itself: one constant for each counter. */
public enum Refusal implements Cause {
    SILENT("the peer sent nothing"),
    /** It went without having sent anything, as health checks and port scans do. Nothing speaks against its address. */
    PROBED("the peer connected and left without a word"),
    /** It sent something, but no SSH version line came in time. */
    SLOW("the peer did not come to its SSH version line in time"),
    HTTP("the peer speaks HTTP"),
    TLS("the peer speaks TLS"),
    NOT_SSH("the peer does not speak SSH"),
    /** It came past the balancer, or the balancer does not send what the port is set to expect. */
    NO_PROXY_HEADER("the connection does not begin with the PROXY header that this port is set to expect"),
    PROXY_HEADER("the connection begins with a PROXY header, which this port is not set to expect"),
    PREFACE_TOO_LONG("what comes before SSH is too long"),
    BAD_MESSAGE("the bootstrap message is malformed"),
    BAD_IDENTITY("the XML identity is malformed"),
    /** What it sent first says server, its KEXINIT client. */
    CONTRADICTION("the peer announced itself as an SSH server and is an SSH client"),
    DESIGN_OFF("this way of dialling in is switched off"),
    /** The owner's decision. */
    REFUSED("refused"),
    /** Nobody approved it while it waited. */
    HELD("held for an operator"),
    LOGIN_FAILED("the device does not accept our login"),
    NOTHING_OFFERED("the device logged in and offered neither channels nor a forwarded port"),
    HOST_KEY("the gateway's host key is not the expected one"),
    /** The same device came back on a newer connection. */
    DISPLACED("the device came back on a newer connection"),
    OUTPUT_BACKLOG("the peer causes more output than it reads"),
    CLOSED("closed by its owner"),
    /** The transport below broke or ended before SSH did. */
    LOST("the connection ended"),
    TOO_MANY("too many connections that are not logged in"),
    TOO_MANY_FROM_ADDRESS("too many connections from this address that are not logged in"),
    PENALTY("this address failed too often lately"),
    DRAINING("the gateway is shutting down");

    private final String sentence;

    Refusal(String sentence) {
        this.sentence = sentence;
    }

    @Override
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public String sentence() {
        return sentence;
    }
}
