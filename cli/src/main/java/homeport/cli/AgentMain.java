package homeport.cli;

import java.util.List;
import picocli.CommandLine;

/**
 * {@code homeport agent} by itself, for devices with little memory: nothing of the gateway's, and none of the other
 * commands, is loaded.
 */
public final class AgentMain {
    private AgentMain() {}

    public static void main(String[] arguments) {
        var own = List.of(arguments);
        if (!own.isEmpty() && own.getFirst().equals("agent")) {
            own = own.subList(1, own.size());
        }
        System.exit(commandLine().execute(own.toArray(String[]::new)));
    }

    static CommandLine commandLine() {
        return Main.speakingInLines(new CommandLine(new AgentCommand()).setCommandName("homeport agent"));
    }
}
