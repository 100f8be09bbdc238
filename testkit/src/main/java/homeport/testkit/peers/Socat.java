package homeport.testkit.peers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** socat: gives a server of the inetd kind the connection it dialled. */
final class Socat {
    private Socat() {}

    /** Dials {@code to} and runs {@code command} with the connection as its standard input and output. */
    static RunningServer dial(Path directory, Account account, InetSocketAddress to, List<String> command)
            throws IOException {
        return dial(directory, account, to, new byte[0], command);
    }

    /** As above, and sends {@code preface} before the command starts. */
    static RunningServer dial(Path directory, Account account, InetSocketAddress to, byte[] preface,
            List<String> command) throws IOException {
        Files.write(directory.resolve("preface"), preface);
        // A script, because socat's own syntax reads commas, colons and quotes in a command line.
        var script = Files.writeString(directory.resolve("serve.sh"), "#!/bin/sh\ncat preface\nexec " //
                + command.stream().map(Socat::quote).collect(Collectors.joining(" ")) + "\n");
        Account.restrict(script, "rwx------");
        var child = Child.start(directory, account.environment(),
                account.wrap(List.of(Peers.require("socat").toString(),
                        "TCP4:" + to.getAddress().getHostAddress() + ":" + to.getPort() + ",nodelay",
                        "EXEC:./serve.sh")));
        return new ChildServer(to, child);
    }

    private static String quote(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
