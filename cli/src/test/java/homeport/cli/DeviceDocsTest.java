package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.gateway.config.ConfigReader;
import homeport.gateway.event.GatewayEvent;
import homeport.gateway.service.Gateway;
import homeport.ssh.key.PublicKeyFile;
import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.SshKeygen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of {@code docs/devices}, as they stand there, against a real gateway. They run in a mount namespace whose
 * {@code /etc}, {@code /mnt}, {@code /run} and {@code /usr/local/sbin} are the test's own, and in which
 * {@code gateway.example.net} and the device's {@code localhost} are loopback addresses of the test's own.
 */
@Timeout(300)
class DeviceDocsTest {
    private static final Path PAGES = Path.of("..", "docs", "devices");
    private static final Path SYSTEMD_ANALYZE = Path.of("/usr/bin/systemd-analyze");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+) ([^\\n]+)\\n(.*?)^```$");

    @TempDir
    private Path directory;

    private final List<Process> running = Collections.synchronizedList(new ArrayList<>());
    private Gateway gateway;
    private Path data;

    /** One fenced block. @param where such as {@code gateway}, or {@code device /etc/a.file} */
    private record Block(String language, String where, String text) {
        static List<Block> of(String page) throws IOException {
            var matcher = BLOCK.matcher(Files.readString(PAGES.resolve(page + ".md")));
            return matcher.results().map(match -> new Block(match.group(1), match.group(2), match.group(3))).toList();
        }
    }

    @BeforeEach
    void openGateway() throws Exception {
        Peers.requireThat("root".equals(Peers.user()), "a mount namespace with an /etc of its own needs root");
        for (var program : List.of("unshare", "ssh", "sshd", "socat", "ssh-keygen")) {
            Peers.require(program);
        }
        // Two addresses that nobody else of this machine listens on, so that the ports can be those of the pages.
        int net = ThreadLocalRandom.current().nextInt(1, 1 << 14);
        var address = "127.%d.%d.1".formatted(64 + (net >> 8), net & 0xff);
        var device = "127.%d.%d.2".formatted(64 + (net >> 8), net & 0xff);
        data = directory.resolve("data");
        gateway = Gateway.open(ConfigReader.read(Optional.empty(), Map.of(),
                Map.of("data", data.toString(), "devices.listen", address + ":4334", "operators.listen",
                        address + ":2222", "http.listen", "127.0.0.1:0")),
                Optional.empty(), InstantSource.system());
        new LocalGateway("http://127.0.0.1:" + gateway.httpPort(), 2222, 4334).write(data);
        makeMachine(address, device);
        assertEquals(0, start("device", """
                /usr/sbin/sshd -o ListenAddress=%s -o PidFile=/run/sshd.pid
                """.formatted(device)).waitFor(), this::log);
        // It is let go before it has written down who it is, which the end of the test has to know.
        RunningGateway.until("sshd", () -> Files.exists(directory.resolve("run/sshd.pid")));
    }

    /** What the namespace has of its own. */
    private void makeMachine(String address, String device) throws Exception {
        for (var each : List.of("mnt", "run/sshd", "sbin", "home/.ssh", "operator/.ssh")) {
            Files.createDirectories(directory.resolve(each));
        }
        for (var each : List.of("home", "home/.ssh", "operator", "operator/.ssh")) {
            Files.setPosixFilePermissions(directory.resolve(each), PosixFilePermissions.fromString("rwx------"));
        }
        assertEquals(0, new ProcessBuilder("cp", "-a", "/etc", directory.resolve("etc").toString()).inheritIO().start()
                .waitFor());
        assertEquals(0, new ProcessBuilder("ssh-keygen", "-A", "-f", directory.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor());
        var etc = directory.resolve("etc");
        var passwd = Files.readString(etc.resolve("passwd"));
        Files.writeString(etc.resolve("passwd"),
                passwd.replaceFirst("(?m)^root:.*$", "root:x:0:0:root:" + directory.resolve("home") + ":/bin/sh"));
        // OpenSSH's client goes by the account's directory, not by HOME.
        Files.writeString(directory.resolve("passwd-operator"), passwd.replaceFirst("(?m)^root:.*$",
                "root:x:0:0:root:" + directory.resolve("operator") + ":/bin/sh"));
        Files.writeString(etc.resolve("hosts"), "%s gateway.example.net%n%s localhost%n".formatted(address, device));
        Files.writeString(etc.resolve("pam.d").resolve("sshd"), """
                auth required pam_unix.so
                account required pam_unix.so
                session required pam_permit.so
                """);
        var command = Files.writeString(directory.resolve("sbin").resolve("homeport"), """
                #!/bin/sh
                exec '%s' --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
                    -XX:TieredStopAtLevel=1 -cp '%s' homeport.cli.Main "$@"
                """.formatted(Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty("java.class.path")));
        assertTrue(command.toFile().setExecutable(true));
        Files.writeString(directory.resolve("namespace.sh"), """
                for each in etc mnt run; do mount --bind "$TEST/$each" "/$each"; done
                mount --bind "$TEST/sbin" /usr/local/sbin
                if [ "$HOME" = "$TEST/operator" ]; then mount --bind "$TEST/passwd-operator" /etc/passwd; fi
                exec /bin/sh -e "$1"
                """);
        var operator = directory.resolve("operator/.ssh");
        var key = new SshKeygen().generate(operator.resolve("id_ed25519"), KeyType.ED25519);
        var file = SshKeygen.publicKeyFile(key);
        assertTrue(gateway.addAdmin("alice", PublicKeyFile.readAll(file.toString(), Files.readString(file))));
        Files.writeString(operator.resolve("known_hosts"), "[gateway.example.net]:2222 "
                + new PublicKeyFile(gateway.keys().host().publicKey(), "").write());
    }

    @AfterEach
    void close() throws IOException {
        for (var process : running) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        var pid = directory.resolve("run/sshd.pid");
        if (Files.exists(pid)) {
            ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).ifPresent(ProcessHandle::destroy);
        }
        if (gateway != null) {
            gateway.close();
        }
    }

    // ---- Running blocks

    private Process start(String who, String script) throws IOException {
        var file = Files.writeString(Files.createTempFile(directory, "block", ".sh"), script);
        var builder = new ProcessBuilder("unshare", "--mount", "--propagation", "private", "/bin/sh",
                directory.resolve("namespace.sh").toString(), file.toString()).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()));
        builder.environment().put("TEST", directory.toString());
        builder.environment().put("HOME", directory.resolve(who.equals("operator") ? who : "home").toString());
        builder.environment().put("HOMEPORT_DATA", data.toString());
        builder.environment().put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        var process = builder.start();
        process.getOutputStream().close();
        running.add(process);
        return process;
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("log"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private void run(String who, String script) throws IOException, InterruptedException {
        assertEquals(0, start(who, script).waitFor(), () -> script + "\n" + log());
    }

    /** Runs a whole page. @param device which is online when its last blocks are run */
    private void follow(String page, String device) throws Exception {
        var online = new CompletableFuture<GatewayEvent>();
        var unit = "";
        try (var _ = gateway.events().watch(Optional.empty(), event -> {
            if (event.type() == GatewayEvent.Type.DEVICE_ONLINE && event.device().equals(device)) {
                online.complete(event);
            }
        }).orElseThrow()) {
            var blocks = Block.of(page);
            assertTrue(blocks.size() >= 5 && blocks.getLast().where().equals("operator"), blocks::toString);
            for (var block : blocks) {
                switch (block.where()) {
                    case "gateway", "device" -> run(block.where(), block.text());
                    case "device leave running" -> start("device", block.text());
                    case "device unit" -> start("device", command(unit));
                    case "gateway finally", "operator" -> {
                        online.get(120, TimeUnit.SECONDS);
                        run(block.where(), block.text());
                    }
                    default -> {
                        assertTrue(block.where().startsWith("device /"), block.where());
                        var file = block.where().substring("device ".length());
                        run("device", "mkdir -p $(dirname " + file + ")\ncat > " + file + " <<'END OF FILE'\n"
                                + block.text() + "END OF FILE\n");
                        unit = block.language().equals("ini") ? checked(file, block.text()) : unit;
                    }
                }
            }
        }
        var said = log();
        assertTrue(said.contains("online    yes"), said);
        assertTrue(said.contains("load average"), said);
    }

    private String checked(String file, String unit) throws IOException, InterruptedException {
        if (Files.isExecutable(SYSTEMD_ANALYZE)) {
            run("device", "systemd-analyze verify " + file);
        }
        return unit;
    }

    /** What systemd would run. */
    private static String command(String unit) {
        var matcher = Pattern.compile("(?m)^ExecStart=((?:.*\\\\\\n)*.*)$").matcher(unit);
        assertTrue(matcher.find(), unit);
        return "exec " + matcher.group(1) + "\n";
    }

    // ---- The pages

    @Test
    void openSshAsASystemdUnit() throws Exception {
        follow("openssh", "router1");
    }

    @Test
    void socatAndSshd() throws Exception {
        follow("socat", "router2");
    }

    @Test
    void dropbear() throws Exception {
        Peers.require("dropbear");
        follow("dropbear", "router3");
    }

    @Test
    void junos() throws Exception {
        Peers.require("openssl");
        follow("junos", "router4");
    }

    @Test
    void rfc8071() throws Exception {
        follow("rfc8071", "router5");
    }

    @Test
    void everyPageHasATest() throws IOException {
        try (var pages = Files.list(PAGES)) {
            assertEquals(List.of("README.md", "dropbear.md", "junos.md", "openssh.md", "rfc8071.md", "socat.md"),
                    pages.map(page -> page.getFileName().toString()).sorted().toList());
        }
    }
}
