package homeport.net;

import homeport.callhome.ByteMachine;
import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.LinkChannel;
import homeport.callhome.Refusal;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection joined to an SSH channel: what comes on one goes out on the other, no faster than it is taken there.
 * Both live on one loop.
 */
public final class ChannelRelay implements ByteMachine, ChannelHandler {
    private static final byte[] NOTHING = new byte[0];

    private final Connection socket;
    private @Nullable LinkChannel channel;
    /** From the socket, not taken by the channel yet; while there is any, the socket is not read. */
    private byte[] pending = NOTHING;
    private int sent;
    /** From the channel, on the socket's way out; said to be consumed once the socket takes more. */
    private int owed;
    private boolean socketEnded;
    private boolean closed;

    private ChannelRelay(Connection socket) {
        this.socket = socket;
    }

    /**
     * Connects. The result is to be the handler of a channel that is opened or accepted next, on the same loop.
     *
     * @return completes on the loop, with the relay or with an {@link java.io.IOException}
     */
    public static CompletableFuture<ChannelRelay> connect(Loop loop, InetSocketAddress target, Duration patience) {
        return Dialler.dial(loop, target, patience, ChannelRelay::new)
                .thenApply(connection -> (ChannelRelay) java.util.Objects.requireNonNull(connection.machine()));
    }

    // ---- The socket

    @Override
    public void start() {}

    @Override
    public void receive(byte[] array, int offset, int length) {
        var to = channel;
        int left = pending.length - sent;
        int taken = to == null || left > 0 ? 0 : to.send(array, offset, length);
        if (taken < length) {
            // Something may be waiting: when a socket's other end hangs up, Netty reads once more than we asked for.
            byte[] waiting = new byte[left + length - taken];
            System.arraycopy(pending, sent, waiting, 0, left);
            System.arraycopy(array, offset + taken, waiting, left, length - taken);
            pending = waiting;
            sent = 0;
        }
    }

    @Override
    public void endOfStream() {
        socketEnded = true;
        endChannel();
    }

    private void endChannel() {
        var to = channel;
        if (to != null && socketEnded && pending.length == 0) {
            to.sendEof();
            to.close();
            end();
        }
    }

    @Override
    public boolean wantsInput() {
        return channel != null && !closed && pending.length == 0;
    }

    @Override
    public void outputWritable() {
        var from = channel;
        if (owed > 0 && from != null) {
            int bytes = owed;
            owed = 0;
            from.consumed(bytes);
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
        var to = channel;
        if (to != null) {
            to.close();
        }
        end();
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    private void end() {
        if (!closed) {
            closed = true;
            settle(socket::end);
        }
    }

    /** Does something to the socket, and lets it see whether it is to be read. */
    private void settle(Runnable change) {
        socket.loop().output().run(socket, change);
    }

    // ---- The channel

    @Override
    public void opened(LinkChannel opened) {
        channel = opened;
        settle(() -> {});
    }

    @Override
    public void refused(LinkChannel refused, ChannelRefusal refusal) {
        end();
    }

    @Override
    public void data(LinkChannel from, int dataType, byte[] array, int offset, int length) {
        if (dataType != 0 || closed) {
            from.consumed(length);
            return;
        }
        var output = socket.loop().output();
        output.run(socket, () -> output.writer().bytes(array, offset, length));
        if (socket.writable()) {
            from.consumed(length);
        } else {
            owed += length;
        }
    }

    @Override
    public void writable(LinkChannel to) {
        sent += to.send(pending, sent, pending.length - sent);
        if (sent == pending.length) {
            pending = NOTHING;
            sent = 0;
            endChannel();
            settle(() -> {});
        }
    }

    @Override
    public void eof(LinkChannel from) {
        settle(socket::endOutput);
    }

    @Override
    public void closed(LinkChannel gone) {
        end();
    }
}
