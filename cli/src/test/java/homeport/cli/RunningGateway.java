package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code homeport gateway} as a process of its own, on free ports; commands are asked of it as on the same machine. */
final class RunningGateway implements AutoCloseable {
    private static final int SECONDS = 60;
    private static final Pattern UP = Pattern
            .compile("Devices dial port (\\d+), operators log in on port (\\d+), the HTTP API is on port (\\d+)\\.");

    final Path data;
    final int devicesPort;
    final int operatorsPort;
    final int httpPort;
    private final Process process;
    private final StringBuffer said = new StringBuffer();

    private RunningGateway(Path data, Process process, Thread errors, BufferedReader out) throws IOException {
        this.data = data;
        this.process = process;
        Matcher up = null;
        for (var line = out.readLine(); line != null && up == null; line = up == null ? out.readLine() : line) {
            said.append(line).append('\n');
            var found = UP.matcher(line);
            up = found.find() ? found : null;
        }
        errors.start();
        if (up == null) {
            throw new IOException("the gateway did not start: " + said);
        }
        devicesPort = Integer.parseInt(up.group(1));
        operatorsPort = Integer.parseInt(up.group(2));
        httpPort = Integer.parseInt(up.group(3));
        Thread.ofVirtual().start(() -> out.lines().forEach(line -> said.append(line).append('\n')));
    }

    static RunningGateway start(Path data, String... more) throws IOException {
        var words = new ArrayList<>(List.of("gateway", "--data", data.toString(), "--devices-listen", "127.0.0.1:0",
                "--operators-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"));
        words.addAll(List.of(more));
        var process = homeport(words).start();
        var errors = new StringBuffer();
        var reader = new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
        var gateway = new RunningGateway(data, process,
                Thread.ofVirtual().unstarted(() -> reader.lines().forEach(line -> errors.append(line).append('\n'))),
                process.inputReader(StandardCharsets.UTF_8));
        gateway.errors = errors;
        return gateway;
    }

    private StringBuffer errors = new StringBuffer();

    /** The command as a program. */
    static ProcessBuilder homeport(List<String> words) {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "homeport.cli.Main"));
        command.addAll(words);
        var builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("HOMEPORT_"));
        return builder;
    }

    /** Runs a command in this process. */
    ScriptedGateway.Result run(String in, String... words) {
        return ScriptedGateway.run(Map.of("HOMEPORT_DATA", data.toString(), "HOMEPORT_OPERATOR", "alice"), in, words);
    }

    /** Runs a command that must succeed. @return what it prints */
    String done(String... words) {
        var result = run("", words);
        assertEquals(0, result.status(), () -> String.join(" ", words) + ": " + result.err());
        return result.out();
    }

    /** What it has logged. */
    String log() {
        return errors.toString();
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** Waits until something is so; whatever changes it is in another process. */
    static void until(String what, BooleanSupplier holds) {
        until(what, holds, () -> "");
    }

    /** @param otherwise what is known when it does not come about */
    static void until(String what, BooleanSupplier holds, Supplier<String> otherwise) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!holds.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, () -> what + " did not come about\n" + otherwise.get());
            java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
        }
    }

    /** Sends SIGTERM. @return the exit status */
    int terminate() throws InterruptedException {
        process.destroy();
        return exitStatus();
    }

    /** Waits for its end. */
    int exitStatus() throws InterruptedException {
        assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), "the gateway does not end");
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
