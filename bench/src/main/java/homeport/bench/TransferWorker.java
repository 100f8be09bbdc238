package homeport.bench;

import homeport.ssh.crypto.CipherAlgorithm;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Both ends of a connection in a JVM of their own: answers {@code run N} when N MiB have gone from one to the other. */
final class TransferWorker {
    /** What the client writes at a time. */
    static final int CHUNK = 32 * 1024;

    private TransferWorker() {}

    /** A client and a server, connected and logged in. */
    interface Pipe {
        /** Sends so many bytes from the client to the server, and returns when the server has taken them all. */
        void transfer(long bytes) throws Exception;
    }

    /** {@code KIND CIPHER HOST_KEY USER_KEY}. */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws Exception {
        var cipher = CipherAlgorithm.valueOf(arguments[1]);
        var keys = new Keys(Path.of(""), Path.of(arguments[2]), Path.of(arguments[3]));
        Pipe pipe = switch (arguments[0]) {
            case "memory" -> new MemoryPipe(keys, cipher);
            case "loop" -> new LoopPipe(keys, cipher);
            case "blocking" -> new OurPipe(keys, cipher);
            case "mina" -> new MinaPipe(keys, cipher);
            default -> throw new IllegalArgumentException("no pipe " + arguments[0]);
        };
        System.out.println("ready");
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var command = in.readLine(); command != null; command = in.readLine()) {
            pipe.transfer(Long.parseLong(command.substring("run ".length())) << 20);
            System.out.println("done");
        }
        System.exit(0);
    }
}
