package homeport.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.DepartureSettings;
import homeport.callhome.SessionStart;
import homeport.ssh.wire.ChannelRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A channel as blocking streams, over real connections. */
@Timeout(60)
class ChannelStreamsTest {
    private static final int SECONDS = TestPort.PATIENCE_SECONDS;
    private static final int WINDOW = 1 << 16;

    private TestPort test;
    private TestPort.Linked device;

    @BeforeEach
    void open() throws Exception {
        test = new TestPort();
        test.dial(DepartureSettings.callHome(TestPort.server()));
        device = test.awaitLinked();
    }

    @AfterEach
    void close() {
        test.close();
    }

    private ChannelStreams exec(String command, ChannelStreams streams) throws Exception {
        device.connection().loop()
                .execute(() -> device.link().open(new SessionStart.Exec(command), WINDOW, streams));
        return streams.opened().get(SECONDS, TimeUnit.SECONDS);
    }

    private ChannelStreams tcp(int port) throws Exception {
        var streams = new ChannelStreams(device.connection().loop());
        device.connection().loop()
                .execute(() -> device.link().openTcp("127.0.0.1", port, WINDOW, streams));
        return streams.opened().get(SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void outputOfACommandIsReadToItsEndAndItsStatusIsTold() throws Exception {
        var status = new CompletableFuture<Integer>();
        var streams = exec("who", new ChannelStreams(device.connection().loop(), (channel, question) -> {
            if (question.request() instanceof ChannelRequest.ExitStatus exit) {
                status.complete(exit.status());
            }
            channel.decide(question, false);
        }));
        assertEquals("ran who", new String(streams.input().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(-1, streams.input().read(), "the end stays the end");
        assertEquals(7, status.get(SECONDS, TimeUnit.SECONDS));
        streams.ended().get(SECONDS, TimeUnit.SECONDS);
    }

    /** What nobody reads stays with the peer: the window is what bounds the memory. */
    @Test
    void whatIsNotReadIsBoundedByTheWindow() throws Exception {
        int all = 4 << 20;
        var streams = exec("flood " + all, new ChannelStreams(device.connection().loop()));
        assertEquals('x', streams.input().read());
        assertTrue(streams.input().available() <= WINDOW);
        assertFalse(streams.ended().isDone(), "4 MiB do not fit into a window of 64 KiB");
        assertEquals(all - 1, streams.input().readAllBytes().length);
        streams.ended().get(SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void bytesGoBothWaysUnchangedAndTheEndOfOneWayLeavesTheOther() throws Exception {
        byte[] sent = new byte[1 << 20];
        new Random(4711).nextBytes(sent);
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var echo = Thread.ofVirtual().start(() -> {
                try (var socket = server.accept()) {
                    byte[] received = socket.getInputStream().readAllBytes();
                    socket.getOutputStream().write(received);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            var streams = tcp(server.getLocalPort());
            try (var out = streams.output()) {
                out.write(sent, 0, sent.length - 1);
                out.write(sent[sent.length - 1]);
            }
            assertArrayEquals(sent, streams.input().readAllBytes());
            echo.join();
        }
    }

    @Test
    void writerThatIsHeldUpLearnsThatTheChannelIsGone() throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var streams = tcp(server.getLocalPort());
            var failed = new CompletableFuture<Throwable>();
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        streams.output().write(new byte[WINDOW]); // the server never reads
                    }
                } catch (IOException e) {
                    failed.complete(e);
                }
            });
            var accepted = server.accept();
            device.connection().loop().execute(device.connection()::cut);
            assertInstanceOf(IOException.class, failed.get(SECONDS, TimeUnit.SECONDS));
            assertThrows(IOException.class, () -> streams.output().write(1));
            assertEquals(-1, streams.input().read());
            accepted.close();
        }
    }

    @Test
    void channelThatIsRefusedTellsTheReason() {
        var refused = assertThrows(ExecutionException.class, () -> tcp(1));
        assertEquals("the device refuses the channel: not reached (administratively prohibited)",
                refused.getCause().getMessage());
    }
}
