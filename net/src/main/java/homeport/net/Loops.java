package homeport.net;

import homeport.callhome.SharedOutput;
import homeport.ssh.Environment;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The event loops of a process: a thread each, native epoll where there is one. Listeners and dialled connections share
 * them, so that what is joined often lives on one thread.
 */
public final class Loops implements AutoCloseable {
    static {
        // Netty looks for forgotten buffers by a stack trace of every 128th. As in Vert.x, only who searches pays for it.
        if (System.getProperty("io.netty.leakDetection.level") == null) {
            ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        }
    }

    /** Linux' SOL_SOCKET and SO_KEEPALIVE: Netty has a name for it on sockets that are connected only. */
    private static final ChannelOption<Integer> KEEP_ALIVE = new IntegerUnixChannelOption("SO_KEEPALIVE", 1, 9);

    private final MultiThreadIoEventLoopGroup group;
    private final boolean epoll;
    private final Map<EventLoop, Loop> loops = new IdentityHashMap<>();
    private final PacketArrays arrays = new PacketArrays();

    private Loops(int threads, boolean epoll) {
        this.epoll = epoll;
        IoHandlerFactory factory = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        this.group = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("homeport-loop", true), factory);
        group.forEach(executor -> {
            var eventLoop = (EventLoop) executor;
            loops.put(eventLoop, new Loop(eventLoop, this));
        });
    }

    /** @param threads as many as there are cores to serve connections */
    public static Loops open(int threads) {
        return new Loops(threads, Epoll.isAvailable());
    }

    /** One of them, in turn. */
    public Loop next() {
        return of(group.next());
    }

    Loop of(EventLoop eventLoop) {
        var loop = loops.get(eventLoop);
        if (loop == null) {
            throw new IllegalArgumentException("not one of these loops");
        }
        return loop;
    }

    PacketArrays arrays() {
        return arrays;
    }

    MultiThreadIoEventLoopGroup group() {
        return group;
    }

    Class<? extends ServerChannel> serverChannel() {
        return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    Class<? extends SocketChannel> channel() {
        return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    /** TCP is to probe what this port accepts. On Linux the port has the option and passes it on: a call less for each. */
    void keepAlive(ServerBootstrap port) {
        if (epoll) {
            port.option(KEEP_ALIVE, 1);
        } else {
            port.childOption(ChannelOption.SO_KEEPALIVE, true);
        }
    }

    Collection<Loop> all() {
        return loops.values();
    }

    /** How many there are. */
    public int count() {
        return loops.size();
    }

    /** Ends the threads, at most a few seconds later. Connections that are open are cut. */
    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    static Environment environment() {
        // One source of randomness a loop: a shared one is a lock that all of them meet at.
        return new Environment(System::nanoTime, new SecureRandom());
    }

    static SharedOutput output() {
        return new SharedOutput();
    }

    static boolean isOpen(@Nullable Channel channel) {
        return channel != null && channel.isOpen();
    }
}
