package homeport.testkit.peers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.regex.Pattern;

/** The Python script that is both of AsyncSSH's peers, and how to start it. */
final class AsyncSsh {
    static final int FAILED = 254;
    private static final Pattern LISTENING = Pattern.compile("peer: listening on (\\d+)");
    private static final Pattern COMMA = Pattern.compile(",");

    private final Path directory;
    private final List<String> settings = new ArrayList<>();

    AsyncSsh(Path parent) throws IOException {
        directory = Files.createTempDirectory(parent, "asyncssh");
    }

    Path directory() {
        return directory;
    }

    AsyncSsh set(String key, String value) {
        settings.add(key + " " + value);
        return this;
    }

    AsyncSsh set(String key, Iterable<?> values) {
        values.forEach(value -> set(key, value.toString()));
        return this;
    }

    AsyncSsh offer(Algorithms offer, long rekeyBytes) {
        if (rekeyBytes > 0) {
            set("rekey_bytes", Long.toString(rekeyBytes));
        }
        return set("kex", offer.kex()).set("cipher", offer.ciphers()).set("mac", offer.macs());
    }

    Child start(String role) throws IOException {
        var script = directory.resolve("asyncssh_peer.py");
        try (var resource = AsyncSsh.class.getResourceAsStream("asyncssh_peer.py")) {
            if (resource == null) {
                throw new IOException("asyncssh_peer.py is not among the resources");
            }
            Files.write(script, resource.readAllBytes());
        }
        var file = Files.write(directory.resolve("settings"), settings);
        return Child.start(directory,
                List.of(requireAsyncSsh().toString(), "-E", "-s", script.toString(), role, file.toString()));
    }

    static InetSocketAddress address(Child child) throws IOException, InterruptedException {
        return Peers.loopback(Integer.parseInt(child.awaitLog(LISTENING).group(1)));
    }

    static Algorithms algorithms() throws IOException, InterruptedException {
        try (var child = new AsyncSsh(Files.createTempDirectory("asyncssh-probe")).start("algorithms")) {
            child.feed(new byte[0]);
            if (child.await(Peers.PATIENCE) != 0) {
                throw new IOException(child.log());
            }
            var kinds = new HashMap<String, List<String>>();
            new String(child.output(), java.nio.charset.StandardCharsets.UTF_8).lines().forEach(line -> {
                int blank = line.indexOf(' ');
                kinds.put(line.substring(0, blank), List.of(COMMA.split(line.substring(blank + 1), -1)));
            });
            return new Algorithms(kind(kinds, "kex"), kind(kinds, "host"), kind(kinds, "cipher"), kind(kinds, "mac"));
        }
    }

    private static List<String> kind(HashMap<String, List<String>> kinds, String kind) throws IOException {
        var names = kinds.get(kind);
        if (names == null) {
            throw new IOException("AsyncSSH did not tell its " + kind + " algorithms");
        }
        return names;
    }

    private static final class Installed {
        static final boolean ASYNCSSH = tryImport();

        private static boolean tryImport() {
            try {
                Child.run(Path.of("").toAbsolutePath(),
                        List.of(Peers.python().toString(), "-E", "-s", "-W", "ignore", "-c", "import asyncssh"));
                return true;
            } catch (IOException e) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }

    /** The Python that has AsyncSSH; skips or fails as {@link Peers#require}. */
    private static Path requireAsyncSsh() {
        var python = Peers.python();
        Peers.requireThat(Installed.ASYNCSSH, "python3-asyncssh is not installed");
        return python;
    }
}
