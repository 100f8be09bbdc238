package homeport.bench;

import homeport.ssh.Role;
import homeport.ssh.SshConnection;
import homeport.ssh.SshSettings;
import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.key.Signer;
import homeport.ssh.wire.SshWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Our engines alone in a JVM of their own: {@code more N} makes N more server engines whose client has logged in and been
 * forgotten, and which have come to rest; {@code heap} answers with the bytes that are live.
 */
final class EngineHeap {
    private static final int FIRST = 500;

    private final Signer user;
    private final SshSettings serverSettings;
    private final SshSettings clientSettings = End.clientSettings(CipherAlgorithm.AES128_GCM);
    private final SshWriter serverOut = new SshWriter(8192);
    private final SshWriter clientOut = new SshWriter(8192);
    private final List<SshConnection> held = new ArrayList<>(1 << 16);

    private EngineHeap(Path hostKey, Path userKey) throws IOException {
        user = End.key(userKey);
        serverSettings = End.serverSettings(End.key(hostKey), CipherAlgorithm.AES128_GCM);
    }

    /** {@code HOST_KEY USER_KEY}. */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws IOException {
        var engines = new EngineHeap(Path.of(arguments[0]), Path.of(arguments[1]));
        engines.more(FIRST);
        System.out.println("ready");
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var command = in.readLine(); command != null; command = in.readLine()) {
            if (command.equals("heap")) {
                System.out.println(Heap.liveBytes());
            } else {
                engines.more(Integer.parseInt(command.substring("more ".length())));
                System.out.println(engines.held.size());
            }
        }
        System.exit(0);
    }

    private void more(int count) {
        for (int i = 0; i < count; i++) {
            var server = new End(Role.SERVER, serverSettings, serverOut, user, End.Sink.DISCARD);
            var client = new End(Role.CLIENT, clientSettings, clientOut, user, End.Sink.DISCARD);
            client.connection().start();
            server.connection().start();
            End.settle(client, server);
            if (!server.connection().isAuthenticated()) {
                throw new IllegalStateException("not logged in: " + server.connection());
            }
            server.connection().rest();
            held.add(server.connection());
        }
    }
}
