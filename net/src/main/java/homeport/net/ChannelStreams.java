package homeport.net;

import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.LinkChannel;
import homeport.ssh.Channel;
import homeport.ssh.Question;
import homeport.ssh.wire.ChannelRequest;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A channel as blocking streams, for code that likes to wait: on virtual threads, never on a loop. What was received and
 * not read is bounded by the channel's window, what was written and not sent by one write.
 */
public final class ChannelStreams implements ChannelHandler, Closeable {
    /** Takes what the peer requests on the channel, on the loop: {@code exec}, {@code exit-status}, {@code signal}. */
    @FunctionalInterface
    public interface Requests {
        /** Answers with {@link LinkChannel#decide}, now or later. */
        void requested(LinkChannel channel, Question.ChannelRequested question);
    }

    private final Loop loop;
    private final Requests requests;
    private final CompletableFuture<ChannelStreams> opened = new CompletableFuture<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Incoming data = new Incoming();
    private final Incoming errors = new Incoming();
    private boolean over;
    /** Of the loop alone, as is everything about sending. */
    private @Nullable LinkChannel channel;
    private @Nullable Outgoing sending;

    /** @param requests what becomes of requests of the peer */
    public ChannelStreams(Loop loop, Requests requests) {
        this.loop = loop;
        this.requests = requests;
    }

    /** Every request of the peer is refused. */
    public ChannelStreams(Loop loop) {
        this(loop, (channel, question) -> channel.decide(question, false));
    }

    /** Completes once the channel is open, or with an {@link IOException} that has the reason why it is not. */
    public CompletableFuture<ChannelStreams> opened() {
        return opened;
    }

    /** Completes when nothing happens on the channel any more. */
    public CompletableFuture<Void> ended() {
        return closed;
    }

    /** The peer's data. */
    public InputStream input() {
        return data;
    }

    /** The peer's standard error (RFC 4254 §5.2). What nobody reads fills the window: read it, or {@link #dropErrors}. */
    public InputStream errors() {
        return errors;
    }

    /** Standard error is of no interest: it is thrown away as it comes. */
    public void dropErrors() {
        lock.lock();
        try {
            errors.dropped = true;
        } finally {
            lock.unlock();
        }
    }

    /** Data for the peer. Closing it sends the end of the data and leaves the channel open. */
    public OutputStream output() {
        return new Output(0);
    }

    /** Standard error for the peer. Closing it does nothing. */
    public OutputStream errorOutput() {
        return new Output(Channel.STDERR);
    }

    /** Sends a request without waiting for an answer, behind what was written. */
    public void request(ChannelRequest request) {
        withChannel(to -> to.request(request, false));
    }

    /** Closes the channel. */
    @Override
    public void close() {
        withChannel(LinkChannel::close);
    }

    private void withChannel(Consumer<LinkChannel> action) {
        loop.execute(() -> {
            if (channel != null) {
                action.accept(channel);
            }
        });
    }

    // ---- On the loop

    @Override
    public void opened(LinkChannel value) {
        channel = value;
        opened.complete(this);
    }

    @Override
    public void refused(LinkChannel refused, ChannelRefusal refusal) {
        end();
        opened.completeExceptionally(new IOException(refusal.text()));
    }

    @Override
    public void data(LinkChannel from, int dataType, byte[] array, int offset, int length) {
        var to = dataType == 0 ? data : errors;
        boolean kept;
        lock.lock();
        try {
            kept = !to.dropped && dataType <= Channel.STDERR;
            if (kept) {
                to.queue.add(Arrays.copyOfRange(array, offset, offset + length));
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (!kept) {
            from.consumed(length);
        }
    }

    @Override
    public void eof(LinkChannel from) {
        lock.lock();
        try {
            data.ended = true;
            errors.ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void requested(LinkChannel on, Question.ChannelRequested question) {
        requests.requested(on, question);
    }

    @Override
    public void writable(LinkChannel to) {
        var next = sending;
        if (next != null) {
            send(to, next);
        }
    }

    @Override
    public void closed(LinkChannel gone) {
        end();
    }

    private void end() {
        var lost = sending;
        sending = null;
        channel = null;
        if (lost != null) {
            lost.done.completeExceptionally(new IOException("the channel is closed"));
        }
        lock.lock();
        try {
            over = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        closed.complete(null);
    }

    private static final class Outgoing {
        private final int type;
        private final byte[] bytes;
        private int sent;
        private final CompletableFuture<Void> done = new CompletableFuture<>();

        Outgoing(int type, byte[] bytes) {
            this.type = type;
            this.bytes = bytes;
        }
    }

    private void begin(Outgoing next) {
        var to = channel;
        if (to == null) {
            next.done.completeExceptionally(new IOException("the channel is closed"));
            return;
        }
        var before = sending;
        if (before != null) {
            // The other stream's turn; a thread writes one at a time, so this is rare.
            var unused = before.done.whenComplete((done, failure) -> begin(next));
            return;
        }
        sending = next;
        send(to, next);
    }

    private void send(LinkChannel to, Outgoing next) {
        next.sent += to.send(next.type, next.bytes, next.sent, next.bytes.length - next.sent);
        if (next.sent == next.bytes.length && sending == next) {
            sending = null;
            next.done.complete(null);
        }
    }

    // ---- For threads that wait

    private final class Output extends OutputStream {
        private final int type;

        Output(int type) {
            this.type = type;
        }

        @Override
        public void write(int octet) throws IOException {
            write(new byte[]{(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] array, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, array.length);
            if (length == 0) {
                return;
            }
            var next = new Outgoing(type, Arrays.copyOfRange(array, offset, offset + length));
            loop.execute(() -> begin(next));
            try {
                next.done.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while the peer took no data");
            } catch (ExecutionException e) {
                throw new IOException(e.getCause() == null ? "not sent" : e.getCause().getMessage(), e);
            }
        }

        @Override
        public void close() {
            if (type == 0) {
                withChannel(LinkChannel::sendEof);
            }
        }
    }

    private final class Incoming extends InputStream {
        private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
        private int position;
        private boolean ended;
        private boolean dropped;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] array, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, array.length);
            if (length == 0) {
                return 0;
            }
            int taken;
            lock.lock();
            try {
                while (queue.isEmpty() && !ended && !over) {
                    changed.await();
                }
                var first = queue.peek();
                if (first == null) {
                    return -1;
                }
                taken = Math.min(length, first.length - position);
                System.arraycopy(first, position, array, offset, taken);
                position += taken;
                if (position == first.length) {
                    queue.poll();
                    position = 0;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for the peer");
            } finally {
                lock.unlock();
            }
            withChannel(from -> from.consumed(taken));
            return taken;
        }

        @Override
        public int available() {
            lock.lock();
            try {
                var first = queue.peek();
                return first == null ? 0 : first.length - position;
            } finally {
                lock.unlock();
            }
        }
    }
}
