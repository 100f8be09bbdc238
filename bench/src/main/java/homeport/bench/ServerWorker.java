package homeport.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A server in a JVM of its own: prints its port, then answers {@code heap} with the bytes that are live and
 * {@code sessions} with the number of authenticated sessions.
 */
final class ServerWorker {
    private ServerWorker() {}

    /** What a contender's server is to this program. */
    interface Server {
        int port();

        int sessions();
    }

    /** {@code KIND HOST_KEY AUTHORIZED_KEY}. */
    public static void main(String[] arguments) throws Exception {
        var server = start(arguments[0], Path.of(arguments[1]), Path.of(arguments[2]));
        say(Integer.toString(server.port()));
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var command = in.readLine(); command != null; command = in.readLine()) {
            say(switch (command) {
                case "heap" -> Long.toString(Heap.liveBytes());
                case "sessions" -> Integer.toString(server.sessions());
                default -> throw new IllegalArgumentException(command);
            });
        }
        System.exit(0);
    }

    private static Server start(String kind, Path hostKey, Path authorizedKey) throws IOException {
        return switch (kind) {
            case "homeport" -> OurBenchServer.start(hostKey, authorizedKey);
            case "mina" -> MinaBenchServer.start(hostKey, authorizedKey, 0);
            case "mina-small-buffer" -> MinaBenchServer.start(hostKey, authorizedKey, MinaBenchServer.SMALL_BUFFER);
            default -> throw new IllegalArgumentException("no server " + kind);
        };
    }

    /** Starts one. @return the worker, and its port by {@link Started#port} */
    static Started launch(String kind, List<String> options, Keys keys) throws IOException {
        var worker = Worker.start(ServerWorker.class, options, kind, keys.host().toString(),
                keys.authorized().toString());
        return new Started(worker, Integer.parseInt(worker.answer()));
    }

    record Started(Worker worker, int port) implements AutoCloseable {
        @Override
        public void close() {
            worker.close();
        }
    }

    @SuppressWarnings("SystemOut")
    private static void say(String line) {
        System.out.println(line);
    }
}
