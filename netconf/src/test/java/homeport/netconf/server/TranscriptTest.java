package homeport.netconf.server;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.Identity;
import homeport.netconf.Limits;
import homeport.netconf.SessionTime;
import homeport.netconf.link.PipeLink;
import homeport.netconf.session.RawPeer;
import homeport.netconf.session.ServerSession;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exchanges with our server, byte for byte as a foreign client writes them, in either framing. */
@Timeout(60)
class TranscriptTest {
    private final TestServer server = new TestServer();
    private final PipeLink.Pair pipe = PipeLink.pair();
    private final Queue<String> notifications = new ArrayDeque<>();

    @ParameterizedTest
    @CsvSource({"netopeer2-cli.txt, true", "netopeer2-cli.txt, false", "netopeer2-cli-subscriptions.txt, true",
            "netopeer2-cli-subscriptions.txt, false"})
    void isPlayedToItsEnd(String transcript, boolean chunked) throws Exception {
        ServerSession.serve(pipe.right(), server.server.capabilities(), server.server, server.sessions,
                Identity.ssh("root"), Limits.DEFAULT, SessionTime.system(), TestServer.NOON);
        RawPeer client = new RawPeer(pipe.left(), chunked);
        client.raw(chunked
                ? RawPeer.clientHello(RawPeer.BASE_1_0, RawPeer.BASE_1_1)
                : RawPeer.clientHello(RawPeer.BASE_1_0));
        String hello = client.next();
        assertTrue(hello.contains("<session-id>"), hello);
        String text;
        try (InputStream in = TranscriptTest.class.getResourceAsStream(transcript)) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        String reply = "";
        for (String line : text.lines().filter(any -> !any.isBlank() && !any.startsWith("#")).toList()) {
            String rest = line.substring(line.indexOf(' ') + 1);
            switch (line.substring(0, line.indexOf(' '))) {
                case ">" -> {
                    client.message(rest);
                    reply = reply(client);
                }
                case "<" -> assertTrue(reply.contains(rest), "no " + rest + " in " + reply);
                case "<!" -> assertFalse(reply.contains(rest), rest + " in " + reply);
                case "*" -> notified(client, rest);
                default -> throw new AssertionError("a line of no kind: " + line);
            }
        }
        client.awaitClosed();
    }

    /** The next reply; notifications that come before it are kept. */
    private String reply(RawPeer client) throws InterruptedException {
        for (String next = client.next();; next = client.next()) {
            if (next.contains("<rpc-reply")) {
                return next;
            }
            notifications.add(next);
        }
    }

    private void notified(RawPeer client, String what) throws InterruptedException {
        for (String kept = notifications.poll(); kept != null; kept = notifications.poll()) {
            if (kept.contains(what)) {
                return;
            }
        }
        for (String next = client.next(); !next.contains(what); next = client.next()) {
            assertTrue(next.contains("<notification"), "another message before " + what + ": " + next);
        }
    }
}
