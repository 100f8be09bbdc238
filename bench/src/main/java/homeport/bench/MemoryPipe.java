package homeport.bench;

import homeport.ssh.Role;
import homeport.ssh.SshConnection;
import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.SshWriter;
import java.io.IOException;

/** Two of our engines in one thread, without sockets. */
final class MemoryPipe implements TransferWorker.Pipe {
    private final End client;
    private final End server;
    private final byte[] chunk = new byte[TransferWorker.CHUNK];
    private long taken;

    MemoryPipe(Keys keys, CipherAlgorithm cipher) throws IOException {
        var user = End.key(keys.user());
        client = new End(Role.CLIENT, End.clientSettings(cipher), new SshWriter(4 * chunk.length), user,
                End.Sink.DISCARD);
        server = new End(Role.SERVER, End.serverSettings(End.key(keys.host()), cipher),
                new SshWriter(4 * chunk.length), user, data -> {
                    taken += data.length();
                    data.channel().consumed(data.length());
                });
        client.connection().start();
        server.connection().start();
        End.settle(client, server);
        client.connection().openChannel(new ChannelType.Session(), SshConnection.DEFAULT_WINDOW);
        End.settle(client, server);
    }

    @Override
    public void transfer(long bytes) {
        taken = 0;
        for (long left = bytes; left > 0;) {
            int count = (int) Math.min(left, chunk.length);
            int sent = client.channel().send(chunk, 0, count);
            left -= sent;
            if (sent < count) {
                client.full();
            }
            End.settle(client, server);
            if (!client.writable()) {
                throw new IllegalStateException("no room came");
            }
        }
        if (taken != bytes) {
            throw new IllegalStateException(taken + " of " + bytes + " bytes came");
        }
    }
}
