package homeport.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Opens connections. */
public final class Dialler {
    private Dialler() {}

    /**
     * Dials from a loop, and gives the connection to a machine there.
     *
     * @param address resolved, or a name that is then resolved on a thread of its own
     * @return completes on the loop: with the connection once its machine has begun, or with an {@link IOException}
     */
    public static CompletableFuture<Connection> dial(Loop loop, InetSocketAddress address, Duration patience,
            MachineFactory factory) {
        var result = new CompletableFuture<Connection>();
        if (address.isUnresolved()) {
            Thread.ofVirtual().start(() -> connect(loop,
                    new InetSocketAddress(address.getHostString(), address.getPort()), patience, factory, result));
        } else {
            connect(loop, address, patience, factory, result);
        }
        return result;
    }

    private static void connect(Loop loop, InetSocketAddress address, Duration patience, MachineFactory factory,
            CompletableFuture<Connection> result) {
        if (address.isUnresolved()) {
            result.completeExceptionally(new IOException("no address for " + address.getHostString()));
            return;
        }
        var bootstrap = new Bootstrap().group(loop.eventLoop()).channel(loop.loops().channel())
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.min(Integer.MAX_VALUE, patience.toMillis()))
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.RECVBUF_ALLOCATOR, Listener.READS)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, Listener.WATER_MARK)
                // Nothing is read before the machine is there.
                .option(ChannelOption.AUTO_READ, false).handler(new ChannelInboundHandlerAdapter());
        bootstrap.connect(address).addListener((io.netty.channel.ChannelFuture done) -> {
            if (done.isSuccess()) {
                begin(loop, done.channel(), factory, result);
            } else {
                result.completeExceptionally(
                        new IOException("cannot connect to " + address + ": " + done.cause().getMessage(),
                                done.cause()));
            }
        });
    }

    private static void begin(Loop loop, Channel channel, MachineFactory factory,
            CompletableFuture<Connection> result) {
        var connection = new Connection(loop, channel, null);
        channel.pipeline().removeFirst();
        channel.pipeline().addLast(connection);
        connection.begin(factory.make(connection));
        result.complete(connection);
    }
}
