package homeport.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Design;
import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.SshKeygen;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What OpenSSH's own programs get from the agent's SSH server, and who gets in. Each waits for the agent to call home. */
@Timeout(180)
class EmbeddedServerTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    private Path directory;
    private Path operators;
    private Path key;
    private int port;
    private Agent agent;

    @BeforeEach
    void start() throws Exception {
        Peers.require("ssh");
        Peers.require("socat");
        key = new SshKeygen().generate(directory.resolve("alice"), KeyType.ED25519);
        operators = Files.copy(SshKeygen.publicKeyFile(key), directory.resolve("operators"));
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        agent = Agent.start(
                new AgentConfig("device1", Design.CALL_HOME, List.of(TestAgents.called("dc", port)),
                        directory.resolve("identity"), Optional.empty(), Optional.empty(), Optional.empty(),
                        AgentConfig.Trust.NONE, Optional.of(operators), new AgentConfig.Service.Embedded(),
                        Optional.empty(), AgentConfig.KEEP_ALIVE),
                event -> {}, InstantSource.system(), RANDOM);
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    private record Outcome(int status, String out, String err) {}

    private List<String> options(Path identity) {
        return List.of("-F", "none", "-i", identity.toString(), "-o", "IdentitiesOnly=yes", "-o",
                "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o",
                "BatchMode=yes", "-o", "ProxyCommand=socat - TCP-LISTEN:" + port + ",bind=127.0.0.1,reuseaddr");
    }

    private Outcome run(String input, String program, Path identity, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(Peers.require(program).toString()));
        command.addAll(options(identity));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectError(directory.resolve("err").toFile());
        builder.environment().put("LC_ALL", "C.UTF-8");
        var process = builder.start();
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS));
        return new Outcome(process.exitValue(), out, Files.readString(directory.resolve("err")));
    }

    private Outcome ssh(String... arguments) throws Exception {
        return run("", "ssh", key, arguments);
    }

    /** With these words before the key, as in {@code authorized_keys}. */
    private void restrict(String words) throws IOException {
        Files.writeString(operators, words + " " + Files.readString(SshKeygen.publicKeyFile(key)));
    }

    // ---- Commands, shells, files

    @Test
    void commandHasItsOwnOutputsAndStatus() throws Exception {
        assertEquals(new Outcome(5, "out\n", "err\n"), ssh("alice@device", "echo out; echo err >&2; exit 5"));
        assertEquals(new Outcome(0, "given", ""), run("given", "ssh", key, "alice@device", "cat"));
    }

    @Test
    void programsRunAsTheAgentsUserWithNothingOfItsEnvironment() throws Exception {
        var said = ssh("alice@device", "env; pwd; id -un").out();
        assertTrue(said.contains("\nUSER=" + System.getProperty("user.name") + "\n")
                || said.startsWith("USER=" + System.getProperty("user.name")), said);
        assertTrue(said.contains("HOME=" + System.getProperty("user.home") + "\n"), said);
        assertTrue(said.endsWith(System.getProperty("user.home") + "\n" + System.getProperty("user.name") + "\n"),
                said);
        var known = List.of("USER", "LOGNAME", "HOME", "PATH", "SHELL", "LC_ALL", "LANG", "PWD", "OLDPWD", "SHLVL",
                "_");
        for (var line : said.lines().filter(each -> each.contains("=")).toList()) {
            assertTrue(known.contains(line.substring(0, line.indexOf('='))), line);
        }
    }

    @Test
    void shellRunsInATerminal() throws Exception {
        var said = run("stty -echo; tty; stty size; echo $TERM; exit 4\n", "ssh", key, "-tt", "alice@device");
        assertEquals(4, said.status(), said::toString);
        assertTrue(said.out().contains("/dev/pts/"), said::toString);
        var command = run("", "ssh", key, "-tt", "alice@device", "tty; exit 6");
        assertTrue(command.status() == 6 && command.out().contains("/dev/pts/"), command::toString);
        assertEquals("not a tty\n", ssh("alice@device", "tty").out());
    }

    @Test
    void filesComeAndGoByScpAndSftp() throws Exception {
        Peers.requireThat(Programs.sftpServer().isPresent(), "openssh-sftp-server is not installed");
        byte[] content = new byte[3 << 20];
        new Random(1).nextBytes(content);
        var near = Files.write(directory.resolve("near"), content);
        var far = directory.resolve("far");
        assertEquals(0, run("", "scp", key, "-q", near.toString(), "alice@device:" + far).status());
        assertArrayEquals(content, Files.readAllBytes(far));
        var back = directory.resolve("back");
        assertEquals(0, run("", "scp", key, "-q", "alice@device:" + far, back.toString()).status());
        assertArrayEquals(content, Files.readAllBytes(back));
        var batch = run("rename " + far + " " + far + "2\nget " + far + "2 " + back + "2\n", "sftp", key, "-b", "-",
                "alice@device");
        assertEquals(0, batch.status(), batch::toString);
        assertArrayEquals(content, Files.readAllBytes(directory.resolve("back2")));
        assertFalse(Files.exists(far));
    }

    // ---- Who may do what

    @Test
    void onlyTheAllowedCommandRuns() throws Exception {
        restrict("command=\"echo allowed\"");
        assertEquals(new Outcome(0, "allowed\n", ""), ssh("alice@device", "echo other"));
        assertEquals("allowed\n", ssh("alice@device").out(), "in place of a shell, too");
        var sftp = run("", "sftp", key, "-b", "-", "alice@device");
        assertFalse(sftp.status() == 0, "nor is sftp a way round it");
    }

    @Test
    void restrictedKeyGetsNoTerminal() throws Exception {
        restrict("restrict");
        assertEquals("not a tty\n", ssh("alice@device", "tty").out());
        var terminal = ssh("-tt", "alice@device", "tty");
        assertFalse(terminal.out().contains("/dev/"), terminal::toString);
    }

    @Test
    void strangerIsNotLetIn() throws Exception {
        var stranger = new SshKeygen().generate(directory.resolve("stranger"), KeyType.ED25519);
        var refused = run("", "ssh", stranger, "alice@device", "id");
        assertEquals(255, refused.status());
        assertTrue(refused.err().contains("Permission denied (publickey)"), refused::toString);
        assertEquals("", refused.out());
    }

    @Test
    void gatewaysAuthorityDecidesByItsCertificates() throws Exception {
        var authority = new SshKeygen().generate(directory.resolve("authority"), KeyType.ED25519);
        Files.writeString(operators, "cert-authority,principals=\"device1\" "
                + Files.readString(SshKeygen.publicKeyFile(authority)));
        assertEquals(255, ssh("alice@device", "true").status(), "the bare key does no longer");
        new SshKeygen().signUser(authority, key, "device1");
        assertEquals(new Outcome(0, "in\n", ""), ssh("alice@device", "echo in"));
        new SshKeygen().signUser(authority, key, "device2");
        assertEquals(255, ssh("alice@device", "true").status(), "a certificate for another device");
    }

    @Test
    void keyTakenFromTheFileIsOutAtTheNextLogin() throws Exception {
        assertEquals(0, ssh("alice@device", "true").status());
        Files.writeString(operators, "");
        assertEquals(255, ssh("alice@device", "true").status());
    }
}
