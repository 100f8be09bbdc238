package homeport.agent;

import homeport.ssh.wire.ChannelRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Starts programs for sessions, as the user that the agent runs as and with an environment that has nothing of the
 * agent's own: its claim token, for one, may stand there.
 *
 * <p>A terminal comes from {@code script} of util-linux, which every Linux distribution has: Java opens none.
 */
final class Programs {
    /** Each costs three threads and a process. */
    static final int MOST = 64;
    private static final String PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";
    private static final List<Path> SFTP_SERVERS = List.of(Path.of("/usr/lib/openssh/sftp-server"),
            Path.of("/usr/libexec/openssh/sftp-server"), Path.of("/usr/libexec/sftp-server"),
            Path.of("/usr/lib/ssh/sftp-server"), Path.of("/usr/lib/sftp-server"));

    /** What to run. */
    sealed interface Command {
        /** By the user's shell, as sshd does it. */
        record Line(String text) implements Command {}

        /** The user's shell, as at a login. */
        record Shell() implements Command {}

        /** As it is. */
        record Program(Path file) implements Command {}
    }

    private final Semaphore places = new Semaphore(MOST);

    /** The system's SFTP server. */
    static Optional<Path> sftpServer() {
        return SFTP_SERVERS.stream().filter(Files::isExecutable).findFirst();
    }

    /**
     * @param asked what the peer wants in the environment; already sifted
     * @param ordered what the key's line puts there
     * @throws IOException when too many run, or when it does not start
     */
    RunningProgram start(Command command, Optional<ChannelRequest.Pty> terminal, Map<String, String> asked,
            Map<String, String> ordered) throws IOException {
        if (!places.tryAcquire()) {
            throw new IOException(MOST + " programs run already");
        }
        try {
            var shell = shell();
            var builder = new ProcessBuilder(terminal.isPresent()
                    ? inTerminal(command, terminal.get())
                    : apart(plain(command, shell)));
            var environment = builder.environment();
            environment.clear();
            environment.putAll(asked);
            environment.putAll(ordered);
            var user = System.getProperty("user.name");
            environment.put("PATH", PATH);
            environment.put("HOME", System.getProperty("user.home"));
            environment.put("USER", user);
            environment.put("LOGNAME", user);
            environment.put("SHELL", terminal.isPresent() ? "/bin/sh" : shell); // script runs what SHELL says
            if (terminal.isPresent()) {
                environment.put("TERM", terminal.get().term());
                environment.put("HOMEPORT_SHELL", shell);
                if (command instanceof Command.Line line) {
                    environment.put("HOMEPORT_COMMAND", line.text());
                }
            }
            var home = Path.of(System.getProperty("user.home"));
            if (Files.isDirectory(home)) {
                builder.directory(home.toFile());
            }
            var process = builder.start();
            var unused = process.onExit().thenRun(places::release);
            return new RunningProgram(process, terminal.isPresent());
        } catch (IOException | RuntimeException e) {
            places.release();
            throw e;
        }
    }

    private static String shell() {
        var named = System.getenv("SHELL");
        return named != null && named.startsWith("/") && Files.isExecutable(Path.of(named)) ? named : "/bin/sh";
    }

    private static List<String> plain(Command command, String shell) {
        return switch (command) {
            case Command.Line line -> List.of(shell, "-c", line.text());
            case Command.Shell login -> List.of(shell, "-l");
            case Command.Program program -> List.of(program.file().toString());
        };
    }

    /** In a process group of its own, so that a signal reaches what the shell has started. */
    private static List<String> apart(List<String> command) {
        var all = new ArrayList<>(List.of("setsid"));
        all.addAll(command);
        return all;
    }

    /** The command goes by the environment: no text of the peer's is pasted into a line that a shell reads. */
    private static List<String> inTerminal(Command command, ChannelRequest.Pty pty) {
        var run = switch (command) {
            case Command.Line line -> "exec \"$SHELL\" -c \"$c\"";
            case Command.Shell login -> "exec \"$SHELL\" -l";
            case Command.Program program -> "exec \"" + program.file() + "\"";
        };
        var size = pty.columns() > 0 && pty.rows() > 0
                ? "stty cols " + pty.columns() + " rows " + pty.rows() + " 2>/dev/null; "
                : "";
        return List.of("script", "-qefc",
                size + "SHELL=$HOMEPORT_SHELL; c=$HOMEPORT_COMMAND; export SHELL;"
                        + " unset HOMEPORT_SHELL HOMEPORT_COMMAND; " + run,
                "/dev/null");
    }
}
