package homeport.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.ByteMachine;
import homeport.callhome.Refusal;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Behind a proxy: the header says who dialled, and a connection without one is refused. */
class ProxyProtocolTest {

    private static String peerOf(byte[] header) throws Exception {
        var peers = new LinkedBlockingQueue<String>();
        try (var loops = Loops.open(1);
                var listener = Listener.listen(loops, TestPort.ANY_PORT, true, new Gate(GateLimits.DEFAULT),
                        connection -> {
                            peers.add(connection.peer().getHostString() + ":" + connection.peer().getPort());
                            return new Echo(connection);
                        });
                var socket = new java.net.Socket(listener.address().getAddress(), listener.address().getPort())) {
            socket.setSoTimeout(10_000);
            var all = new ByteArrayOutputStream();
            all.writeBytes(header);
            all.writeBytes("after".getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(all.toByteArray());
            assertEquals("after", new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII));
            return peers.poll(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void version1SaysWhoDialled() throws Exception {
        assertEquals("192.0.2.7:4711",
                peerOf("PROXY TCP4 192.0.2.7 10.0.0.1 4711 4334\r\n".getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void version2SaysWhoDialled() throws Exception {
        assertEquals("192.0.2.7:4711",
                peerOf(HexFormat.of().parseHex(
                        "0d0a0d0a000d0a515549540a" + "2111000c" + "c0000207" + "0a000001" + "1267" + "10ee")));
    }

    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    /** Version 2 with {@code commandAndFamily}, such as {@code 2111} for a TCP connection over IPv4. */
    private static byte[] version2(String commandAndFamily, String addresses) {
        return HexFormat.of().parseHex(SIGNATURE + commandAndFamily
                + HexFormat.of().toHexDigits((short) (addresses.length() / 2)) + addresses);
    }

    private static void assertFromTheProxyItself(byte[] header) throws Exception {
        assertTrue(peerOf(header).startsWith("127.0.0.1:"), () -> HexFormat.of().formatHex(header));
    }

    @Test
    void bothVersionsCarryIpv6() throws Exception {
        assertEquals("2001:db8:0:0:0:0:0:7:4711",
                peerOf("PROXY TCP6 2001:db8::7 2001:db8::1 4711 4334\r\n".getBytes(StandardCharsets.US_ASCII)));
        assertEquals("2001:db8:0:0:0:0:0:7:4711",
                peerOf(version2("2121",
                        "20010db8000000000000000000000007" + "20010db8000000000000000000000001" + "1267" + "10ee")));
    }

    /** A cloud balancer's: an endpoint's id, a checksum of wrong value, TLS data with one inside, padding. */
    @Test
    void extensionsOfVersion2ArePassedOver() throws Exception {
        var extensions = "ea0007" + "01" + "766365313233" + "030004" + "00000000" //
                + "20000d" + "01" + "00000000" + "210005" + "544c537631" + "040010" + "00".repeat(16);
        assertEquals("192.0.2.7:4711",
                peerOf(version2("2111", "c0000207" + "0a000001" + "1267" + "10ee" + extensions)));
    }

    @Test
    void datagramsAddressesCountToo() throws Exception {
        assertEquals("192.0.2.7:4711", peerOf(version2("2112", "c0000207" + "0a000001" + "1267" + "10ee")));
    }

    /** LOCAL is the proxy's own health check; the other two have no address that would be one here. */
    @Test
    void headersWithoutAnAddressMeanTheProxyItself() throws Exception {
        assertFromTheProxyItself(version2("2000", ""));
        assertFromTheProxyItself(version2("2011", "c0000207" + "0a000001" + "1267" + "10ee"));
        assertFromTheProxyItself(version2("2100", ""));
        assertFromTheProxyItself(version2("2131", "2f78".concat("00".repeat(106)).repeat(2)));
        assertFromTheProxyItself("PROXY UNKNOWN\r\n".getBytes(StandardCharsets.US_ASCII));
        assertFromTheProxyItself("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void malformedHeaderIsRefused() throws Exception {
        for (var header : List.of("PROXY TCP4 192.0.2.777 10.0.0.1 4711 4334\r\n",
                "PROXY TCP4 192.0.2.7 10.0.0.1 4711\r\n",
                "PROXY TCP4 example.org 10.0.0.1 4711 4334\r\n", "PROXY TCP4 192.0.2.7 10.0.0.1 99999 4334\r\n",
                "PROXY\r\n", "GET / HTTP/1.1\r\n\r\n")) {
            assertRefused(header.getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void malformedHeaderOfVersion2IsRefused() throws Exception {
        assertRefused(version2("3111", "c0000207" + "0a000001" + "1267" + "10ee"));
        assertRefused(version2("2f11", "c0000207" + "0a000001" + "1267" + "10ee"));
        assertRefused(version2("2111", "c000"));
    }

    private static void assertRefused(byte[] header) throws Exception {
        try (var test = new TestPort(GateLimits.DEFAULT, true, settings -> settings); var socket = test.connect()) {
            socket.getOutputStream().write(header);
            socket.getOutputStream().write("SSH-2.0-x\r\n".getBytes(StandardCharsets.US_ASCII));
            assertTrue(TestPort.drain(socket).length() < 10, () -> HexFormat.of().formatHex(header));
            TestPort.until(() -> test.port.counters().containsKey("no-proxy-header"));
            assertEquals(0, test.gate.strangers());
        }
    }

    /** The header may come in any pieces, and the device's first bytes with its last. */
    @Test
    void headerMayBeCutAnywhere() throws Exception {
        byte[] flight = HostileConnectionsTest.record(TestPort.designs("r1").get(1));
        for (var header : List.of("PROXY TCP4 192.0.2.7 10.0.0.1 4711 4334\r\n".getBytes(StandardCharsets.US_ASCII),
                version2("2111", "c0000207" + "0a000001" + "1267" + "10ee" + "040003000000"))) {
            try (var test = new TestPort(GateLimits.DEFAULT, true, settings -> settings)) {
                for (int cut = 1; cut < header.length; cut += 5) {
                    try (var socket = test.connect()) {
                        socket.setTcpNoDelay(true);
                        socket.getOutputStream().write(header, 0, cut);
                        socket.getOutputStream().write(header, cut, header.length - cut);
                        socket.getOutputStream().write(flight);
                        // Replayed, so it ends at the signature: the exchange came that far.
                        assertEquals("ssh-host-key-signature", test.awaitEnd().cause().code(), "cut at " + cut);
                    }
                }
            }
        }
    }

    /** A balancer looks whether the port answers, with and without a header, often: devices behind it come in as before. */
    @Test
    void healthChecksOfTheProxyShutNobodyOut() throws Exception {
        try (var test = new TestPort(GateLimits.DEFAULT, true, settings -> settings)) {
            for (int i = 0; i < 60; i++) {
                try (var socket = test.connect()) {
                    if (i % 2 == 0) {
                        socket.getOutputStream().write(version2("2000", ""));
                    }
                }
            }
            TestPort.until(() -> test.port.counters().getOrDefault("probed", 0L) == 30);
            assertEquals(java.util.Map.of("probed", 30L), test.port.counters());
            try (var socket = test.connect()) {
                socket.getOutputStream().write(version2("2000", ""));
                socket.getOutputStream().write(HostileConnectionsTest.record(TestPort.designs("r1").get(1)));
                assertEquals("ssh-host-key-signature", endOtherThan(test, "probed"));
            }
        }
    }

    private static String endOtherThan(TestPort test, String code) throws InterruptedException {
        var end = test.awaitEnd().cause().code();
        while (end.equals(code)) {
            end = test.awaitEnd().cause().code();
        }
        return end;
    }

    /** Told once, of the address that the connection itself has: bytes that are no header, and none in time. */
    @Test
    void whoSendsNoHeaderIsToldOf() throws Exception {
        for (var said : List.of("SSH-2.0-no-proxy-here\r\n", "")) {
            var told = new LinkedBlockingQueue<String>();
            var factory = new MachineFactory() {
                @Override
                public ByteMachine make(Connection connection) {
                    return new Echo(connection);
                }

                @Override
                public void keptOut(InetSocketAddress peer, Refusal refusal) {
                    told.add(peer.getHostString() + ":" + peer.getPort() + " " + refusal.code());
                }
            };
            try (var loops = Loops.open(1);
                    var listener = Listener.listen(loops, TestPort.ANY_PORT, true, new Gate(GateLimits.DEFAULT),
                            factory);
                    var socket = new Socket(listener.address().getAddress(), listener.address().getPort())) {
                socket.getOutputStream().write(said.getBytes(StandardCharsets.US_ASCII));
                assertEquals("127.0.0.1:" + socket.getLocalPort() + " no-proxy-header",
                        told.poll(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS));
                assertTrue(TestPort.drain(socket).length() < 10);
                assertTrue(told.isEmpty(), told::toString);
            }
        }
    }

    @Test
    void connectionWithoutHeaderIsRefused() throws Exception {
        try (var test = new TestPort(GateLimits.DEFAULT, true, settings -> settings); var socket = test.connect()) {
            socket.getOutputStream().write("SSH-2.0-no-proxy-here\r\n".getBytes(StandardCharsets.US_ASCII));
            assertTrue(TestPort.drain(socket).length() < 10);
            TestPort.until(() -> test.port.counters().containsKey("no-proxy-header"));
        }
    }
}
