package homeport.net;

import homeport.callhome.ByteMachine;
import homeport.callhome.Refusal;
import homeport.callhome.Sink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TCP connection and the machine at its end: reads go in, what the machine writes goes out, and neither side gets ahead
 * of the other.
 *
 * <p>Reading stops while the machine wants no input, and while the peer reads far less than it causes us to write. The
 * second limit is well above the one at which machines stop to send data of their own accord: were it the same, two such
 * ends could each wait for the other to read.
 */
public final class Connection extends ChannelInboundHandlerAdapter implements Sink {
    static final Logger LOG = LoggerFactory.getLogger("homeport.net");

    /** Above this, {@link #writable} is false and channels send nothing. */
    static final int SOFT_BYTES = 128 << 10;
    /** Above this, nothing is read either. */
    private static final int HARD_BYTES = 512 << 10;
    /** Above this the connection ends. */
    private static final int MOST_BYTES = 2 << 20;
    /** How long a connection that has ended may take to send its last bytes. */
    private static final long LINGER_NANOS = 5_000_000_000L;

    private final Channel channel;
    private final @Nullable Watcher watcher;
    private volatile Loop loop;
    private @Nullable InetSocketAddress proxied;
    private @Nullable ByteMachine machine;
    private long deadline = Long.MAX_VALUE;
    private int place = -1;
    private boolean dirty;
    /** Its machine is given what was read: what it writes meanwhile goes in one piece. */
    private boolean reading;
    private boolean ending;
    private boolean outputEnds;
    private boolean overflown;
    private boolean failed;
    private boolean gone;
    private boolean moving;
    private boolean arriving;

    /** Learns that a connection is gone. */
    interface Watcher {
        void closed(Connection connection);
    }

    Connection(Loop loop, Channel channel, @Nullable Watcher watcher) {
        this.loop = loop;
        this.channel = channel;
        this.watcher = watcher;
    }

    /** Gives it its machine and begins. On the loop's thread, once. */
    void begin(ByteMachine value) {
        machine = value;
        loop.add(this);
        try {
            value.start();
        } catch (RuntimeException e) {
            broken(e);
        }
        settle();
    }

    // ---- For machines and their owners

    /** The loop that it lives on now. What concerns its machine is to run there: see {@link #execute}. */
    public Loop loop() {
        return loop;
    }

    /** Runs it on the loop that it lives on then, at once when this is it. */
    public void execute(Runnable command) {
        var asked = loop;
        asked.execute(() -> {
            if (loop == asked && !arriving) {
                command.run();
            } else if (loop == asked) {
                asked.eventLoop().execute(() -> execute(command)); // it comes back here, and is not there yet
            } else {
                execute(command); // it has moved meanwhile
            }
        });
    }

    /**
     * Goes on on another loop, if its machine can and may: what is joined there then needs no hand-over between threads.
     * Where that cannot be, such as while bytes wait to be sent, it stays.
     *
     * @param then runs on the loop that it lives on afterwards, in either case
     */
    public void move(Loop target, Runnable then) {
        execute(() -> {
            if (moving) {
                loop.eventLoop().execute(() -> move(target, then)); // behind the move that has begun
            } else if (mayMove(target) && !reading) {
                moving = true;
                // What has come by now is still read here.
                channel.deregister().addListener(done -> leave(done.isSuccess(), target, then));
            } else {
                then.run();
            }
        });
    }

    private boolean mayMove(Loop target) {
        return loop != target && channel.isActive() && pending() == 0 && !ending && machine instanceof Movable movable
                && !movable.isClosed() && movable.mayMove();
    }

    /** On the loop that it leaves, which no longer looks at it. From here on, only the new one touches it. */
    private void leave(boolean deregistered, Loop target, Runnable then) {
        var from = loop;
        if (deregistered && mayMove(target)) {
            from.remove(this);
            arriving = true;
            synchronized (this) {
                // Whatever sees the new loop from here on comes behind the arrival, which waits for it to be seen.
                target.eventLoop().execute(() -> arrive(then));
                loop = target;
            }
            return;
        }
        if (!channel.isOpen()) {
            over(); // of one that is on no loop, Netty does not tell
        } else if (deregistered) {
            register(from);
            channel.flush(); // what waits to be sent was to be sent when the loop would have seen room for it
        }
        moving = false;
        then.run();
    }

    private void arrive(Runnable then) {
        Loop target;
        synchronized (this) {
            target = loop;
        }
        target.add(this);
        if (machine instanceof Movable movable) {
            movable.moveTo(target.output());
        }
        register(target);
        arriving = false;
        moving = false;
        settle();
        then.run();
    }

    /** A socket that no loop looks at is of no use. */
    private void register(Loop on) {
        on.eventLoop().register(channel).addListener(done -> {
            if (!done.isSuccess()) {
                broken(done.cause());
            }
        });
    }

    /** Who dialled, or was dialled; what a PROXY header said where that is switched on. */
    public InetSocketAddress peer() {
        var said = proxied;
        if (said != null) {
            return said;
        }
        return remote(channel);
    }

    static InetSocketAddress remote(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress address
                ? address
                : InetSocketAddress.createUnresolved("unknown", 0);
    }

    /** Our own end. */
    public InetSocketAddress local() {
        return channel.localAddress() instanceof InetSocketAddress address
                ? address
                : InetSocketAddress.createUnresolved("unknown", 0);
    }

    void proxied(InetSocketAddress address) {
        proxied = address;
    }

    /** Closes the socket without a word. */
    public void cut() {
        execute(() -> close(channel));
    }

    /** For tests: the socket stays open, and nobody looks at it any more, as if the power had failed. */
    void freeze() {
        execute(() -> {
            machine = null;
            channel.config().setAutoRead(false);
        });
    }

    /** Says that we send no more once what was written has gone, at the next {@link #flush}; reading goes on. */
    void endOutput() {
        outputEnds = true;
    }

    /** What becomes of it, {@link #channelInactive} hears. */
    static void close(Channel channel) {
        var unused = channel.close();
    }

    @Nullable
    ByteMachine machine() {
        return machine;
    }

    int place() {
        return place;
    }

    void place(int value) {
        place = value;
    }

    // ---- What the machine writes

    @Override
    public void write(byte[] array, int offset, int length) {
        if (overflown || !channel.isActive()) {
            return;
        }
        if (pending() + length > MOST_BYTES) {
            overflown = true;
            return;
        }
        ByteBuf buffer = channel.alloc().directBuffer(length).writeBytes(array, offset, length);
        var unused = channel.write(buffer, channel.voidPromise());
        dirty = true;
    }

    /** Bytes that are on their way out. */
    private long pending() {
        var outbound = channel.unsafe().outboundBuffer();
        return outbound == null ? 0 : outbound.totalPendingWriteBytes();
    }

    @Override
    public boolean writable() {
        return channel.isWritable();
    }

    @Override
    public void end() {
        ending = true;
    }

    @Override
    public void flush() {
        if (!reading) {
            send();
            settle();
        }
    }

    private void send() {
        if (dirty) {
            dirty = false;
            channel.flush();
        }
    }

    /** After anything: is there more to send, to read, to wait for? */
    private void settle() {
        var current = machine;
        if (current == null) {
            return;
        }
        if (overflown && !failed) {
            failed = true;
            current.close(Refusal.OUTPUT_BACKLOG, "");
            close(channel);
            return;
        }
        if (outputEnds && !ending && channel instanceof DuplexChannel duplex && channel.isActive()) {
            outputEnds = false;
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
                var unused = duplex.shutdownOutput();
            });
        }
        if (ending) {
            ending = false;
            deadline = loop.environment().nanoTime().getAsLong() + LINGER_NANOS;
            loop.sweepBy(deadline);
            channel.config().setAutoRead(true);
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        if (current.isClosed()) {
            return;
        }
        deadline = current.deadline();
        loop.sweepBy(deadline);
        boolean read = current.wantsInput() && (channel.isWritable() || pending() < HARD_BYTES);
        if (channel.config().isAutoRead() != read) {
            channel.config().setAutoRead(read);
        }
    }

    // ---- What the socket says

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            context.fireChannelRead(message);
            return;
        }
        try {
            var current = machine;
            if (current == null) {
                return;
            }
            reading = true;
            try {
                receive(current, bytes);
            } finally {
                reading = false;
                send();
            }
            settle();
        } catch (RuntimeException e) {
            broken(e);
        } finally {
            bytes.release();
        }
    }

    private void receive(ByteMachine current, ByteBuf bytes) {
        byte[] buffer = loop.readBuffer();
        while (bytes.isReadable() && !current.isClosed()) {
            int count = Math.min(bytes.readableBytes(), buffer.length);
            bytes.readBytes(buffer, 0, count);
            current.receive(buffer, 0, count);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        var current = machine;
        if (current != null && channel.isWritable()) {
            current.outputWritable();
            settle();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        over();
    }

    private void over() {
        if (gone) {
            return;
        }
        gone = true;
        var current = machine;
        loop.remove(this);
        try {
            if (current != null && !current.isClosed()) {
                current.endOfStream();
            }
        } catch (RuntimeException e) {
            LOG.error("the end of the connection from {} broke in {}", peer(), current, e);
        }
        machine = null;
        if (watcher != null) {
            watcher.closed(this);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            close(channel); // reset by the peer, or the like: what it was doing says more
        } else {
            broken(cause);
        }
    }

    /** A mistake of ours: this connection ends, and no other notices. */
    private void broken(Throwable cause) {
        LOG.error("connection from {} broke in {}", peer(), machine, cause);
        close(channel);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        ReferenceCountUtil.release(event);
    }

    long deadline() {
        return deadline;
    }

    void sweep(long now) {
        if (now - deadline < 0 || deadline == Long.MAX_VALUE) {
            return;
        }
        var current = machine;
        if (current == null || current.isClosed()) {
            close(channel);
            return;
        }
        try {
            current.tick();
            settle();
        } catch (RuntimeException e) {
            broken(e);
        }
    }

    @Override
    public String toString() {
        return "Connection[" + peer() + ", " + machine + "]";
    }
}
