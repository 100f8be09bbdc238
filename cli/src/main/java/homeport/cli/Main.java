package homeport.cli;

import homeport.cli.api.ApiError;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The way in: {@code homeport COMMAND}. Whatever goes wrong is one line on standard error, and an exit status. */
@Command(name = "homeport", description = "One open port in the data centre, and every device behind it.", //
        mixinStandardHelpOptions = true, versionProvider = Version.class, //
        subcommands = {GatewayCommand.class, AgentCommand.class, DeviceCommand.class, OperatorCommand.class,
                TrustCommand.class, Keys.class, Ssh.class, Rpc.class, GetConfig.class, AuditCommand.class, Why.class,
                Export.class, Demo.class,
                Completion.class, Version.class, CommandLine.HelpCommand.class})
public final class Main {
    private final Map<String, String> environment;
    private final InputStream in;

    private Main(Map<String, String> environment, InputStream in) {
        this.environment = environment;
        this.in = in;
    }

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return commandLine(System.getenv(), System.in);
    }

    static CommandLine commandLine(Map<String, String> environment, InputStream in) {
        return commandLine(environment, in, new FileOutputStream(FileDescriptor.out));
    }

    static CommandLine commandLine(Map<String, String> environment, InputStream in, OutputStream out) {
        var commandLine = speakingInLines(new CommandLine(new Main(environment, in)), out);
        // What follows the device is the device's, dashes and all.
        Objects.requireNonNull(commandLine.getSubcommands().get("ssh")).setStopAtPositional(true);
        commandLine.setExecutionExceptionHandler((exception, command, parsed) -> switch (exception) {
            case Failure failure -> say(command, failure.status(), failure.getMessage());
            case ApiError error -> say(command, status(error), error.getMessage());
            default -> throw exception;
        });
        return commandLine;
    }

    static CommandLine speakingInLines(CommandLine commandLine) {
        return speakingInLines(commandLine, new FileOutputStream(FileDescriptor.out));
    }

    /** What is wrong is told in one line: with the words, and with an output that was not written. */
    private static CommandLine speakingInLines(CommandLine commandLine, OutputStream out) {
        var output = new StandardOutput(out);
        // What is not known of a device's name may be in any script; the table is UTF-8 whatever the locale says.
        commandLine.setOut(new PrintWriter(output, true, StandardCharsets.UTF_8));
        commandLine.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        commandLine.setExecutionStrategy(parsed -> {
            int status = new CommandLine.RunLast().execute(parsed);
            commandLine.getOut().flush();
            return status == ExitStatus.DONE.code() && output.failure().isPresent()
                    ? say(commandLine, ExitStatus.FAILED,
                            "standard output was not written whole: " + output.failure().get())
                    : status;
        });
        return commandLine.setParameterExceptionHandler((exception, words) -> {
            var command = exception.getCommandLine();
            return say(command, ExitStatus.WRONG_USAGE, exception.getMessage() + "; see "
                    + command.getCommandSpec().qualifiedName() + " --help");
        });
    }

    /** Of the command that a part of the command line belongs to. */
    static Main of(CommandLine.Model.CommandSpec spec) {
        return (Main) spec.root().userObject();
    }

    Map<String, String> environment() {
        return environment;
    }

    /** Standard input, for what is given as {@code -}. */
    InputStream in() {
        return in;
    }

    static ExitStatus status(ApiError error) {
        return switch (error.kind()) {
            case NO_GATEWAY, DEVICE_NOT_REACHED -> ExitStatus.NOT_REACHED;
            case NO_TOKEN, NOT_ALLOWED -> ExitStatus.NOT_ALLOWED;
            case NOT_FOUND -> ExitStatus.NOT_FOUND;
            case INVALID -> ExitStatus.WRONG_USAGE;
            case FAILED -> ExitStatus.FAILED;
        };
    }

    private static int say(CommandLine command, ExitStatus status, @Nullable String line) {
        command.getErr().println("homeport: " + Table.shown(String.valueOf(line)));
        command.getErr().flush();
        return status.code();
    }
}
