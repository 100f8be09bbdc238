package homeport.ssh.blocking;

import homeport.ssh.Role;
import homeport.ssh.SshSettings;
import homeport.ssh.blocking.BlockingChannel.Exit;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/** Connect, run commands, close. */
public final class SshClient implements Closeable {
    private static final Executor VIRTUAL = task -> Thread.ofVirtual().name("ssh-copy").start(task);

    private final BlockingConnection connection;

    private SshClient(BlockingConnection connection) {
        this.connection = connection;
    }

    /** Connects over {@code link} and logs in as {@code answers} says. */
    public static SshClient connect(Link link, SshSettings settings, Answers answers) throws IOException {
        var connection = BlockingConnection.start(link, Role.CLIENT, settings, answers);
        try {
            return new SshClient(connection.awaitLogin());
        } catch (IOException e) {
            link.close().close();
            throw e;
        }
    }

    public BlockingConnection connection() {
        return connection;
    }

    /** What a command wrote, and how it ended. */
    public record Result(byte[] output, byte[] errors, Exit exit) {}

    /** Runs a command with {@code input} as its standard input and waits for its end. Keeps all it writes in memory. */
    public Result exec(String command, byte[] input) throws IOException {
        return run(new ChannelRequest.Exec(command), input);
    }

    /** As {@link #exec}, for a subsystem. */
    public Result subsystem(String name, byte[] input) throws IOException {
        return run(new ChannelRequest.Subsystem(name), input);
    }

    private Result run(ChannelRequest request, byte[] input) throws IOException {
        try (var channel = connection.open(new ChannelType.Session())) {
            if (!channel.request(request)) {
                throw new IOException("the server refused the request " + request.type());
            }
            var writing = CompletableFuture.runAsync(() -> write(channel, input), VIRTUAL);
            var errors = CompletableFuture.supplyAsync(() -> readAll(channel.errorInput()), VIRTUAL);
            byte[] output = readAll(channel.input());
            var exit = channel.waitForExit();
            writing.exceptionally(notRead -> null).join();
            return new Result(output, errors.join(), exit);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (CompletionException e) {
            throw new IOException("the command's streams broke", e);
        }
    }

    /** A command may end without having read all of its input: then the rest is nobody's. */
    private static void write(BlockingChannel channel, byte[] input) {
        try (var out = channel.output()) {
            out.write(input);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] readAll(InputStream in) {
        try {
            var all = new ByteArrayOutputStream();
            in.transferTo(all);
            return all.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
