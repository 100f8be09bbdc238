package homeport.cli;

import picocli.CommandLine.Command;

/** {@code homeport export …}: the inventory for other programs. */
@Command(name = "export", mixinStandardHelpOptions = true, description = "The inventory, ready to paste.", //
        subcommands = {ExportSshConfig.class, ExportAnsible.class, ExportKnownHosts.class})
final class Export {}
