package homeport.netconf.link;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One end of a pipe in memory. What one end sends, a virtual thread of the other end delivers. */
public final class PipeLink implements ByteLink {
    private static final int LOW_WATER_BYTES = 32 << 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<ByteBuffer> inbox = new ArrayDeque<>();
    private @Nullable PipeLink other;
    private @Nullable Receiver receiver;
    private long inboxBytes;
    private boolean reading = true;
    private boolean otherClosed;
    private boolean over;

    /** The two ends of a pipe. */
    public record Pair(PipeLink left, PipeLink right) {}

    private PipeLink() {}

    public static Pair pair() {
        PipeLink left = new PipeLink();
        PipeLink right = new PipeLink();
        left.other = right;
        right.other = left;
        return new Pair(left, right);
    }

    private PipeLink other() {
        PipeLink end = other;
        if (end == null) {
            throw new IllegalStateException("a pipe with one end");
        }
        return end;
    }

    @Override
    public void open(Receiver newReceiver) {
        lock.lock();
        try {
            receiver = newReceiver;
        } finally {
            lock.unlock();
        }
        Thread.ofVirtual().name("netconf-pipe").start(() -> deliver(newReceiver));
    }

    @Override
    public void send(ByteBuffer bytes) {
        if (bytes.hasRemaining()) {
            other().take(bytes);
        }
    }

    private void take(ByteBuffer bytes) {
        lock.lock();
        try {
            if (!over && !otherClosed) {
                inbox.add(bytes);
                inboxBytes += bytes.remaining();
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long backlog() {
        PipeLink end = other();
        end.lock.lock();
        try {
            return end.inboxBytes;
        } finally {
            end.lock.unlock();
        }
    }

    @Override
    public void reading(boolean on) {
        lock.lock();
        try {
            reading = on;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        other().otherEnded(false);
        end("closed here");
    }

    @Override
    public void abort() {
        other().otherEnded(true);
        end("closed here");
    }

    private void otherEnded(boolean dropInbox) {
        lock.lock();
        try {
            otherClosed = true;
            if (dropInbox) {
                inbox.clear();
                inboxBytes = 0;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void deliver(Receiver to) {
        while (true) {
            ByteBuffer next;
            lock.lock();
            try {
                while (!over && !(otherClosed && inbox.isEmpty()) && (inbox.isEmpty() || !reading)) {
                    changed.awaitUninterruptibly();
                }
                next = over ? null : inbox.poll();
            } finally {
                lock.unlock();
            }
            if (next == null) {
                end("the peer closed the pipe");
                return;
            }
            int length = next.remaining();
            try {
                to.received(next);
            } catch (RuntimeException bug) {
                abort();
                throw bug;
            }
            delivered(length);
        }
    }

    private void delivered(int length) {
        long left;
        lock.lock();
        try {
            inboxBytes = Math.max(0, inboxBytes - length);
            left = inboxBytes;
        } finally {
            lock.unlock();
        }
        if (left <= LOW_WATER_BYTES) {
            Receiver sender = other().receiverNow();
            if (sender != null) {
                sender.drained();
            }
        }
    }

    private @Nullable Receiver receiverNow() {
        lock.lock();
        try {
            return receiver;
        } finally {
            lock.unlock();
        }
    }

    private void end(String reason) {
        Receiver to;
        lock.lock();
        try {
            if (over) {
                return;
            }
            over = true;
            inbox.clear();
            inboxBytes = 0;
            to = receiver;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (to != null) {
            to.closed(reason);
        }
    }
}
