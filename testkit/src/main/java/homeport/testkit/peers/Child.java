package homeport.testkit.peers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A peer's process with what it writes captured: standard output whole, standard error as a log whose lines can be
 * awaited. Ends with its close, by its own process id and those of its descendants.
 */
final class Child implements AutoCloseable {
    private final String name;
    private final Process process;
    private final Capture output;
    private final Capture log;

    private Child(String name, Process process) {
        this.name = name;
        this.process = process;
        this.output = new Capture(process.getInputStream());
        this.log = new Capture(process.getErrorStream());
    }

    static Child start(Path directory, List<String> command) throws IOException {
        return start(directory, Map.of(), command);
    }

    static Child start(Path directory, Map<String, String> environment, List<String> command) throws IOException {
        var builder = new ProcessBuilder(command).directory(directory.toFile());
        // Nothing of the desktop's or the developer's: no agent, no askpass, messages in English.
        builder.environment().keySet().removeAll(List.of("SSH_AUTH_SOCK", "SSH_ASKPASS", "DISPLAY"));
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("HOME", directory.toString());
        builder.environment().putAll(environment);
        return new Child(command.getFirst(), builder.start());
    }

    /** Runs a command that ends by itself, and gives its standard output. */
    static String run(Path directory, List<String> command) throws IOException, InterruptedException {
        try (var child = start(directory, command)) {
            child.feed(new byte[0]);
            var status = child.await(Peers.PATIENCE);
            if (status != 0) {
                throw new IOException(String.join(" ", command) + " ended with " + status + ": " + child.log());
            }
            return new String(child.output(), StandardCharsets.UTF_8);
        }
    }

    /** Writes {@code input} to its standard input from a thread of its own, and closes it. */
    void feed(byte[] input) {
        thread(() -> {
            try (OutputStream in = process.getOutputStream()) {
                in.write(input);
            } catch (IOException e) {
                // A process that ended without reading it all: its exit status tells.
                log.note("(standard input: " + e.getMessage() + ")");
            }
        });
    }

    /**
     * Waits until a line of its log matches.
     *
     * @throws IOException when it ended or the wait did, with the log so far
     */
    Matcher awaitLog(Pattern line) throws IOException, InterruptedException {
        var match = log.await(line, Peers.PATIENCE);
        if (match == null) {
            throw new IOException(name + " did not say " + line + ", but:\n" + log());
        }
        return match;
    }

    /** Waits for its end. @return its exit status */
    int await(Duration patience) throws IOException, InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IOException(name + " still ran after " + patience.toSeconds() + " s; it said:\n" + log());
        }
        output.awaitEnd();
        log.awaitEnd();
        return process.exitValue();
    }

    boolean alive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    byte[] output() {
        return output.bytes();
    }

    String log() {
        return new String(log.bytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        var descendants = process.descendants().toList();
        process.destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
        process.onExit().join();
    }

    /**
     * A platform thread: one that waits at a pipe keeps its carrier, and behind the two of each of 130 children no virtual
     * thread of the process would ever run again.
     */
    private static Thread thread(Runnable task) {
        return Thread.ofPlatform().daemon().name("child-pipe").start(task);
    }

    /** Collects a stream from a thread of its own. */
    private static final class Capture {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final Thread reader;
        private boolean ended;

        Capture(InputStream stream) {
            reader = thread(() -> read(stream));
        }

        private void read(InputStream stream) {
            var buffer = new byte[16 * 1024];
            try (stream) {
                for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
                    append(buffer, count);
                }
            } catch (IOException e) {
                note("(" + e.getMessage() + ")");
            }
            synchronized (this) {
                ended = true;
                notifyAll();
            }
        }

        private synchronized void append(byte[] buffer, int count) {
            bytes.write(buffer, 0, count);
            notifyAll();
        }

        void note(String text) {
            var line = (text + "\n").getBytes(StandardCharsets.UTF_8);
            append(line, line.length);
        }

        synchronized byte[] bytes() {
            return bytes.toByteArray();
        }

        void awaitEnd() throws InterruptedException {
            // A grandchild can hold the pipe open for longer than the process lives: then what came so far counts.
            reader.join(Duration.ofSeconds(2));
        }

        synchronized @org.jspecify.annotations.Nullable Matcher await(Pattern line, Duration patience)
                throws InterruptedException {
            long deadline = System.nanoTime() + patience.toNanos();
            while (true) {
                var matcher = line.matcher(bytes.toString(StandardCharsets.UTF_8));
                if (matcher.find()) {
                    return matcher;
                }
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (ended || left <= 0) {
                    return null;
                }
                wait(left);
            }
        }
    }
}
