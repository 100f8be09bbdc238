package homeport.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Refusal;
import homeport.callhome.SharedOutput;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A connection that goes on on another loop. */
class MoveTest {
    private static final int LOOPS = 3;
    private static final int BYTES = 8 << 20;
    private static final int MOVES = 300;

    /** Sends back what comes, and counts every call that is not on the loop of its connection. */
    private static final class Mirror implements Movable {
        private final Connection connection;
        private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
        private final AtomicInteger astray = new AtomicInteger();
        private volatile boolean held;
        private SharedOutput output;
        private int moves;

        Mirror(Connection connection) {
            this.connection = connection;
            this.output = connection.loop().output();
        }

        private void check() {
            if (!connection.loop().isCurrent() || output != connection.loop().output()) {
                astray.incrementAndGet();
            }
        }

        @Override
        public boolean mayMove() {
            check();
            return !held;
        }

        @Override
        public void moveTo(SharedOutput other) {
            output = other;
            moves++;
            check();
        }

        @Override
        public void start() {
            check();
        }

        @Override
        public void receive(byte[] array, int offset, int length) {
            check();
            output.run(connection, () -> output.writer().bytes(array, offset, length));
        }

        @Override
        public void endOfStream() {
            check();
            ended.complete(connection.loop().isCurrent());
        }

        @Override
        public boolean wantsInput() {
            return true;
        }

        @Override
        public void outputWritable() {
            check();
        }

        @Override
        public long deadline() {
            return Long.MAX_VALUE;
        }

        @Override
        public void tick() {
            check();
        }

        @Override
        public void close(Refusal refusal, String detail) {
            check();
            ended.complete(connection.loop().isCurrent());
        }

        @Override
        public boolean isClosed() {
            return ended.isDone();
        }
    }

    private static <T> T soon(CompletableFuture<T> what) throws Exception {
        return what.get(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** One connection, from a plain socket to a mirror. */
    private static final class Stage implements AutoCloseable {
        private final Loops loops = Loops.open(LOOPS);
        private final CompletableFuture<Mirror> made = new CompletableFuture<>();
        private final Listener listener;
        private final Socket socket;
        private final Mirror mirror;

        Stage() throws Exception {
            listener = Listener.listen(loops, TestPort.ANY_PORT, false, new Gate(GateLimits.DEFAULT), connection -> {
                var machine = new Mirror(connection);
                made.complete(machine);
                return machine;
            });
            socket = new Socket(listener.address().getAddress(), listener.address().getPort());
            mirror = soon(made);
        }

        /** @return where it lives afterwards; asked there */
        CompletableFuture<Loop> move(Loop target) {
            var there = new CompletableFuture<Loop>();
            mirror.connection.move(target, () -> {
                mirror.check();
                there.complete(mirror.connection.loop());
            });
            return there;
        }

        void echo(byte[] bytes) throws Exception {
            var writing = Thread.ofVirtual().start(() -> {
                try {
                    socket.getOutputStream().write(bytes);
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertArrayEquals(bytes, socket.getInputStream().readNBytes(bytes.length));
            writing.join();
        }

        @Override
        public void close() throws Exception {
            socket.close();
            listener.close();
            loops.close();
        }
    }

    @Test
    void aQuietConnectionMovesAndGoesOn() throws Exception {
        try (var stage = new Stage()) {
            stage.echo(new byte[]{1, 2, 3});
            var before = stage.mirror.connection.loop();
            var other = stage.loops.next();
            while (other == before) {
                other = stage.loops.next();
            }
            assertSame(other, soon(stage.move(other)));
            assertNotSame(before, other);
            stage.echo(new byte[]{4, 5, 6});
            assertSame(before, soon(stage.move(before)));
            stage.echo(new byte[]{7});
            assertEquals(2, stage.mirror.moves);
            stage.socket.close();
            assertTrue(soon(stage.mirror.ended), "the end is told on its loop");
            assertEquals(0, stage.mirror.astray.get());
        }
    }

    @Test
    void bytesAndCommandsFollowOneThatMovesAllTheTime() throws Exception {
        try (var stage = new Stage()) {
            var bytes = new byte[BYTES];
            new Random(1).nextBytes(bytes);
            var ran = new AtomicInteger();
            Runnable moving = () -> {
                for (int i = 0; i < MOVES; i++) {
                    stage.mirror.connection.execute(() -> {
                        stage.mirror.check();
                        ran.incrementAndGet();
                    });
                    stage.move(stage.loops.next()).join();
                }
            };
            // Two at a time, which would wish it to different places.
            var both = CompletableFuture.allOf(CompletableFuture.runAsync(moving), CompletableFuture.runAsync(moving));
            stage.echo(bytes);
            soon(both);
            stage.echo(bytes);
            var last = new CompletableFuture<Integer>();
            stage.mirror.connection.execute(() -> last.complete(stage.mirror.moves));
            assertTrue(soon(last) > 0, "it never moved");
            assertEquals(2 * MOVES, ran.get());
            assertEquals(0, stage.mirror.astray.get());
        }
    }

    @Test
    void oneThatIsHeldStays() throws Exception {
        try (var stage = new Stage()) {
            stage.mirror.held = true;
            var before = stage.mirror.connection.loop();
            for (int i = 0; i < LOOPS; i++) {
                assertSame(before, soon(stage.move(stage.loops.next())));
            }
            stage.echo(new byte[]{1});
            assertEquals(0, stage.mirror.moves);
            assertEquals(0, stage.mirror.astray.get());
        }
    }

    @Test
    void oneThatIsCutWhileItMovesEndsOnce() throws Exception {
        for (int i = 0; i < 50; i++) {
            try (var stage = new Stage()) {
                stage.echo(new byte[]{1});
                var moved = stage.move(stage.loops.next());
                stage.mirror.connection.cut();
                assertTrue(soon(stage.mirror.ended));
                soon(moved);
                assertEquals(-1, stage.socket.getInputStream().read());
                assertEquals(0, stage.mirror.astray.get());
            }
        }
    }
}
