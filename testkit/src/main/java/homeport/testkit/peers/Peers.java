package homeport.testkit.peers;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** The foreign implementations that tests run against, and what of them this machine has. */
public final class Peers {
    /** How long a peer may take for anything but a bulk transfer, on two busy cores. */
    public static final Duration PATIENCE = Duration.ofSeconds(30);

    /** The password of {@link #user()} at every server peer that checks one. */
    public static final String PASSWORD = "open-sesame";

    private static final Pattern PATH_SEPARATOR = Pattern.compile(File.pathSeparator, Pattern.LITERAL);
    private static final List<String> ALSO = List.of("/usr/local/sbin", "/usr/sbin", "/sbin");

    private Peers() {}

    /**
     * The account that server peers log in to: the one the tests run as, because a server of the operating system runs
     * the session as that account.
     */
    public static String user() {
        return System.getProperty("user.name");
    }

    /** Every foreign server, the quickest to start first. */
    public static List<ServerPeer> servers() {
        return List.of(new MinaServer(), new OpenSshServer(), new Dropbear(), new AsyncSshServer());
    }

    /** Every foreign client, the quickest to start first. */
    public static List<ClientPeer> clients() {
        return List.of(new MinaClient(), new SshjClient(), new OpenSshClient(), new Dbclient(), new AsyncSshClient());
    }

    /**
     * The program's full path. Without it the test is skipped and says which program it lacks, or fails where the
     * environment says {@code CI=true}, because there a missing peer is a mistake of the machine's.
     */
    public static Path require(String program) {
        var found = find(program);
        requireThat(found.isPresent(), program + " is not installed");
        return found.orElseThrow();
    }

    /** Skips the test, or fails it under {@code CI=true}, with {@code reason}. */
    public static void requireThat(boolean holds, String reason) {
        if ("true".equals(System.getenv("CI"))) {
            Assertions.assertTrue(holds, reason);
        } else {
            Assumptions.assumeTrue(holds, reason);
        }
    }

    /** The program's full path, where PATH or the usual places of servers have it. */
    public static Optional<Path> find(String program) {
        var path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        var directories = new java.util.ArrayList<>(List.of(PATH_SEPARATOR.split(path, -1)));
        directories.addAll(ALSO);
        return directories.stream().filter(d -> !d.isEmpty()).map(d -> Path.of(d, program)).filter(Files::isExecutable)
                .findFirst();
    }

    /** The Python that has Debian's packages, which another one that stands first on PATH has not. */
    static Path python() {
        var debian = Path.of("/usr/bin/python3");
        return Files.isExecutable(debian) ? debian : require("python3");
    }

    /** A loopback port that nobody listened on a moment ago. */
    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}
