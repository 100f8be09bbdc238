package homeport.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
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

    @Test
    void connectionWithoutHeaderIsRefused() throws Exception {
        try (var test = new TestPort(GateLimits.DEFAULT, true, settings -> settings); var socket = test.connect()) {
            socket.getOutputStream().write("SSH-2.0-no-proxy-here\r\n".getBytes(StandardCharsets.US_ASCII));
            assertTrue(TestPort.drain(socket).length() < 10);
            TestPort.until(() -> test.port.counters().containsKey("not-ssh"));
        }
    }
}
