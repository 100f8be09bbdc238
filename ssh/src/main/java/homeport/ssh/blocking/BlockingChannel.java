package homeport.ssh.blocking;

import homeport.ssh.Channel;
import homeport.ssh.Question;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One channel with streams: reading waits for data, writing for room in the peer's window. */
public final class BlockingChannel implements Closeable {
    /** How a command ended. */
    public sealed interface Exit {
        record Status(int code) implements Exit {}

        record Signal(String name, String message) implements Exit {}

        /** The channel closed without a word about it. */
        record Unknown() implements Exit {}
    }

    /** Requests that the program has not taken. Those that want an answer the engine bounds; these are the others. */
    private static final int MOST_REQUESTS = 64;

    private final BlockingConnection connection;
    private final Channel channel;
    private final Incoming ordinary = new Incoming();
    private final Incoming errors = new Incoming();
    private final ArrayDeque<Question.ChannelRequested> requests = new ArrayDeque<>();
    private final ArrayDeque<Boolean> replies = new ArrayDeque<>();
    private @Nullable Exit exit;
    private boolean opened;
    private boolean eof;
    private boolean noMoreOutput;
    private boolean closed;
    private String refusal = "";

    BlockingChannel(BlockingConnection connection, Channel channel) {
        this.connection = connection;
        this.channel = channel;
    }

    public ChannelType type() {
        return channel.type();
    }

    /** What the peer sends. Reading it fails where the connection ended before the peer said that nothing follows. */
    public InputStream input() {
        return ordinary;
    }

    /** What the peer sends as standard error. */
    public InputStream errorInput() {
        return errors;
    }

    /** What we send; closing it sends EOF and leaves the channel open. */
    public OutputStream output() {
        return new Outgoing(0);
    }

    /** What we send as standard error; closing it does nothing. */
    public OutputStream errorOutput() {
        return new Outgoing(Channel.STDERR);
    }

    /** Sends a request and waits for the answer. */
    public boolean request(ChannelRequest request) throws IOException {
        return connection.locked(() -> {
            channel.request(request, true);
            connection.await(() -> !replies.isEmpty() || closed);
            return !replies.isEmpty() && replies.remove();
        });
    }

    /** Sends a request that wants no answer. */
    public void notify(ChannelRequest request) throws IOException {
        connection.command(() -> {
            channel.request(request, false);
        });
    }

    /** Waits for the peer's next request; empty when the channel ends first. Answer it with {@link #answer}. */
    public Optional<Question.ChannelRequested> nextRequest() throws IOException {
        return connection.locked(() -> {
            connection.await(() -> !requests.isEmpty() || closed);
            return Optional.ofNullable(requests.poll());
        });
    }

    public void answer(Question.ChannelRequested question, boolean success) throws IOException {
        connection.command(() -> {
            channel.connection().decide(question, success);
        });
    }

    /** Waits for the end of the channel and says how the command ended. */
    public Exit waitForExit() throws IOException {
        return connection.locked(() -> {
            connection.await(() -> closed);
            return exit == null ? new Exit.Unknown() : exit;
        });
    }

    /** Sends EOF. */
    public void sendEof() throws IOException {
        connection.command(() -> {
            noMoreOutput = true;
            channel.sendEof();
            connection.wake();
        });
    }

    @Override
    public void close() throws IOException {
        if (connection.isClosed()) {
            return;
        }
        connection.command(() -> {
            noMoreOutput = true;
            channel.close();
            ordinary.drop();
            errors.drop();
            connection.wake();
        });
    }

    // ---- Called by the connection, with its lock held

    void data(int dataType, byte[] array, int offset, int length) {
        (dataType == Channel.STDERR ? errors : ordinary).add(array, offset, length);
    }

    void reply(boolean success) {
        replies.add(success);
    }

    void request(Question.ChannelRequested question) {
        switch (question.request()) {
            case ChannelRequest.ExitStatus status -> exit = new Exit.Status(status.status());
            case ChannelRequest.ExitSignal signal -> exit = new Exit.Signal(signal.name(), signal.message());
            case ChannelRequest other -> {
                // A program that has begun its work takes no more of them, and a peer may send them without end.
                if (question.wantReply() || requests.size() < MOST_REQUESTS) {
                    requests.add(question);
                }
            }
        }
    }

    void opened() {
        opened = true;
    }

    void refused(String text) {
        refusal = text;
        closed = true;
        eof = true;
    }

    void eof() {
        eof = true;
    }

    void closed() {
        closed = true;
        // With the connection gone the stream did not end, it broke: a reader must not take the part for the whole.
        eof |= channel.connection().closed().isEmpty();
    }

    /** Waits until the peer has confirmed it. */
    void awaitOpen() throws IOException {
        connection.command(() -> {
            connection.await(() -> opened || closed);
            if (!opened) {
                throw new IOException("the peer refused a " + type().name() + " channel"
                        + (refusal.isEmpty() ? "" : ": " + refusal));
            }
        });
    }

    private final class Incoming extends InputStream {
        private static final byte[] NONE = new byte[0];

        private static final int KEPT_BYTES = 64 << 10;

        private boolean noMoreInput;
        /** What came and was not read: {@code held[from .. to)}. At most our window, however small the parts it came in. */
        private byte[] held = NONE;
        private int from;
        private int to;

        void add(byte[] array, int offset, int length) {
            if (noMoreInput) {
                return;
            }
            int waiting = to - from;
            if (held.length - to < length) {
                byte[] next = waiting + length > held.length / 2
                        ? new byte[Math.max(2 * (waiting + length), 1024)]
                        : held;
                System.arraycopy(held, from, next, 0, waiting);
                held = next;
                from = 0;
                to = waiting;
            }
            System.arraycopy(array, offset, held, to, length);
            to += length;
        }

        /** Nobody reads this any more. */
        void drop() {
            noMoreInput = true;
            held = NONE;
            from = 0;
            to = 0;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] array, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            return connection.locked(() -> {
                connection.await(() -> to > from || eof || noMoreInput);
                if (to == from) {
                    return -1;
                }
                int count = Math.min(length, to - from);
                System.arraycopy(held, from, array, offset, count);
                from += count;
                if (from == to) {
                    // Kept while it is of use: a quiet channel holds nothing.
                    held = held.length > KEPT_BYTES ? NONE : held;
                    from = 0;
                    to = 0;
                }
                if (!closed) {
                    channel.consumed(count);
                }
                return count;
            });
        }

        @Override
        public int available() throws IOException {
            return connection.locked(() -> to - from);
        }
    }

    private final class Outgoing extends OutputStream {
        private final int dataType;

        Outgoing(int dataType) {
            this.dataType = dataType;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[]{(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] array, int offset, int length) throws IOException {
            connection.command(() -> {
                for (int sent = 0; sent < length;) {
                    connection.awaitRoom();
                    if (noMoreOutput) {
                        throw new IOException("the channel's output is closed");
                    }
                    int count = channel.sendExtended(dataType, array, offset + sent,
                            Math.min(length - sent, BlockingConnection.WRITE_BYTES));
                    sent += count;
                    if (count == 0) {
                        connection.await(() -> channel.sendable() > 0 || noMoreOutput || !channel.isOpen());
                        if (!channel.isOpen()) {
                            throw new IOException("the channel is closed");
                        }
                    }
                }
            });
        }

        @Override
        public void close() throws IOException {
            if (dataType == 0 && !connection.isClosed()) {
                sendEof();
            }
        }
    }
}
