package homeport.netconf.session;

import homeport.netconf.Rule;
import homeport.netconf.SessionError;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Frames one message after another (RFC 6242 §4). As a stream it takes a message's bytes; what is ready to go is handed
 * to the output in pieces of at most {@value #PIECE_BYTES} bytes, each a chunk of its own.
 */
final class FrameEncoder extends OutputStream {
    /** Takes framed bytes; may block, and may throw {@link SessionError} to end the session. */
    interface Output {
        void write(ByteBuffer framed);
    }

    static final int PIECE_BYTES = 32 << 10;
    private static final int FIRST_BYTES = 512;
    /** Room for {@code LF # ten digits LF} before the data, and for the end of the message after it. */
    private static final int HEADER_BYTES = 13;
    private static final byte[] MARK = "]]>]]>".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END_OF_CHUNKS = "\n##\n".getBytes(StandardCharsets.US_ASCII);

    private final boolean chunked;
    private final Output output;
    private byte[] buffer = new byte[0];
    private int end = HEADER_BYTES;
    private boolean anySent;
    private int markMatched;

    FrameEncoder(boolean chunked, Output output) {
        this.chunked = chunked;
        this.output = output;
    }

    @Override
    public void write(int value) {
        ensure(1);
        put((byte) value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        int from = offset;
        int left = length;
        while (left > 0) {
            ensure(1);
            int room = Math.min(left, buffer.length - MARK.length - end);
            if (chunked) {
                System.arraycopy(bytes, from, buffer, end, room);
                end += room;
            } else {
                for (int i = 0; i < room; i++) {
                    put(bytes[from + i]);
                }
            }
            from += room;
            left -= room;
        }
    }

    private void put(byte value) {
        if (!chunked) {
            while (markMatched > 0 && value != MARK[markMatched]) {
                markMatched = switch (markMatched) {
                    case 2, 4 -> 1;
                    case 5 -> 2;
                    default -> 0;
                };
            }
            if (value == MARK[markMatched] && ++markMatched == MARK.length) {
                throw new SessionError(Rule.END_MARK_INSIDE);
            }
        }
        buffer[end++] = value;
    }

    /** Room for one byte at least: the buffer grows to a piece, and a full piece goes out. */
    private void ensure(int more) {
        if (end + more <= buffer.length - MARK.length) {
            return;
        }
        int full = HEADER_BYTES + PIECE_BYTES + MARK.length;
        if (buffer.length == full) {
            send(0);
        }
        if (buffer.length < full) {
            int larger = buffer.length == 0 ? FIRST_BYTES : Math.min(full, buffer.length * 4);
            buffer = Arrays.copyOf(buffer, larger);
        }
    }

    /** Ends the message; its last bytes go out with the end mark behind them. */
    void endMessage() {
        byte[] tail = chunked ? END_OF_CHUNKS : MARK;
        ensure(1);
        System.arraycopy(tail, 0, buffer, end, tail.length);
        send(tail.length);
        anySent = false;
        markMatched = 0;
    }

    /** Whether nothing of the current message has gone out, so that it can still be {@link #discard discarded}. */
    boolean untouched() {
        return !anySent;
    }

    /** Forgets the current message. */
    void discard() {
        if (anySent) {
            throw new IllegalStateException("part of the message is sent");
        }
        end = HEADER_BYTES;
        markMatched = 0;
    }

    /** Nothing: a piece goes out when it is full or the message ends, so chunks do not follow a writer's whims. */
    @Override
    public void flush() {}

    private void send(int tail) {
        int start = HEADER_BYTES;
        int length = end - start;
        if (length > 0 && chunked) {
            byte[] header = ("\n#" + length + "\n").getBytes(StandardCharsets.US_ASCII);
            start -= header.length;
            System.arraycopy(header, 0, buffer, start, header.length);
        }
        ByteBuffer framed = ByteBuffer.wrap(buffer, start, end + tail - start);
        buffer = new byte[0];
        end = HEADER_BYTES;
        anySent = true;
        output.write(framed.slice());
    }
}
