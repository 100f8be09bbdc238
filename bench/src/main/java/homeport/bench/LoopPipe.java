package homeport.bench;

import homeport.ssh.Role;
import homeport.ssh.SshConnection;
import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.SshWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Two of our engines over a loopback socket, both in one thread that never waits: what an event loop does for them. */
final class LoopPipe implements TransferWorker.Pipe {
    private static final int BUFFER = 64 * 1024;

    private final Side client;
    private final Side server;
    private final byte[] chunk = new byte[TransferWorker.CHUNK];
    private long taken;

    LoopPipe(Keys keys, CipherAlgorithm cipher) throws IOException {
        var user = End.key(keys.user());
        try (var listener = ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            var dialled = SocketChannel.open(listener.getLocalAddress());
            client = new Side(new End(Role.CLIENT, End.clientSettings(cipher), new SshWriter(2 * BUFFER), user,
                    End.Sink.DISCARD), dialled);
            server = new Side(new End(Role.SERVER, End.serverSettings(End.key(keys.host()), cipher),
                    new SshWriter(2 * BUFFER), user, data -> {
                        taken += data.length();
                        data.channel().consumed(data.length());
                    }), listener.accept());
        }
        client.end.connection().start();
        server.end.connection().start();
        while (!client.end.connection().isAuthenticated()) {
            turn();
        }
        var channel = client.end.connection().openChannel(new ChannelType.Session(), SshConnection.DEFAULT_WINDOW);
        while (!channel.isOpen()) {
            turn();
        }
    }

    @Override
    public void transfer(long bytes) throws IOException {
        taken = 0;
        long left = bytes;
        while (taken < bytes) {
            // A side that still has something to write makes no more, as a loop would.
            if (left > 0 && client.idle()) {
                left -= client.end.channel().send(chunk, 0, (int) Math.min(left, chunk.length));
            }
            turn();
        }
    }

    private void turn() throws IOException {
        client.write();
        server.read();
        server.write();
        client.read();
    }

    /** One end and its socket. */
    private static final class Side {
        private final End end;
        private final SocketChannel channel;
        private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
        private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER);
        private final byte[] array = new byte[BUFFER];
        private int written;

        Side(End end, SocketChannel channel) throws IOException {
            this.end = end;
            this.channel = channel;
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }

        boolean idle() {
            return end.out().size() == 0;
        }

        void write() throws IOException {
            while (written < end.out().size()) {
                int count = Math.min(BUFFER, end.out().size() - written);
                out.clear().put(end.out().array(), written, count).flip();
                int sent = channel.write(out);
                written += sent;
                if (sent < count) {
                    return;
                }
            }
            end.out().clear();
            written = 0;
        }

        void read() throws IOException {
            int count = channel.read(in.clear());
            if (count < 0) {
                throw new IOException("the connection ended: " + end.connection().closed());
            }
            in.flip().get(array, 0, count);
            end.connection().receive(array, 0, count);
        }
    }
}
