package homeport.testkit.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An account for a server of the operating system, without touching the real one: the server runs in a mount namespace
 * of its own, in which the account databases hold one user, with a home directory of the test's and the password
 * {@link Peers#PASSWORD}. Needs root, as such a server does.
 */
final class Account {
    private static final String PASSWORD_HASH = "$6$homeportpeers$IBb/QeLyIS4Wij/j/1etQ0II/xwB3nvKojwE5AtLW4y"
            + "AcKliqPm8Y5w4IE5E7hWbcEix7z/a/NcbPXznt.Ap00";
    private final Path directory;
    private final Path home;

    private Account(Path directory, Path home) {
        this.directory = directory;
        this.home = home;
    }

    /**
     * @param authorizedKeys public key files whose keys may log in
     */
    static Account create(Path directory, List<Path> authorizedKeys) throws IOException {
        Peers.requireThat("root".equals(Peers.user()), "a server with an account of its own needs root");
        Peers.require("unshare");
        var home = Files.createDirectory(directory.resolve("home"));
        var ssh = Files.createDirectory(home.resolve(".ssh"));
        var lines = new StringBuilder();
        for (var file : authorizedKeys) {
            lines.append(Files.readString(file).strip()).append('\n');
        }
        restrict(Files.writeString(ssh.resolve("authorized_keys"), lines), "rw-------");
        restrict(home, "rwx------");
        restrict(ssh, "rwx------");
        Files.writeString(directory.resolve("passwd"), """
                root:x:0:0:root:%s:/bin/sh
                sshd:x:100:65534::/run/sshd:/usr/sbin/nologin
                """.formatted(home));
        restrict(Files.writeString(directory.resolve("shadow"),
                "root:" + PASSWORD_HASH + ":19000:0:99999:7:::\nsshd:!:19000::::::\n"), "rw-------");
        Files.writeString(directory.resolve("pam"), """
                auth required pam_unix.so
                account required pam_unix.so
                session required pam_permit.so
                """);
        Files.writeString(directory.resolve("account.sh"), """
                set -e
                mount --bind "$HOMEPORT_ACCOUNT/passwd" /etc/passwd
                mount --bind "$HOMEPORT_ACCOUNT/shadow" /etc/shadow
                if [ -f /etc/pam.d/sshd ]; then mount --bind "$HOMEPORT_ACCOUNT/pam" /etc/pam.d/sshd; fi
                exec "$@"
                """);
        return new Account(directory, home);
    }

    Path home() {
        return home;
    }

    /** The command that runs {@code command} with this account; wants {@link #environment()}. */
    List<String> wrap(List<String> command) {
        var wrapped = new ArrayList<>(List.of(Peers.require("unshare").toString(), "--mount", "--propagation",
                "private", "/bin/sh", directory.resolve("account.sh").toString()));
        wrapped.addAll(command);
        return wrapped;
    }

    java.util.Map<String, String> environment() {
        return java.util.Map.of("HOMEPORT_ACCOUNT", directory.toString());
    }

    static Path restrict(Path file, String permissions) throws IOException {
        return Files.setPosixFilePermissions(file,
                java.nio.file.attribute.PosixFilePermissions.fromString(permissions));
    }
}
