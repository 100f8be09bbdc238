package homeport.netconf.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.Capabilities;
import homeport.netconf.Identity;
import homeport.netconf.Limits;
import homeport.netconf.Ns;
import homeport.netconf.RpcError;
import homeport.netconf.RpcErrorException;
import homeport.netconf.RpcHandler;
import homeport.netconf.RpcReply;
import homeport.netconf.Rule;
import homeport.netconf.ServerSessions;
import homeport.netconf.SessionError;
import homeport.netconf.SessionTime;
import homeport.netconf.link.PipeLink;
import homeport.netconf.xml.XmlElement;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import javax.xml.stream.XMLStreamConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replies that do not fit into memory, from our server to our client. */
@Timeout(120)
class LargeReplyTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int ENTRIES = 1_120_000;
    private static final int ENTRY_BYTES = 200;
    private static final XmlElement GET = XmlElement.of(Ns.BASE, "get");

    private final PipeLink.Pair pipe = PipeLink.pair();

    private ClientSession open(String base) {
        String description = "x".repeat(ENTRY_BYTES - 40);
        RpcHandler handler = (caller, rpc) -> switch (rpc.name().local()) {
            case "get" -> RpcReply.content(writer -> {
                writer.writeStartElement("", "data", Ns.BASE);
                for (int i = 0; i < ENTRIES; i++) {
                    writer.writeStartElement("", "entry", Ns.BASE);
                    writer.writeStartElement("", "id", Ns.BASE);
                    writer.writeCharacters(Integer.toString(i));
                    writer.writeEndElement();
                    writer.writeCharacters(description);
                    writer.writeEndElement();
                }
                writer.writeEndElement();
            });
            case "errors" -> throw new RpcErrorException(RpcError.Type.APPLICATION, RpcError.Tag.DATA_MISSING, "none");
            default -> RpcReply.ok();
        };
        ServerSession.serve(pipe.right(), Capabilities.of(base), handler, new ServerSessions(), Identity.ssh("admin"),
                Limits.DEFAULT, SessionTime.system(), Instant.EPOCH);
        return ClientSession.connect(pipe.left(), Limits.DEFAULT, SessionTime.system());
    }

    private static long liveHeap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @ParameterizedTest
    @ValueSource(strings = {Capabilities.BASE_1_0, Capabilities.BASE_1_1})
    void twoHundredMebibytesPassThroughInBoundedMemory(String base) throws Exception {
        ClientSession client = open(base);
        long before = liveHeap();
        long[] most = {0};
        long[] characters = {0};
        try (ReplyStream reply = client.stream(GET, LONG)) {
            int entries = reply.read(cursor -> {
                int count = 0;
                while (cursor.hasNext()) {
                    switch (cursor.next()) {
                        case XMLStreamConstants.START_ELEMENT -> {
                            if (cursor.getLocalName().equals("entry") && ++count % 250_000 == 0) {
                                most[0] = Math.max(most[0], liveHeap());
                            }
                        }
                        case XMLStreamConstants.CHARACTERS ->
                            characters[0] += cursor.getTextLength();
                        default -> {
                        }
                    }
                }
                return count;
            });
            assertEquals(ENTRIES, entries);
        }

        assertTrue(characters[0] > (ENTRY_BYTES - 40L) * ENTRIES);
        assertTrue(most[0] - before < 32 << 20, "heap grew by " + (most[0] - before));
        assertEquals("ok", client.call(XmlElement.of(Ns.BASE, "next"), LONG).content().getFirst().local());
    }

    @Test
    void bytesPassThroughUnread() {
        ClientSession client = open(Capabilities.BASE_1_1);
        long[] bytes = {0};
        try (ReplyStream reply = client.stream(GET, LONG)) {
            reply.forEachPiece(piece -> bytes[0] += piece.remaining());
        }

        assertTrue(bytes[0] > 200L << 20, "bytes " + bytes[0]);
    }

    @Test
    void streamThatIsGivenUpIsSkipped() throws Exception {
        ClientSession client = open(Capabilities.BASE_1_1);
        try (ReplyStream reply = client.stream(GET, LONG)) {
            byte[] some = new byte[1000];
            assertTrue(reply.bytes().read(some) > 0);
        }

        assertEquals("ok", client.call(XmlElement.of(Ns.BASE, "next"), LONG).content().getFirst().local());
    }

    @Test
    void errorsInAStreamAreErrors() {
        ClientSession client = open(Capabilities.BASE_1_1);
        try (ReplyStream reply = client.stream(XmlElement.of(Ns.BASE, "errors"), LONG)) {
            RpcErrorException errors = assertThrows(RpcErrorException.class, () -> reply.read(cursor -> 1));
            assertEquals(RpcError.Tag.DATA_MISSING, errors.errors().getFirst().tag());
        }
        assertTrue(client.isOpen());
    }

    @Test
    void smallReplyCanBeStreamedToo() {
        ClientSession client = open(Capabilities.BASE_1_1);
        try (ReplyStream reply = client.stream(XmlElement.of(Ns.BASE, "next"), LONG)) {
            assertEquals("ok", reply.read(cursor -> cursor.getLocalName()));
        }
    }

    @Test
    void malformedStreamEndsTheSession() throws Exception {
        RawPeer server = new RawPeer(pipe.right(), true);
        server.raw(RawPeer.serverHello(1, RawPeer.BASE_1_1));
        ClientSession client = ClientSession.connect(pipe.left(), Limits.DEFAULT, SessionTime.system());
        server.next();
        try (ReplyStream reply = client.stream(GET, LONG)) {
            server.answer("<data>" + "x".repeat(100_000) + "</date>");
            assertEquals(Rule.XML_MALFORMED,
                    assertThrows(SessionError.class, () -> reply.read(cursor -> 1)).rule());
        }
        assertEquals(Rule.XML_MALFORMED, client.closed().get(10, TimeUnit.SECONDS).rule());
    }

    @Test
    void streamOfALostSessionFails() throws Exception {
        RawPeer server = new RawPeer(pipe.right(), true);
        server.raw(RawPeer.serverHello(1, RawPeer.BASE_1_1));
        ClientSession client = ClientSession.connect(pipe.left(), Limits.DEFAULT, SessionTime.system());
        server.next();
        try (ReplyStream reply = client.stream(GET, LONG)) {
            server.next();
            server.close();
            assertEquals(Rule.LINK_CLOSED,
                    assertThrows(SessionError.class, () -> reply.read(cursor -> 1)).rule());
        }
    }

    @Test
    void streamThatStallsTimesOut() throws Exception {
        RawPeer server = new RawPeer(pipe.right(), true);
        server.raw(RawPeer.serverHello(1, RawPeer.BASE_1_1));
        ClientSession client = ClientSession.connect(pipe.left(), Limits.DEFAULT, SessionTime.system());
        server.next();
        try (ReplyStream reply = client.stream(GET, Duration.ofMillis(50))) {
            assertEquals(Rule.REPLY_TIMEOUT,
                    assertThrows(SessionError.class, () -> reply.read(cursor -> 1)).rule());
        }
    }
}
