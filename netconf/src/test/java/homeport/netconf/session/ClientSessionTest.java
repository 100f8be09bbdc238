package homeport.netconf.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.Capabilities;
import homeport.netconf.Fault;
import homeport.netconf.Limits;
import homeport.netconf.Notification;
import homeport.netconf.Ns;
import homeport.netconf.RpcError;
import homeport.netconf.RpcErrorException;
import homeport.netconf.Rule;
import homeport.netconf.SessionError;
import homeport.netconf.link.PipeLink;
import homeport.netconf.xml.XmlElement;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client before servers that keep the rules, and before servers that break one each. */
@Timeout(60)
class ClientSessionTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final XmlElement GET = XmlElement.of(Ns.BASE, "get");

    private final FakeTime time = new FakeTime();
    private final PipeLink.Pair pipe = PipeLink.pair();

    private record Opened(ClientSession client, RawPeer server) {}

    private Opened open(Limits limits) throws Exception {
        RawPeer server = new RawPeer(pipe.right(), true);
        CompletableFuture<ClientSession> client = ClientSession.open(pipe.left(), limits, time.time());
        server.next();
        server.raw(RawPeer.serverHello(4, RawPeer.BASE_1_0, RawPeer.BASE_1_1));
        return new Opened(client.get(10, TimeUnit.SECONDS), server);
    }

    /** What a session ends with when the server sends this first. */
    private Rule endedBy(String bytes) throws Exception {
        RawPeer server = new RawPeer(pipe.right(), true);
        CompletableFuture<ClientSession> client = ClientSession.open(pipe.left(), Limits.DEFAULT, time.time());
        server.raw(bytes);
        SessionError error = assertThrows(SessionError.class, () -> ClientSession.await(client));
        server.awaitClosed();
        return error.rule();
    }

    /** What an open session, with one request under way, ends with when the server sends this. */
    private SessionError endedByAfterRequest(String bytes) throws Exception {
        Opened session = open(Limits.DEFAULT);
        CompletableFuture<Reply> reply = session.client().send(GET, LONG);
        session.server().next();
        session.server().raw(bytes);
        SessionError error = assertThrows(SessionError.class, () -> ClientSession.await(reply));
        assertEquals(error.rule(), session.client().closed().get(10, TimeUnit.SECONDS).rule());
        session.server().awaitClosed();
        return error;
    }

    private static String chunk(String message) {
        return "\n#" + message.length() + "\n" + message + "\n##\n";
    }

    private static String reply(int id, String content) {
        return "<rpc-reply xmlns=\"" + Ns.BASE + "\" message-id=\"" + id + "\">" + content + "</rpc-reply>";
    }

    @Test
    void helloBringsSessionIdAndCapabilities() throws Exception {
        Opened session = open(Limits.DEFAULT);

        assertEquals(4, session.client().sessionId());
        assertEquals(Capabilities.of(RawPeer.BASE_1_0, RawPeer.BASE_1_1), session.client().capabilities());
    }

    @Test
    void pipelinedRequestsGetTheirOwnReplies() throws Exception {
        Opened session = open(Limits.DEFAULT);
        List<CompletableFuture<Reply>> replies = IntStream.range(0, 100)
                .mapToObj(i -> session.client().send(XmlElement.leaf("urn:x", "n", Integer.toString(i)), LONG))
                .toList();
        for (int i = 0; i < 100; i++) {
            XmlElement asked = session.server().answer("<n xmlns='urn:x'>" + i + "</n>");
            assertEquals(Integer.toString(i), asked.text());
        }
        for (int i = 0; i < 100; i++) {
            assertEquals(Integer.toString(i), replies.get(i).get(10, TimeUnit.SECONDS).content("n").text());
        }
    }

    @Test
    void notificationsComeBetweenRepliesInOrder() throws Exception {
        Opened session = open(Limits.DEFAULT);
        BlockingQueue<Notification> came = new LinkedBlockingQueue<>();
        session.client().onNotification(came::add);
        CompletableFuture<Reply> reply = session.client().send(GET, LONG);
        for (int i = 0; i < 3; i++) {
            session.server().message("<notification xmlns=\"" + Ns.NOTIFICATION + "\"><eventTime>2007-07-08T00:0" + i
                    + ":00Z</eventTime><event xmlns='urn:e'/></notification>");
        }
        session.server().answer("<ok/>");

        assertEquals(1, reply.get(10, TimeUnit.SECONDS).content().size());
        for (int i = 0; i < 3; i++) {
            Notification next = came.poll(10, TimeUnit.SECONDS);
            assertEquals(Instant.parse("2007-07-08T00:0" + i + ":00Z"), next.eventTime().orElseThrow());
            assertEquals("event", next.content().getFirst().local());
        }
    }

    @Test
    void slowNotificationListenerStopsTheServerAndLosesNothing() throws Exception {
        Opened session = open(Limits.DEFAULT);
        CountDownLatch go = new CountDownLatch(1);
        List<String> came = new ArrayList<>();
        CountDownLatch all = new CountDownLatch(5000);
        session.client().onNotification(notification -> {
            try {
                go.await();
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
            came.add(notification.content().getFirst().text());
            all.countDown();
        });
        for (int i = 0; i < 5000; i++) {
            session.server().message("<notification xmlns=\"" + Ns.NOTIFICATION
                    + "\"><eventTime>2007-07-08T00:00:00Z</eventTime><e>" + i + "</e></notification>");
        }
        go.countDown();

        assertTrue(all.await(20, TimeUnit.SECONDS));
        assertEquals(IntStream.range(0, 5000).mapToObj(Integer::toString).toList(), came);
    }

    @Test
    void timedOutRequestIsSkippedAndTheSessionGoesOn() throws Exception {
        Opened session = open(Limits.DEFAULT);
        CompletableFuture<Reply> late = session.client().send(GET, Duration.ofSeconds(5));
        CompletableFuture<Reply> next = session.client().send(GET, LONG);
        time.pass(Duration.ofSeconds(6));

        assertEquals(Rule.REPLY_TIMEOUT,
                assertThrows(SessionError.class, () -> ClientSession.await(late)).rule());
        session.server().answer("<first/>");
        session.server().answer("<second/>");
        assertEquals("second", next.get(10, TimeUnit.SECONDS).content().getFirst().local());
    }

    @Test
    void cancelledRequestIsSkippedAndTheSessionGoesOn() throws Exception {
        Opened session = open(Limits.DEFAULT);
        CompletableFuture<Reply> given = session.client().send(GET, LONG);
        CompletableFuture<Reply> next = session.client().send(GET, LONG);
        assertTrue(given.cancel(false));
        session.server().answer("<first/>");
        session.server().answer("<second/>");

        assertEquals("second", next.get(10, TimeUnit.SECONDS).content().getFirst().local());
    }

    @Test
    void serverThatAnswersNothingLosesTheSession() throws Exception {
        Opened session = open(Limits.DEFAULT);
        for (int i = 0; i <= Limits.DEFAULT.lostReplies(); i++) {
            session.client().send(GET, LONG).cancel(false);
        }

        assertEquals(Rule.PEER_SILENT, session.client().closed().get(10, TimeUnit.SECONDS).rule());
    }

    @Test
    void requestsUnderWayHaveALimit() throws Exception {
        Opened session = open(Limits.DEFAULT);
        for (int i = 0; i < Limits.DEFAULT.pendingRequests(); i++) {
            assertFalse(session.client().send(GET, LONG).isDone());
        }
        CompletableFuture<Reply> one = session.client().send(GET, LONG);

        assertEquals(Rule.TOO_MANY_REQUESTS, assertThrows(SessionError.class, () -> ClientSession.await(one)).rule());
        assertTrue(session.client().isOpen());
    }

    @Test
    void requestsThatTheServerDoesNotReadHaveALimit() throws Exception {
        Opened session = open(Limits.DEFAULT);
        pipe.right().reading(false);
        XmlElement large = XmlElement.leaf("urn:x", "large", "x".repeat(30 << 20));
        List<CompletableFuture<Reply>> replies = IntStream.range(0, 4)
                .mapToObj(_ -> session.client().send(large, LONG)).toList();

        assertEquals(Rule.TOO_MANY_REQUESTS,
                assertThrows(SessionError.class, () -> ClientSession.await(replies.getLast())).rule());
        assertFalse(replies.getFirst().isDone());
    }

    @Test
    void requestHasALimit() throws Exception {
        Opened session = open(Limits.DEFAULT);
        XmlElement large = XmlElement.leaf("urn:x", "large", "x".repeat(65 << 20));

        assertEquals(Rule.REQUEST_TOO_LARGE,
                assertThrows(SessionError.class, () -> session.client().call(large, LONG)).rule());
        assertTrue(session.client().isOpen());
    }

    @Test
    void replyTooLargeForMemoryFailsAloneAndTheSessionGoesOn() throws Exception {
        Opened session = open(Limits.DEFAULT.withReplyBytes(100_000));
        CompletableFuture<Reply> large = session.client().send(GET, LONG);
        CompletableFuture<Reply> fits = session.client().send(GET, LONG);
        CompletableFuture<Reply> small = session.client().send(GET, LONG);
        session.server().answer("<data>" + "x".repeat(100_000) + "</data>");
        session.server().answer("<data>" + "x".repeat(90_000) + "</data>");
        session.server().answer("<ok/>");

        assertEquals(Rule.REPLY_TOO_LARGE, assertThrows(SessionError.class, () -> ClientSession.await(large)).rule());
        assertEquals(90_000, fits.get(10, TimeUnit.SECONDS).content("data").text().length());
        assertEquals("ok", small.get(10, TimeUnit.SECONDS).content().getFirst().local());
    }

    @Test
    void everyFieldOfAnErrorIsRead() throws Exception {
        Opened session = open(Limits.DEFAULT);
        CompletableFuture<Reply> reply = session.client().send(GET, LONG);
        session.server()
                .answer("""
                        <rpc-error><error-type>protocol</error-type><error-tag>bad-element</error-tag>
                        <error-severity>error</error-severity><error-app-tag>too-many-elements</error-app-tag>
                        <error-path xmlns:t="http://example.com/schema/1.2/config">/t:top/t:interface[t:name="Ethernet0/0"]</error-path>
                        <error-message xml:lang="de">MTU zu gross</error-message>
                        <error-info><bad-element>mtu</bad-element><x:y xmlns:x="urn:x">z</x:y></error-info></rpc-error>
                        <rpc-error><error-type>rpc</error-type><error-tag>made-up</error-tag><error-severity>warning</error-severity></rpc-error>
                        """);
        List<RpcError> errors = assertThrows(RpcErrorException.class, () -> ClientSession.await(reply).orThrow())
                .errors();

        RpcError error = errors.getFirst();
        assertEquals(RpcError.Type.PROTOCOL, error.type());
        assertEquals(RpcError.Tag.BAD_ELEMENT, error.tag());
        assertEquals(RpcError.Severity.ERROR, error.severity());
        assertEquals("too-many-elements", error.appTag().orElseThrow());
        assertEquals("/t:top/t:interface[t:name=\"Ethernet0/0\"]", error.path().orElseThrow().xpath());
        assertEquals("http://example.com/schema/1.2/config", error.path().orElseThrow().namespaces().resolve("t"));
        assertEquals(new RpcError.Message("MTU zu gross", "de"), error.message().orElseThrow());
        assertEquals(List.of("bad-element", "y"), error.info().stream().map(XmlElement::local).toList());
        assertEquals(RpcError.Tag.OPERATION_FAILED, errors.get(1).tag());
        assertEquals("made-up", errors.get(1).info().getFirst().text());
    }

    @Test
    void warningsAloneAreNoFailure() throws Exception {
        Opened session = open(Limits.DEFAULT);
        CompletableFuture<Reply> reply = session.client().send(GET, LONG);
        session.server().answer("<rpc-error><error-type>application</error-type><error-tag>operation-failed</error-tag>"
                + "<error-severity>warning</error-severity></rpc-error>");

        assertEquals(RpcError.Severity.WARNING,
                ClientSession.await(reply).orThrow().errors().getFirst().severity());
    }

    @Test
    void closeSessionIsSaidAndTheLinkClosed() throws Exception {
        Opened session = open(Limits.DEFAULT);
        Thread closing = Thread.startVirtualThread(() -> session.client().close(LONG));
        assertEquals("close-session", session.server().answer("<ok/>").local());
        closing.join();

        assertEquals(Rule.CLOSED, session.client().closed().get(10, TimeUnit.SECONDS).rule());
        session.server().awaitClosed();
    }

    @Test
    void lostLinkFailsWhateverIsUnderWay() throws Exception {
        Opened session = open(Limits.DEFAULT);
        CompletableFuture<Reply> reply = session.client().send(GET, LONG);
        session.server().close();
        SessionError error = assertThrows(SessionError.class, () -> ClientSession.await(reply));

        assertEquals(Rule.LINK_CLOSED, error.rule());
        assertEquals(Fault.LINK_LOST, error.fault());
        assertThrows(SessionError.class, () -> session.client().call(GET, LONG));
    }

    // Servers that break a rule

    @Test
    void helloNeverSentEndsAtTheDeadline() {
        CompletableFuture<ClientSession> client = ClientSession.open(pipe.left(), Limits.DEFAULT, time.time());
        time.pass(Limits.DEFAULT.helloDeadline().minusMillis(1));
        assertFalse(client.isDone());
        time.pass(Duration.ofMillis(1));

        assertEquals(Rule.HELLO_MISSING, assertThrows(SessionError.class, () -> ClientSession.await(client)).rule());
    }

    @Test
    void twoHellosAreOneTooMany() throws Exception {
        RawPeer server = new RawPeer(pipe.right(), false);
        CompletableFuture<ClientSession> client = ClientSession.open(pipe.left(), Limits.DEFAULT, time.time());
        server.raw(RawPeer.serverHello(1, RawPeer.BASE_1_0) + RawPeer.serverHello(1, RawPeer.BASE_1_0));

        assertEquals(Rule.HELLO_TWICE,
                ClientSession.await(client).closed().get(10, TimeUnit.SECONDS).rule());
    }

    @Test
    void unknownBaseIsIncompatible() throws Exception {
        assertEquals(Rule.NO_COMMON_BASE,
                endedBy(RawPeer.serverHello(1, "urn:ietf:params:netconf:base:2.0")));
        assertEquals(Fault.PEER_INCOMPATIBLE, Rule.NO_COMMON_BASE.fault());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void sessionIdIsInRange(int id) throws Exception {
        assertEquals(Rule.SESSION_ID_INVALID, endedBy(RawPeer.serverHello(id, RawPeer.BASE_1_1)));
    }

    @Test
    void serverHelloNeedsASessionId() throws Exception {
        assertEquals(Rule.SESSION_ID_MISSING, endedBy(RawPeer.clientHello(RawPeer.BASE_1_1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<rpc-reply xmlns='urn:ietf:params:xml:ns:netconf:base:1.0'/>]]>]]>",
            "<hello xmlns='urn:x'/>]]>]]>"})
    void firstMessageIsAHello(String message) throws Exception {
        assertEquals(Rule.HELLO_EXPECTED, endedBy(message));
    }

    @Test
    void helloHasCapabilities() throws Exception {
        assertEquals(Rule.HELLO_CONTENT, endedBy("<hello xmlns='" + Ns.BASE + "'/>]]>]]>"));
    }

    @Test
    void helloHasALimit() throws Exception {
        assertEquals(Rule.HELLO_TOO_LARGE, endedBy("<hello>" + "x".repeat(2 << 20)));
    }

    @Test
    void endMarkInsideBase11IsABadChunkHeader() throws Exception {
        assertEquals(Rule.CHUNK_HEADER, endedByAfterRequest("<rpc-reply/>]]>]]>").rule());
    }

    @Test
    void wrongMessageIdEndsTheSession() throws Exception {
        assertEquals(Rule.MESSAGE_ID, endedByAfterRequest(chunk(reply(999, "<ok/>"))).rule());
    }

    @Test
    void replyWithoutMessageIdEndsTheSession() throws Exception {
        assertEquals(Rule.MESSAGE_ID,
                endedByAfterRequest(chunk("<rpc-reply xmlns='" + Ns.BASE + "'><ok/></rpc-reply>")).rule());
    }

    @Test
    void repliesOutOfOrderEndTheSession() throws Exception {
        Opened session = open(Limits.DEFAULT);
        CompletableFuture<Reply> first = session.client().send(GET, LONG);
        session.client().send(GET, LONG);
        session.server().raw(chunk(reply(102, "<ok/>")));

        assertEquals(Rule.MESSAGE_ID, assertThrows(SessionError.class, () -> ClientSession.await(first)).rule());
    }

    @Test
    void replyThatNobodyAskedForEndsTheSession() throws Exception {
        Opened session = open(Limits.DEFAULT);
        session.server().raw(chunk(reply(101, "<ok/>")));

        assertEquals(Rule.REPLY_UNASKED, session.client().closed().get(10, TimeUnit.SECONDS).rule());
    }

    @Test
    void requestFromTheServerEndsTheSession() throws Exception {
        assertEquals(Rule.UNEXPECTED_MESSAGE,
                endedByAfterRequest(chunk("<rpc xmlns='" + Ns.BASE + "' message-id='1'><get/></rpc>")).rule());
    }

    @Test
    void billionLaughsEndTheSession() throws Exception {
        StringBuilder laughs = new StringBuilder("<!DOCTYPE r [<!ENTITY l0 \"lol\">");
        for (int i = 1; i < 10; i++) {
            laughs.append("<!ENTITY l").append(i).append(" \"").append(("&l" + (i - 1) + ";").repeat(10)).append("\">");
        }
        laughs.append("]>").append(reply(101, "<data>&l9;</data>"));

        assertEquals(Rule.XML_DTD, endedByAfterRequest(chunk(laughs.toString())).rule());
    }

    @Test
    void tenThousandNestedElementsEndTheSession() throws Exception {
        assertEquals(Rule.XML_TOO_DEEP, endedByAfterRequest(
                chunk(reply(101, "<a>".repeat(10_000) + "</a>".repeat(10_000)))).rule());
    }

    @Test
    void tenThousandNestedElementsInALargeReplyEndTheSession() throws Exception {
        assertEquals(Rule.XML_TOO_DEEP,
                endedByAfterRequest(chunk(reply(101,
                        "<b>" + "x".repeat(80_000) + "</b>" + "<a>".repeat(10_000) + "</a>".repeat(10_000)))).rule());
    }

    @Test
    void invalidUtf8EndsTheSession() throws Exception {
        Opened session = open(Limits.DEFAULT);
        CompletableFuture<Reply> reply = session.client().send(GET, LONG);
        byte[] bytes = chunk(reply(101, "<data>??</data>")).getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '?') {
                bytes[i] = (byte) (bytes[i + 1] == '?' ? 0xc0 : 0x80);
            }
        }
        session.server().raw(bytes);

        assertEquals(Rule.XML_ENCODING, assertThrows(SessionError.class, () -> ClientSession.await(reply)).rule());
    }

    @Test
    void cutXmlEndsTheSession() throws Exception {
        assertEquals(Rule.XML_MALFORMED, endedByAfterRequest(chunk("<rpc-reply xmlns='" + Ns.BASE + "'><da")).rule());
    }

    @Test
    void notificationHasALimit() throws Exception {
        Opened session = open(Limits.DEFAULT);
        session.server().raw(chunk("<notification xmlns='" + Ns.NOTIFICATION + "'><e>" + "x".repeat(2 << 20)
                + "</e></notification>"));

        assertEquals(Rule.NOTIFICATION_TOO_LARGE, session.client().closed().get(10, TimeUnit.SECONDS).rule());
    }

    @Test
    void rootThatNeverEndsIsBounded() throws Exception {
        SessionError error = endedByAfterRequest("\n#4294967295\n<rpc-reply message-id='" + "1".repeat(100_000));

        assertTrue(error.rule() == Rule.XML_MALFORMED || error.rule() == Rule.XML_MARKUP_TOO_LONG, error.getMessage());
    }
}
