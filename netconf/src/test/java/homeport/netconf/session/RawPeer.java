package homeport.netconf.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import homeport.netconf.Ns;
import homeport.netconf.link.ByteLink;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlElement;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The other end of a session as a test plays it: whole messages in, any bytes out. */
public final class RawPeer implements ByteLink.Receiver {
    public static final String BASE_1_0 = "urn:ietf:params:netconf:base:1.0";
    public static final String BASE_1_1 = "urn:ietf:params:netconf:base:1.1";

    private final ByteLink link;
    private final boolean chunked;
    private final FrameDecoder decoder = new FrameDecoder();
    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<String> closed = new CompletableFuture<>();
    private final ByteArrayOutputStream current = new ByteArrayOutputStream();
    private int count;

    /** Opens its end of a link; the hellos are the test's. */
    public RawPeer(ByteLink link, boolean chunked) {
        this.link = link;
        this.chunked = chunked;
        link.open(this);
    }

    /** A server's hello. */
    public static String serverHello(int sessionId, String... capabilities) {
        return hello("<session-id>" + sessionId + "</session-id>", capabilities);
    }

    /** A client's hello. */
    public static String clientHello(String... capabilities) {
        return hello("", capabilities);
    }

    private static String hello(String id, String... capabilities) {
        StringBuilder hello = new StringBuilder("<hello xmlns=\"" + Ns.BASE + "\"><capabilities>");
        for (String capability : capabilities) {
            hello.append("<capability>").append(capability.replace("&", "&amp;")).append("</capability>");
        }
        return hello.append("</capabilities>").append(id).append("</hello>]]>]]>").toString();
    }

    @Override
    public void received(ByteBuffer bytes) {
        decoder.receive(bytes, new FrameDecoder.Sink() {
            @Override
            public void data(ByteBuffer slice) {
                byte[] part = new byte[slice.remaining()];
                slice.get(part);
                current.writeBytes(part);
            }

            @Override
            public void end() {
                messages.add(current.toString(StandardCharsets.UTF_8));
                current.reset();
                if (chunked && count++ == 0) {
                    decoder.chunked();
                }
            }
        });
    }

    @Override
    public void drained() {}

    @Override
    public void closed(String reason) {
        closed.complete(reason);
    }

    /** Sends these bytes as they are. */
    public void raw(String bytes) {
        raw(bytes.getBytes(StandardCharsets.UTF_8));
    }

    public void raw(byte[] bytes) {
        link.send(ByteBuffer.wrap(bytes.clone()));
    }

    /** Sends a message in this session's framing. */
    public void message(String xml) {
        raw(chunked ? "\n#" + xml.getBytes(StandardCharsets.UTF_8).length + "\n" + xml + "\n##\n" : xml + "]]>]]>");
    }

    /** The next message that came. */
    public String next() throws InterruptedException {
        String message = messages.poll(10, TimeUnit.SECONDS);
        assertNotNull(message, "no message came");
        return message;
    }

    public XmlElement nextXml() throws InterruptedException {
        return Xml.parse(next());
    }

    /** The next request's operation, answered with this content under its message-id. */
    public XmlElement answer(String content) throws InterruptedException {
        XmlElement rpc = nextXml();
        assertEquals("rpc", rpc.local());
        message("<rpc-reply xmlns=\"" + Ns.BASE + "\" message-id=\"" + rpc.attribute("message-id").orElseThrow() + "\">"
                + content + "</rpc-reply>");
        return rpc.children().getFirst();
    }

    /** Waits until the other side has ended the link. */
    public String awaitClosed() throws Exception {
        return closed.get(10, TimeUnit.SECONDS);
    }

    public int waiting() {
        return messages.size();
    }

    public void close() {
        link.close();
    }
}
