package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.OpenSshServer;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.RunningServer;
import homeport.testkit.peers.ServerSetup;
import homeport.testkit.peers.SshKeygen;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/operating.md, in their order, on a gateway and a real sshd. */
@Timeout(180)
class OperatingTest {
    private static final Path PAGE = Path.of("..", "docs", "operating.md");
    private static final Pattern BLOCK = Pattern.compile("(?s)\\n```sh\\n(.*?)```\\n");
    private static final String EXAMPLE = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";

    @TempDir
    private Path directory;
    private Path data;
    private Path hostKey;
    private RunningGateway gateway;
    private final List<RunningServer> devices = new ArrayList<>();

    @AfterEach
    void end() {
        devices.forEach(RunningServer::close);
        if (gateway != null) {
            gateway.close();
        }
    }

    @Test
    void everyCommandOfThePageWorks() throws Exception {
        List.of("sshd", "socat", "ssh", "curl", "tar").forEach(Peers::require);
        data = directory.resolve("data");
        hostKey = key("host");
        key("alice");
        key("bob");
        key("bob2");
        int commands = 0;
        var blocks = BLOCK.matcher(Files.readString(PAGE));
        while (blocks.find()) {
            for (var line : blocks.group(1).split("\n", 0)) {
                before(line);
                run(line);
                after(line);
                commands++;
            }
        }
        assertTrue(commands >= 28, "the page has " + commands + " commands");
    }

    private Path key(String name) throws IOException, InterruptedException {
        return new SshKeygen().generate(directory.resolve(name), KeyType.ED25519);
    }

    /** As it is on this test's machine. */
    private String here(String line) throws IOException, InterruptedException {
        return line.replace("/var/lib/homeport", data.toString())
                .replace(EXAMPLE, new SshKeygen().fingerprint(SshKeygen.publicKeyFile(hostKey)))
                .replace("--login admin", "--login " + Peers.user())
                .replaceAll("(=| )(alice|bob2?)(\\.pub)?(?= |$)(?<!operator (token|remove|add|set) bob)",
                        "$1" + directory + "/$2$3")
                .replace(":8080/", ":" + (gateway == null ? 0 : gateway.httpPort) + "/");
    }

    private void run(String line) throws Exception {
        var words = Arrays.asList(here(line).split(" ", -1));
        if (line.startsWith("homeport gateway ")) {
            var more = words.subList(4, words.size());
            gateway = RunningGateway.start(data, more.toArray(String[]::new));
        } else if (line.startsWith("homeport ssh ")) {
            var all = new ArrayList<>(List.of("ssh", "--data", data.toString(), "--as", "alice"));
            all.addAll(words.subList(2, words.size()));
            assertEquals("reached\n", finish(RunningGateway.homeport(all), line));
        } else if (line.startsWith("homeport ")) {
            var said = gateway.done(words.subList(1, words.size()).toArray(String[]::new));
            assertFalse(said.isBlank() && line.contains(" list"), line);
        } else {
            var builder = new ProcessBuilder("/bin/sh", "-c", here(line)).directory(directory.toFile());
            builder.environment().put("GATEWAY_PID", Long.toString(gateway.handle().pid()));
            finish(builder, line);
        }
    }

    private static String finish(ProcessBuilder builder, String line) throws Exception {
        var process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), line);
        assertEquals(0, process.exitValue(), () -> line + ": " + said);
        return said;
    }

    // ---- What happens around the commands

    private void before(String line) throws Exception {
        if (line.equals("homeport device list --state pending")) {
            var authorized = Files.writeString(directory.resolve("gateway.pub"), gateway.done("keys", "--user"));
            devices.add(new OpenSshServer().dial(new ServerSetup(directory, hostKey, authorized),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.devicesPort)));
            RunningGateway.until("a stranger",
                    () -> gateway.run("", "device", "list", "--state", "pending").out().contains("SHA256:"));
        } else if (line.startsWith("mkdir ")) {
            try (var all = Files.walk(data)) {
                for (var file : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private void after(String line) throws Exception {
        if (line.startsWith("homeport device approve ")) {
            RunningGateway.until("router1 in service", () -> new JsonObject(
                    gateway.done("device", "show", "router1", "--json")).getBoolean("online"));
        } else if (line.startsWith("kill -HUP ")) {
            RunningGateway.until("the new configuration", () -> gateway.log().contains("was read again"),
                    gateway::log);
        } else if (line.startsWith("kill -TERM ")) {
            assertEquals(0, gateway.exitStatus());
        } else if (line.equals("homeport device list")) {
            assertTrue(gateway.done("device", "show", "router1").contains("admitted"));
        }
    }
}
