package homeport.netconf.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.Capabilities;
import homeport.netconf.Limits;
import homeport.netconf.Ns;
import homeport.netconf.RpcError;
import homeport.netconf.RpcErrorException;
import homeport.netconf.Rule;
import homeport.netconf.SessionError;
import homeport.netconf.SessionTime;
import homeport.netconf.client.Datastore;
import homeport.netconf.client.NetconfClient;
import homeport.netconf.link.PipeLink;
import homeport.netconf.xml.XmlElement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers as routers of several makers and ages are: odd, but to be understood; and ones that never come to an end. */
@Timeout(60)
class OddPeersTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final XmlElement GET = XmlElement.of(Ns.BASE, "get");

    private final PipeLink.Pair pipe = PipeLink.pair();

    private record Opened(NetconfClient client, RawPeer server) {}

    private Opened open(boolean chunked, Limits limits, String hello) throws Exception {
        RawPeer server = new RawPeer(pipe.right(), chunked);
        CompletableFuture<ClientSession> client = ClientSession.open(pipe.left(), limits, SessionTime.system());
        server.next();
        server.raw(hello);
        return new Opened(new NetconfClient(client.get(10, TimeUnit.SECONDS), LONG), server);
    }

    private Opened open() throws Exception {
        return open(true, Limits.DEFAULT, RawPeer.serverHello(4, RawPeer.BASE_1_1));
    }

    /** What get-config brings when the server answers with this; ID stands for the message-id. */
    private static XmlElement config(Opened session, String reply) throws Exception {
        CompletableFuture<XmlElement> config = CompletableFuture
                .supplyAsync(() -> session.client().getConfig(Datastore.RUNNING));
        String id = session.server().nextXml().attribute("message-id").orElseThrow();
        session.server().message(reply.replace("ID", id));
        return ClientSession.await(config);
    }

    // Hellos

    @ParameterizedTest
    @ValueSource(strings = {
            "<!-- No zombies were killed during the creation of this user interface -->\n<!-- user a -->\n"
                    + "<nc:hello xmlns:nc=\"urn:ietf:params:xml:ns:netconf:base:1.0\"><nc:capabilities>"
                    + "<nc:capability>urn:ietf:params:netconf:base:1.0</nc:capability></nc:capabilities>"
                    + "<nc:session-id>7</nc:session-id></nc:hello>",
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><hello><capabilities><capability>\n  "
                    + "urn:ietf:params:netconf:base:1.0\n</capability><capability/></capabilities>"
                    + "<session-id> 7 </session-id></hello>",
            "<hello xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\" xmlns:junos=\"urn:j\"><capabilities>"
                    + "<capability>urn:ietf:params:xml:ns:netconf:base:1.0</capability></capabilities>"
                    + "<session-id>7</session-id></hello>"})
    void hellosOfOldRouters(String hello) throws Exception {
        Opened session = open(false, Limits.DEFAULT, "\r\n" + hello + "\n]]>]]>\n");

        assertEquals(7, session.client().session().sessionId());
        assertEquals("x", config(session, "<rpc-reply xmlns='" + Ns.BASE
                + "' message-id='ID'><data><a xmlns=''>x</a></data></rpc-reply>").children().getFirst().text());
    }

    @Test
    void capabilitiesUnderTheNamespacesPrefixCount() throws Exception {
        Opened session = open(false, Limits.DEFAULT,
                RawPeer.serverHello(1, "urn:ietf:params:xml:ns:netconf:base:1.0",
                        "urn:ietf:params:xml:ns:netconf:capability:candidate:1.0"));

        assertTrue(session.client().session().capabilities().uris().contains(Capabilities.CANDIDATE));
    }

    // Replies

    @ParameterizedTest
    @ValueSource(strings = {
            "<rpc-reply message-id=\"ID\"><data><top>x</top></data></rpc-reply>",
            "<nc:rpc-reply xmlns:nc=\"urn:ietf:params:xml:ns:netconf:base:1.0\" nc:odd=\"\" message-id=\"ID\">"
                    + "<nc:data><top>x</top></nc:data></nc:rpc-reply>",
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<!-- a --><?b c?><!-- d -->"
                    + "<rpc-reply xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\" xmlns:junos=\"urn:j\" "
                    + "junos:style=\"brief\" message-id=\"ID\">\n<!-- e --><data>\n<top junos:changed-seconds=\"1\">x"
                    + "</top></data>\n</rpc-reply>\n<!-- f -->",
            "<rpc-reply xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\" message-id=\"ID\"><data>"
                    + "<top><![CDATA[x]]></top></data></rpc-reply>",
            "<rpc-reply xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\" message-id=\"ID\"><rpc-error>"
                    + "<error-severity>warning</error-severity><error-message>old</error-message></rpc-error><data>"
                    + "<top>x</top></data></rpc-reply>"})
    void repliesOfManyMakers(String reply) throws Exception {
        Opened session = open();

        assertEquals("x", config(session, reply).children().getFirst().text());
        assertTrue(session.client().session().isOpen());
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "<rpc-reply xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\"><rpc-error><error-type>rpc</error-type>"
                    + "<error-tag>missing-attribute</error-tag><error-severity>error</error-severity></rpc-error>"
                    + "</rpc-reply>",
            "<rpc-reply message-id=\"ID\"><rpc-error><error-tag>missing-attribute</error-tag></rpc-error></rpc-reply>"})
    void errorsWithoutMessageIdOrNamespaceAreErrorsOfTheOldestRequest(String reply) throws Exception {
        Opened session = open();

        RpcErrorException error = assertThrows(RpcErrorException.class, () -> config(session, reply));
        assertEquals(RpcError.Tag.MISSING_ATTRIBUTE, error.errors().getFirst().tag());
        assertTrue(session.client().session().isOpen());
    }

    @Test
    void anErrorWithoutMessageIdReachesAStreamToo() throws Exception {
        Opened session = open();
        try (ReplyStream stream = session.client().session().stream(GET, LONG)) {
            session.server().next();
            session.server().message("<rpc-reply><rpc-error><error-tag>in-use</error-tag></rpc-error></rpc-reply>");
            RpcErrorException error = assertThrows(RpcErrorException.class, () -> stream.read(cursor -> 1));
            assertEquals(RpcError.Tag.IN_USE, error.errors().getFirst().tag());
        }
    }

    @Test
    void dataWithoutMessageIdIsNobodys() throws Exception {
        Opened session = open();

        assertEquals(Rule.MESSAGE_ID, assertThrows(SessionError.class, () -> config(session,
                "<rpc-reply xmlns='" + Ns.BASE + "'><data/></rpc-reply>")).rule());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ISO-8859-1", "UTF-16", "cp037", "no such"})
    void anotherEncodingThanTheRfcsEndsTheSession(String encoding) throws Exception {
        Opened session = open();

        SessionError error = assertThrows(SessionError.class, () -> config(session,
                "<?xml version=\"1.0\" encoding=\"" + encoding + "\"?><rpc-reply xmlns='" + Ns.BASE
                        + "' message-id='ID'><data/></rpc-reply>"));
        assertTrue(error.rule() == Rule.XML_ENCODING || error.rule() == Rule.XML_MALFORMED, error.toString());
        session.server().awaitClosed();
    }

    // Replies that cost more than they bring

    @Test
    void aHundredThousandAttributesEndTheSession() throws Exception {
        Opened session = open();
        StringBuilder many = new StringBuilder("<rpc-reply xmlns='" + Ns.BASE + "' message-id='ID'><data ");
        for (int i = 0; i < 100_000; i++) {
            many.append("a").append(i).append("='' ");
        }

        SessionError error = assertThrows(SessionError.class,
                () -> config(session, many + "/></rpc-reply>"));
        assertTrue(error.rule() == Rule.XML_TOO_MANY || error.rule() == Rule.XML_MARKUP_TOO_LONG
                || error.rule() == Rule.XML_MALFORMED, error.toString());
        session.server().awaitClosed();
    }

    /** Strings of "Aa" and "BB" hash alike, in Java and in the parser: a table of them is a list. */
    @Test
    void namesMadeToCollideEndTheSession() throws Exception {
        Opened session = open();
        StringBuilder many = new StringBuilder("<rpc-reply xmlns='" + Ns.BASE + "' message-id='ID'><data>");
        for (int i = 0; i < 1 << 14; i++) {
            many.append('<');
            for (int bit = 0; bit < 14; bit++) {
                many.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            many.append("/>");
        }

        assertEquals(Rule.XML_TOO_MANY, assertThrows(SessionError.class,
                () -> config(session, many + "</data></rpc-reply>")).rule());
        session.server().awaitClosed();
    }

    @Test
    void aReplyWithoutEndIsSkippedOnlySoFar() throws Exception {
        Opened session = open(true, Limits.DEFAULT.withReplyBytes(100_000),
                RawPeer.serverHello(1, RawPeer.BASE_1_1));
        CompletableFuture<Reply> reply = session.client().session().send(GET, LONG);
        String id = session.server().nextXml().attribute("message-id").orElseThrow();
        session.server().raw(chunk("<rpc-reply xmlns='" + Ns.BASE + "' message-id='" + id + "'><data>"));
        String more = chunk("<a/>".repeat(10_000));
        for (int i = 0; i < 10; i++) {
            session.server().raw(more);
        }
        assertEquals(Rule.REPLY_TOO_LARGE,
                assertThrows(SessionError.class, () -> ClientSession.await(reply)).rule());
        assertTrue(session.client().session().isOpen());

        for (int i = 0; i < 64 * 100_000 / 40_000; i++) {
            session.server().raw(more);
        }
        session.server().awaitClosed();
        assertEquals(Rule.REPLY_TOO_LARGE, session.client().session().closed().get(10, TimeUnit.SECONDS).rule());
    }

    @Test
    void aStreamGivenUpThatNeverEndsIsSkippedOnlySoFar() throws Exception {
        Opened session = open(true, Limits.DEFAULT.withReplyBytes(100_000),
                RawPeer.serverHello(1, RawPeer.BASE_1_1));
        String more = chunk("<a/>".repeat(10_000));
        try (ReplyStream stream = session.client().session().stream(GET, LONG)) {
            String id = session.server().nextXml().attribute("message-id").orElseThrow();
            session.server().raw(chunk("<rpc-reply xmlns='" + Ns.BASE + "' message-id='" + id + "'><data>"));
            session.server().raw(more + more);
            assertTrue(stream.bytes().read(new byte[1_000]) > 0);
        }
        for (int i = 0; i <= 64 * 100_000 / 40_000; i++) {
            session.server().raw(more);
        }
        session.server().awaitClosed();
        assertEquals(Rule.REPLY_TOO_LARGE, session.client().session().closed().get(10, TimeUnit.SECONDS).rule());
    }

    private static String chunk(String content) {
        return "\n#" + content.length() + "\n" + content;
    }
}
