package homeport.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A JVM of its own for a contender, so that its CPU and its heap are only its own: it reads commands from standard
 * input, one a line, and answers each with one line.
 */
final class Worker implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final PrintStream commands;

    private Worker(Process process) {
        this.process = process;
        this.answers = process.inputReader(StandardCharsets.UTF_8);
        this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    }

    /**
     * Starts {@code main}'s JVM with this one's class path.
     *
     * @param options for the JVM
     */
    static Worker start(Class<?> main, List<String> options, String... arguments) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // As the command is started: packaging/bin/homeport.
        command.addAll(List.of("-XX:+UseCompactObjectHeaders", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dcom.amazon.corretto.crypto.provider.registerEdKeyFactory=true",
                // The command, on the same class path, would have its say.
                "-Dlogback.configurationFile=logback.xml"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return run(command);
    }

    /** Starts a program that is no JVM and answers in the same way. */
    static Worker run(List<String> command) throws IOException {
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        return new Worker(builder.start());
    }

    /** Sends a command. @return the answer */
    String ask(String command) throws IOException {
        commands.println(command);
        return answer();
    }

    /** The next line it writes. */
    String answer() throws IOException {
        var line = answers.readLine();
        if (line == null) {
            throw new IOException("a worker ended without an answer");
        }
        return line;
    }

    /** CPU time so far, in nanoseconds. */
    long cpuNanos() {
        return ProcessCpu.nanos(process.pid());
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
