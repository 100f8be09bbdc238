package homeport.net;

import homeport.callhome.ByteMachine;
import homeport.callhome.Refusal;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One of two TCP connections whose bytes go out on the other: an agent that calls home for an SSH server of the device's
 * own. Each is read only as fast as the other sends. Both live on one loop.
 */
public final class StreamPipe implements ByteMachine {
    /** Learns what becomes of the pipe, on its loop. */
    public interface Watcher {
        /** Bytes went either way. */
        void moved();

        /** It is over; told once. */
        void ended();

        /** Does not look. */
        Watcher NONE = new Watcher() {
            @Override
            public void moved() {}

            @Override
            public void ended() {}
        };
    }

    private final Connection own;
    private final byte[] preface;
    private final Watcher watcher;
    private @Nullable StreamPipe other;
    private boolean closed;

    private StreamPipe(Connection own, byte[] preface, Watcher watcher) {
        this.own = own;
        this.preface = preface;
        this.watcher = watcher;
    }

    /**
     * Connects to both and joins them.
     *
     * @param preface sent to {@code left} before anything that {@code right} says: a bootstrap message, or nothing
     * @return completes with the left connection, or with an {@link java.io.IOException}
     */
    public static CompletableFuture<Connection> join(Loop loop, InetSocketAddress left, byte[] preface,
            InetSocketAddress right, Duration patience) {
        return join(loop, left, preface, right, patience, Watcher.NONE);
    }

    /** As {@link #join(Loop, InetSocketAddress, byte[], InetSocketAddress, Duration)}, watched. */
    public static CompletableFuture<Connection> join(Loop loop, InetSocketAddress left, byte[] preface,
            InetSocketAddress right, Duration patience, Watcher watcher) {
        return Dialler.dial(loop, right, patience, connection -> new StreamPipe(connection, new byte[0], watcher))
                .thenCompose(
                        far -> Dialler
                                .dial(loop, left, patience, connection -> new StreamPipe(connection, preface, watcher))
                                .thenApply(near -> {
                                    loop.execute(() -> meet(near, far));
                                    return near;
                                }).whenComplete((near, failure) -> {
                                    if (failure != null) {
                                        far.cut();
                                    }
                                }));
    }

    private static void meet(Connection near, Connection far) {
        if (near.machine() instanceof StreamPipe left && far.machine() instanceof StreamPipe right) {
            left.other = right;
            right.other = left;
            left.settle(() -> {});
            right.settle(() -> {});
        } else {
            near.cut();
            far.cut();
        }
    }

    private void settle(Runnable change) {
        own.loop().output().run(own, change);
    }

    @Override
    public void start() {
        settle(() -> own.loop().output().writer().bytes(preface));
    }

    @Override
    public void receive(byte[] array, int offset, int length) {
        var to = other;
        if (to != null) {
            watcher.moved();
            to.settle(() -> own.loop().output().writer().bytes(array, offset, length));
        }
    }

    @Override
    public void endOfStream() {
        closed = true;
        var to = other;
        if (to != null && !to.closed) {
            to.closed = true;
            to.settle(to.own::end);
            watcher.ended();
        }
    }

    @Override
    public boolean wantsInput() {
        var to = other;
        return to != null && !closed && to.own.writable();
    }

    @Override
    public void outputWritable() {
        var to = other;
        if (to != null) {
            to.settle(() -> {});
        }
    }

    @Override
    public long deadline() {
        return Long.MAX_VALUE;
    }

    @Override
    public void tick() {}

    @Override
    public void close(Refusal refusal, String detail) {
        if (!closed) {
            settle(own::end);
        }
        endOfStream();
    }

    @Override
    public boolean isClosed() {
        return closed;
    }
}
