package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.SshKeygen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Agents in the field, as processes in network namespaces: behind a router that masquerades them and lets nothing in, over a
 * link with 5 % loss and 200 ms each way. Addresses change under live sessions, and the gateway moves to another one. Each
 * time every design is back in service within its bound, and an operator's {@code ssh} gets a command run.
 *
 * <pre>
 *  operator, gateway                    router                         agents
 *  [hp-centre] 198.18.0.1 ── lossy ── 198.18.0.2 [hp-router] 10.77.1.1 ── 10.77.1.2 [hp-site]
 * </pre>
 */
@Tag("full")
@Timeout(900)
class BehindNatTest {
    private static final int LOSS_PERCENT = 5;
    private static final int DELAY_MILLIS = 200;
    /** A lost try and the next one, logins over a slow link included. */
    private static final Duration LOGIN = Duration.ofSeconds(30);
    /** Four keep-alives of half a minute find out that a connection is dead. */
    private static final Duration FOUND_DEAD = Duration.ofSeconds(120);
    /** No pause between tries is longer. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
    private static final List<String> DESIGNS = List.of("bootstrap", "call-home", "server-channels", "tunnel");

    @TempDir
    private Path directory;
    private final List<Process> processes = new ArrayList<>();
    private final List<String> namespaces = List.of("hp-centre", "hp-router", "hp-site");
    private final Map<String, Map<String, Long>> table = new LinkedHashMap<>();
    private Path operator;
    private Process gateway;

    @BeforeEach
    void connect() throws Exception {
        for (var program : List.of("ip", "nft", "ssh", "unshare")) {
            Peers.require(program);
        }
        Peers.requireThat("root".equals(Peers.user()) && Files.exists(Path.of("/dev/net/tun")),
                "network namespaces and tun devices need root");
        operator = new SshKeygen().generate(directory.resolve("alice"), KeyType.ED25519);
        for (var namespace : namespaces) {
            run("ip", "netns", "add", namespace);
            run("ip", "-n", namespace, "link", "set", "lo", "up");
        }
        run("ip", "-n", "hp-router", "link", "add", "inside", "type", "veth", "peer", "name", "eth0", "netns",
                "hp-site");
        run("ip", "-n", "hp-router", "address", "add", "10.77.1.1/24", "dev", "inside");
        run("ip", "-n", "hp-router", "link", "set", "inside", "up");
        run("ip", "-n", "hp-site", "address", "add", "10.77.1.2/24", "dev", "eth0");
        run("ip", "-n", "hp-site", "link", "set", "eth0", "up");
        run("ip", "-n", "hp-site", "route", "add", "default", "via", "10.77.1.1");
        var script = directory.resolve("lossy_link.py");
        try (var in = BehindNatTest.class.getResourceAsStream("lossy_link.py")) {
            Files.write(script, in.readAllBytes());
        }
        var link = new ProcessBuilder("/usr/bin/python3", script.toString(), "hp-centre", "hp-tun0", "198.18.0.1/24",
                "hp-router", "hp-tun1", "198.18.0.2/24", Integer.toString(LOSS_PERCENT),
                Integer.toString(DELAY_MILLIS), "8071").redirectErrorStream(true).start();
        processes.add(link);
        assertEquals("up", link.inputReader(StandardCharsets.UTF_8).readLine());
        in("hp-router", "sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
        var rules = Files.writeString(directory.resolve("rules.nft"), """
                table ip homeport {
                  chain masquerading {
                    type nat hook postrouting priority 100;
                    oifname "hp-tun1" masquerade
                  }
                  chain forwarding {
                    type filter hook forward priority 0; policy drop;
                    ct state established,related accept
                    iifname "inside" accept
                  }
                  chain entering {
                    type filter hook input priority 0; policy drop;
                    ct state established,related accept
                  }
                }
                """);
        in("hp-router", "nft", "-f", rules.toString());
    }

    @AfterEach
    void disconnect() throws Exception {
        for (var process : processes.reversed()) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        for (var namespace : namespaces) {
            new ProcessBuilder("ip", "netns", "del", namespace).start().waitFor();
        }
    }

    // ---- Programs in namespaces

    private static String run(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> String.join(" ", command) + ": " + text);
        return text;
    }

    private static String in(String namespace, String... command) throws IOException, InterruptedException {
        var all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(List.of(command));
        return run(all.toArray(String[]::new));
    }

    private static List<String> homeport(String namespace, String... arguments) {
        var all = new ArrayList<>(List.of("ip", "netns", "exec", namespace,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-Xmx96m", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-cp", System.getProperty("java.class.path"),
                "homeport.cli.Main"));
        all.addAll(List.of(arguments));
        return all;
    }

    private void command(String... arguments) throws IOException, InterruptedException {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--data", directory.resolve("data").toString()));
        run(homeport("hp-centre", all.toArray(String[]::new)).toArray(String[]::new));
    }

    private void startGateway(String address) throws IOException {
        gateway = new ProcessBuilder(homeport("hp-centre", "gateway", "--data", directory.resolve("data").toString(),
                "--devices-listen", address + ":4334", "--operators-listen", address + ":2222", "--http-listen",
                "127.0.0.1:8080", "--operator", "alice=" + SshKeygen.publicKeyFile(operator)))
                .redirectError(ProcessBuilder.Redirect.appendTo(directory.resolve("gateway.log").toFile())).start();
        processes.add(gateway);
        var said = gateway.inputReader(StandardCharsets.UTF_8);
        for (var line = said.readLine(); line == null || !line.startsWith("Devices dial port");) {
            assertTrue(line != null, "the gateway ended: " + Files.readString(directory.resolve("gateway.log")));
            line = said.readLine();
        }
    }

    /** With a file of hosts of its own, by which the gateway's name leads where the test wants. */
    private void startAgent(String design) throws Exception {
        var identity = new SshKeygen().generate(directory.resolve("key-" + design), KeyType.ED25519);
        var arguments = new ArrayList<>(List.of("agent", "--gateway", "gateway.test", "--id", design, "--design",
                design, "--identity", identity.toString(), "--embedded", "--operators-key",
                directory.resolve("operators").toString()));
        if (design.equals("bootstrap")) {
            var secret = directory.resolve("secret");
            Files.createFile(secret,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(secret, "a secret of sixteen bytes and more");
            command("device", "add", design, "--secret-file", secret.toString());
            arguments.addAll(List.of("--secret-file", secret.toString()));
        } else {
            command("device", "add", design, "--public-key", SshKeygen.publicKeyFile(identity).toString());
        }
        if (design.equals("server-channels") || design.equals("tunnel")) {
            arguments.addAll(List.of("--gateway-key", directory.resolve("known_hosts").toString()));
        }
        var java = homeport("hp-site", arguments.toArray(String[]::new));
        var command = new ArrayList<>(List.of("unshare", "--mount", "/bin/sh", "-c",
                "mount --bind \"$0\" /etc/hosts && exec \"$@\"", directory.resolve("hosts").toString()));
        command.addAll(java.subList(4, java.size()));
        command.addAll(0, java.subList(0, 4));
        processes.add(new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(directory.resolve("agent-" + design + ".log").toFile()).start());
    }

    /** In place: it is mounted where the agents see it. */
    private void nameLeadsTo(String address) throws IOException {
        Files.writeString(directory.resolve("hosts"), "127.0.0.1 localhost\n" + address + " gateway.test\n");
    }

    // ---- The operator

    private ProcessBuilder ssh(String address, String device, String command) {
        return new ProcessBuilder("ip", "netns", "exec", "hp-centre", "ssh", "-F", "none", "-p", "2222", "-i",
                operator.toString(), "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no", "-o",
                "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=10",
                "alice+" + device + "@" + address, command).redirectErrorStream(true);
    }

    /** How long it takes until an operator gets a command run on each device. */
    private void inService(String when, String address, Duration bound) throws Exception {
        long begun = System.nanoTime();
        var times = new LinkedHashMap<String, Long>();
        table.put(when, times);
        var missing = new ArrayList<>(DESIGNS);
        var said = "";
        while (!missing.isEmpty()) {
            for (var design : List.copyOf(missing)) {
                var process = ssh(address, design, "echo reached").start();
                process.getOutputStream().close();
                if (!process.waitFor(20, TimeUnit.SECONDS)) {
                    process.toHandle().destroyForcibly(); // leaves what it has said to be read
                }
                said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (said.equals("reached\n")) {
                    times.put(design, Duration.ofNanos(System.nanoTime() - begun).toMillis());
                    missing.remove(design);
                }
            }
            assertTrue(System.nanoTime() - begun < bound.toNanos(), when + ": " + missing + " not back within " + bound
                    + ": " + said + logs());
            assertFalse(gateway.waitFor(missing.isEmpty() ? 0 : 500, TimeUnit.MILLISECONDS), "the gateway has ended");
        }
        print(when, bound);
    }

    private String logs() throws IOException {
        var text = new StringBuilder();
        try (var files = Files.list(directory)) {
            for (var file : files.filter(each -> each.toString().endsWith(".log")).sorted().toList()) {
                text.append('\n').append(file.getFileName()).append(":\n").append(Files.readString(file));
            }
        }
        return text.toString();
    }

    private void print(String when, Duration bound) {
        var line = new StringBuilder(String.format("%-34s bound %4d s ", when, bound.toSeconds()));
        table.get(when).forEach(
                (design, millis) -> line.append(String.format(" %s %.1f s", design, millis / 1000.0)));
        System.out.println(line);
    }

    @Test
    void everyDesignStaysInServiceBehindAMasqueradingRouterWhateverChanges() throws Exception {
        nameLeadsTo("198.18.0.1");
        startGateway("198.18.0.1");
        var data = List.of("--data", directory.resolve("data").toString());
        for (var which : Map.of("--host", "known_hosts", "--user", "operators").entrySet()) {
            var ask = new ArrayList<>(List.of("keys", which.getKey()));
            ask.addAll(data);
            Files.writeString(directory.resolve(which.getValue()),
                    run(homeport("hp-centre", ask.toArray(String[]::new)).toArray(String[]::new)));
        }
        var hosts = Files.readString(directory.resolve("known_hosts"));
        Files.writeString(directory.resolve("known_hosts"), "*" + hosts.substring(hosts.indexOf(' ')));
        for (var design : DESIGNS) {
            startAgent(design);
        }
        inService("first start", "198.18.0.1", LONGEST_PAUSE.plus(LOGIN));

        var refused = new ProcessBuilder("ip", "netns", "exec", "hp-centre", "ping", "-c", "1", "-W", "2", "10.77.1.2")
                .redirectErrorStream(true).start();
        assertTrue(refused.waitFor() != 0, "the firewall lets something in");

        var live = ssh("198.18.0.1", "server-channels", "echo begun; sleep 1000").start();
        processes.add(live);
        assertEquals("begun", live.inputReader(StandardCharsets.UTF_8).readLine());
        run("ip", "-n", "hp-router", "address", "add", "198.18.0.3/24", "dev", "hp-tun1");
        run("ip", "-n", "hp-router", "address", "del", "198.18.0.2/24", "dev", "hp-tun1");
        run("ip", "-n", "hp-router", "address", "replace", "198.18.0.3/24", "dev", "hp-tun1");
        inService("the router gets another address", "198.18.0.1", FOUND_DEAD.plus(LONGEST_PAUSE).plus(LOGIN));

        run("ip", "-n", "hp-site", "address", "add", "10.77.1.9/24", "dev", "eth0");
        run("ip", "-n", "hp-site", "address", "del", "10.77.1.2/24", "dev", "eth0");
        run("ip", "-n", "hp-site", "address", "replace", "10.77.1.9/24", "dev", "eth0");
        run("ip", "-n", "hp-site", "route", "replace", "default", "via", "10.77.1.1");
        inService("the site gets another address", "198.18.0.1", FOUND_DEAD.plus(LONGEST_PAUSE).plus(LOGIN));

        gateway.destroy();
        gateway.waitFor();
        run("ip", "-n", "hp-centre", "address", "add", "198.18.0.77/24", "dev", "hp-tun0");
        run("ip", "-n", "hp-centre", "address", "del", "198.18.0.1/24", "dev", "hp-tun0");
        run("ip", "-n", "hp-centre", "address", "replace", "198.18.0.77/24", "dev", "hp-tun0");
        nameLeadsTo("198.18.0.77");
        startGateway("198.18.0.77");
        // What it said last may be lost, and is never said again from an address that is gone.
        inService("the gateway moves", "198.18.0.77", FOUND_DEAD.plus(LONGEST_PAUSE).plus(LOGIN));
    }
}
