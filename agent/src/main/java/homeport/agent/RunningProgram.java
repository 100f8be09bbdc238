package homeport.agent;

import homeport.net.ChannelStreams;
import homeport.ssh.wire.ChannelRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A program of a session, joined to the session's channel by three threads. */
final class RunningProgram {
    private static final Logger LOG = LoggerFactory.getLogger(RunningProgram.class);
    private static final int BUFFER_BYTES = 16 << 10;
    private static final int TOOL_SECONDS = 5;
    /** A program that a signal ended has 128 and the signal's number as its status. */
    private static final int SIGNALLED = 128;
    /** RFC 4254 §6.10, with Linux' numbers. */
    private static final Map<String, Integer> SIGNALS = Map.ofEntries(Map.entry("HUP", 1), Map.entry("INT", 2),
            Map.entry("QUIT", 3), Map.entry("ILL", 4), Map.entry("ABRT", 6), Map.entry("FPE", 8),
            Map.entry("KILL", 9), Map.entry("USR1", 10), Map.entry("SEGV", 11), Map.entry("USR2", 12),
            Map.entry("PIPE", 13), Map.entry("ALRM", 14), Map.entry("TERM", 15));
    private static final long MOST_SIZE = 10_000;

    private final Process process;
    private final boolean terminal;
    /** The last signal of the peer. */
    private volatile @Nullable String signalled;

    RunningProgram(Process process, boolean terminal) {
        this.process = process;
        this.terminal = terminal;
    }

    /** Joins it to a channel, until both have ended. */
    void join(ChannelStreams channel, Activity activity) {
        var output = thread("agent-program-output", () -> copy(process.getInputStream(), channel.output(), activity));
        var errors = thread("agent-program-errors",
                () -> copy(process.getErrorStream(), channel.errorOutput(), activity));
        thread("agent-program-input", () -> {
            try (var in = process.getOutputStream()) {
                copy(channel.input(), in, activity);
            } catch (IOException e) {
                LOG.trace("the program takes no more input", e);
            }
        });
        thread("agent-program-end", () -> {
            try {
                int status = process.waitFor();
                output.join();
                errors.join();
                channel.request(end(status));
                channel.output().close();
            } catch (InterruptedException | IOException e) {
                LOG.debug("the program's end was not told", e);
            } finally {
                channel.close();
            }
        });
        var unused = channel.ended().thenRun(() -> Thread.ofVirtual().name("agent-program-hangup").start(this::hangUp));
    }

    private static Thread thread(String name, Runnable work) {
        // Reading a pipe of a process holds its thread: a virtual one would hold its carrier.
        return Thread.ofPlatform().daemon().name(name).start(work);
    }

    private static void copy(InputStream from, OutputStream to, Activity activity) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                to.write(buffer, 0, count);
                to.flush();
                activity.touch();
            }
        } catch (IOException e) {
            LOG.trace("one end is gone", e); // the other learns it by its own stream's end
        }
    }

    private ChannelRequest end(int status) {
        var name = signalled;
        return name != null && status == SIGNALLED + SIGNALS.getOrDefault(name, 0)
                ? new ChannelRequest.ExitSignal(name, false, "", "")
                : new ChannelRequest.ExitStatus(status);
    }

    /** @return false when there is no such signal */
    boolean signal(String name) {
        if (!SIGNALS.containsKey(name)) {
            return false;
        }
        signalled = name;
        Thread.ofVirtual().name("agent-program-signal").start(() -> send(name));
        return true;
    }

    /** To the whole group: a shell waits for what it has started. Inside a terminal the group is another one's. */
    private void send(String name) {
        tool("kill", "-" + name, "--",
                terminal ? String.valueOf(inner().orElse((int) process.pid())) : "-" + process.pid());
    }

    private OptionalInt inner() {
        return process.toHandle().children().mapToInt(child -> (int) child.pid()).findFirst();
    }

    void resize(long columns, long rows) {
        if (!terminal || columns < 1 || rows < 1 || columns > MOST_SIZE || rows > MOST_SIZE) {
            return;
        }
        Thread.ofVirtual().name("agent-program-resize").start(() -> {
            var child = inner();
            if (child.isEmpty()) {
                return;
            }
            try {
                var device = Files.readSymbolicLink(Path.of("/proc/" + child.getAsInt() + "/fd/0"));
                tool("stty", "-F", device.toString(), "cols", Long.toString(columns), "rows", Long.toString(rows));
            } catch (IOException e) {
                LOG.debug("the terminal's size was not changed", e);
            }
        });
    }

    /** The channel is gone: what still runs learns it as from a terminal that was switched off. */
    private void hangUp() {
        if (process.isAlive()) {
            tool("kill", "-HUP", "--", terminal ? String.valueOf(process.pid()) : "-" + process.pid());
        }
    }

    private static void tool(String... command) {
        try {
            var run = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            if (!run.waitFor(TOOL_SECONDS, TimeUnit.SECONDS)) {
                run.destroyForcibly();
            }
        } catch (IOException e) {
            LOG.warn("{} is not there: {}", command[0], e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
