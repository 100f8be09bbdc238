package homeport.net;

import homeport.callhome.ByteMachine;
import homeport.callhome.Refusal;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A port that is listened on. What a connection is for, its {@link MachineFactory} knows; who may connect at all, its
 * {@link Gate}.
 */
public final class Listener implements AutoCloseable {
    /** Shared by all channels: their options hold no objects of their own. */
    static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(Connection.SOFT_BYTES / 2,
            Connection.SOFT_BYTES);
    static final RecvByteBufAllocator READS = new FixedRecvByteBufAllocator(Loop.READ_BYTES).maxMessagesPerRead(4);
    /** As many as the kernel lets us: 10,000 devices come back at once, and a refused one is a lost one. */
    private static final int BACKLOG = 65_535;
    /**
     * Connections that are accepted at one look, well more than the key exchanges that begin between two of them: who goes
     * first in a rush can only be chosen among those that are in, and Netty by itself takes in one.
     */
    private static final RecvByteBufAllocator ACCEPTS = new ServerChannelRecvByteBufAllocator()
            .respectMaybeMoreData(false).maxMessagesPerRead(4 * Turns.A_ROUND);
    /** How often a full port looks whether there is room again. */
    private static final int FULL_MILLIS = 10;
    private static final Duration PROXY_HEADER_TIME = Duration.ofSeconds(5);

    private final Loops loops;
    private final Channel server;
    private final Gate gate;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean paused = new AtomicBoolean();
    private volatile boolean draining;

    private Listener(Loops loops, InetSocketAddress address, boolean proxyProtocol, Gate gate, MachineFactory factory)
            throws IOException {
        this.loops = loops;
        this.gate = gate;
        var bootstrap = new ServerBootstrap().group(loops.group()).channel(loops.serverChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG).option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.RECVBUF_ALLOCATOR, ACCEPTS)
                // Netty sets TCP_NODELAY by itself.
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, READS)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new Entrance(proxyProtocol, factory));
        loops.keepAlive(bootstrap);
        var bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen on " + address + ": " + bound.cause().getMessage(), bound.cause());
        }
        this.server = bound.channel();
    }

    /**
     * Listens.
     *
     * @param proxyProtocol whether every connection begins with a PROXY header (version 1 or 2) that says who it is from;
     *            only behind a proxy that sets it
     * @throws IOException when the address is taken or not ours
     */
    public static Listener listen(Loops loops, InetSocketAddress address, boolean proxyProtocol, Gate gate,
            MachineFactory factory) throws IOException {
        return new Listener(loops, address, proxyProtocol, gate, factory);
    }

    /** Where it listens, with the port that was chosen for port 0. */
    public InetSocketAddress address() {
        return (InetSocketAddress) server.localAddress();
    }

    /** Connections that are open. */
    public int connections() {
        return open.size();
    }

    public Gate gate() {
        return gate;
    }

    /** Takes no more connections; those there are go on. */
    public void stop() {
        draining = true;
        server.close().awaitUninterruptibly();
    }

    /** Takes no more connections, tells those there are, and waits for their end; then cuts what is left. */
    public void drain(Duration patience) throws InterruptedException {
        stop();
        for (var connection : open) {
            connection.execute(() -> {
                var machine = connection.machine();
                if (machine != null && !machine.isClosed()) {
                    machine.close(Refusal.DRAINING, "");
                }
            });
        }
        var ends = new ArrayList<CompletableFuture<Void>>();
        for (int i = 0; i < loops.count(); i++) {
            var end = new CompletableFuture<Void>();
            ends.add(end);
            waitForEmpty(loops.next(), end);
        }
        try {
            CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)).get(patience.toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            Connection.LOG.info("{} connections did not end in time and are cut", open.size());
        }
        List.copyOf(open).forEach(Connection::cut);
    }

    private void waitForEmpty(Loop loop, CompletableFuture<Void> end) {
        if (open.isEmpty()) {
            end.complete(null);
        } else if (!end.isDone()) {
            var unused = loop.eventLoop().schedule(() -> waitForEmpty(loop, end), 20, TimeUnit.MILLISECONDS);
        }
    }

    /** Stops listening and cuts every connection. */
    @Override
    public void close() {
        stop();
        List.copyOf(open).forEach(Connection::cut);
    }

    /** While the gate is full, whoever dials waits in the kernel's queue: to be refused there would be no help to it. */
    private void pauseWhileFull() {
        if (gate.isFull() && paused.compareAndSet(false, true)) {
            server.config().setAutoRead(false);
            resumeWhenThereIsRoom();
        }
    }

    private void resumeWhenThereIsRoom() {
        server.eventLoop().schedule(() -> {
            if (gate.isFull() && !draining) {
                resumeWhenThereIsRoom();
            } else {
                paused.set(false);
                server.config().setAutoRead(true);
            }
        }, FULL_MILLIS, TimeUnit.MILLISECONDS).addListener(done -> {
            if (done.cause() != null && !done.isCancelled()) {
                Connection.LOG.error("a full port does not open again", done.cause());
            }
        });
    }

    private final class Watch implements Connection.Watcher {
        @Override
        public void closed(Connection connection) {
            open.remove(connection);
        }
    }

    /** What each new connection passes once; then it is gone from the pipeline. */
    @Sharable
    private final class Entrance extends ChannelInboundHandlerAdapter {
        private final boolean proxyProtocol;
        private final MachineFactory factory;
        private final Watch watch = new Watch();

        Entrance(boolean proxyProtocol, MachineFactory factory) {
            this.proxyProtocol = proxyProtocol;
            this.factory = factory;
        }

        @Override
        public void channelRegistered(ChannelHandlerContext context) {
            if (draining) {
                Connection.close(context.channel());
                return;
            }
            if (proxyProtocol) {
                context.pipeline().addFirst(new HAProxyMessageDecoder());
                context.executor().schedule(() -> {
                    if (context.pipeline().context(this) != null) {
                        withoutHeader(context);
                    }
                }, PROXY_HEADER_TIME.toMillis(), TimeUnit.MILLISECONDS).addListener(done -> {
                    if (done.cause() != null && !done.isCancelled()) {
                        Connection.LOG.error("a PROXY header's time-out failed", done.cause());
                    }
                });
            }
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            if (!proxyProtocol) {
                enter(context, Optional.empty());
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HAProxyMessage header) {
                Optional<InetSocketAddress> source = header.sourceAddress() == null || header.sourcePort() == 0
                        ? Optional.empty()
                        : Optional.of(new InetSocketAddress(header.sourceAddress(), header.sourcePort()));
                header.release();
                enter(context, source);
            } else {
                context.fireChannelRead(message);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (cause instanceof DecoderException) {
                withoutHeader(context);
                return;
            }
            gate.refused(cause instanceof IOException ? Refusal.LOST : Refusal.NOT_SSH);
            Connection.close(context.channel());
        }

        /** The address is that of whoever holds the connection: the balancer, or somebody who came past it. */
        private void withoutHeader(ChannelHandlerContext context) {
            gate.refused(Refusal.NO_PROXY_HEADER);
            factory.keptOut(Connection.remote(context.channel()), Refusal.NO_PROXY_HEADER);
            Connection.close(context.channel());
        }

        private void enter(ChannelHandlerContext context, Optional<InetSocketAddress> source) {
            var channel = context.channel();
            var loop = loops.of(channel.eventLoop());
            var connection = new Connection(loop, channel, watch);
            source.ifPresent(connection::proxied);
            var refusal = gate.enter(connection.peer().getAddress());
            pauseWhileFull();
            if (refusal.isPresent()) {
                factory.keptOut(connection.peer(), refusal.get());
                Connection.close(context.channel());
                return;
            }
            open.add(connection);
            context.pipeline().replace(this, null, connection);
            ByteMachine machine = factory.make(connection);
            connection.begin(machine);
        }
    }
}
