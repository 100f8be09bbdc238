package homeport.bench;

import com.sun.management.ThreadMXBean;
import homeport.ssh.Role;
import homeport.ssh.SshConnection;
import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.SshWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;

/**
 * What a gateway allocates for each 32 KiB packet that it passes from one connection to another: bytes of this thread
 * while the gateway's two engines work, the operator's and the device's not counted.
 */
final class ForwardAllocation {
    private static final int WARM_UP = 20_000;
    private static final int PACKETS = 20_000;

    private final End operator;
    private final End north;
    private final End south;
    private final End device;
    private final byte[] chunk = new byte[TransferWorker.CHUNK];
    private long allocated;
    private long arrived;

    ForwardAllocation(Keys keys) throws IOException {
        var user = End.key(keys.user());
        var server = End.serverSettings(End.key(keys.host()), CipherAlgorithm.AES128_GCM);
        var client = End.clientSettings(CipherAlgorithm.AES128_GCM);
        operator = new End(Role.CLIENT, client, new SshWriter(4 * chunk.length), user, End.Sink.DISCARD);
        device = new End(Role.SERVER, server, new SshWriter(4 * chunk.length), user, data -> {
            arrived += data.length();
            data.channel().consumed(data.length());
        });
        south = new End(Role.CLIENT, client, new SshWriter(4 * chunk.length), user, End.Sink.DISCARD);
        north = new End(Role.SERVER, server, new SshWriter(4 * chunk.length), user, data -> {
            int sent = south.channel().send(data.array(), data.offset(), data.length());
            if (sent < data.length()) {
                throw new IllegalStateException("the device's window is full");
            }
            data.channel().consumed(data.length());
        });
        connect(operator, north);
        connect(south, device);
    }

    private static void connect(End client, End server) {
        client.connection().start();
        server.connection().start();
        End.settle(client, server);
        client.connection().openChannel(new ChannelType.Session(), SshConnection.DEFAULT_WINDOW);
        End.settle(client, server);
    }

    Row row(String bench) {
        forward(WARM_UP);
        allocated = 0;
        arrived = 0;
        forward(PACKETS);
        return Row.of(bench, "allocation at the gateway per forwarded 32 KiB packet", "bytes")
                .ours(Samples.of((double) allocated * chunk.length / arrived))
                .target(Row.Against.NOTHING, 1024, true);
    }

    private void forward(int packets) {
        long before = arrived;
        long sent = 0;
        while (sent < (long) packets * chunk.length) {
            sent += operator.channel().send(chunk, 0, chunk.length);
            carry();
        }
        carry();
        if (arrived - before != sent) {
            throw new IllegalStateException(arrived - before + " of " + sent + " bytes arrived");
        }
    }

    /** Data towards the device, and the windows that it opens back towards the operator. */
    private void carry() {
        counted(() -> operator.flushTo(north));
        south.flushTo(device);
        counted(() -> device.flushTo(south));
        north.flushTo(operator);
    }

    private void counted(Runnable work) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        work.run();
        allocated += threads.getCurrentThreadAllocatedBytes() - before;
    }
}
