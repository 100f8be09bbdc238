package homeport.netconf;

import static homeport.netconf.Fault.LINK_LOST;
import static homeport.netconf.Fault.PEER_INCOMPATIBLE;
import static homeport.netconf.Fault.PEER_MISBEHAVED;
import static homeport.netconf.Fault.REFUSED;

/** The rules whose breach ends a session or a request: one constant each, so that tests and journals can name it. */
public enum Rule {
    // Framing (RFC 6242 §4)
    CHUNK_HEADER(PEER_MISBEHAVED, "a chunk header is not one"), //
    CHUNK_SIZE(PEER_MISBEHAVED, "a chunk size is not a number from 1 to 4294967295 without leading zero"), //
    EMPTY_MESSAGE(PEER_MISBEHAVED, "a message has no bytes"), //

    // XML
    XML_MALFORMED(PEER_MISBEHAVED, "a message is not well-formed XML"), //
    XML_ENCODING(PEER_MISBEHAVED, "a message is not UTF-8"), //
    XML_DTD(PEER_MISBEHAVED, "a message carries a document type declaration"), //
    XML_TOO_DEEP(PEER_MISBEHAVED, "elements nest deeper than the limit"), //
    XML_TOO_MANY(PEER_MISBEHAVED, "a message has more attributes, elements or names than the limit"), //
    XML_MARKUP_TOO_LONG(PEER_MISBEHAVED, "a tag, comment or name is longer than the limit"), //

    // Hello (RFC 6241 §8.1)
    HELLO_MISSING(LINK_LOST, "no hello came in time"), //
    HELLO_EXPECTED(PEER_MISBEHAVED, "the first message is not a hello"), //
    HELLO_TWICE(PEER_MISBEHAVED, "a second hello came"), //
    HELLO_TOO_LARGE(PEER_MISBEHAVED, "the hello is larger than the limit"), //
    HELLO_CONTENT(PEER_MISBEHAVED, "the hello has no list of capabilities"), //
    SESSION_ID_MISSING(PEER_MISBEHAVED, "the server's hello has no session-id"), //
    SESSION_ID_INVALID(PEER_MISBEHAVED, "the session-id is not a number from 1 to 4294967295"), //
    SESSION_ID_UNEXPECTED(PEER_MISBEHAVED, "the client's hello has a session-id"), //
    NO_COMMON_BASE(PEER_INCOMPATIBLE, "no NETCONF base version in common"), //

    // Messages (RFC 6241 §4)
    UNEXPECTED_MESSAGE(PEER_MISBEHAVED, "a message of this name does not belong here"), //
    REPLY_UNASKED(PEER_MISBEHAVED, "a reply came and no request is open"), //
    MESSAGE_ID(PEER_MISBEHAVED, "a reply does not carry the message-id of the oldest open request"), //
    REPLY_TOO_LARGE(REFUSED, "the reply is larger than may be kept in memory; read it as a stream"), //
    REPLY_CONTENT(PEER_MISBEHAVED, "the reply is neither ok, nor data, nor errors"), //
    RPC_TOO_LARGE(PEER_MISBEHAVED, "the request is larger than the limit"), //
    NOTIFICATION_TOO_LARGE(PEER_MISBEHAVED, "the notification is larger than the limit"), //

    // Our own side
    REQUEST_TOO_LARGE(REFUSED, "the request is larger than the limit"), //
    END_MARK_INSIDE(REFUSED, "the message contains the end-of-message mark, which base:1.0 cannot carry"), //
    TOO_MANY_REQUESTS(REFUSED, "too many requests are waiting for their replies"), //
    CANCELLED(REFUSED, "the request was cancelled"), //
    CONSUMER_FAILED(REFUSED, "whoever read the reply gave up"), //
    CLOSED(REFUSED, "the session was closed"), //

    // Time and the link
    REPLY_TIMEOUT(LINK_LOST, "no reply came in time"), //
    PEER_NOT_READING(LINK_LOST, "the peer does not read what we send"), //
    PEER_SILENT(LINK_LOST, "the peer answers no requests"), //
    LINK_CLOSED(LINK_LOST, "the connection ended");

    private final Fault fault;
    private final String sentence;

    Rule(Fault fault, String sentence) {
        this.fault = fault;
        this.sentence = sentence;
    }

    public Fault fault() {
        return fault;
    }

    /** The rule's breach in words, for people. */
    public String sentence() {
        return sentence;
    }
}
