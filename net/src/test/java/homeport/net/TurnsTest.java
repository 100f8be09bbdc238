package homeport.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Arrival;
import homeport.callhome.ArrivalSettings;
import homeport.callhome.Refusal;
import homeport.ssh.SshSettings;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Who exchanges keys first when many ask at once. */
class TurnsTest {
    private static final ArrivalSettings SETTINGS = new ArrivalSettings(SshSettings.server(List.of(TestPort.KEY)));

    private final AtomicInteger waiting = new AtomicInteger();
    private final List<String> order = new ArrayList<>();

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (java.net.UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Where our KEXINIT, the first thing after the version line, comes out: then it was this one's turn. */
    private final class Out implements homeport.callhome.Sink {
        private final String name;
        private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

        Out(String name) {
            this.name = name;
        }

        @Override
        public void write(byte[] array, int offset, int length) {
            sent.write(array, offset, length);
            if (sent.size() > 200 && !order.contains(name)) {
                order.add(name);
            }
        }

        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public void flush() {}

        @Override
        public void end() {}
    }

    /** A client's version line and KEXINIT. */
    private static byte[] firstFlight() {
        var out = new homeport.ssh.wire.SshWriter(4096);
        var client = homeport.ssh.SshConnection.as(homeport.ssh.Role.CLIENT, SshSettings.client(),
                homeport.ssh.Environment.system(), out, event -> {});
        client.start();
        return out.toByteArray();
    }

    private Arrival arrive(Turns turns, Loop loop, String name, String from) {
        var arrival = new Arrival(SETTINGS, loop.environment(), loop.output(), new Out(name), (a, event) -> {},
                turns.of(address(from)));
        byte[] flight = firstFlight();
        arrival.receive(flight, 0, flight.length);
        return arrival;
    }

    private interface Storm {
        void on(Turns turns, Loop loop);
    }

    /** All of it happens before the loop looks at anything else, as when a storm's packets lie in the sockets. */
    private void run(Gate gate, Storm storm) throws Exception {
        try (var loops = Loops.open(1)) {
            var loop = loops.next();
            var turns = new Turns(loop, gate, waiting);
            var done = new CompletableFuture<Void>();
            loop.execute(() -> {
                try {
                    storm.on(turns, loop);
                    done.complete(null);
                } catch (RuntimeException | AssertionError e) {
                    done.completeExceptionally(e);
                }
            });
            done.get(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS);
            TestPort.until(() -> waiting.get() == 0);
            var over = new CompletableFuture<Void>();
            loop.execute(() -> over.complete(null));
            over.get(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static Gate knowing(String... sources) {
        var known = List.of(sources);
        return new Gate(GateLimits.DEFAULT, from -> known.contains(from.getHostAddress()) ? 1 : 0);
    }

    @Test
    void fewNeverWait() throws Exception {
        run(knowing(), (turns, loop) -> {
            for (int i = 0; i < Turns.A_ROUND; i++) {
                arrive(turns, loop, "x" + i, "10.0.0.1");
            }
            assertEquals(0, waiting.get());
            assertEquals(Turns.A_ROUND, order.size());
        });
    }

    @Test
    void knownSourcesGoFirstAndOthersAreNotForgotten() throws Exception {
        run(knowing("10.0.0.2"), (turns, loop) -> {
            fill(turns, loop);
            for (int i = 0; i < 16; i++) {
                arrive(turns, loop, "stranger" + i, "10.0.0.1");
            }
            for (int i = 0; i < 16; i++) {
                arrive(turns, loop, "device" + i, "10.0.0.2");
            }
            assertEquals(32, waiting.get());
        });
        var waited = order.subList(Turns.A_ROUND, order.size());
        assertEquals(32, waited.size());
        var first = waited.subList(0, 18);
        assertEquals(16, first.stream().filter(name -> name.startsWith("device")).count(), first::toString);
    }

    @Test
    void sourcesTakeTurns() throws Exception {
        run(knowing(), (turns, loop) -> {
            fill(turns, loop);
            for (int i = 0; i < 40; i++) {
                arrive(turns, loop, "flood" + i, "10.0.0.1");
            }
            arrive(turns, loop, "single", "10.0.0.9");
        });
        assertTrue(order.indexOf("single") <= Turns.A_ROUND + 1, order::toString);
    }

    @Test
    void whoLeavesIsNotWaitedFor() throws Exception {
        run(knowing(), (turns, loop) -> {
            fill(turns, loop);
            var gone = arrive(turns, loop, "gone", "10.0.0.1");
            arrive(turns, loop, "stays", "10.0.0.1");
            gone.close(Refusal.CLOSED, "");
            turns.forget(gone, address("10.0.0.1"));
            assertEquals(1, waiting.get());
        });
        assertTrue(order.contains("stays"));
        assertFalse(order.contains("gone"));
    }

    /** Takes this round's turns, so that whoever follows waits. */
    private void fill(Turns turns, Loop loop) {
        for (int i = 0; i < Turns.A_ROUND; i++) {
            arrive(turns, loop, "fill" + i, "10.0.0." + (100 + i));
        }
        assertEquals(Turns.A_ROUND, order.size());
        assertEquals("fill0", order.getFirst());
    }
}
