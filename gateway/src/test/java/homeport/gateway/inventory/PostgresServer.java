package homeport.gateway.inventory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A PostgreSQL server of the tests' own, from the programs of the system: private directory, loopback, a password. It
 * does not run as root, so root's tests run it as {@code postgres}.
 */
final class PostgresServer {
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
    private static Optional<PostgresServer> only = Optional.empty();
    private static boolean tried;

    private final Path directory;
    private final int port;
    private final String password;
    private final Process process;
    private int databases;

    private PostgresServer(Path programs) throws IOException, InterruptedException {
        directory = Files.createTempDirectory("postgresql");
        password = HexFormat.of().formatHex(SecureRandom.getSeed(16));
        var passwordFile = Files.writeString(directory.resolve("password"), password);
        if (ROOT) {
            run(List.of("chown", "-R", "postgres", directory.toString()));
        }
        var data = directory.resolve("data").toString();
        run(asUser(programs.resolve("initdb").toString(), "-D", data, "-U", "homeport", "-A", "scram-sha-256",
                "--pwfile", passwordFile.toString(), "-E", "UTF8", "--locale=C", "--no-sync"));
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        // The tests are about SQL, not about this server's disk: no fsync.
        process = new ProcessBuilder(asUser(programs.resolve("postgres").toString(), "-D", data, "-p", "" + port, "-c",
                "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c",
                "full_page_writes=off", "-c", "max_connections=60", "-c", "shared_buffers=16MB"))
                .directory(directory.toFile()).redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile()).start();
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
        awaitStart();
    }

    /** Empty where the programs are not installed; the first caller starts it. */
    static synchronized Optional<PostgresServer> start() {
        if (!tried) {
            tried = true;
            only = programs().map(programs -> {
                try {
                    return new PostgresServer(programs);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
        return only;
    }

    /** The newest of those that Debian installs beside each other, or what is on the path. */
    private static Optional<Path> programs() {
        var candidates = new ArrayList<Path>();
        for (int version = 20; version >= 13; version--) {
            candidates.add(Path.of("/usr/lib/postgresql", "" + version, "bin"));
        }
        for (var entry : System.getenv().getOrDefault("PATH", "").split(":")) {
            candidates.add(Path.of(entry));
        }
        return candidates.stream().filter(path -> Files.isExecutable(path.resolve("postgres"))
                && Files.isExecutable(path.resolve("initdb"))).findFirst();
    }

    private static List<String> asUser(String... command) {
        var all = new ArrayList<String>();
        if (ROOT) {
            all.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"));
        }
        all.addAll(List.of(command));
        return all;
    }

    private void run(List<String> command) throws IOException, InterruptedException {
        var started = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
        var said = new String(started.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (started.waitFor() != 0) {
            throw new IOException(command + ": " + said);
        }
    }

    private void awaitStart() throws IOException, InterruptedException {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);;) {
            try (var connection = DriverManager.getConnection(url("postgres"), "homeport", password)) {
                if (connection.isValid(5)) {
                    return;
                }
            } catch (SQLException e) {
                if (System.nanoTime() > end || process.waitFor(50, TimeUnit.MILLISECONDS)) {
                    throw new IOException(Files.readString(directory.resolve("log")), e);
                }
            }
        }
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    synchronized DatabaseSettings.Postgresql database() {
        var name = "t" + databases++;
        try (var connection = DriverManager.getConnection(url("postgres"), "homeport", password);
                var statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return new DatabaseSettings.Postgresql(url(name), "homeport",
                Optional.of(password.getBytes(StandardCharsets.US_ASCII)), 4, java.time.Duration.ofMillis(300));
    }

    /** Stops all its processes, as a machine that hangs would; the kernel goes on to take connections for it. */
    void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    /** The first of them first, which makes the others; of those one may end meanwhile. */
    private void signal(String name) throws IOException, InterruptedException {
        run(List.of("kill", "-" + name, "" + process.pid()));
        for (var child : process.descendants().toList()) {
            run(List.of("sh", "-c", "kill -" + name + " " + child.pid() + " || true"));
        }
    }

    private void stop() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, IOException error) throws IOException {
                    Files.delete(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException | InterruptedException e) {
            System.err.println("left behind: " + directory + ": " + e);
        }
    }
}
