package homeport.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.ArrivalSettings;
import homeport.callhome.DepartureSettings;
import homeport.callhome.Refusal;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Connections that are no device's, over sockets: closed in time, counted by reason, and no device notices. */
class HostileConnectionsTest {
    private static final Duration SHORT = Duration.ofMillis(700);

    private static ArrivalSettings impatient(ArrivalSettings settings) {
        return settings.withTimes(SHORT, SHORT, SHORT);
    }

    private static TestPort port() throws IOException {
        return new TestPort(GateLimits.DEFAULT, false, HostileConnectionsTest::impatient);
    }

    @Test
    void silentConnectionIsClosedInTime() throws Exception {
        try (var test = port(); var socket = test.connect()) {
            long start = System.nanoTime();
            assertEquals("SSH-2.0-Homeport_0.1\r\n", TestPort.drain(socket));
            assertTrue(System.nanoTime() - start < 2_000_000_000L);
            assertEquals(Refusal.SILENT, test.awaitEnd().cause());
            assertEquals(1L, test.port.counters().get("silent"));
        }
    }

    @Test
    void dripIsClosedInTime() throws Exception {
        try (var test = port(); var socket = test.connect()) {
            var drip = Thread.ofVirtual().start(() -> {
                try {
                    for (byte b : "MSG-ID: DEVICE-CONN-INFO and no end".getBytes(StandardCharsets.US_ASCII)) {
                        socket.getOutputStream().write(b);
                        java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
                    }
                } catch (IOException e) {
                    assertTrue(e.getMessage() != null); // closed on us, as it should be
                }
            });
            assertEquals(Refusal.SLOW, test.awaitEnd().cause());
            drip.join();
        }
    }

    @Test
    void everyForeignProtocolHasItsOwnCounter() throws Exception {
        try (var test = port()) {
            var random = new byte[500];
            new Random(5).nextBytes(random);
            for (byte[] bytes : List.of("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                    HexFormat.of().parseHex("16030100c8010000c40303"), random,
                    "<hello xmlns=\"x\">".getBytes(StandardCharsets.US_ASCII))) {
                try (var socket = test.connect()) {
                    socket.getOutputStream().write(bytes);
                    TestPort.drain(socket);
                    test.awaitEnd();
                }
            }
            assertEquals(java.util.Map.of("http", 1L, "tls", 1L, "not-ssh", 2L), test.port.counters());
        }
    }

    @Test
    void megabyteOfBannerIsCutOff() throws Exception {
        try (var test = port(); var socket = test.connect()) {
            var line = "nothing but lines of text\r\n".repeat(40_000).getBytes(StandardCharsets.US_ASCII);
            try {
                socket.getOutputStream().write(line);
            } catch (IOException e) {
                assertTrue(e.getMessage() != null); // closed on us before all was written
            }
            assertEquals("ssh-banner-too-long", test.awaitEnd().cause().code());
        }
    }

    /** Fewer tries than a source may fail in a row. */
    @Test
    void resetInEveryStateLeavesNothingBehind() throws Exception {
        for (var settings : TestPort.designs("r1")) {
            byte[] flight = record(settings);
            try (var test = port()) {
                int tries = 0;
                for (int cut = 1; cut < flight.length; cut += flight.length / 15 + 1) {
                    var socket = test.connect();
                    socket.getOutputStream().write(Arrays.copyOf(flight, cut));
                    socket.setSoLinger(true, 0);
                    socket.close();
                    tries++;
                }
                for (int i = 0; i < tries; i++) {
                    test.awaitEnd();
                }
                assertEquals(0, test.gate.strangers());
                // And a device is served as ever.
                test.dial(settings);
                assertEquals("ran x exit 7", test.awaitLinked().exec("x"));
            }
        }
    }

    /** What a device of ours sends up to its login. */
    static byte[] record(DepartureSettings settings) throws Exception {
        try (var test = new TestPort(); var server = new java.net.ServerSocket(0, 1, TestPort.ANY_PORT.getAddress())) {
            test.dial(settings, (java.net.InetSocketAddress) server.getLocalSocketAddress());
            try (var device = server.accept(); var gateway = test.connect()) {
                var sent = new java.io.ByteArrayOutputStream();
                var back = Thread.ofVirtual().start(() -> carry(gateway, device, new java.io.ByteArrayOutputStream()));
                var forth = Thread.ofVirtual().start(() -> carry(device, gateway, sent));
                test.awaitLinked();
                device.shutdownInput();
                gateway.shutdownInput();
                back.join();
                forth.join();
                return sent.toByteArray();
            }
        }
    }

    private static void carry(Socket from, Socket to, java.io.ByteArrayOutputStream copy) {
        var buffer = new byte[8192];
        try {
            for (int count = from.getInputStream().read(buffer); count > 0; count = from.getInputStream()
                    .read(buffer)) {
                copy.write(buffer, 0, count);
                to.getOutputStream().write(buffer, 0, count);
            }
        } catch (IOException e) {
            copy.write(buffer, 0, 0); // the test closed it
        }
    }

    /** A balancer's health checks, many in a second and from the address that it gives to all devices behind it. */
    @Test
    void whoConnectsAndLeavesIsCountedAndShutsNobodyOut() throws Exception {
        try (var test = port()) {
            for (int i = 0; i < 200; i++) {
                test.connect().close();
            }
            for (int i = 0; i < 200; i++) {
                assertEquals(Refusal.PROBED, test.awaitEnd().cause());
            }
            assertEquals(java.util.Map.of("probed", 200L), test.port.counters());
            test.dial(TestPort.designs("r1").get(1));
            assertEquals("ran x exit 7", test.awaitLinked().exec("x"));
        }
    }

    /** What scanners and lost clients of other protocols say first, and a terminal's session of TELNET. */
    @Test
    void scannersAreTurnedAwayByName() throws Exception {
        try (var test = port()) {
            int met = 0;
            for (var hex : List.of("0300002f2ae00000000000436f6f6b69653a206d737473686173683d61646d696e0d0a", // RDP
                    "000000a4ff534d4272000000000801c8", // SMB
                    "fffb1ffffb20fffb18", // TELNET
                    "3a000000a741000000000000d407000000000000", // MongoDB
                    "2a310d0a24340d0a50494e470d0a", // Redis: *1 $4 PING
                    "80340103010015", // an old TLS hello
                    "00000001000000000000000000000000", "050100", // SOCKS
                    "51554954200d0a0000000000ff")) {
                try (var socket = test.connect("127.0.2." + ++met)) {
                    socket.getOutputStream().write(HexFormat.of().parseHex(hex));
                    TestPort.drain(socket);
                    var end = test.awaitEnd();
                    assertTrue(end.stage().compareTo(homeport.callhome.Stage.VERSION) < 0, () -> hex + " " + end);
                }
            }
            test.dial(TestPort.designs("r1").get(1));
            assertEquals("ran x exit 7", test.awaitLinked().exec("x"));
        }
    }

    /** First the end of its output, then a reset: one end, and nothing of it stays. */
    @Test
    void resetAfterTheEndOfTheStreamEndsOnce() throws Exception {
        byte[] flight = record(TestPort.designs("r1").get(1));
        try (var test = port()) {
            int tries = 0;
            for (int cut = 1; cut < flight.length; cut += flight.length / 15 + 1) {
                var socket = test.connect();
                socket.getOutputStream().write(Arrays.copyOf(flight, cut));
                socket.shutdownOutput();
                socket.setSoLinger(true, 0);
                socket.close();
                tries++;
            }
            for (int i = 0; i < tries; i++) {
                test.awaitEnd();
            }
            TestPort.until(() -> test.port.connections() == 0);
            assertEquals(0, test.gate.strangers());
            assertEquals(tries, test.port.counters().values().stream().mapToLong(Long::longValue).sum());
        }
    }

    /** One device came from this address: one stranger more than the limit may be there, and no more. */
    @Test
    void capOnStrangersHoldsAndDevicesStay() throws Exception {
        try (var test = new TestPort(new GateLimits(5, 5), false, HostileConnectionsTest::impatient)) {
            test.dial(TestPort.designs("r1").get(1));
            var device = test.awaitLinked();
            var sockets = new ArrayList<Socket>();
            for (int i = 0; i < 20; i++) {
                sockets.add(test.connect());
            }
            for (var socket : sockets) {
                TestPort.drain(socket);
                socket.close();
            }
            assertEquals("ran x exit 7", device.exec("x"));
            assertEquals(14L, test.port.counters().get("too-many-from-address"), () -> test.port.counters().toString());
        }
    }

    /** Others fill the port from everywhere: a source that had a device gets its device back in. */
    @Test
    void fullPortIsOpenToASourceThatHadADevice() throws Exception {
        try (var test = new TestPort(new GateLimits(20, 5), false, settings -> settings)) {
            var first = test.dial(TestPort.designs("r1").get(1));
            test.awaitLinked();
            first.cut();
            test.awaitEnd();
            var sockets = new ArrayList<Socket>();
            for (int i = 0; i < 30; i++) {
                sockets.add(test.connect("127.0.1." + (i + 1)));
            }
            TestPort.until(() -> test.port.counters().getOrDefault("too-many", 0L) == 10);
            test.dial(TestPort.designs("r1").get(1));
            assertEquals("ran x exit 7", test.awaitLinked().exec("x"));
            for (var socket : sockets) {
                socket.close();
            }
        }
    }

    /** Twice the limit is there: whoever dials now is not refused, but waits until there is room. */
    @Test
    void beyondAllLimitsDevicesWaitToBeAccepted() throws Exception {
        try (var test = new TestPort(new GateLimits(4, 50), false, settings -> settings)) {
            for (int i = 0; i < 8; i++) {
                test.dial(TestPort.designs("r" + i).get(1));
                test.awaitLinked();
            }
            var sockets = new ArrayList<Socket>();
            for (int i = 0; i < 8; i++) {
                sockets.add(test.connect());
            }
            TestPort.until(() -> test.gate.isFull());
            for (int i = 0; i < 20; i++) {
                test.dial(TestPort.designs("w" + i).get(1));
            }
            for (var socket : sockets) {
                socket.close();
            }
            for (int i = 0; i < 20; i++) {
                test.awaitLinked();
            }
            assertEquals(28, test.port.linked());
            assertEquals(java.util.Set.of("probed"), test.port.counters().keySet());
        }
    }

    @Test
    void sourceThatOnlyFailsIsShutOutForAWhile() throws Exception {
        try (var test = port()) {
            for (int i = 0; i < 30; i++) {
                try (var socket = test.connect()) {
                    socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    TestPort.drain(socket);
                } catch (IOException e) {
                    assertTrue(e.getMessage() != null); // shut out before the write
                }
            }
            assertTrue(test.port.counters().getOrDefault("penalty", 0L) > 0, () -> test.port.counters().toString());
        }
    }
}
