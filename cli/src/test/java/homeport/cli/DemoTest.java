package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The README's first command does what it says: each run is a process of its own, as for whoever types it. */
class DemoTest {
    private static final String HELLO = """
            <hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities><capability>urn:ietf:params:netconf:base:1.0\
            </capability></capabilities></hello>]]>]]>
            <rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><close-session/></rpc>]]>]]>
            """;

    /** For each line that may be printed, what its output has to hold. */
    private static final Map<String, String> ANSWERS = Map.ofEntries(Map.entry(" device list ", "boot1 "),
            Map.entry(" why new1 ", "homeport device approve"), Map.entry(" device approve new1 ", ""),
            Map.entry(" get-config tunnel1 ", "urn:homeport:device"), Map.entry("ssh_config gateway$", "tunnel1"),
            Map.entry(" 'uname -a'$", "Linux"), Map.entry(" -s tunnel1 netconf$", "<capability"),
            Map.entry("sftp .* sshd1$", "/etc/hostname"), Map.entry("/devices$", "\"id\":\"boot1\""),
            Map.entry("/devices/boot1/rpc$", "urn:homeport:device"));

    @TempDir
    private Path directory;

    private Path temporary;
    private Path homeport;

    @BeforeEach
    void makeCommand() throws IOException {
        temporary = Files.createDirectory(directory.resolve("tmp"));
        homeport = Files.writeString(directory.resolve("homeport"), """
                #!/bin/sh
                exec '%s' --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
                    -Djava.io.tmpdir='%s' -XX:TieredStopAtLevel=1 -cp '%s' homeport.cli.Main "$@"
                """.formatted(Path.of(System.getProperty("java.home"), "bin", "java"), temporary,
                System.getProperty("java.class.path")));
        assertTrue(homeport.toFile().setExecutable(true));
    }

    private Process start(String... arguments) throws IOException {
        var words = new ArrayList<>(List.of(homeport.toString()));
        words.addAll(List.of(arguments));
        var builder = new ProcessBuilder(words).redirectError(directory.resolve("errors").toFile());
        builder.environment().put("HOMEPORT_COMMAND", homeport.toString());
        return builder.start();
    }

    private String errors() throws IOException {
        return Files.readString(directory.resolve("errors"));
    }

    private void assertNothingIsLeft() throws IOException {
        try (var left = Files.list(temporary)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    @Timeout(300)
    void onceProvesEveryDesignAndEveryEvidence() throws Exception {
        once(100);
    }

    @Test
    @Tag("full")
    @Timeout(400)
    void aThousandDevicesComeAndTellTheirNames() throws Exception {
        once(1000);
    }

    private void once(int simulated) throws Exception {
        var process = start("demo", "--once", "--json", "--devices", Integer.toString(simulated));
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(0, process.waitFor(), () -> out);
        var told = new JsonObject(out);
        var admitted = new HashMap<String, JsonObject>();
        told.getJsonArray("devices").forEach(each -> admitted.put(((JsonObject) each).getString("device"),
                (JsonObject) each));
        assertDevice(admitted, "boot1", "bootstrap", "secret");
        assertDevice(admitted, "home1", "call-home", "pinned-key");
        assertDevice(admitted, "home2", "call-home", "certificate");
        assertDevice(admitted, "home3", "call-home", "secret");
        assertDevice(admitted, "chan1", "server-channels", "token");
        assertDevice(admitted, "tunnel1", "tunnel", "pinned-key");
        if (StockDevices.hasOpenSsh()) {
            assertDevice(admitted, "sshd1", "call-home", "pinned-key");
            assertDevice(admitted, "sshd2", "tunnel", "pinned-key");
            assertTrue(admitted.get("sshd1").getString("software").startsWith("SSH-2.0-OpenSSH"));
        }
        if (StockDevices.hasDropbear()) {
            assertDevice(admitted, "drop1", "call-home", "pinned-key");
            assertTrue(admitted.get("drop1").getString("software").startsWith("SSH-2.0-dropbear"));
        }
        // What is counted is what is there: a second SSH inside the first takes more flights than one.
        assertTrue(admitted.get("tunnel1").getInteger("roundTrips") > admitted.get("home1").getInteger("roundTrips"),
                out);
        assertEquals("new1", told.getJsonArray("pending").getString(0));
        assertEquals(simulated, told.getJsonObject("simulated").getInteger("devices"));
        assertEquals(4, told.getJsonObject("simulated").getJsonObject("designs").size(), out);
        var tenths = errors().lines().toList();
        assertEquals("simulated devices " + simulated + " of " + simulated, tenths.getLast());
        assertEquals(10, tenths.size(), this::readErrors);
        assertNothingIsLeft();
    }

    private String readErrors() {
        try {
            return errors();
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static void assertDevice(Map<String, JsonObject> all, String name, String design, String grounds) {
        var device = all.get(name);
        assertEquals(design, device.getString("design"), name);
        assertEquals(grounds, device.getString("admitted"), name);
        assertFalse(device.getString("identity").isEmpty() && !grounds.equals("token"), name);
        assertTrue(device.getInteger("roundTrips") > 3, name);
        assertTrue(device.getDouble("firstByteMillis") > 0, name);
        assertTrue(device.getInteger("uptimeSeconds") >= 0, name);
    }

    @Test
    @Timeout(300)
    void everyPrintedLineWorksAndCtrlCLeavesNothingBehind() throws Exception {
        var process = start("demo");
        var children = new ArrayList<ProcessHandle>();
        try (var out = process.inputReader(StandardCharsets.UTF_8)) {
            var lines = printed(out);
            assertTrue(lines.size() >= 4, lines::toString);
            for (var line : lines) {
                var answer = ANSWERS.entrySet().stream()
                        .filter(each -> Pattern.compile(each.getKey()).matcher(line).find()).findFirst();
                assertTrue(answer.isPresent(), "no test says what this line does: " + line);
                var said = run(line);
                assertTrue(said.contains(answer.get().getValue()), () -> line + "\nsaid " + said);
            }
            children.addAll(process.descendants().toList());
            assertEquals(0, new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor());
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        } finally {
            process.destroyForcibly();
        }
        assertEquals("", errors());
        for (var child : children) {
            assertTrue(ended(child), () -> child.info() + " is left");
        }
        assertNothingIsLeft();
    }

    /** It was told to end, and waited for; but whoever it belonged to by then may need a moment to take note of it. */
    private static boolean ended(ProcessHandle child) {
        return !child.onExit().completeOnTimeout(child, 5, TimeUnit.SECONDS).join().isAlive();
    }

    private static List<String> printed(BufferedReader out) throws IOException {
        var lines = new ArrayList<String>();
        boolean copied = false;
        for (var line = out.readLine(); line != null && !line.startsWith("Ctrl-C "); line = out.readLine()) {
            if (copied && line.startsWith("  ")) {
                lines.add(line.substring(2));
            }
            copied = copied || line.equals("In another terminal:");
        }
        return lines;
    }

    private String run(String line) throws IOException, InterruptedException {
        var process = new ProcessBuilder("/bin/sh", "-c", line).redirectErrorStream(true).start();
        try (var in = process.getOutputStream()) {
            if (line.endsWith(" netconf")) {
                in.write(HELLO.getBytes(StandardCharsets.UTF_8));
            }
        }
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), line + "\nsaid " + said);
        return said;
    }

    @Test
    void whatFailsIsSaidInOneLine() throws Exception {
        Files.delete(temporary);

        var process = start("demo", "--once");

        assertEquals(0, process.getInputStream().readAllBytes().length);
        assertEquals(ExitStatus.FAILED.code(), process.waitFor());
        // Java itself warns of it too.
        assertEquals(List.of("homeport: the demo failed: no directory for temporary files: " + temporary),
                errors().lines().filter(line -> !line.startsWith("WARNING: java.io.tmpdir ")).toList());
    }

    @Test
    void tooManyDevicesAreWrongUsage() {
        var result = ScriptedGateway.run(Map.of(), "", "demo", "--devices", "10000");

        assertEquals(ExitStatus.WRONG_USAGE.code(), result.status());
        assertEquals("homeport: --devices is 1 to 9999, not 10000\n", result.err());
    }
}
