package homeport.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.ArrivalEvent;
import homeport.callhome.Design;
import homeport.callhome.Presence;
import homeport.callhome.Refusal;
import homeport.callhome.Stage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Devices of every design over sockets, on one port. */
class DevicePortTest {
    private static final int OF_EACH = 50;

    @Test
    void fiftyOfEachDesignAtOnceAreFoundAsWhatTheyAre() throws Exception {
        try (var test = new TestPort()) {
            for (int i = 0; i < OF_EACH; i++) {
                for (var settings : TestPort.designs("r" + i)) {
                    test.dial(settings);
                }
            }
            var found = new EnumMap<Design, Integer>(Design.class);
            for (int i = 0; i < 4 * OF_EACH; i++) {
                var device = test.awaitLinked();
                found.merge(device.link().design(), 1, Integer::sum);
                if (i % 10 == 0) {
                    assertEquals("ran n" + i + " exit 7", device.exec("n" + i));
                }
            }
            for (var design : Design.values()) {
                assertEquals(OF_EACH, found.get(design), design.text());
            }
            assertEquals(4 * OF_EACH, test.port.linked());
            assertEquals(0, test.gate.strangers());
        }
    }

    @Test
    void bulkFlowsThroughEveryDesign() throws Exception {
        try (var test = new TestPort()) {
            for (var settings : TestPort.designs("r1")) {
                test.dial(settings);
                assertEquals(20_000_000 + " exit 7".length(), test.awaitLinked().exec("flood 20000000").length());
            }
        }
    }

    /** For who has switched SSH's keep-alives off. The kernel's list has a 2 for that timer behind a socket's state. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void whatIsAcceptedIsProbedByTcp() throws Exception {
        try (var test = new TestPort()) {
            test.dial(TestPort.designs("r1").getFirst());
            int port = test.awaitLinked().connection().local().getPort();
            var probed = Pattern.compile(String.format("[0-9A-F]+:%04X [0-9A-F]+:[0-9A-F]{4} 01 \\S+ 02:", port));
            TestPort.until(() -> {
                try {
                    return probed.matcher(Files.readString(Path.of("/proc/net/tcp6"))
                            + Files.readString(Path.of("/proc/net/tcp"))).find();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    /** A reader that takes nothing stops the sender at its window, and nobody else. */
    @Test
    void readerThatStopsStopsOnlyItsWriter() throws Exception {
        try (var test = new TestPort()) {
            for (var settings : TestPort.designs("r1")) {
                test.dial(settings);
                var device = test.awaitLinked();
                var lazy = new Lazy();
                device.connection().loop().execute(() -> device.link()
                        .open(new homeport.callhome.SessionStart.Exec("flood 50000000"), 1 << 18, lazy));
                assertEquals("ran x exit 7", device.exec("x"), settings.design().text());
                lazy.atWindow.get(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS);
                assertEquals("ran y exit 7", device.exec("y"));
                assertEquals(1 << 18, lazy.got);
                device.connection().loop().execute(lazy::resume);
                assertEquals(50_000_000, lazy.done.get(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS));
            }
        }
    }

    /** Consumes nothing until it is told to. */
    private static final class Lazy extends TestPort.Collector {
        final java.util.concurrent.CompletableFuture<Void> atWindow = new java.util.concurrent.CompletableFuture<>();
        final java.util.concurrent.CompletableFuture<Integer> done = new java.util.concurrent.CompletableFuture<>();
        volatile int got;
        private boolean awake;
        private homeport.callhome.LinkChannel channel;

        @Override
        public void data(homeport.callhome.LinkChannel from, int dataType, byte[] array, int offset, int length) {
            channel = from;
            got += length;
            if (awake) {
                from.consumed(length);
            } else if (got == 1 << 18) {
                atWindow.complete(null);
            }
        }

        void resume() {
            awake = true;
            channel.consumed(got);
        }

        @Override
        public void closed(homeport.callhome.LinkChannel from) {
            done.complete(got);
        }
    }

    /** What was lost comes back at once: the new connection wins, the old one is closed with the reason. */
    @Test
    void newConnectionDisplacesTheOldOne() throws Exception {
        var presence = new Presence<TestPort.Linked>();
        try (var test = new TestPort()) {
            for (int i = 0; i < 2; i++) {
                test.dial(TestPort.designs("r1").get(2));
                var device = test.awaitLinked();
                if (presence.add("r1", device, true) instanceof Presence.Outcome.Displaced<TestPort.Linked> displaced) {
                    var old = displaced.old();
                    old.connection().loop().execute(() -> old.link().close(Refusal.DISPLACED, ""));
                }
            }
            assertEquals(Refusal.DISPLACED, test.awaitEnd().cause());
            assertEquals("ran x exit 7", presence.find("r1").orElseThrow().exec("x"));
        }
    }

    @Test
    void tcpThroughTheDeviceReachesItsTarget() throws Exception {
        try (var test = new TestPort(); var target = echo()) {
            for (var settings : TestPort.designs("r1")) {
                test.dial(settings);
                var device = test.awaitLinked();
                var seen = new TestPort.Collector();
                device.connection().loop().execute(
                        () -> device.link().openTcp("127.0.0.1", target.getLocalPort(), 1 << 16, seen));
                var channel = seen.opened.get(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS);
                byte[] hello = "echo me".getBytes(StandardCharsets.UTF_8);
                device.connection().loop().execute(() -> {
                    channel.send(hello, 0, hello.length);
                    channel.sendEof();
                });
                assertEquals("echo me", seen.result.get(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void rawStreamOfATunnelGoesToTheRelaysTarget() throws Exception {
        try (var test = new TestPort(); var target = echo()) {
            test.stream = (device, asked) -> ChannelRelay
                    .connect(test.currentLoop(), new java.net.InetSocketAddress("127.0.0.1", target.getLocalPort()),
                            Duration.ofSeconds(5))
                    .whenComplete((relay, failure) -> device.accept(asked, 1 << 16, relay));
            test.dial(homeport.callhome.DepartureSettings.tunnelToStream(homeport.ssh.SshSettings.client(),
                    homeport.callhome.Credentials.byKey("r1", TestPort.KEY)));
            var device = test.awaitLinked();
            var seen = new TestPort.Collector();
            device.connection().loop().execute(() -> device.link().openRaw(1 << 16, seen));
            var channel = seen.opened.get(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS);
            byte[] line = "SSH-2.0-operator\r\n".getBytes(StandardCharsets.UTF_8);
            device.connection().loop().execute(() -> {
                channel.send(line, 0, line.length);
                channel.sendEof();
            });
            assertEquals("SSH-2.0-operator\r\n", seen.result.get(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
    }

    /** An agent that only carries bytes: the device's own SSH server does the rest. */
    @Test
    void pipeCallsHomeForAServerOfItsOwn() throws Exception {
        try (var test = new TestPort();
                var server = Listener.listen(test.loops, TestPort.ANY_PORT, false,
                        new Gate(GateLimits.DEFAULT),
                        connection -> new homeport.callhome.Departure(
                                homeport.callhome.DepartureSettings.callHome(TestPort.server()),
                                connection.loop().environment(), connection.loop().output(), connection,
                                (device, event) -> {
                                    if (event instanceof homeport.callhome.DepartureEvent.LoginAsked asked) {
                                        device.decide(asked, new homeport.ssh.LoginDecision.Accept());
                                    }
                                }))) {
            var message = homeport.callhome.BootstrapMessage.claim("piped").encode();
            StreamPipe.join(test.loops.next(), test.port.address(), message, server.address(), Duration.ofSeconds(5))
                    .get(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS);
            var device = test.awaitLinked();
            assertEquals("piped", device.link().deviceId());
            assertEquals(Design.BOOTSTRAP, device.link().design());
            device.connection().loop().execute(() -> device.link().close(Refusal.CLOSED, ""));
            assertEquals(Refusal.CLOSED, test.awaitEnd().cause());
        }
    }

    /** Keep-alive: a device that is gone without a word is noticed, one that is only quiet stays. */
    @Test
    void silentDeathIsNoticedByKeepAlive() throws Exception {
        try (var test = new TestPort()) {
            var quiet = test.dial(TestPort.designs("r1").get(1));
            test.awaitLinked();
            var dead = test.dial(TestPort.designs("r2").get(1));
            test.awaitLinked();
            dead.freeze();
            var end = test.awaitEnd();
            assertEquals("ssh-keepalive-timeout", end.cause().code());
            assertEquals(Stage.LINKED, end.stage());
            assertEquals(1, test.port.linked());
            quiet.cut();
        }
    }

    @Test
    void drainTellsEveryDeviceAndEnds() throws Exception {
        try (var test = new TestPort()) {
            for (var settings : TestPort.designs("r1")) {
                test.dial(settings);
                test.awaitLinked();
            }
            test.connect();
            TestPort.until(() -> test.gate.strangers() == 1);
            test.port.drain(Duration.ofSeconds(5));
            assertEquals(0, test.port.connections());
            for (int i = 0; i < 5; i++) {
                assertEquals(Refusal.DRAINING, test.awaitEnd().cause());
            }
        }
    }

    @Test
    void answerFromAnotherThreadIsGivenOnTheLoop() throws Exception {
        try (var test = new TestPort()) {
            var questions = new java.util.concurrent.LinkedBlockingQueue<ArrivalEvent.AdmissionAsked>();
            test.policy = asked -> {
                questions.add(asked);
                return null;
            };
            test.dial(TestPort.designs("r1").get(1));
            assertTrue(questions.poll(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS) != null);
            assertEquals(1, test.gate.strangers());
            assertEquals(0, test.port.linked());
        }
    }

    private static ServerSocket echo() throws java.io.IOException {
        var server = new ServerSocket(0, 10, java.net.InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    var socket = server.accept();
                    Thread.ofVirtual().start(() -> {
                        try (socket) {
                            socket.getInputStream().transferTo(socket.getOutputStream());
                        } catch (java.io.IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    });
                }
            } catch (java.io.IOException e) {
                assertTrue(server.isClosed(), e::toString);
            }
        });
        return server;
    }
}
