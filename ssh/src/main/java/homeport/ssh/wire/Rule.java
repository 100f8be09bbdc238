package homeport.ssh.wire;

import static homeport.ssh.wire.Fault.LINK_LOST;
import static homeport.ssh.wire.Fault.PEER_INCOMPATIBLE;
import static homeport.ssh.wire.Fault.PEER_MISBEHAVED;
import static homeport.ssh.wire.Fault.REFUSED;

/**
 * The rules whose breach ends a connection: one constant each, so that a test, a journal entry and a counter can name
 * the rule that was broken.
 */
public enum Rule {
    // Bytes (RFC 4251 §5)
    TRUNCATED(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "a field runs past the end of its message"),
    TRAILING_BYTES(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "bytes are left over after a message's last field"),
    FIELD_TOO_LONG(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "a field is longer than its limit"),
    BAD_ENCODING(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "a field is not encoded as its type"),

    // Version exchange (RFC 4253 §4.2)
    NOT_SSH(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "the peer does not speak SSH"),
    VERSION_LINE_TOO_LONG(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "the version line is too long"),
    BANNER_TOO_LONG(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "too much text before the version line"),
    VERSION_NOT_SUPPORTED(PEER_INCOMPATIBLE, Disconnect.PROTOCOL_VERSION_NOT_SUPPORTED,
            "the peer does not speak SSH 2"),

    // Packets (RFC 4253 §6)
    PACKET_TOO_LONG(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "a packet is longer than the limit"),
    PACKET_LENGTH(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "a packet's length is not possible"),
    PADDING(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "a packet's padding is not possible"),
    MAC(PEER_MISBEHAVED, Disconnect.MAC_ERROR, "a packet's authentication code does not match"),
    COMPRESSION(PEER_MISBEHAVED, Disconnect.COMPRESSION_ERROR, "a packet does not decompress, or to too much"),
    SEQUENCE_WRAPPED(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "packet numbers ran out before the keys were changed"),

    // Key exchange (RFC 4253 §7, strict key exchange)
    NO_COMMON_ALGORITHM(PEER_INCOMPATIBLE, Disconnect.KEY_EXCHANGE_FAILED, "no algorithm in common"),
    STRICT_KEX(PEER_MISBEHAVED, Disconnect.KEY_EXCHANGE_FAILED, "strict key exchange was violated"),
    KEX_VALUE(PEER_MISBEHAVED, Disconnect.KEY_EXCHANGE_FAILED, "a key-exchange value is not acceptable"),
    KEX_STATE(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR,
            "a message does not belong to this point of the key exchange"),
    KEX_TOO_OFTEN(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "the peer asks for new keys too often"),
    HOST_KEY_SIGNATURE(PEER_MISBEHAVED, Disconnect.KEY_EXCHANGE_FAILED, "the host key's signature does not verify"),
    HOST_KEY_CHANGED(PEER_MISBEHAVED, Disconnect.HOST_KEY_NOT_VERIFIABLE, "the host key changed within the connection"),
    HOST_KEY_REFUSED(REFUSED, Disconnect.HOST_KEY_NOT_VERIFIABLE, "the host key is not accepted"),

    // Keys, certificates and their files
    KEY_FORMAT(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "a key or certificate is malformed"),
    KEY_NOT_SUPPORTED(PEER_INCOMPATIBLE, Disconnect.KEY_EXCHANGE_FAILED,
            "a key is of a kind or size that is not supported"),

    // Services and authentication (RFC 4252)
    SERVICE_NOT_AVAILABLE(PEER_MISBEHAVED, Disconnect.SERVICE_NOT_AVAILABLE, "the service is not available"),
    AUTH_STATE(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "a message does not belong to this point of authentication"),
    USER_NAME(PEER_MISBEHAVED, Disconnect.ILLEGAL_USER_NAME, "a user name holds control characters"),
    AUTH_TOO_MANY(REFUSED, Disconnect.NO_MORE_AUTH_METHODS_AVAILABLE, "too many authentication attempts"),
    AUTH_EXHAUSTED(REFUSED, Disconnect.NO_MORE_AUTH_METHODS_AVAILABLE, "no authentication method is left"),

    // Channels and requests (RFC 4254)
    CONNECTION_STATE(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR,
            "a message came before authentication or at the wrong end"),
    CHANNEL_UNKNOWN(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "a message names a channel that is not open"),
    CHANNEL_STATE(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "a message does not belong to the state of its channel"),
    WINDOW_EXCEEDED(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "channel data exceeds the window"),
    WINDOW_OVERFLOW(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "a channel window grew past 2^32-1"),
    CHANNEL_PACKET_TOO_LONG(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "channel data exceeds the maximum packet size"),
    TOO_MANY_CHANNELS(PEER_MISBEHAVED, Disconnect.TOO_MANY_CONNECTIONS, "too many channels"),
    TOO_MANY_REQUESTS(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "too many requests wait for an answer"),
    REPLY_UNEXPECTED(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "a reply came that nothing asked for"),
    EXT_INFO(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "extension information out of place or too much"),
    INPUT_BACKLOG(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "the peer sends on while a decision is pending"),
    OUTPUT_BACKLOG(PEER_MISBEHAVED, Disconnect.PROTOCOL_ERROR, "the peer causes more output than it reads"),

    // The link and its deadlines
    FIRST_BYTE_TIMEOUT(LINK_LOST, Disconnect.BY_APPLICATION, "the peer stayed silent"),
    LOGIN_TIMEOUT(LINK_LOST, Disconnect.BY_APPLICATION, "the login was not complete in time"),
    KEX_TIMEOUT(LINK_LOST, Disconnect.KEY_EXCHANGE_FAILED, "the key exchange was not complete in time"),
    DECISION_TIMEOUT(REFUSED, Disconnect.BY_APPLICATION, "a decision did not come in time"),
    KEEPALIVE_TIMEOUT(LINK_LOST, Disconnect.CONNECTION_LOST, "the peer answered none of the last keep-alives"),
    END_OF_STREAM(LINK_LOST, Disconnect.CONNECTION_LOST, "the connection ended"),
    PEER_DISCONNECTED(LINK_LOST, Disconnect.BY_APPLICATION, "the peer disconnected");

    private final Fault fault;
    private final int disconnectCode;
    private final String sentence;

    Rule(Fault fault, int disconnectCode, String sentence) {
        this.fault = fault;
        this.disconnectCode = disconnectCode;
        this.sentence = sentence;
    }

    public Fault fault() {
        return fault;
    }

    /** The reason code of the SSH_MSG_DISCONNECT that tells the peer (RFC 4253 §11.1). */
    public int disconnectCode() {
        return disconnectCode;
    }

    /** The rule's breach in words, without a full stop. */
    public String sentence() {
        return sentence;
    }
}
