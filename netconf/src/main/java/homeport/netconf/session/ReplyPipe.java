package homeport.netconf.session;

import homeport.netconf.Rule;
import homeport.netconf.SessionError;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A reply on its way from the link's thread to whoever reads it: bounded, since a full pipe stops the link.
 *
 * <p>Holds at most {@value #HIGH_WATER_BYTES} bytes and what the link had under way when it was told to stop.
 */
final class ReplyPipe extends InputStream implements Exchange.Streamed {
    /** Tells the session whether the pipe takes more. */
    interface Valve {
        void full(boolean full);
    }

    static final int HIGH_WATER_BYTES = 256 << 10;
    private static final int LOW_WATER_BYTES = 64 << 10;

    private final Valve valve;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<byte[]> pieces = new ArrayDeque<>();
    private byte[] current = new byte[0];
    private int position;
    private int waitingBytes;
    private boolean full;
    private boolean ended;
    private boolean closed;
    private @Nullable SessionError error;

    /**
     * A pipe for one reply.
     *
     * @param patience how long a reader waits for the next bytes
     */
    ReplyPipe(Valve valve, Duration patience) {
        this.valve = valve;
        this.patience = patience;
    }

    @Override
    public void bytes(ByteBuffer slice) {
        byte[] piece = new byte[slice.remaining()];
        slice.get(piece);
        boolean nowFull = false;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            pieces.add(piece);
            waitingBytes += piece.length;
            if (!full && waitingBytes >= HIGH_WATER_BYTES) {
                full = true;
                nowFull = true;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (nowFull) {
            valve.full(true);
        }
    }

    @Override
    public void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void failed(SessionError why) {
        lock.lock();
        try {
            if (!ended) {
                error = why;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /**
     * Reads what is there, waiting for something to be.
     *
     * @throws SessionError when the session ended, or nothing came in time
     */
    @Override
    public int read(byte[] into, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (position == current.length && !next()) {
            return -1;
        }
        int count = Math.min(length, current.length - position);
        System.arraycopy(current, position, into, offset, count);
        position += count;
        return count;
    }

    /** The next piece as it is, or null at the end. For readers that want no copy. */
    @Nullable
    ByteBuffer nextPiece() {
        if (position == current.length && !next()) {
            return null;
        }
        ByteBuffer piece = ByteBuffer.wrap(current, position, current.length - position).slice();
        position = current.length;
        return piece;
    }

    private boolean next() {
        boolean drained = false;
        lock.lock();
        try {
            long left = patience.toNanos();
            while (pieces.isEmpty()) {
                if (error != null) {
                    throw error;
                }
                if (ended) {
                    return false;
                }
                if (left <= 0) {
                    throw new SessionError(Rule.REPLY_TIMEOUT, "nothing came for " + patience);
                }
                left = changed.awaitNanos(left);
            }
            current = pieces.remove();
            position = 0;
            waitingBytes -= current.length;
            if (full && waitingBytes <= LOW_WATER_BYTES) {
                full = false;
                drained = true;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new SessionError(Rule.CANCELLED, "interrupted");
        } finally {
            lock.unlock();
        }
        if (drained) {
            valve.full(false);
        }
        return true;
    }

    /** Whether all of the reply has come; what is left of it may still be unread. */
    boolean complete() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /** Nobody reads on: what comes is dropped. */
    @Override
    public void close() {
        boolean drained;
        lock.lock();
        try {
            closed = true;
            pieces.clear();
            waitingBytes = 0;
            drained = full;
            full = false;
        } finally {
            lock.unlock();
        }
        if (drained) {
            valve.full(false);
        }
    }
}
