package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.testkit.peers.ClientSetup;
import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.OpenSshClient;
import homeport.testkit.peers.OpenSshServer;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.RunningServer;
import homeport.testkit.peers.ServerSetup;
import homeport.testkit.peers.SshKeygen;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * From nothing to every program on every device, with real programs at both ends. Four devices join:
 *
 * <pre>
 *  router1  sshd -i under socat, with a NETCONF subsystem       nobody knows it: named and approved by an operator
 *  host1    ssh -N -R to an sshd                                says its name: approved by an operator
 *  vmx-7    Junos' message with an HMAC, then sshd -i           added with its secret before it comes
 *  agent1   homeport agent --embedded                           comes with a claim token
 * </pre>
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Execution(ExecutionMode.SAME_THREAD)
@Timeout(240)
class EndToEndTest {
    private static final List<String> DEVICES = List.of("router1", "host1", "vmx-7", "agent1");
    private static final String SECRET = "s3cret of this router";
    private static final int SECONDS = 60;
    private static final int BYTES = 300_000;

    private Path directory;
    private Path operatorKey;
    private Path sshConfig;
    private RunningGateway gateway;
    private String token;
    private final List<RunningServer> servers = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();

    private record Result(int status, String out, String err) {}

    @BeforeAll
    void joinAndApprove(@TempDir Path temporary) throws Exception {
        List.of("sshd", "socat", "ssh", "scp", "sftp", "curl").forEach(Peers::require);
        directory = temporary;
        operatorKey = key("alice");
        gateway = RunningGateway.start(temporary.resolve("data"), "--operator",
                "alice=" + SshKeygen.publicKeyFile(operatorKey));
        var gatewayKey = Files.writeString(temporary.resolve("gateway.pub"), gateway.done("keys", "--user"));

        router(gatewayKey);
        host(gatewayKey);
        junos(gatewayKey);
        agent(gatewayKey);

        for (var device : DEVICES) {
            RunningGateway.until(device + " in service", () -> online(device), () -> gateway.done("why")
                    + gateway.log());
        }
        // The agent reads its YANG modules at the first session, which takes long where everything does.
        RunningGateway.until("agent1's NETCONF", () -> gateway.run("<get/>", "rpc", "agent1", "-").status() == 0);
        Files.writeString(temporary.resolve("known_hosts"), gateway.done("export", "known-hosts"));
        sshConfig = Files.writeString(temporary.resolve("ssh_config"), gateway.done("export", "ssh-config") + """
                Host gate
                    HostName 127.0.0.1
                    Port %d
                    User alice
                Host *
                    IdentityFile %s
                    IdentitiesOnly yes
                    BatchMode yes
                    StrictHostKeyChecking yes
                    UserKnownHostsFile %s
                    GlobalKnownHostsFile none
                    UpdateHostKeys no
                """.formatted(gateway.operatorsPort, operatorKey, temporary.resolve("known_hosts")));
        token = gateway.done("operator", "token", "alice", "--days", "1").strip();
    }

    @AfterAll
    void end() throws Exception {
        for (var process : processes) {
            process.destroy();
            process.waitFor();
        }
        servers.forEach(RunningServer::close);
        if (gateway != null) {
            gateway.close();
        }
    }

    private Path key(String name) throws IOException, InterruptedException {
        return new SshKeygen().generate(directory.resolve(name), KeyType.ED25519);
    }

    private OpenSshServer sshd(String hostName) throws IOException {
        return new OpenSshServer().with("Subsystem netconf /usr/bin/python3 " + netconfSubsystem(directory) + " "
                + hostName);
    }

    /** A program that speaks NETCONF, for sshd to start. */
    static Path netconfSubsystem(Path directory) throws IOException {
        var script = directory.resolve("netconf_subsystem.py");
        if (!Files.exists(script)) {
            try (var in = Objects.requireNonNull(EndToEndTest.class.getResourceAsStream("netconf_subsystem.py"))) {
                Files.copy(in, script);
            }
        }
        return script;
    }

    private InetSocketAddress devicesPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.devicesPort);
    }

    private boolean online(String device) {
        var shown = gateway.run("", "device", "show", device, "--json");
        return shown.status() == 0 && new JsonObject(shown.out()).getBoolean("online");
    }

    private JsonArray pending() {
        return new JsonArray(gateway.done("device", "list", "--state", "pending", "--json"));
    }

    // ---- The devices

    private void router(Path gatewayKey) throws Exception {
        var hostKey = key("router1-host");
        servers.add(sshd("router1").dial(new ServerSetup(directory, hostKey, gatewayKey), devicesPort()));
        RunningGateway.until("a stranger", () -> pending().size() == 1);
        var fingerprint = pending().getJsonObject(0).getString("id");
        assertEquals(new SshKeygen().fingerprint(SshKeygen.publicKeyFile(hostKey)), fingerprint);
        gateway.done("device", "set", fingerprint, "--rename", "router1");
        gateway.done("device", "approve", "router1", "--login", Peers.user());
    }

    private void host(Path gatewayKey) throws Exception {
        var sshd = sshd("host1").listen(new ServerSetup(directory, key("host1-host"), gatewayKey));
        servers.add(sshd);
        var hostKey = gateway.done("keys", "--host").lines().findFirst().orElseThrow().split(" ", 2)[1];
        var setup = new ClientSetup(directory, hostKey, key("host1-user"));
        var words = new ArrayList<>(OpenSshClient.arguments(setup, Files.createTempDirectory(directory, "host1")));
        words.addAll(List.of("-N", "-R", "0:127.0.0.1:" + sshd.address().getPort(), "-p",
                Integer.toString(gateway.devicesPort), "-l", "host1", "127.0.0.1"));
        start(new ProcessBuilder(words), "host1");
        RunningGateway.until("host1", () -> pending().stream()
                .anyMatch(device -> ((JsonObject) device).getString("id").equals("host1")));
        gateway.done("device", "approve", "host1", "--login", Peers.user());
    }

    private void junos(Path gatewayKey) throws Exception {
        var hostKey = key("vmx-7-host");
        var line = SshKeygen.publicLine(hostKey);
        var mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
        var message = "MSG-ID: DEVICE-CONN-INFO\r\nMSG-VER: V1\r\nDEVICE-ID: vmx-7\r\nHOST-KEY: " + line + "\r\nHMAC:"
                + HexFormat.of().formatHex(mac.doFinal(line.getBytes(StandardCharsets.UTF_8))) + "\r\n\r\n\r\n";
        var secret = Files.writeString(directory.resolve("vmx-7.secret"), SECRET);
        gateway.done("device", "add", "vmx-7", "--secret-file", secret.toString(), "--login", Peers.user(), "--label",
                "vendor=junos");
        servers.add(sshd("vmx-7").dialAfter(message.getBytes(StandardCharsets.UTF_8),
                new ServerSetup(directory, hostKey, gatewayKey), devicesPort()));
    }

    private void agent(Path gatewayKey) throws Exception {
        var added = new JsonObject(gateway.done("device", "add", "agent1", "--claim", "--json"));
        var claim = Files.writeString(directory.resolve("agent1.claim"), added.getJsonObject("claim")
                .getString("token"));
        var known = Files.writeString(directory.resolve("agent1.known_hosts"), gateway.done("keys", "--host"));
        var home = Files.createDirectory(directory.resolve("agent1"));
        start(RunningGateway.homeport(List.of("agent", "--gateway", "127.0.0.1:" + gateway.devicesPort, "--id",
                "agent1", "--design", "server-channels", "--identity", home.resolve("key").toString(), "--claim",
                "@" + claim, "--gateway-key", known.toString(), "--operators-key", gatewayKey.toString(),
                "--embedded")).directory(home.toFile()), "agent1");
    }

    private void start(ProcessBuilder builder, String name) throws IOException {
        processes.add(builder.redirectErrorStream(true).redirectOutput(directory.resolve(name + ".log").toFile())
                .start());
    }

    // ---- Programs

    private Result program(String stdin, String... words) throws Exception {
        var err = Files.createTempFile(directory, "program", ".err");
        var process = new ProcessBuilder(words).redirectError(err.toFile()).start();
        try (var in = process.getOutputStream()) {
            in.write(stdin.getBytes(StandardCharsets.UTF_8));
        }
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), () -> List.of(words) + " does not end");
        return new Result(process.exitValue(), out, Files.readString(err));
    }

    private interface Use {
        void of(String device) throws Exception;
    }

    private static Stream<DynamicTest> each(Use use) {
        return DEVICES.stream().map(device -> DynamicTest.dynamicTest(device, () -> use.of(device)));
    }

    @TestFactory
    Stream<DynamicTest> ssh() {
        return each(device -> {
            var result = program("given\n", "ssh", "-F", sshConfig.toString(), device, "cat; exit 5");
            assertEquals(new Result(5, "given\n", ""), result);
        });
    }

    @TestFactory
    Stream<DynamicTest> aShellWithATerminal() {
        return each(device -> {
            var result = program("", "ssh", "-F", sshConfig.toString(), "-tt", device, "tty; exit 6");
            assertEquals(6, result.status(), result.err());
            assertTrue(result.out().startsWith("/dev/pts/"), result.out());
        });
    }

    @TestFactory
    Stream<DynamicTest> scp() {
        return each(device -> {
            var there = directory.resolve(device + ".there");
            var back = directory.resolve(device + ".back");
            var sent = Files.write(directory.resolve(device + ".sent"), bytes(device));
            var to = program("", "scp", "-F", sshConfig.toString(), sent.toString(), device + ":" + there);
            assertEquals(0, to.status(), to.err());
            var from = program("", "scp", "-F", sshConfig.toString(), device + ":" + there, back.toString());
            assertEquals(0, from.status(), from.err());
            assertEquals(-1, Files.mismatch(sent, back));
        });
    }

    private static byte[] bytes(String seed) {
        byte[] bytes = new byte[BYTES];
        new java.util.Random(seed.hashCode()).nextBytes(bytes);
        return bytes;
    }

    @TestFactory
    Stream<DynamicTest> sftp() {
        return each(device -> {
            var sent = Files.write(directory.resolve(device + ".put"), bytes(device));
            var batch = Files.writeString(directory.resolve(device + ".batch"),
                    "put " + sent + " " + sent + ".there\nls "
                            + sent + ".there\nget " + sent + ".there " + sent + ".got\n");
            var result = program("", "sftp", "-F", sshConfig.toString(), "-b", batch.toString(), device);
            assertEquals(0, result.status(), result.err());
            assertEquals(-1, Files.mismatch(sent, Path.of(sent + ".got")));
        });
    }

    /** One {@code @cert-authority} line is all that is known of them; a tunnelled one shows its own key, end to end. */
    @TestFactory
    Stream<DynamicTest> sshByAJump() throws Exception {
        var ends = Files.writeString(directory.resolve("known_by_jump"), gateway.done("export", "known-hosts")
                + "host1 " + SshKeygen.publicLine(directory.resolve("host1-host")) + "\n");
        var own = directory.resolve("host1-host"); // which host1's sshd takes for its own operators
        assertTrue(Files.exists(own));
        return each(device -> {
            var result = program("", "ssh", "-F", jumpConfig(ends).toString(), "-v", "-J", "gate", "root@" + device,
                    "echo reached");
            if (device.equals("host1")) {
                // End to end: the host asks for the operator's own key, which this one does not have on it.
                assertTrue(result.err().contains("Server host key: ssh-ed25519 " + new SshKeygen()
                        .fingerprint(SshKeygen.publicKeyFile(own))), result.err());
                assertTrue(result.err().contains("Permission denied"), result.err());
            } else {
                assertEquals("reached\n", result.out(), result.err());
                assertTrue(result.err().contains("Server host certificate: ssh-ed25519-cert-v01@openssh.com"),
                        result.err());
            }
        });
    }

    private Path jumpConfig(Path known) throws IOException {
        return Files.writeString(directory.resolve("jump_config"), """
                Host gate
                    HostName 127.0.0.1
                    Port %d
                    User alice
                Host *
                    IdentityFile %s
                    IdentitiesOnly yes
                    BatchMode yes
                    StrictHostKeyChecking yes
                    UserKnownHostsFile %s
                    GlobalKnownHostsFile none
                    UpdateHostKeys no
                """.formatted(gateway.operatorsPort, operatorKey, known));
    }

    @TestFactory
    Stream<DynamicTest> ncclient() throws IOException {
        var script = Files.writeString(directory.resolve("use_ncclient.py"), """
                import sys, warnings
                warnings.filterwarnings("ignore")
                from ncclient import manager
                with manager.connect(host="127.0.0.1", port=int(sys.argv[1]), username="alice+" + sys.argv[2],
                                     key_filename=sys.argv[3], hostkey_b64=sys.argv[4], look_for_keys=False,
                                     allow_agent=False, timeout=30) as session:
                    print(session.get_config(source="running").data_xml)
                """);
        var key = ed25519(gateway.done("keys", "--host"));
        return each(device -> {
            var result = program("", "/usr/bin/python3", script.toString(), Integer.toString(gateway.operatorsPort),
                    device, operatorKey.toString(), key);
            assertEquals(0, result.status(), result.err());
            assertTrue(device.equals("agent1") || result.out().contains(">" + device + "<"), result.out());
            assertTrue(result.out().contains("data"), result.out());
        });
    }

    /** The Ed25519 key of lines as known_hosts has them, in base64. */
    private static String ed25519(String lines) {
        return lines.lines().map(line -> List.of(line.split(" "))).filter(words -> words.contains("ssh-ed25519"))
                .map(words -> words.get(words.indexOf("ssh-ed25519") + 1)).findFirst().orElseThrow();
    }

    @TestFactory
    Stream<DynamicTest> curl() throws IOException {
        // Not on the command line, where others would see it.
        var header = Files.writeString(directory.resolve("token"), "Authorization: Bearer " + token + "\n");
        Files.setPosixFilePermissions(header, PosixFilePermissions.fromString("rw-------"));
        var url = "http://127.0.0.1:" + gateway.httpPort + "/api/v1/devices/";
        return each(device -> {
            var shown = program("", "curl", "-sSf", "-H", "@" + header, url + device);
            assertEquals(device, new JsonObject(shown.out()).getString("id"), shown.err());
            var reply = program("<get/>", "curl", "-sSf", "-H", "@" + header, "-H", "Content-Type: application/xml",
                    "--data-binary", "@-", url + device + "/rpc");
            assertEquals(0, reply.status(), reply.err());
            assertTrue(reply.out().contains("<data"), reply.out());
        });
    }

    // ---- Every command

    @TestFactory
    Stream<DynamicTest> commandsAboutADevice() throws IOException {
        var get = Files.writeString(directory.resolve("get.xml"), "<get/>");
        return each(device -> {
            assertTrue(gateway.done("device", "list").contains(device));
            assertTrue(gateway.done("device", "show", device).contains("admitted"));
            assertTrue(gateway.done("device", "set", device, "--label", "site=rome").contains("site=rome"));
            assertTrue(gateway.done("device", "list", "--label", "site=rome", "--json").contains(device));
            for (var file : List.of(get.toString(), "-")) {
                var reply = gateway.run("<get/>", "rpc", device, file);
                assertEquals(0, reply.status(), reply.out() + reply.err());
                assertTrue(reply.out().contains("rpc-reply"), reply.out());
            }
            assertTrue(gateway.done("get-config", device).contains("<data"));
            assertTrue(gateway.done("why", device).contains("joined at linked"), gateway.done("why", device));
            assertTrue(gateway.done("audit", "--device", device).contains("device.rpc"));
            var ssh = RunningGateway.homeport(List.of("ssh", "--data", gateway.data.toString(), "--as", "alice", "-i",
                    operatorKey.toString(), device, "echo", "by", "homeport")).redirectErrorStream(true).start();
            ssh.getOutputStream().close();
            var said = new String(ssh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, ssh.waitFor(), said);
            assertEquals("by homeport\n", said);
        });
    }

    @Test
    void commandsAboutTheGateway() throws Exception {
        assertTrue(gateway.done("version").startsWith("homeport "), gateway.done("version"));
        assertTrue(gateway.done("completion").contains("complete"));
        assertTrue(gateway.done("keys").contains("@cert-authority"));
        assertTrue(gateway.done("keys", "--ca").startsWith("ssh-ed25519 "));
        for (var device : DEVICES) {
            assertTrue(gateway.done("export", "ssh-config").contains("Host " + device));
            assertTrue(gateway.done("export", "ansible").contains("\"" + device + "\""));
        }
        assertTrue(gateway.done("export", "known-hosts").contains("@cert-authority *"));
        assertTrue(gateway.done("audit", "--since", "1h", "--json").contains("device.approve"));
        assertTrue(gateway.done("why").contains("joined at linked"));

        var authority = key("authority");
        gateway.done("trust", "add", "staff", "--ca", SshKeygen.publicKeyFile(authority).toString(), "--operators");
        assertTrue(gateway.done("trust", "list").contains("staff"));
        gateway.done("trust", "remove", "staff");
        assertFalse(gateway.done("trust", "list").contains("staff"));

        gateway.done("operator", "add", "bob", "--public-key", SshKeygen.publicKeyFile(key("bob")).toString(), "--role",
                "viewer");
        assertTrue(gateway.done("operator", "list").contains("bob"));
        var bobs = gateway.done("operator", "token", "bob").strip();
        var refused = ScriptedGateway.run(Map.of("HOMEPORT_SERVER", "http://127.0.0.1:" + gateway.httpPort,
                "HOMEPORT_TOKEN", bobs), "", "device", "refuse", "router1");
        assertEquals(4, refused.status(), refused.err());
        gateway.done("operator", "remove", "bob");
        assertFalse(gateway.done("operator", "list").contains("bob"));
        assertEquals(3, gateway.run("", "device", "show", "nobody").status());
    }

    /** Those that change who is there: on a device of their own, and on the agent, which comes back by itself. */
    @Test
    void commandsThatDecide() throws Exception {
        var watch = RunningGateway.homeport(List.of("device", "watch", "--data", gateway.data.toString()))
                .redirectErrorStream(true).start();
        processes.add(watch);
        var events = watch.inputReader(StandardCharsets.UTF_8);
        RunningGateway.until("the watch", () -> {
            gateway.done("device", "set", "agent1", "--label", "watched=yes");
            return ready(events);
        });
        var spare = new SshKeygen().fingerprint(SshKeygen.publicKeyFile(key("spare")));
        gateway.done("device", "add", "spare", "--fingerprint", spare);
        gateway.done("device", "refuse", "spare");
        assertEquals("refused", new JsonObject(gateway.done("device", "show", "spare", "--json")).getString("state"));
        gateway.done("device", "approve", "spare");
        gateway.done("device", "remove", "spare");
        assertEquals(3, gateway.run("", "device", "show", "spare").status());
        assertEquals(0, gateway.run("", "device", "approve", "--pending", "--from", "127.0.0.0/8", "--limit", "5")
                .status());
        assertEquals(3, gateway.run("", "device", "disconnect", "spare").status());

        var since = new JsonObject(gateway.done("device", "show", "agent1", "--json")).getString("since");
        gateway.done("device", "disconnect", "agent1");
        RunningGateway.until("agent1 back", () -> {
            var now = new JsonObject(gateway.done("device", "show", "agent1", "--json"));
            return now.getBoolean("online") && !since.equals(now.getString("since"));
        });
        var seen = new StringBuilder();
        RunningGateway.until("the event of its going", () -> {
            while (ready(events)) {
                seen.append(line(events)).append('\n');
            }
            return seen.indexOf("device.offline  agent1") >= 0;
        }, seen::toString);
    }

    private static boolean ready(BufferedReader reader) {
        try {
            return reader.ready();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String line(BufferedReader reader) {
        try {
            return reader.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
