package homeport.callhome;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A channel as the stream under another machine: what the channel does not take yet waits here, bounded. */
final class ChannelSink implements Sink {
    /** Above this the machine is asked to hold back. */
    private static final int SOFT_BYTES = 64 << 10;
    /** What a machine writes although it was asked to hold back: control messages, many thousands of them. */
    private static final int MOST_BYTES = 1 << 20;

    private static final byte[] NOTHING = new byte[0];

    private final LinkChannel channel;
    private @Nullable ByteMachine machine;
    private byte[] waiting = NOTHING;
    private int size;
    private boolean ending;

    ChannelSink(LinkChannel channel) {
        this.channel = channel;
    }

    void feeds(ByteMachine value) {
        machine = value;
    }

    @Override
    public void write(byte[] array, int offset, int length) {
        int sent = size > 0 ? 0 : channel.send(array, offset, length);
        int left = length - sent;
        if (left == 0 || channel.isOver()) {
            return;
        }
        if (size + left > MOST_BYTES) {
            channel.close();
            return;
        }
        if (waiting.length - size < left) {
            waiting = Arrays.copyOf(waiting, Math.max(size + left, waiting.length * 2));
        }
        System.arraycopy(array, offset + sent, waiting, size, left);
        size += left;
    }

    @Override
    public boolean writable() {
        return size < SOFT_BYTES;
    }

    @Override
    public void flush() {
        if (ending && size == 0 && channel.isOpen()) {
            channel.sendEof();
            channel.close();
        }
    }

    @Override
    public void end() {
        ending = true;
    }

    /** The channel takes more. */
    void channelWritable() {
        int sent = channel.send(waiting, 0, size);
        System.arraycopy(waiting, sent, waiting, 0, size - sent);
        size -= sent;
        if (size == 0) {
            waiting = NOTHING;
            flush();
        }
        if (machine != null && writable()) {
            machine.outputWritable();
        }
    }
}
