package homeport.gateway.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.LinkChannel;
import homeport.ssh.Question;
import homeport.ssh.wire.ChannelRequest;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whoever reads slowly is waited for by whoever sends, and not by the gateway's memory. Its heap is measured with the
 * device's in it, which is in this process too: that it grows by less than the limit says more, not less.
 */
class BackpressureTest {
    private static final int BYTES_A_SECOND = 10_000;
    private static final long MOST_GROWTH = 2 << 20;
    /** Windows of the four ends, what the sockets hold, and the pipe of OpenSSH's client, whose own window is 2 MiB. */
    private static final long MOST_UNDER_WAY = 16 << 20;
    private static final int CHUNK = 32 << 10;

    @TempDir
    private Path directory;

    /** Byte {@code n} of every stream here; a prime length, so that a piece that is lost or twice there shows. */
    private static byte pattern(long position) {
        return (byte) (position % 251);
    }

    /**
     * A session at the device: {@code flood N} sends N bytes as fast as they are taken; {@code sip} takes what comes at
     * the pace of whoever calls {@link #sip}.
     */
    private static final class Stream implements ChannelHandler {
        final AtomicLong sent = new AtomicLong();
        final AtomicLong received = new AtomicLong();
        final AtomicBoolean wrong = new AtomicBoolean();
        final CompletableFuture<LinkChannel> started = new CompletableFuture<>();
        final CompletableFuture<Void> eof = new CompletableFuture<>();
        private final byte[] chunk = new byte[CHUNK];
        private long flood;
        private long unconsumed;
        private boolean fast;

        @Override
        public void opened(LinkChannel channel) {}

        @Override
        public void refused(LinkChannel channel, ChannelRefusal refusal) {}

        @Override
        public void requested(LinkChannel channel, Question.ChannelRequested question) {
            channel.decide(question, true);
            if (question.request() instanceof ChannelRequest.Exec exec) {
                started.complete(channel);
                if (exec.text().startsWith("flood ")) {
                    flood = Long.parseLong(exec.text().substring("flood ".length()));
                    writable(channel);
                }
            }
        }

        @Override
        public void writable(LinkChannel channel) {
            while (sent.get() < flood) {
                int length = (int) Math.min(CHUNK, flood - sent.get());
                for (int i = 0; i < length; i++) {
                    chunk[i] = pattern(sent.get() + i);
                }
                int taken = channel.send(chunk, 0, length);
                if (sent.addAndGet(taken) < flood && taken < length) {
                    return;
                }
            }
            if (flood > 0) {
                flood = 0;
                channel.request(new ChannelRequest.ExitStatus(0), false);
                channel.sendEof();
                channel.close();
            }
        }

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            for (int i = 0; i < length; i++) {
                if (array[offset + i] != pattern(received.get() + i)) {
                    wrong.set(true);
                }
            }
            received.addAndGet(length);
            unconsumed += length;
            if (fast) {
                sip(channel, Integer.MAX_VALUE);
            }
        }

        /** On the device's loop. */
        void sip(LinkChannel channel, int most) {
            fast |= most == Integer.MAX_VALUE;
            int count = (int) Math.min(unconsumed, most);
            unconsumed -= count;
            channel.consumed(count);
        }

        @Override
        public void eof(LinkChannel channel) {
            eof.complete(null);
            channel.request(new ChannelRequest.ExitStatus(0), false);
            channel.sendEof();
            channel.close();
        }

        @Override
        public void closed(LinkChannel channel) {}
    }

    private static long liveBytes() {
        var memory = ManagementFactory.getMemoryMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            memory.gc();
            least = Math.min(least, memory.getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    @Test
    void anOperatorWhoReadsSlowlyHoldsTheDeviceUp() throws Exception {
        slowOperator(Duration.ofSeconds(5));
    }

    @Test
    void aDeviceThatReadsSlowlyHoldsTheOperatorUp() throws Exception {
        slowDevice(Duration.ofSeconds(5));
    }

    @Test
    @Tag("full")
    void anOperatorWhoReadsSlowlyForAMinuteHoldsTheDeviceUp() throws Exception {
        slowOperator(Duration.ofSeconds(60));
    }

    @Test
    @Tag("full")
    void aDeviceThatReadsSlowlyForAMinuteHoldsTheOperatorUp() throws Exception {
        slowDevice(Duration.ofSeconds(60));
    }

    /** One session after another, of which the first warms up. */
    private record Sessions(OperatedGateway operated, Path key, ConcurrentLinkedQueue<Stream> made) {
        static Sessions open(OperatedGateway operated) throws Exception {
            var made = new ConcurrentLinkedQueue<Stream>();
            operated.device("router1", key -> TestDevice.callHome(operated.deviceLoops,
                    operated.gateway.devicesAddress(), key, () -> {
                        var stream = new Stream();
                        made.add(stream);
                        return stream;
                    }));
            return new Sessions(operated, operated.operator("alice"), made);
        }

        Process start(String command) throws Exception {
            return operated.ssh(key, "alice", "router1", List.of(), command);
        }

        Stream next() {
            OperatedGateway.until(() -> !made.isEmpty(), "no session reached the device");
            return java.util.Objects.requireNonNull(made.poll());
        }
    }

    private void slowOperator(Duration time) throws Exception {
        try (var operated = new OperatedGateway(directory, Map.of())) {
            var sessions = Sessions.open(operated);
            int warm = 8 << 20;
            assertEquals(warm, expect(sessions.start("flood " + warm).getInputStream(), 0, Long.MAX_VALUE));
            sessions.next();
            long before = liveBytes();

            long total = 48 << 20;
            var process = sessions.start("flood " + total);
            var stream = sessions.next();
            long most = 0;
            long read = 0;
            long start = System.nanoTime();
            for (int tenth = 1; tenth <= time.toMillis() / 100; tenth++) {
                LockSupport.parkNanos(start + tenth * 100_000_000L - System.nanoTime());
                read += expect(process.getInputStream(), read, BYTES_A_SECOND / 10);
                if (tenth % 10 == 0) {
                    most = Math.max(most, liveBytes() - before);
                    assertTrue(stream.sent.get() - read < MOST_UNDER_WAY,
                            "the device sent " + stream.sent.get() + " bytes, of which " + read + " were read");
                }
            }
            assertGrowth(most, time);
            read += expect(process.getInputStream(), read, Long.MAX_VALUE);
            assertEquals(total, read);
            assertTrue(process.waitFor(OperatedGateway.SECONDS, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
        }
    }

    /** Reads up to {@code most} bytes that follow on {@code from} in the pattern. @return how many */
    private static long expect(InputStream in, long from, long most) throws Exception {
        byte[] buffer = new byte[CHUNK];
        long read = 0;
        while (read < most) {
            int count = in.read(buffer, 0, (int) Math.min(buffer.length, most - read));
            if (count < 0) {
                break;
            }
            for (int i = 0; i < count; i++) {
                assertEquals(pattern(from + read + i), buffer[i]);
            }
            read += count;
        }
        return read;
    }

    private void slowDevice(Duration time) throws Exception {
        try (var operated = new OperatedGateway(directory, Map.of())) {
            var sessions = Sessions.open(operated);
            transfer(sessions, 8 << 20, Duration.ZERO);
            long before = liveBytes();
            long most = transfer(sessions, 24 << 20, time) - before;
            assertGrowth(most, time);
        }
    }

    /** The operator sends as fast as it can, and the device takes it slowly at first. @return the highest live heap */
    private static long transfer(Sessions sessions, long total, Duration slow) throws Exception {
        var process = sessions.start("sip");
        var fed = new AtomicLong();
        var feeding = Thread.ofVirtual().start(() -> feed(process, fed, total));
        var stream = sessions.next();
        var channel = stream.started.get(OperatedGateway.SECONDS, TimeUnit.SECONDS);
        long most = 0;
        long sipped = 0;
        long start = System.nanoTime();
        var loop = sessions.operated().deviceLoops.next();
        for (int tenth = 1; tenth <= slow.toMillis() / 100; tenth++) {
            LockSupport.parkNanos(start + tenth * 100_000_000L - System.nanoTime());
            loop.execute(() -> stream.sip(channel, BYTES_A_SECOND / 10));
            sipped += BYTES_A_SECOND / 10;
            if (tenth % 10 == 0) {
                most = Math.max(most, liveBytes());
                assertTrue(fed.get() - sipped < MOST_UNDER_WAY,
                        "the operator sent " + fed.get() + " bytes, of which " + sipped + " were taken");
            }
        }
        loop.execute(() -> stream.sip(channel, Integer.MAX_VALUE));
        feeding.join();
        stream.eof.get(2 * OperatedGateway.SECONDS, TimeUnit.SECONDS);
        assertEquals(total, stream.received.get());
        assertEquals(false, stream.wrong.get());
        assertTrue(process.waitFor(OperatedGateway.SECONDS, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
        return most;
    }

    private static void feed(Process process, AtomicLong fed, long total) {
        byte[] buffer = new byte[CHUNK];
        try (var out = process.getOutputStream()) {
            while (fed.get() < total) {
                int length = (int) Math.min(CHUNK, total - fed.get());
                for (int i = 0; i < length; i++) {
                    buffer[i] = pattern(fed.get() + i);
                }
                out.write(buffer, 0, length);
                fed.addAndGet(length);
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @SuppressWarnings("SystemOut")
    private static void assertGrowth(long bytes, Duration time) {
        System.out.printf("backpressure: %d s, live heap grew by %d KiB at most%n", time.toSeconds(), bytes >> 10);
        assertTrue(bytes < MOST_GROWTH, "the heap grew by " + bytes + " bytes");
    }
}
