package homeport.cli;

import picocli.CommandLine.Command;

/** {@code homeport trust …}: authorities whose certificates are believed. */
@Command(name = "trust", mixinStandardHelpOptions = true, description = "Authorities whose certificates are believed.", //
        subcommands = {TrustAdd.class, TrustList.class, TrustRemove.class})
final class TrustCommand {}
