package homeport.netconf.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.Caller;
import homeport.netconf.Capabilities;
import homeport.netconf.Identity;
import homeport.netconf.Limits;
import homeport.netconf.Ns;
import homeport.netconf.Rpc;
import homeport.netconf.RpcError;
import homeport.netconf.RpcErrorException;
import homeport.netconf.RpcHandler;
import homeport.netconf.RpcReply;
import homeport.netconf.ServerSessions;
import homeport.netconf.SessionCounters;
import homeport.netconf.SessionEnd;
import homeport.netconf.link.ByteLink;
import homeport.netconf.link.PipeLink;
import homeport.netconf.link.StreamLink;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.XmlElement;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.xml.stream.XMLStreamException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server before clients that keep the rules, and before clients that break one each. */
@Timeout(60)
class ServerSessionTest {
    private static final Capabilities BOTH = Capabilities.of(Capabilities.BASE_1_0, Capabilities.BASE_1_1);

    private final FakeTime time = new FakeTime();
    private final PipeLink.Pair pipe = PipeLink.pair();
    private final ServerSessions sessions = new ServerSessions();
    private final Recorder handler = new Recorder();

    /** Answers by the operation's name, and keeps what it was told. */
    private final class Recorder implements RpcHandler {
        final BlockingQueue<Caller> opened = new LinkedBlockingQueue<>();
        final BlockingQueue<SessionEnd> closed = new LinkedBlockingQueue<>();
        final BlockingQueue<Exception> failures = new LinkedBlockingQueue<>();
        final CountDownLatch go = new CountDownLatch(1);

        @Override
        public void opened(Caller caller) {
            opened.add(caller);
        }

        @Override
        public RpcReply handle(Caller caller, Rpc rpc) {
            return switch (rpc.name().local()) {
                case "ok" -> RpcReply.ok();
                case "echo" -> RpcReply.of(rpc.operation());
                case "wait" -> {
                    try {
                        go.await();
                    } catch (InterruptedException interrupted) {
                        throw new IllegalStateException(interrupted);
                    }
                    yield RpcReply.ok();
                }
                case "fails" -> throw new IllegalStateException("secret detail");
                case "malformed" -> throw new RpcErrorException(RpcError.Type.RPC, RpcError.Tag.MALFORMED_MESSAGE, "");
                case "half" -> RpcReply.content(writer -> {
                    writer.writeStartElement("", "data", Ns.BASE);
                    throw new XMLStreamException("no more");
                });
                case "half-large" -> RpcReply.content(writer -> {
                    writer.writeStartElement("", "data", Ns.BASE);
                    writer.writeCharacters("x".repeat(100_000));
                    throw new XMLStreamException("no more");
                });
                case "endless" -> RpcReply.content(writer -> {
                    writer.writeStartElement("", "data", Ns.BASE);
                    while (true) {
                        writer.writeCharacters("x".repeat(1000));
                    }
                });
                case "kill-session" -> {
                    sessions.kill(caller, Long.parseLong(rpc.operation().children().getFirst().text()));
                    yield RpcReply.ok();
                }
                default -> throw new RpcErrorException(
                        RpcError.of(RpcError.Type.PROTOCOL, RpcError.Tag.OPERATION_NOT_SUPPORTED, "unknown")
                                .withPath("/a:b", Namespaces.of(Map.of("a", "urn:a"))).withAppTag("tag")
                                .withInfo(List.of(XmlElement.leaf(Ns.BASE, "bad-element", rpc.name().local()))));
            };
        }

        @Override
        public void failed(Caller caller, Rpc rpc, Exception failure) {
            failures.add(failure);
        }

        @Override
        public void closed(Caller caller, SessionEnd end) {
            closed.add(end);
        }
    }

    private ServerSession serve(PipeLink link, Limits limits) {
        return ServerSession.serve(link, BOTH, handler, sessions, Identity.ssh("admin"), limits, time.time(),
                Instant.EPOCH);
    }

    private RawPeer open(Limits limits, String base) throws Exception {
        return open(pipe, limits, base);
    }

    private RawPeer open(PipeLink.Pair on, Limits limits, String base) throws Exception {
        serve(on.right(), limits);
        RawPeer client = new RawPeer(on.left(), base.equals(RawPeer.BASE_1_1));
        client.next();
        client.raw(RawPeer.clientHello(base));
        return client;
    }

    private static String rpc(String content) {
        return "<rpc xmlns=\"" + Ns.BASE + "\" message-id=\"101\">" + content + "</rpc>";
    }

    /** How a session ends before its hello is done. */
    private SessionEnd endedBy(String bytes) throws Exception {
        ServerSession server = serve(pipe.right(), Limits.DEFAULT);
        RawPeer client = new RawPeer(pipe.left(), true);
        client.next();
        client.raw(bytes);
        SessionEnd end = server.ended().get(10, TimeUnit.SECONDS);
        client.awaitClosed();
        assertTrue(handler.opened.isEmpty());
        assertTrue(handler.closed.isEmpty());
        return end;
    }

    /** How an open session ends when the client sends this. */
    private SessionEnd openEndedBy(String bytes) throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_1);
        client.raw(bytes);
        SessionEnd end = handler.closed.poll(10, TimeUnit.SECONDS);
        client.awaitClosed();
        assertTrue(sessions.all().isEmpty());
        return end;
    }

    private static String chunk(String message) {
        return "\n#" + message.length() + "\n" + message + "\n##\n";
    }

    @Test
    void helloCarriesTheSessionIdAndCapabilities() throws Exception {
        serve(pipe.right(), Limits.DEFAULT);
        Hello hello = Hello.fromServer(new RawPeer(pipe.left(), true).nextXml());

        assertEquals(new Hello(BOTH, Optional.of(1L)), hello);
    }

    @Test
    void allAttributesOfTheRequestComeBack() throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_1);
        client.message(
                "<nc:rpc xmlns:nc=\"" + Ns.BASE + "\" message-id=\"&lt;odd&gt;\" xmlns:ex=\"http://example.net\" "
                        + "ex:user-id=\"fred\" plain=\"1\"><nc:ok/></nc:rpc>");

        assertEquals("<rpc-reply xmlns=\"" + Ns.BASE + "\" xmlns:nc=\"" + Ns.BASE
                + "\" xmlns:ex=\"http://example.net\" message-id=\"&lt;odd>\" ex:user-id=\"fred\" plain=\"1\"><ok/></rpc-reply>",
                client.next());
    }

    @Test
    void operationKeepsPrefixesDeclaredAroundIt() throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_1);
        client.message("<rpc xmlns=\"" + Ns.BASE
                + "\" xmlns:a=\"urn:a\" message-id=\"1\"><echo xmlns=\"urn:e\">a:b</echo></rpc>");

        XmlElement echo = client.nextXml().children().getFirst();
        assertEquals("urn:a", echo.namespaces().resolve("a"));
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_1);
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            all.append(chunk("<rpc xmlns=\"" + Ns.BASE + "\" message-id=\"" + i + "\"><ok/></rpc>"));
        }
        client.raw(all.toString());
        for (int i = 0; i < 1000; i++) {
            assertEquals(Integer.toString(i), client.nextXml().attribute("message-id").orElseThrow());
        }
    }

    @Test
    void errorsAreWrittenWithEveryField() throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_1);
        client.message(rpc("<other/>"));
        RpcError error = Reply.of(client.nextXml()).errors().getFirst();

        assertEquals(RpcError.Type.PROTOCOL, error.type());
        assertEquals(RpcError.Tag.OPERATION_NOT_SUPPORTED, error.tag());
        assertEquals("tag", error.appTag().orElseThrow());
        assertEquals("/a:b", error.path().orElseThrow().xpath());
        assertEquals("urn:a", error.path().orElseThrow().namespaces().resolve("a"));
        assertEquals(new RpcError.Message("unknown", "en"), error.message().orElseThrow());
        assertEquals("other", error.info().getFirst().text());
    }

    @Test
    void handlerThatThrowsTellsThePeerNothingMore() throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_1);
        client.message(rpc("<fails/>"));
        String reply = client.next();

        assertTrue(reply.contains("operation-failed"));
        assertFalse(reply.contains("secret"));
        assertEquals("secret detail", handler.failures.poll(10, TimeUnit.SECONDS).getMessage());
    }

    @Test
    void bodyThatFailsEarlyBecomesAnError() throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_1);
        client.message(rpc("<half/>"));
        assertEquals(RpcError.Tag.OPERATION_FAILED, Reply.of(client.nextXml()).errors().getFirst().tag());
        client.message(rpc("<ok/>"));
        assertEquals("ok", client.nextXml().children().getFirst().local());
    }

    @Test
    void bodyThatFailsHalfWayEndsTheSession() throws Exception {
        assertEquals(SessionEnd.Reason.OTHER, openEndedBy(chunk(rpc("<half-large/>"))).reason());
    }

    @Test
    void notificationsComeWhileARequestIsWorkedOn() throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_1);
        Caller caller = handler.opened.poll(10, TimeUnit.SECONDS);
        client.message(rpc("<wait/>"));
        for (int i = 0; i < 10; i++) {
            String value = Integer.toString(i);
            assertTrue(caller.notify(Instant.parse("2007-07-08T00:01:00Z"),
                    writer -> XmlElement.leaf("urn:e", "event", value).writeTo(writer, Namespaces.UNKNOWN)));
            assertEquals(
                    "<notification xmlns=\"" + Ns.NOTIFICATION
                            + "\"><eventTime>2007-07-08T00:01:00Z</eventTime><event xmlns=\"urn:e\">" + i
                            + "</event></notification>",
                    client.next());
        }
        handler.go.countDown();
        assertEquals("rpc-reply", client.nextXml().local());
        assertEquals(new SessionCounters(1, 0, 0, 10), caller.counters());
    }

    @Test
    void notificationsThatNobodyReadsAreRefusedAtTheLimit() throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_1);
        Caller caller = handler.opened.poll(10, TimeUnit.SECONDS);
        pipe.left().reading(false);
        int taken = 0;
        while (taken < 1_000_000 && caller.notify(Instant.EPOCH,
                writer -> XmlElement.leaf("urn:e", "event", "x".repeat(1000)).writeTo(writer, Namespaces.UNKNOWN))) {
            taken++;
        }

        assertTrue(taken < 3000, "taken " + taken);
        assertTrue(client.waiting() < taken);
    }

    @Test
    void closeSessionIsAnsweredAndEndsTheSession() throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_1);
        client.message(rpc("<close-session/>"));

        assertEquals("ok", client.nextXml().children().getFirst().local());
        client.awaitClosed();
        assertEquals(SessionEnd.Reason.CLOSED, handler.closed.poll(10, TimeUnit.SECONDS).reason());
    }

    @Test
    void killSessionEndsAnother() throws Exception {
        open(Limits.DEFAULT, RawPeer.BASE_1_1);
        Caller victim = handler.opened.poll(10, TimeUnit.SECONDS);
        RawPeer killer = open(PipeLink.pair(), Limits.DEFAULT, RawPeer.BASE_1_1);
        killer.message(rpc("<kill-session><session-id>" + victim.sessionId() + "</session-id></kill-session>"));

        assertEquals("ok", killer.nextXml().children().getFirst().local());
        SessionEnd end = handler.closed.poll(10, TimeUnit.SECONDS);
        assertEquals(SessionEnd.Reason.KILLED, end.reason());
        assertEquals(2L, end.killedBy().orElseThrow());
    }

    /** It was told its id, and may have passed it on. */
    @Test
    void killSessionEndsOneWhoseHelloIsStillOnItsWay() throws Exception {
        ServerSession server = serve(pipe.right(), Limits.DEFAULT);
        RawPeer victim = new RawPeer(pipe.left(), true);
        victim.next();
        RawPeer killer = open(PipeLink.pair(), Limits.DEFAULT, RawPeer.BASE_1_1);
        killer.message(rpc("<kill-session><session-id>" + server.sessionId() + "</session-id></kill-session>"));

        assertEquals("ok", killer.nextXml().children().getFirst().local());
        victim.awaitClosed();
        assertEquals(List.of(2L), sessions.all().stream().map(Caller::sessionId).toList());
    }

    @Test
    void killSessionOfItselfIsInvalid() throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_1);
        client.message(rpc("<kill-session><session-id>1</session-id></kill-session>"));

        assertEquals(RpcError.Tag.INVALID_VALUE, Reply.of(client.nextXml()).errors().getFirst().tag());
    }

    @Test
    void sessionThatDropsIsToldOnce() throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_1);
        handler.opened.poll(10, TimeUnit.SECONDS);
        client.close();

        assertEquals(SessionEnd.Reason.DROPPED, handler.closed.poll(10, TimeUnit.SECONDS).reason());
        assertTrue(handler.closed.isEmpty());
    }

    @Test
    void clientThatDoesNotReadLosesTheSession() throws Exception {
        RawPeer client = open(Limits.DEFAULT.withSendDeadline(Duration.ofMillis(200)), RawPeer.BASE_1_1);
        client.message(rpc("<ok/>"));
        client.next();
        pipe.left().reading(false);
        client.message(rpc("<endless/>"));

        assertEquals(SessionEnd.Reason.TIMEOUT, handler.closed.poll(20, TimeUnit.SECONDS).reason());
    }

    @Test
    void clientThatAsksFasterThanItIsAnsweredIsNotReadFrom() throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_1);
        client.message(rpc("<wait/>"));
        for (int i = 0; i < 5000; i++) {
            client.message(rpc("<ok/>"));
        }
        handler.go.countDown();
        for (int i = 0; i <= 5000; i++) {
            client.next();
        }
        assertEquals(5001, handler.opened.poll(10, TimeUnit.SECONDS).counters().inRpcs());
    }

    // RFC 6241 §4.1 and appendix A

    @Test
    void requestWithoutMessageIdIsMissingAnAttribute() throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_1);
        client.message("<rpc xmlns=\"" + Ns.BASE + "\"><ok/></rpc>");
        XmlElement reply = client.nextXml();
        RpcError error = Reply.of(reply).errors().getFirst();

        assertTrue(reply.attribute("message-id").isEmpty());
        assertEquals(RpcError.Type.RPC, error.type());
        assertEquals(RpcError.Tag.MISSING_ATTRIBUTE, error.tag());
        assertEquals(List.of("message-id", "rpc"), error.info().stream().map(XmlElement::text).toList());
        client.message(rpc("<ok/>"));
        assertEquals("ok", client.nextXml().children().getFirst().local());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<ok/><ok/>"})
    void requestHasOneOperation(String content) throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_1);
        client.message(rpc(content));

        assertEquals(RpcError.Tag.MALFORMED_MESSAGE, Reply.of(client.nextXml()).errors().getFirst().tag());
    }

    @Test
    void malformedMessageIsNotSaidToBase10() throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_0);
        client.message(rpc("<malformed/>"));

        assertEquals(RpcError.Tag.OPERATION_FAILED, Reply.of(client.nextXml()).errors().getFirst().tag());
    }

    // Clients that break a rule

    @Test
    void helloNeverSentEndsAtTheDeadline() throws Exception {
        ServerSession server = serve(pipe.right(), Limits.DEFAULT);
        time.pass(Limits.DEFAULT.helloDeadline().minusMillis(1));
        assertFalse(server.ended().isDone());
        time.pass(Duration.ofMillis(1));

        assertEquals(SessionEnd.Reason.TIMEOUT, server.ended().get(10, TimeUnit.SECONDS).reason());
    }

    @Test
    void helloWithSessionIdIsBad() throws Exception {
        assertEquals(SessionEnd.Reason.BAD_HELLO, endedBy(RawPeer.serverHello(7, RawPeer.BASE_1_1)).reason());
    }

    @Test
    void unknownBaseIsBad() throws Exception {
        assertEquals(SessionEnd.Reason.BAD_HELLO, endedBy(RawPeer.clientHello("urn:x")).reason());
    }

    @Test
    void requestBeforeHelloIsBad() throws Exception {
        assertEquals(SessionEnd.Reason.BAD_HELLO, endedBy(rpc("<get/>") + "]]>]]>").reason());
    }

    @Test
    void twoHellosEndTheSession() throws Exception {
        String second = RawPeer.clientHello(RawPeer.BASE_1_1).replace("]]>]]>", "");

        assertTrue(openEndedBy(chunk(second)).detail().contains("second hello"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<rpc/>]]>]]>", "\n#0\n", "\n#x\n"})
    void badChunksEndTheSession(String bytes) throws Exception {
        assertEquals(SessionEnd.Reason.OTHER, openEndedBy(bytes).reason());
    }

    @Test
    void requestHasALimit() throws Exception {
        RawPeer client = open(Limits.DEFAULT.withRpcBytes(10_000), RawPeer.BASE_1_1);
        client.message(rpc("<echo>" + "x".repeat(10_000) + "</echo>"));

        assertTrue(handler.closed.poll(10, TimeUnit.SECONDS).detail().contains("larger than the limit"));
    }

    private void malformedEnds(String message, String because) throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_1);
        client.message(message);

        assertEquals(RpcError.Tag.MALFORMED_MESSAGE, Reply.of(client.nextXml()).errors().getFirst().tag());
        client.awaitClosed();
        SessionEnd end = handler.closed.poll(10, TimeUnit.SECONDS);
        assertTrue(end.detail().contains(because), end.detail());
    }

    @Test
    void billionLaughsAreMalformedAndEndTheSession() throws Exception {
        malformedEnds("<!DOCTYPE r [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>"
                + rpc("<echo>&b;</echo>"), "document type");
    }

    @Test
    void externalEntityIsMalformedAndEndsTheSession() throws Exception {
        malformedEnds("<!DOCTYPE r [<!ENTITY a SYSTEM \"file:///etc/hostname\">]>" + rpc("<echo>&a;</echo>"),
                "document type");
    }

    @Test
    void tenThousandNestedElementsAreMalformedAndEndTheSession() throws Exception {
        malformedEnds(rpc("<a>".repeat(10_000) + "</a>".repeat(10_000)), "deeper");
    }

    @Test
    void cutXmlIsMalformedAndEndsTheSession() throws Exception {
        malformedEnds("<rpc xmlns='" + Ns.BASE + "'>", "well-formed");
    }

    @Test
    void invalidUtf8EndsTheSession() throws Exception {
        RawPeer client = open(Limits.DEFAULT, RawPeer.BASE_1_1);
        client.raw(new byte[]{'\n', '#', '5', '\n', '<', 'a', (byte) 0xff, '/', '>', '\n', '#', '#', '\n'});

        assertTrue(handler.closed.poll(10, TimeUnit.SECONDS).detail().contains("UTF-8"));
    }

    /** As {@code ssh -s device netconf < FILE} does: the last byte of the input is no reason to lose an answer. */
    @Test
    void whatCameBeforeTheEndOfTheInputIsAnswered() throws Exception {
        var hello = "<hello xmlns=\"" + Ns.BASE + "\"><capabilities><capability>" + Capabilities.BASE_1_0
                + "</capability></capabilities></hello>]]>]]>";
        var request = "<rpc message-id=\"%d\" xmlns=\"" + Ns.BASE + "\"><echo/></rpc>]]>]]>";
        var input = hello + request.formatted(1) + request.formatted(2);

        var said = saidTo(input);

        assertTrue(said.contains("<hello ") && said.contains("message-id=\"1\"") && said.contains("message-id=\"2\""),
                said);
        assertEquals(SessionEnd.Reason.DROPPED, handler.closed.take().reason());
    }

    /** Who asked for the end and hangs up on hearing that it is granted did not drop the session. */
    @Test
    void hangingUpOnTheAnswerToCloseSessionIsNoDrop() throws Exception {
        var link = new ByteLink() {
            private volatile Receiver receiver;

            @Override
            public void open(Receiver to) {
                receiver = to;
            }

            void say(String text) {
                receiver.received(ByteBuffer.wrap((text + "]]>]]>").getBytes(StandardCharsets.UTF_8)));
            }

            @Override
            public void send(ByteBuffer bytes) {
                if (StandardCharsets.UTF_8.decode(bytes).toString().contains("<ok")) {
                    receiver.closed("hung up");
                }
            }

            @Override
            public long backlog() {
                return 0;
            }

            @Override
            public void reading(boolean on) {}

            @Override
            public void close() {}

            @Override
            public void abort() {}
        };
        var session = ServerSession.serve(link, BOTH, handler, sessions, Identity.ssh("alice"), Limits.DEFAULT,
                time.time(), Instant.EPOCH);
        link.say("<hello xmlns=\"" + Ns.BASE + "\"><capabilities><capability>" + Capabilities.BASE_1_0
                + "</capability></capabilities></hello>");
        link.say("<rpc message-id=\"1\" xmlns=\"" + Ns.BASE + "\"><close-session/></rpc>");
        assertEquals(SessionEnd.Reason.CLOSED, session.ended().get(30, TimeUnit.SECONDS).reason());
    }

    @Test
    void whoSaysNothingAtAllStillHearsWhatTheServerCanDo() throws Exception {
        assertTrue(saidTo("").contains("<hello "));
    }

    private String saidTo(String input) throws Exception {
        var output = new ByteArrayOutputStream();
        var closed = new CompletableFuture<String>();
        var link = new StreamLink(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), output,
                () -> closed.complete(output.toString(StandardCharsets.UTF_8)));
        var session = ServerSession.serve(link, BOTH, handler, sessions, Identity.ssh("alice"), Limits.DEFAULT,
                time.time(),
                Instant.EPOCH);
        assertEquals(SessionEnd.Reason.DROPPED, session.ended().get(30, TimeUnit.SECONDS).reason());
        return closed.get(30, TimeUnit.SECONDS);
    }
}
