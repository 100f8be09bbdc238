package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What was not written is no success: a backup on a full disk does not pass for a good one. */
@Timeout(60)
class StandardOutputTest {
    private static ScriptedGateway.Result run(String failure, ScriptedGateway gateway, String... words) {
        var err = new StringWriter();
        var out = new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                throw new IOException(failure);
            }
        };
        int status = Main.commandLine(Map.of("HOMEPORT_SERVER", gateway.url(), "HOMEPORT_TOKEN", ScriptedGateway.TOKEN),
                new ByteArrayInputStream(new byte[0]), out).setErr(new PrintWriter(err)).execute(words);
        return new ScriptedGateway.Result(status, "", err.toString());
    }

    @Test
    void fullDiskIsAFailure() throws IOException {
        try (var gateway = new ScriptedGateway()) {
            gateway.on("GET /audit", 200, "{\"items\":[]}");
            for (var words : List.of("audit --json", "audit", "version", "completion", "--help")) {
                assertEquals(new ScriptedGateway.Result(1, "",
                        "homeport: standard output was not written whole: No space left on device\n"),
                        run("No space left on device", gateway, words.split(" ")), words);
            }
        }
    }

    @Test
    void readerThatHasEnoughIsNone() throws IOException {
        try (var gateway = new ScriptedGateway()) {
            gateway.on("GET /audit", 200, "{\"items\":[]}");
            assertEquals(new ScriptedGateway.Result(0, "", ""), run("Broken pipe", gateway, "audit", "--json"));
        }
    }

    @Test
    void whatACommandEndedWithStays() throws IOException {
        try (var gateway = new ScriptedGateway()) {
            gateway.problem("GET /devices/a", 404, "not-found", "there is no device a");
            assertEquals(new ScriptedGateway.Result(3, "", "homeport: there is no device a\n"),
                    run("No space left on device", gateway, "device", "show", "a"));
        }
    }

    @Test
    void processToldToWriteToAFullDeviceEndsWithAFailure() throws Exception {
        var process = new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
                Main.class.getName(), "--help")).redirectOutput(new File("/dev/full")).start();
        var err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(1, process.exitValue(), err);
        assertTrue(err.endsWith("homeport: standard output was not written whole: No space left on device\n"), err);
    }

    /** Else the first file that Java opens is read as standard input, or written over as standard output. */
    @Test
    void theNumberOfAStreamThatIsClosedGoesToNoFile() throws Exception {
        for (var launcher : List.of(Path.of("..", "homeport"), Path.of("..", "packaging", "bin", "homeport"))) {
            var guard = Files.readAllLines(launcher).stream().filter(line -> line.matches("true .*3[<>]&.*"))
                    .collect(Collectors.joining("\n"));
            for (var shell : List.of("bash", "sh")) {
                var process = new ProcessBuilder("sh", "-c", "exec " + shell + " -c \"$1\" <&- >&-", "sh", "set -eu\n"
                        + guard + "\nheld=$(readlink /proc/$$/fd/0 /proc/$$/fd/1)\necho \"$held\" >&2").start();
                var err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
                assertTrue(process.waitFor(30, TimeUnit.SECONDS));
                assertEquals("/dev/null\n/dev/full\n", err, launcher + " in " + shell);
            }
        }
    }
}
