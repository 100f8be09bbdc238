package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.OpenSshServer;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.ServerSetup;
import homeport.testkit.peers.SshKeygen;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From an empty directory to a command on a real sshd, each command printed by the one before. */
class FirstDayTest {
    private static final Map<String, String> ENVIRONMENT = Map.of("HOMEPORT_OPERATOR", "alice");

    @TempDir
    private Path directory;

    @Test
    @Timeout(120)
    void fourCommandsLeadToADevice() throws Exception {
        Peers.require("sshd");
        Peers.require("socat");
        Peers.require("ssh");
        var operator = new SshKeygen().generate(directory.resolve("alice"), KeyType.ED25519);
        var hostKey = new SshKeygen().generate(directory.resolve("host"), KeyType.ED25519);
        var data = directory.resolve("data");
        var written = new PipedWriter();
        try (var lines = new BufferedReader(new PipedReader(written, 64 << 10))) {
            var run = new FutureTask<>(() -> Main
                    .commandLine(ENVIRONMENT, new ByteArrayInputStream(new byte[0])).setOut(new PrintWriter(written))
                    .execute("gateway", "--data", data.toString(), "--devices-listen", "127.0.0.1:0",
                            "--operators-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0", "--operator",
                            "alice=" + SshKeygen.publicKeyFile(operator)));
            var gateway = Thread.ofPlatform().name("gateway").start(run);
            try {
                int port = Integer.parseInt(find(lines, "Devices dial port (\\d+),").group(1));
                var key = find(lines, "  echo '(.*)' >> ").group(1);
                var list = find(lines, "  homeport (device list .*)").group(1);
                var authorized = Files.writeString(directory.resolve("gateway.pub"), key + "\n");
                try (var device = new OpenSshServer().dial(new ServerSetup(directory, hostKey, authorized),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
                    var waits = find(lines, "  homeport (device approve .*)").group(1);
                    var listed = ScriptedGateway.run(ENVIRONMENT, "", list.split(" ", 0));
                    var approve = matched(listed.err(), "Next, if you know it: homeport (device approve .*)").group(1);
                    assertEquals(waits, approve);
                    // sshd lets in only the account that the test runs as.
                    assertTrue(approve.contains(" --login ACCOUNT "), approve);
                    var approved = ScriptedGateway.run(ENVIRONMENT, "",
                            approve.replace("ACCOUNT", Peers.user()).split(" ", 0));
                    assertEquals(0, approved.status(), approved.err());
                    var ssh = matched(approved.err(), "Next: (ssh .*)").group(1);
                    assertEquals("reached\n", ssh(ssh, operator));
                }
            } finally {
                gateway.interrupt();
            }
            assertEquals(0, run.get(30, TimeUnit.SECONDS));
        }
    }

    private static Matcher find(BufferedReader lines, String pattern) throws IOException {
        var line = lines.readLine();
        while (line != null && !Pattern.compile(pattern).matcher(line).find()) {
            line = lines.readLine();
        }
        return matched(String.valueOf(line), pattern);
    }

    private static Matcher matched(String text, String pattern) {
        var matcher = Pattern.compile(pattern).matcher(text);
        assertTrue(matcher.find(), text);
        return matcher;
    }

    private static String ssh(String printed, Path identity) throws IOException, InterruptedException {
        var words = new ArrayList<>(List.of(printed.split(" ", 0)));
        words.addAll(1, List.of("-F", "none", "-i", identity.toString(), "-o", "IdentitiesOnly=yes", "-o",
                "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"));
        words.add("echo reached");
        var process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getOutputStream().close();
        var output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
