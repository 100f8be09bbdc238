package homeport.bench;

import homeport.ssh.Role;
import homeport.ssh.SshConnection;
import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.wire.SshWriter;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;

/**
 * Our engines alone in a JVM of their own: answers {@code heap N} with the live bytes of each of N server engines whose
 * client has logged in and been forgotten, and which have come to rest.
 */
final class EngineHeap {
    private static final int FIRST = 200;

    private EngineHeap() {}

    /** {@code HOST_KEY USER_KEY}. */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws Exception {
        var keys = new Keys(Path.of(""), Path.of(arguments[0]), Path.of(arguments[1]));
        System.out.println("ready");
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var command = in.readLine(); command != null; command = in.readLine()) {
            System.out.println(measure(keys, Integer.parseInt(command.substring("heap ".length()))));
        }
        System.exit(0);
    }

    private static double measure(Keys keys, int count) throws java.io.IOException {
        var user = End.key(keys.user());
        var serverSettings = End.serverSettings(End.key(keys.host()), CipherAlgorithm.AES128_GCM);
        var clientSettings = End.clientSettings(CipherAlgorithm.AES128_GCM);
        var serverOut = new SshWriter(8192);
        var clientOut = new SshWriter(8192);
        var held = new ArrayList<SshConnection>(count + FIRST);
        long before = 0;
        for (int i = 0; i < count + FIRST; i++) {
            if (i == FIRST) {
                before = Heap.liveBytes();
            }
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
        long after = Heap.liveBytes();
        java.lang.ref.Reference.reachabilityFence(held);
        return (double) (after - before) / count;
    }
}
