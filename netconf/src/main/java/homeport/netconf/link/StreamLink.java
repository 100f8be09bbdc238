package homeport.netconf.link;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A link over blocking streams: two virtual threads, one that reads and one that writes. */
public final class StreamLink implements ByteLink {
    private static final int READ_BYTES = 32 << 10;

    private final InputStream in;
    private final OutputStream out;
    private final Closeable whole;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<ByteBuffer> queue = new ArrayDeque<>();
    private long backlog;
    private boolean reading = true;
    private boolean closing;
    private boolean over;
    private @Nullable Receiver receiver;

    /**
     * A link over these streams.
     *
     * @param whole what to close to make a blocked read return: a socket, a process; closed once
     */
    public StreamLink(InputStream in, OutputStream out, Closeable whole) {
        this.in = in;
        this.out = out;
        this.whole = whole;
    }

    @Override
    public void open(Receiver newReceiver) {
        receiver = newReceiver;
        Thread.ofVirtual().name("netconf-link-read").start(() -> read(newReceiver));
        Thread.ofVirtual().name("netconf-link-write").start(() -> write(newReceiver));
    }

    @Override
    public void send(ByteBuffer bytes) {
        lock.lock();
        try {
            if (!over && !closing) {
                queue.add(bytes);
                backlog += bytes.remaining();
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long backlog() {
        lock.lock();
        try {
            return backlog;
        } finally {
            lock.unlock();
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
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void abort() {
        end("closed here");
    }

    private void read(Receiver to) {
        byte[] buffer = new byte[READ_BYTES];
        String reason;
        try {
            while (true) {
                if (!awaitReading()) {
                    return;
                }
                int count = in.read(buffer);
                if (count < 0) {
                    reason = "the peer closed the stream";
                    if (!isOver() && to.inputEnded(reason)) {
                        return;
                    }
                    break;
                }
                to.received(ByteBuffer.wrap(buffer, 0, count));
            }
        } catch (IOException broken) {
            reason = "reading failed: " + broken.getMessage();
        } catch (RuntimeException bug) {
            end("the receiver failed: " + bug);
            throw bug;
        }
        end(reason);
    }

    private boolean isOver() {
        lock.lock();
        try {
            return over;
        } finally {
            lock.unlock();
        }
    }

    private boolean awaitReading() {
        lock.lock();
        try {
            while (!reading && !over) {
                changed.awaitUninterruptibly();
            }
            return !over;
        } finally {
            lock.unlock();
        }
    }

    private void write(Receiver to) {
        try {
            for (ByteBuffer next = nextToWrite(to); next != null; next = nextToWrite(to)) {
                int length = next.remaining();
                if (next.hasArray()) {
                    out.write(next.array(), next.arrayOffset() + next.position(), length);
                } else {
                    byte[] copy = new byte[length];
                    next.get(copy);
                    out.write(copy);
                }
                wrote(length);
            }
            out.flush();
            end("closed here");
        } catch (IOException broken) {
            end("writing failed: " + broken.getMessage());
        }
    }

    private void wrote(int length) {
        lock.lock();
        try {
            backlog -= length;
        } finally {
            lock.unlock();
        }
    }

    /** The next buffer, or null when there will be none. Flushes before it waits. */
    private @Nullable ByteBuffer nextToWrite(Receiver to) throws IOException {
        boolean idle;
        lock.lock();
        try {
            idle = queue.isEmpty();
        } finally {
            lock.unlock();
        }
        if (idle) {
            out.flush();
            to.drained();
        }
        lock.lock();
        try {
            while (queue.isEmpty() && !closing && !over) {
                changed.awaitUninterruptibly();
            }
            return over ? null : queue.poll();
        } finally {
            lock.unlock();
        }
    }

    private void end(String reason) {
        lock.lock();
        try {
            if (over) {
                return;
            }
            over = true;
            queue.clear();
            backlog = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        String said = reason;
        try {
            whole.close();
        } catch (IOException broken) {
            said = reason + "; closing failed: " + broken.getMessage();
        }
        Receiver to = receiver;
        if (to != null) {
            to.closed(said);
        }
    }
}
