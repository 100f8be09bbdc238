package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.SshKeygen;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code homeport agent} as a process, and the gateway it dials. */
@Timeout(180)
class AgentCommandTest {
    private static final Map<String, String> ENVIRONMENT = Map.of("HOMEPORT_OPERATOR", "alice");

    @TempDir
    private Path directory;
    private final List<Process> agents = new ArrayList<>();

    @AfterEach
    void end() throws InterruptedException {
        for (var process : agents) {
            process.destroyForcibly().waitFor();
        }
    }

    private Process agent(String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx96m", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-cp", System.getProperty("java.class.path"),
                AgentMain.class.getName(), "agent"));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(directory.resolve("agent.log").toFile())).start();
        agents.add(process);
        return process;
    }

    private String firstLine(Process agent) throws IOException {
        var line = agent.inputReader(StandardCharsets.UTF_8).readLine();
        assertTrue(line != null, this::log);
        return line;
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("agent.log"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String find(BufferedReader lines, String pattern) throws IOException {
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
            var matcher = Pattern.compile(pattern).matcher(line);
            if (matcher.find()) {
                return matcher.group(1);
            }
        }
        throw new AssertionError("no line with " + pattern);
    }

    /** A one-time token makes a device that nobody knows one that is known by its key from then on. */
    @Test
    void claimTokenIsTradedForAdmissionOnceAndNeverAgain() throws Exception {
        Peers.require("ssh");
        var operator = new SshKeygen().generate(directory.resolve("alice"), KeyType.ED25519);
        var data = directory.resolve("data").toString();
        var written = new PipedWriter();
        try (var lines = new BufferedReader(new PipedReader(written, 64 << 10))) {
            var run = new FutureTask<>(() -> Main.commandLine(ENVIRONMENT, new ByteArrayInputStream(new byte[0]))
                    .setOut(new PrintWriter(written)).execute("gateway", "--data", data, "--devices-listen",
                            "127.0.0.1:0", "--operators-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0",
                            "--operator", "alice=" + SshKeygen.publicKeyFile(operator)));
            var gateway = Thread.ofPlatform().name("gateway").start(run);
            try {
                int port = Integer.parseInt(find(lines, "Devices dial port (\\d+),"));
                var added = ScriptedGateway.run(ENVIRONMENT, "", "device", "add", "new1", "--claim", "--data", data);
                assertEquals(0, added.status(), added.err());
                var matcher = Pattern.compile("claim +(\\S+)").matcher(added.out());
                assertTrue(matcher.find(), added.out());
                var token = Files.writeString(directory.resolve("token"), matcher.group(1) + "\n");
                var dial = List.of("--gateway", "127.0.0.1:" + port, "--id", "new1", "--design", "server-channels",
                        "--trust-gateway-once", "--embedded", "--claim", "@" + token);
                var own = new ArrayList<>(dial);
                own.addAll(List.of("--identity", "own"));
                var first = agent(own.toArray(String[]::new));
                var made = firstLine(first);
                assertTrue(made.matches("Made this device's identity: SHA256:\\S+"), made);
                assertEquals("rw-------",
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("own"))));
                var show = online(data, "new1");
                assertTrue(show.contains(made.substring(made.indexOf("SHA256:"))), "pinned: " + show);
                assertTrue(log().contains("first meeting with the gateway"), "believing it once comes with a warning");
                assertFalse(log().contains(Files.readString(token).strip()), "the token is in no log");

                first.destroyForcibly().waitFor(); // SIGKILL
                var again = firstLine(agent(own.toArray(String[]::new)));
                assertEquals(made.substring(made.indexOf("SHA256:")), again.substring(again.indexOf("SHA256:")));
                assertTrue(again.startsWith("This device's identity: "), again);
                online(data, "new1");

                var thief = new ArrayList<>(dial);
                thief.addAll(List.of("--identity", "thief"));
                var stranger = firstLine(agent(thief.toArray(String[]::new)));
                until(() -> log().contains("was not reached"), "the used token is refused");
                var after = ScriptedGateway.run(ENVIRONMENT, "", "device", "show", "new1", "--data", data).out();
                assertTrue(after.contains(made.substring(made.indexOf("SHA256:"))), "the pin stays: " + after);
                assertFalse(
                        Pattern.compile("identity.*" + Pattern.quote(stranger.substring(stranger.indexOf("SHA256:"))))
                                .matcher(after).find(),
                        after);
            } finally {
                gateway.interrupt();
            }
            assertEquals(0, run.get(30, TimeUnit.SECONDS));
        }
    }

    private String online(String data, String id) throws Exception {
        var shown = new String[]{""};
        until(() -> {
            shown[0] = ScriptedGateway.run(ENVIRONMENT, "", "device", "show", id, "--data", data).out();
            return Pattern.compile("online +yes").matcher(shown[0]).find();
        }, id + " is online");
        return shown[0];
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    /** Looks again as soon as an agent has ended, which none should, or half a second has passed. */
    private void until(Condition condition, String what) throws Exception {
        for (int i = 0; !condition.holds(); i++) {
            assertTrue(i < 120, () -> what + ": never; " + log());
            agents.getLast().waitFor(500, TimeUnit.MILLISECONDS);
        }
    }

    // ---- What is wrong is told in one line

    private static String complaint(int status, String... arguments) {
        var err = new StringWriter();
        assertEquals(status, AgentMain.commandLine().setErr(new PrintWriter(err)).execute(arguments), err::toString);
        assertEquals(1, err.toString().lines().count(), err::toString);
        return err.toString();
    }

    @Test
    void wrongWordsAreNamed() {
        var wrong = ExitStatus.WRONG_USAGE.code();
        assertTrue(complaint(wrong, "--gateway", "g", "--id", "d", "--design", "tunel").contains("tunel"));
        assertTrue(complaint(wrong, "--id", "d", "--design", "tunnel", "--gateway", "g").contains("--gateway-key"));
        assertTrue(complaint(wrong, "--gateway", "g", "--id", "d", "--design", "call-home", "--embedded")
                .contains("--operators-key"));
        assertTrue(complaint(wrong, "--gateway", "g", "--id", "d", "--design", "call-home", "--relay", "localhost",
                "--claim", "token").contains("claim"));
        assertTrue(complaint(wrong, "--gateway", "g", "--id", "d", "--design", "call-home", "--relay", "localhost",
                "--every", "soon").contains("soon"));
        assertTrue(complaint(wrong, "--gateway", "g", "--gateway", "g", "--id", "d", "--design", "call-home", "--relay",
                "localhost").contains("twice"));
        assertTrue(complaint(wrong, "--design", "call-home").contains("--id"));
    }
}
