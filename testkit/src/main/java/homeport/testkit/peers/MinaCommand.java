package homeport.testkit.peers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.jspecify.annotations.Nullable;

/** Runs a command in {@code /bin/sh} for MINA's server; its own shell factory polls, which bulk transfers would show. */
final class MinaCommand implements Command {
    private final String command;
    private InputStream in = InputStream.nullInputStream();
    private OutputStream out = OutputStream.nullOutputStream();
    private OutputStream error = OutputStream.nullOutputStream();
    private ExitCallback exit = (status, message, closeImmediately) -> {};
    private @Nullable Process process;

    MinaCommand(String command) {
        this.command = command;
    }

    @Override
    public void setInputStream(InputStream in) {
        this.in = in;
    }

    @Override
    public void setOutputStream(OutputStream out) {
        this.out = out;
    }

    @Override
    public void setErrorStream(OutputStream error) {
        this.error = error;
    }

    @Override
    public void setExitCallback(ExitCallback exit) {
        this.exit = exit;
    }

    @Override
    public void start(ChannelSession channel, Environment environment) throws IOException {
        var child = new ProcessBuilder("/bin/sh", "-c", command).start();
        process = child;
        // Platform threads, because they wait at pipes: see Child.
        var threads = Thread.ofPlatform().daemon().name("mina-command");
        threads.start(() -> feed(child));
        var errors = threads.start(() -> drain(child.getErrorStream(), error));
        threads.start(() -> {
            drain(child.getInputStream(), out);
            try {
                errors.join();
                exit.onExit(child.waitFor());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void feed(Process child) {
        try (var to = child.getOutputStream()) {
            in.transferTo(to);
        } catch (IOException e) {
            // The command ended, or the channel did, before all was read: the exit status tells.
            child.destroy();
        }
    }

    private static void drain(InputStream from, OutputStream to) {
        try (from) {
            var buffer = new byte[32 * 1024];
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                to.write(buffer, 0, count);
                to.flush();
            }
        } catch (IOException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void destroy(ChannelSession channel) {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
