package homeport.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The way in: {@code homeport COMMAND}. */
@Command(name = "homeport", description = "One open port in the data centre, and every device behind it.", //
        mixinStandardHelpOptions = true, versionProvider = Version.class, //
        subcommands = {GatewayCommand.class, AgentCommand.class, DeviceCommand.class, Why.class, Demo.class,
                Version.class, CommandLine.HelpCommand.class})
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main()).setExecutionExceptionHandler((exception, command, parsed) -> {
            if (exception instanceof Failure failure) {
                command.getErr().println("homeport: " + Table.shown(String.valueOf(failure.getMessage())));
                command.getErr().flush();
                return failure.status().code();
            }
            throw exception;
        });
    }
}
