package homeport.gateway.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Credentials;
import homeport.gateway.config.ConfigReader;
import homeport.gateway.event.GatewayEvent;
import homeport.gateway.inventory.AuditEntry;
import homeport.gateway.inventory.DeviceChange;
import homeport.gateway.inventory.IdFrom;
import homeport.gateway.inventory.NewDevice;
import homeport.gateway.inventory.OperatorChange;
import homeport.gateway.inventory.Operators;
import homeport.gateway.inventory.Role;
import homeport.gateway.inventory.TrustAnchor;
import homeport.net.Loops;
import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.PublicKeyFile;
import homeport.ssh.key.SshPublicKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What operators do with devices through a whole gateway, with OpenSSH's own client and devices of ours. */
class ReachTest {
    private static final int SECONDS = 20;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String PATTERN_OF_PROMPTS = "#!/bin/sh\ncat '%s'\n";

    @TempDir
    private Path directory;
    private Gateway gateway;
    private Loops deviceLoops;
    private final List<TestDevice> devices = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();
    private final StringBuilder knownHosts = new StringBuilder();

    private record Result(int status, String out, String err) {}

    @BeforeEach
    void open() throws IOException {
        if (System.getenv("CI") == null) {
            Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/ssh")), "OpenSSH's client is not installed");
        }
        deviceLoops = Loops.open(1);
        var config = ConfigReader.read(Optional.empty(), Map.of(), Map.of("data", directory.resolve("data").toString(),
                "devices.listen", "127.0.0.1:0", "operators.listen", "127.0.0.1:0", "http.listen", "127.0.0.1:0",
                "limits.channels", "2", "admission.unknown", "refuse"));
        gateway = Gateway.open(config, Optional.empty(), InstantSource.system());
        knownHosts.append("[127.0.0.1]:").append(gateway.operatorsAddress().getPort()).append(' ')
                .append(line(gateway.keys().host().publicKey())).append("\n@cert-authority * ")
                .append(line(gateway.keys().authority().publicKey())).append('\n');
    }

    @AfterEach
    void close() throws IOException {
        processes.forEach(Process::destroyForcibly);
        devices.forEach(TestDevice::close);
        gateway.close();
        deviceLoops.close();
    }

    private static String line(SshPublicKey key) {
        return key.type() + " " + Base64.getEncoder().encodeToString(key.blob());
    }

    /** An operator with a key. @return its file */
    private Path operator(String name, Role role, Map<String, Set<String>> selectors) throws IOException {
        var key = TestDevice.key();
        assertTrue(gateway.inventory().operators().add(name, role,
                List.of(PublicKeyFile.read(name, line(key.publicKey()))), selectors, "test"));
        return keyFile("key-" + name, key);
    }

    private Path keyFile(String name, PlainSigner key) throws IOException {
        var file = directory.resolve(name);
        Files.write(file, PrivateKeys.write(key, name, RANDOM));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private interface Maker {
        TestDevice make(PlainSigner key);
    }

    private PlainSigner device(String id, Maker maker) throws InterruptedException {
        var key = TestDevice.key();
        gateway.inventory().devices().add(NewDevice.pinned(id, key.publicKey().fingerprint()), "test");
        var online = new CountDownLatch(1);
        try (var watch = gateway.events().watch(Optional.empty(), event -> {
            if (event.type() == GatewayEvent.Type.DEVICE_ONLINE && event.device().equals(id)) {
                online.countDown();
            }
        }).orElseThrow()) {
            devices.add(maker.make(key));
            assertTrue(online.await(SECONDS, TimeUnit.SECONDS), id + " did not come");
        }
        return key;
    }

    private void callHome(String id) throws InterruptedException {
        device(id, key -> TestDevice.callHome(deviceLoops, gateway.devicesAddress(), key));
    }

    private void serverChannels(String id) throws InterruptedException {
        device(id, key -> TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(), Credentials.byKey(id, key)));
    }

    // ---- OpenSSH's client

    /** A configuration with {@code gate} for the gateway, so that jumps use the same. */
    private Path config(String operator, Path key, String more) throws IOException {
        Files.writeString(directory.resolve("known_hosts"), knownHosts);
        return Files.writeString(directory.resolve("config-" + operator), """
                Host gate
                  HostName 127.0.0.1
                  Port %d
                Host gate 127.0.0.1
                  User %s
                Host *
                  IdentityFile %s
                  IdentitiesOnly yes
                  StrictHostKeyChecking yes
                  UserKnownHostsFile %s
                  GlobalKnownHostsFile none
                  UpdateHostKeys no
                  LogLevel INFO
                  ConnectTimeout 20
                  %s
                """.formatted(gateway.operatorsAddress().getPort(), operator, key, directory.resolve("known_hosts"),
                more));
    }

    private Process start(Path config, String... words) throws IOException {
        var command = new ArrayList<>(List.of("/usr/bin/ssh", "-F", config.toString()));
        command.addAll(List.of(words));
        var builder = new ProcessBuilder(command);
        builder.environment().put("SSH_ASKPASS", directory.resolve("askpass").toString());
        builder.environment().put("SSH_ASKPASS_REQUIRE", "force");
        var process = builder.start();
        processes.add(process);
        return process;
    }

    private Result ssh(Path config, String stdin, String... words) throws Exception {
        var process = start(config, words);
        try (var in = process.getOutputStream()) {
            in.write(stdin.getBytes(StandardCharsets.UTF_8));
        }
        return end(process);
    }

    private static Result end(Process process) throws Exception {
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        var err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS));
        return new Result(process.exitValue(), out, err);
    }

    /** A session that is on: the device has said so. */
    private Process held(Path config, String... words) throws IOException {
        var process = start(config, words);
        var line = process.inputReader(StandardCharsets.UTF_8).readLine();
        assertEquals("held", line, () -> "it ended");
        return process;
    }

    // ---- Devices by name

    @Test
    void commandsShellsSubsystemsAndPortsReachTheDevice() throws Exception {
        var config = config("alice", operator("alice", Role.OPERATOR, Map.of()), "");
        callHome("router1");
        var big = "line of text\n".repeat(40_000);
        var cat = ssh(config, big, "-l", "alice+router1", "gate", "cat");
        assertEquals(0, cat.status(), cat.err());
        assertEquals(big, cat.out());
        assertEquals(37, ssh(config, "", "-l", "alice+router1", "gate", "exit 37").status());
        assertEquals(255, ssh(config, "", "-l", "alice+router1", "gate", "kill").status());

        var shell = ssh(config, "show\n", "-tt", "-o", "SetEnv=SITE=rome", "-l", "alice+router1", "gate");
        assertEquals(0, shell.status(), shell.err());
        assertTrue(shell.out().contains("pty ") && shell.out().contains("SITE=rome") && shell.out().contains("show"),
                shell.out());

        var netconf = ssh(config, "<hello/>]]>]]>", "-l", "alice+router1", "-s", "gate", "netconf");
        assertEquals("<hello netconf/><hello/>]]>]]>", netconf.out());

        try (var echo = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (var socket = echo.accept()) {
                    socket.getInputStream().transferTo(socket.getOutputStream());
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            var forwarded = ssh(config, "through the device", "-l", "alice+router1", "-W",
                    "127.0.0.1:" + echo.getLocalPort(), "gate");
            assertEquals("through the device", forwarded.out(), forwarded.err());
        }
        gateway.close();
        // Reopened only to be read: the trail was written to its end.
        var config2 = ConfigReader.read(Optional.empty(), Map.of(), Map.of("data", directory.resolve("data").toString(),
                "devices.listen", "127.0.0.1:0", "operators.listen", "127.0.0.1:0", "http.listen", "127.0.0.1:0"));
        gateway = Gateway.open(config2, Optional.empty(), InstantSource.system());
        var trail = gateway.inventory().audit().list(0, Optional.of("router1"), Instant.EPOCH, 100);
        var text = trail.stream().map(AuditEntry::detail).toList().toString();
        assertTrue(text.contains("command, " + big.length() + " bytes sent, " + big.length() + " received"), text);
        assertTrue(text.contains("subsystem netconf"), text);
        assertTrue(text.contains("port 127.0.0.1:"), text);
        assertEquals(Optional.empty(), gateway.inventory().audit().firstBroken().stream().boxed().findFirst());
    }

    // ---- Jumps

    @Test
    void aJumpToADeviceThatCalledHomeShowsACertificateOfTheGatewaysAuthority() throws Exception {
        var config = config("alice", operator("alice", Role.OPERATOR, Map.of()), "");
        callHome("Router1");
        serverChannels("router2");
        var first = ssh(config, "by the way", "-J", "gate", "admin@router1", "cat");
        assertEquals("by the way", first.out(), first.err());
        assertEquals(0, first.status());
        var second = ssh(config, "", "-J", "gate", "router2", "who");
        assertEquals("router2", second.out(), second.err());
        // The authority's line covers devices, and no device is another.
        var absent = ssh(config, "", "-J", "gate", "router3", "who");
        assertEquals(255, absent.status());
        assertTrue(absent.err().contains("there is no device router3"), absent.err());
    }

    @Test
    void aJumpToATunnelledDeviceIsEndToEnd() throws Exception {
        var inner = TestDevice.key();
        knownHosts.append("tunnel1 ").append(line(inner.publicKey())).append('\n');
        var config = config("alice", operator("alice", Role.OPERATOR, Map.of()), "");
        device("tunnel1", key -> TestDevice.tunnel(deviceLoops, gateway.devicesAddress(),
                Credentials.byKey("tunnel1", key), inner));
        var result = ssh(config, "end to end", "-v", "-J", "gate", "admin@tunnel1", "cat");
        assertEquals("end to end", result.out(), result.err());
        // What authenticated the server is the device's own key.
        assertTrue(result.err().contains("Server host key: ssh-ed25519 " + inner.publicKey().fingerprint()),
                result.err());
    }

    @Test
    void aJumpsInnerLoginTakesTheSameOperatorAlone() throws Exception {
        var alice = operator("alice", Role.OPERATOR, Map.of());
        var bob = operator("bob", Role.ADMIN, Map.of());
        callHome("router1");
        Files.writeString(directory.resolve("known_hosts"), knownHosts);
        var mixed = Files.writeString(directory.resolve("mixed"), """
                Host router1
                  IdentityFile %s
                Host gate
                  HostName 127.0.0.1
                  Port %d
                  User alice
                  IdentityFile %s
                Host *
                  IdentitiesOnly yes
                  BatchMode yes
                  StrictHostKeyChecking yes
                  UserKnownHostsFile %s
                """.formatted(bob, gateway.operatorsAddress().getPort(), alice, directory.resolve("known_hosts")));
        var result = ssh(mixed, "", "-J", "gate", "bob@router1", "who");
        assertEquals(255, result.status());
        assertTrue(result.err().contains("bob@router1: Permission denied"), result.err());
    }

    // ---- Logins

    @Test
    void aTokenLetsItsOwnerInAndNobodyElse() throws Exception {
        operator("alice", Role.OPERATOR, Map.of());
        operator("bob", Role.OPERATOR, Map.of());
        serverChannels("router1");
        var token = gateway.inventory().operators().issueToken("alice", Duration.ofHours(1), RANDOM, "test")
                .orElseThrow();
        var late = gateway.inventory().operators().issueToken("alice", Duration.ofSeconds(-1), RANDOM, "test")
                .orElseThrow();
        var config = config("alice", Path.of("none"),
                "PreferredAuthentications password\n  NumberOfPasswordPrompts 1");
        askpass(token);
        assertEquals("router1", ssh(config, "", "-l", "alice+router1", "gate", "who").out());
        assertEquals(255, ssh(config, "", "-l", "bob+router1", "gate", "who").status());
        askpass(late);
        assertEquals(255, ssh(config, "", "-l", "alice+router1", "gate", "who").status());
    }

    private void askpass(String answer) throws IOException {
        var secret = Files.writeString(directory.resolve("answer"), answer + "\n");
        var script = Files.writeString(directory.resolve("askpass"), PATTERN_OF_PROMPTS.formatted(secret));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void aCertificateLetsInWhomItNamesWhileItIsValidForWhatItGrants() throws Exception {
        var authority = TestDevice.key();
        assertTrue(gateway.inventory().anchors().add(new TrustAnchor("staff", TrustAnchor.Kind.OPENSSH,
                TrustAnchor.Purpose.OPERATORS, line(authority.publicKey()), IdFrom.COMMON_NAME, false, Set.of(), ""),
                "test"));
        operator("alice", Role.OPERATOR, Map.of());
        serverChannels("router1");
        var key = TestDevice.key();
        var file = keyFile("certified", key);
        var config = config("alice", file, "BatchMode yes");
        var now = Instant.now();
        var good = CertificateTerms.forUser("laptop", List.of("alice"), now.minusSeconds(60), now.plusSeconds(600));

        certify(file, key, good, authority);
        assertEquals("router1", ssh(config, "", "-l", "alice+router1", "gate", "who").out());

        certify(file, key, good.withExtensions("permit-pty"), authority);
        var narrow = ssh(config, "", "-l", "alice+router1", "-W", "127.0.0.1:22", "gate");
        assertTrue(narrow.err().contains("does not permit port forwarding"), narrow.err());

        for (var bad : List.of(
                CertificateTerms.forUser("old", List.of("alice"), now.minusSeconds(600), now.minusSeconds(60)),
                CertificateTerms.forUser("other", List.of("bob"), now.minusSeconds(60), now.plusSeconds(600)),
                CertificateTerms.forUser("pattern", List.of("*"), now.minusSeconds(60), now.plusSeconds(600)),
                CertificateTerms.forHost("host", List.of("alice"), now.minusSeconds(60), now.plusSeconds(600)),
                good.withCriticalOption(CertificateTerms.FORCE_COMMAND, "who"),
                good.withCriticalOption(CertificateTerms.SOURCE_ADDRESS, "192.0.2.0/24"))) {
            certify(file, key, bad, authority);
            assertEquals(255, ssh(config, "", "-l", "alice+router1", "gate", "who").status(), bad.keyId());
        }
        certify(file, key, good, TestDevice.key());
        assertEquals(255, ssh(config, "", "-l", "alice+router1", "gate", "who").status());

        // An authority that is no longer trusted takes those with it that it let in.
        certify(file, key, good, authority);
        var session = held(config, "-l", "alice+router1", "gate", "hold");
        assertTrue(gateway.inventory().anchors().remove("staff", "test"));
        gateway.watchers().trustChanged();
        assertTrue(session.waitFor(SECONDS, TimeUnit.SECONDS));
        assertEquals(255, session.exitValue());
    }

    private static void certify(Path file, PlainSigner key, CertificateTerms terms, PlainSigner authority)
            throws IOException {
        var certificate = OpenSshCertificate.issue(key.publicKey(), terms, authority, RANDOM);
        Files.writeString(file.resolveSibling(file.getFileName() + "-cert.pub"), line(certificate) + "\n");
    }

    // ---- Limits, and rights that are lost

    @Test
    void beyondTheBudgetTheReasonIsSaidAndAnEndMakesRoom() throws Exception {
        var config = config("alice", operator("alice", Role.OPERATOR, Map.of()), "");
        callHome("router1");
        var first = held(config, "-l", "alice+router1", "gate", "hold");
        var second = held(config, "-J", "gate", "router1", "hold");
        var third = ssh(config, "", "-l", "alice+router1", "gate", "who");
        assertEquals(1, third.status());
        assertTrue(third.err().contains("all 2 channels of router1 are in use"), third.err());
        first.destroy();
        assertTrue(first.waitFor(SECONDS, TimeUnit.SECONDS));
        OperatedGateway.until(() -> gateway.live().find("router1").orElseThrow().channels() < 2,
                "a channel did not end");
        assertEquals("home", ssh(config, "", "-l", "alice+router1", "gate", "who").out());
        assertTrue(second.isAlive());
    }

    @Test
    void whoLosesADeviceLosesTheirChannelsToItAndKeepsTheOthers() throws Exception {
        var rome = Map.of("site", Set.of("rome"));
        var config = config("bob", operator("bob", Role.OPERATOR, rome), "");
        for (var id : List.of("router1", "router2")) {
            serverChannels(id);
            label(id, "rome");
        }
        var lost = held(config, "-l", "bob+router1", "gate", "hold");
        var jumped = held(config, "-J", "gate", "router1", "hold");
        var kept = held(config, "-l", "bob+router2", "gate", "hold");
        label("router1", "oslo");
        long start = System.nanoTime();
        gateway.watchers().deviceChanged("router1");
        assertTrue(lost.waitFor(SECONDS, TimeUnit.SECONDS));
        assertTrue(jumped.waitFor(SECONDS, TimeUnit.SECONDS));
        assertTrue(Duration.ofNanos(System.nanoTime() - start).toMillis() < 1000);
        assertTrue(kept.isAlive());
        // To a viewer no device is left.
        assertEquals(Operators.Changed.DONE, gateway.inventory().operators().change("bob",
                OperatorChange.rights(Role.VIEWER, rome), "test"));
        gateway.watchers().operatorChanged("bob");
        assertTrue(kept.waitFor(SECONDS, TimeUnit.SECONDS));
        var hidden = ssh(config, "", "-J", "gate", "router1", "who");
        assertTrue(hidden.err().contains("there is no device router1"), hidden.err());
    }

    /** RFC 4254 §5.1: by the code programs tell what they may not have from what is not there now. */
    @Test
    void aPortThatIsNotOpenedIsRefusedByTheCodeThatSaysWhy() throws Exception {
        var alice = config("alice", operator("alice", Role.OPERATOR, Map.of()), "");
        var vera = config("vera", operator("vera", Role.VIEWER, Map.of()), "");
        callHome("router1");
        gateway.inventory().devices().add(NewDevice.expected("router2"), "test");
        int closed;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        var port = "127.0.0.1:" + closed;
        assertRefusal(ssh(alice, "", "-W", "router9:22", "gate"), "connect failed: there is no device router9");
        assertRefusal(ssh(alice, "", "-W", "router2:22", "gate"), "connect failed: router2 is offline");
        assertRefusal(ssh(alice, "", "-l", "alice+router2", "-W", port, "gate"), "connect failed: router2 is offline");
        assertRefusal(ssh(vera, "", "-l", "vera+router1", "-W", port, "gate"), "administratively prohibited: ");
        // The device's own code goes on, with its words and the code's.
        assertRefusal(ssh(alice, "", "-l", "alice+router1", "-W", port, "gate"),
                "connect failed: the device refuses the channel: not reached (connect failed)");
        held(alice, "-l", "alice+router1", "gate", "hold");
        held(alice, "-l", "alice+router1", "gate", "hold");
        assertRefusal(ssh(alice, "", "-l", "alice+router1", "-W", port, "gate"),
                "resource shortage: all 2 channels of router1 are in use");
    }

    private static void assertRefusal(Result result, String why) {
        assertEquals(255, result.status());
        assertTrue(result.err().contains("open failed: " + why), result.err());
    }

    private void label(String id, String site) {
        gateway.inventory().devices().change(id, DeviceChange.NOTHING.withLabels(Map.of("site", site)),
                Optional.empty(), "test");
    }

    @Test
    void aDevicesKeyOpensNothingAtTheOperatorsPortAndAnOperatorsNothingAtTheDevices() throws Exception {
        var key = TestDevice.key();
        gateway.inventory().devices().add(NewDevice.pinned("router1", key.publicKey().fingerprint()), "test");
        var asDevice = config("router1", keyFile("device", key), "BatchMode yes");
        var device = ssh(asDevice, "", "gate", "who");
        assertEquals(255, device.status());
        assertTrue(device.err().contains("Permission denied"), device.err());

        knownHosts.append("[127.0.0.1]:").append(gateway.devicesAddress().getPort()).append(' ')
                .append(line(gateway.keys().host().publicKey())).append('\n');
        var alice = config("alice", operator("alice", Role.ADMIN, Map.of()), "BatchMode yes");
        var port = String.valueOf(gateway.devicesAddress().getPort());
        var operator = ssh(alice, "", "-p", port, "alice+router1@127.0.0.1", "who");
        assertEquals(255, operator.status());
        assertFalse(operator.out().contains("router1"), operator.out());
    }
}
