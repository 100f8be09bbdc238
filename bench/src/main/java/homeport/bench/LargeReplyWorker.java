package homeport.bench;

import com.ctc.wstx.stax.WstxInputFactory;
import homeport.netconf.Limits;
import homeport.netconf.Ns;
import homeport.netconf.SessionTime;
import homeport.netconf.link.StreamLink;
import homeport.netconf.session.ClientSession;
import homeport.netconf.xml.XmlElement;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;

/**
 * Reads a reply of 200 MiB: {@code session} through our client, from a feeder behind a socket; {@code parser} with the
 * parser alone, from memory; both answer with MB/s. {@code heap} answers with the bytes that were live at most above those
 * before the request.
 */
final class LargeReplyWorker {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ENTRIES_A_CHECKPOINT = 200_000;
    private static final XMLInputFactory PARSERS = parsers();

    private LargeReplyWorker() {}

    private static XMLInputFactory parsers() {
        var factory = new WstxInputFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, false);
        return factory;
    }

    /** {@code PORT}. */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws Exception {
        var socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
        var session = ClientSession.connect(
                new StreamLink(socket.getInputStream(), socket.getOutputStream(), socket), Limits.DEFAULT,
                SessionTime.system());
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var command = in.readLine(); command != null; command = in.readLine()) {
            long start = System.nanoTime();
            long growth = 0;
            switch (command) {
                case "session" -> throughSession(session, Integer.MAX_VALUE, () -> {});
                case "parser" -> alone();
                default -> growth = heap(session);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.println(command.equals("heap") ? growth : LargeReply.parts("1").bytes() / 1e6 / seconds);
        }
        System.exit(0);
    }

    private static void throughSession(ClientSession session, int every, LargeReply.Checkpoint checkpoint) {
        try (var reply = session.stream(XmlElement.of(Ns.BASE, "get"), PATIENCE)) {
            reply.read(cursor -> LargeReply.read(cursor, every, checkpoint));
        }
    }

    private static void alone() throws XMLStreamException, IOException {
        try (var in = LargeReply.stream()) {
            LargeReply.read(PARSERS.createXMLStreamReader(in), Integer.MAX_VALUE, () -> {});
        }
    }

    private static long heap(ClientSession session) {
        throughSession(session, Integer.MAX_VALUE, () -> {});
        long idle = Heap.liveBytes();
        long[] most = {idle};
        throughSession(session, ENTRIES_A_CHECKPOINT, () -> most[0] = Math.max(most[0], Heap.liveBytes()));
        return most[0] - idle;
    }
}
