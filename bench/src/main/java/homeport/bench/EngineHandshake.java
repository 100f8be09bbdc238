package homeport.bench;

import homeport.ssh.Role;
import homeport.ssh.SshSettings;
import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.key.Signer;
import homeport.ssh.wire.SshWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;

/** Our server engine from its making to the login, with a client of ours in the same thread whose CPU is not counted. */
final class EngineHandshake implements Contender {
    private static final int WARM_UP = 3_000;
    private static final int PER_ROUND = 500;

    private final Signer user;
    private final SshSettings serverSettings;
    private final SshSettings clientSettings = End.clientSettings(CipherAlgorithm.AES128_GCM);
    private final SshWriter serverOut = new SshWriter(8192);
    private final SshWriter clientOut = new SshWriter(8192);
    private long serverNanos;

    EngineHandshake(Keys keys) throws IOException {
        user = End.key(keys.user());
        serverSettings = End.serverSettings(End.key(keys.host()), CipherAlgorithm.AES128_GCM);
    }

    @Override
    public String name() {
        return "our engine";
    }

    @Override
    public void warmUp() {
        repeat(WARM_UP);
    }

    @Override
    public double round() {
        serverNanos = 0;
        repeat(PER_ROUND);
        return serverNanos / 1e3 / PER_ROUND;
    }

    private void repeat(int times) {
        var threads = ManagementFactory.getThreadMXBean();
        for (int i = 0; i < times; i++) {
            var client = new End(Role.CLIENT, clientSettings, clientOut, user, End.Sink.DISCARD);
            client.connection().start();
            long before = threads.getCurrentThreadCpuTime();
            var server = new End(Role.SERVER, serverSettings, serverOut, user, End.Sink.DISCARD);
            server.connection().start();
            serverNanos += threads.getCurrentThreadCpuTime() - before;
            while (!client.connection().isAuthenticated()) {
                before = threads.getCurrentThreadCpuTime();
                client.flushTo(server);
                serverNanos += threads.getCurrentThreadCpuTime() - before;
                if (!server.flushTo(client)) {
                    throw new IllegalStateException("stuck: " + server.connection() + " and " + client.connection());
                }
            }
            clientOut.clear();
            serverOut.clear();
        }
    }
}
