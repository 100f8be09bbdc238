package homeport.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.ArrivalEvent;
import homeport.callhome.ArrivalSettings;
import homeport.ssh.SshSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Devices that come back: one again and again, and many at once among strangers. */
class ReturnTest {
    private static final int RETURNS = 1_000;
    /** A connection that was forgotten would cost 2 KiB and more. */
    private static final long MOST_GROWTH_BYTES = 800 << 10;
    private static final int STRANGERS = 300;
    private static final int DEVICES = 20;

    /** In turns by each design: after a thousand ends nothing of them is left. */
    @Test
    void deviceThatComesAndGoesAThousandTimesLeavesNothing() throws Exception {
        try (var test = new TestPort()) {
            comeAndGo(test, RETURNS / 5);
            long before = SilentConnectionsTest.liveHeap();
            comeAndGo(test, RETURNS * 4 / 5);
            long growth = SilentConnectionsTest.liveHeap() - before;
            assertTrue(growth < MOST_GROWTH_BYTES, () -> growth + " bytes stay");
            assertEquals(0, test.gate.strangers());
            assertEquals(0, test.port.linked());
            assertEquals(0, test.port.waiting());
            assertEquals((long) RETURNS, test.port.counters().get("ssh-end-of-stream"));
        }
    }

    private static void comeAndGo(TestPort test, int times) throws Exception {
        var designs = TestPort.designs("r1");
        for (int i = 0; i < times; i++) {
            var device = test.dial(designs.get(i % designs.size()));
            test.awaitLinked();
            device.cut();
            test.awaitEnd();
        }
        TestPort.until(() -> test.port.connections() == 0);
        for (var loop : test.loops.all()) {
            var open = new CompletableFuture<Integer>();
            loop.execute(() -> open.complete(loop.connections().size()));
            assertEquals(0, open.get(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
    }

    /**
     * All dial while the gateway is busy, strangers first and from everywhere: the devices that the inventory had from one
     * address do not wait for the strangers' turns. What is replayed ends at the signature, so an end tells of a turn.
     */
    @Test
    void devicesOnRecordGoBeforeStrangersInARush() throws Exception {
        byte[] flight = HostileConnectionsTest.record(TestPort.designs("r1").get(1));
        var site = InetAddress.getByName("127.0.0.2");
        var order = Collections.synchronizedList(new ArrayList<Boolean>());
        var gate = new Gate(GateLimits.DEFAULT, address -> address.equals(site) ? DEVICES : 0);
        var sockets = new ArrayList<Socket>();
        try (var loops = Loops.open(1);
                var port = DevicePort.open(loops, TestPort.ANY_PORT, false, gate,
                        new ArrivalSettings(SshSettings.server(List.of(TestPort.KEY))),
                        (connection, arrival, event) -> {
                            if (event instanceof ArrivalEvent.Closed closed) {
                                assertEquals("ssh-host-key-signature", closed.ended().cause().code());
                                order.add(connection.peer().getAddress().equals(site));
                            }
                        })) {
            var busy = new CountDownLatch(1);
            loops.next().execute(() -> await(busy));
            for (int i = 0; i < STRANGERS; i++) {
                sockets.add(dial(port.address(), "127.0." + (1 + i / 100) + "." + (1 + i % 100), flight));
            }
            for (int i = 0; i < DEVICES; i++) {
                sockets.add(dial(port.address(), "127.0.0.2", flight));
            }
            busy.countDown();
            TestPort.until(() -> order.size() == STRANGERS + DEVICES);
            int last = order.lastIndexOf(true);
            // In the order of coming, the last device would be the last of all.
            assertTrue(last < STRANGERS * 3 / 4, () -> "the last device was number " + last + " of " + order.size());
        } finally {
            for (var socket : sockets) {
                socket.close();
            }
        }
    }

    private static Socket dial(InetSocketAddress to, String from, byte[] flight) throws Exception {
        var socket = new Socket(to.getAddress(), to.getPort(), InetAddress.getByName(from), 0);
        socket.getOutputStream().write(flight);
        return socket;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Over IPv6, too, and known by its network. */
    @Test
    void deviceOverIpv6IsKnownByItsNetwork() throws Exception {
        var gate = new Gate(GateLimits.DEFAULT);
        var linked = new CompletableFuture<Connection>();
        try (var test = new TestPort();
                var port = DevicePort.open(test.loops, new InetSocketAddress("::1", 0), false, gate,
                        new ArrivalSettings(SshSettings.server(List.of(TestPort.KEY))),
                        (connection, arrival, event) -> {
                            switch (event) {
                                case ArrivalEvent.AdmissionAsked asked ->
                                    arrival.decide(asked, test.policy.apply(asked));
                                case ArrivalEvent.Linked device -> linked.complete(connection);
                                case ArrivalEvent.Closed closed -> {
                                }
                            }
                        })) {
            test.dial(TestPort.designs("r1").get(1), port.address());
            var peer = linked.get(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS).peer().getAddress();
            assertEquals(InetAddress.getByName("::1"), peer);
            assertTrue(gate.knows(InetAddress.getByName("::2")), "the same 64 bits");
        }
    }
}
