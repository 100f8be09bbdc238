package homeport.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A gateway in a JVM of its own: prints its port, then does what a line asks for, and answers with a line. */
final class GatewayWorker {
    private GatewayWorker() {}

    /** {@code KIND HOST_KEY USER_KEY}. */
    public static void main(String[] arguments) throws Exception {
        var gateway = start(arguments[0], Path.of(arguments[1]), Path.of(arguments[2]));
        say(Integer.toString(gateway.port()));
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var line = in.readLine(); line != null; line = in.readLine()) {
            var words = line.split(" ", 2);
            say(switch (words[0]) {
                case "heap" -> Long.toString(Heap.liveBytes());
                case "linked" -> Integer.toString(gateway.linked());
                case "admitted" -> Long.toString(gateway.admitted());
                case "refusals" -> gateway.refusals();
                case "mode" -> {
                    gateway.mode(words[1]);
                    yield "done";
                }
                case "open" -> {
                    gateway.openAll();
                    yield "done";
                }
                case "carry" -> {
                    gateway.carry(Long.parseLong(words[1]));
                    yield "done";
                }
                default -> throw new IllegalArgumentException(line);
            });
        }
        System.exit(0);
    }

    private static CallHomeGateway start(String kind, Path hostKey, Path userKey) throws IOException {
        return switch (kind) {
            case "homeport" -> OurCallHome.start(hostKey, userKey);
            case "bare" -> BareCallHome.start();
            case "mina" -> MinaCallHome.start(userKey, 0);
            case "mina-small-buffer" -> MinaCallHome.start(userKey, MinaBenchServer.SMALL_BUFFER);
            default -> throw new IllegalArgumentException("no gateway " + kind);
        };
    }

    static Started launch(String kind, List<String> options, Keys keys) throws IOException {
        var worker = Worker.start(GatewayWorker.class, options, kind, keys.host().toString(), keys.user().toString());
        return new Started(worker, Integer.parseInt(worker.answer()));
    }

    record Started(Worker worker, int port) implements AutoCloseable {
        int linked() throws IOException {
            return Integer.parseInt(worker.ask("linked"));
        }

        /** Waits until that many devices are logged in. */
        void awaitLinked(int count) throws IOException {
            long end = System.nanoTime() + 60_000_000_000L;
            while (linked() != count) {
                if (System.nanoTime() > end) {
                    throw new IOException(linked() + " devices are logged in, not " + count);
                }
                java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
            }
        }

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
