package homeport.cli;

import picocli.CommandLine.Command;

/** {@code homeport operator …}: who may reach devices. */
@Command(name = "operator", mixinStandardHelpOptions = true, description = "Who may reach devices.", //
        subcommands = {OperatorAdd.class, OperatorList.class, OperatorSet.class, OperatorRemove.class,
                OperatorToken.class})
final class OperatorCommand {}
