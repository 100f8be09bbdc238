package homeport.testkit.peers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** OpenSSH's sshd, with a configuration of its own; dials as {@code sshd -i} under socat. */
public final class OpenSshServer implements ServerPeer {
    private static final Pattern LISTENING = Pattern.compile("Server listening on \\S+ port (\\d+)");
    private static final int TRIES_FOR_A_PORT = 5;

    /** Lines of sshd_config beyond what every server has. */
    private final List<String> more;

    public OpenSshServer() {
        this(List.of());
    }

    private OpenSshServer(List<String> more) {
        this.more = more;
    }

    /** A server with one more line in its sshd_config, such as a {@code Subsystem}. */
    public OpenSshServer with(String line) {
        var lines = new ArrayList<>(more);
        lines.add(line);
        return new OpenSshServer(List.copyOf(lines));
    }

    @Override
    public String name() {
        return "openssh";
    }

    @Override
    public Algorithms algorithms() throws IOException, InterruptedException {
        Peers.require("sshd");
        return OpenSshClient.query();
    }

    @Override
    public Set<AuthMethod> methods() {
        // None lets in only whoever has an empty password; keyboard-interactive asks PAM for one.
        return EnumSet.of(AuthMethod.PUBLIC_KEY, AuthMethod.PASSWORD, AuthMethod.KEYBOARD_INTERACTIVE);
    }

    @Override
    public RunningServer listen(ServerSetup setup) throws IOException, InterruptedException {
        var directory = directory(setup);
        var account = Account.create(directory, setup.authorizedKeys());
        IOException last = new IOException("no try was made");
        for (int i = 0; i < TRIES_FOR_A_PORT; i++) {
            // sshd cannot be told to take any free port, so another process may be quicker.
            int port = Peers.freePort();
            var configuration = configure(directory, setup, "Port " + port + "\nListenAddress 127.0.0.1\n");
            var child = Child.start(directory, account.environment(), account.wrap(
                    List.of(Peers.require("sshd").toString(), "-D", "-e", "-f", configuration.toString())));
            try {
                child.awaitLog(LISTENING);
                return new ChildServer(Peers.loopback(port), child);
            } catch (IOException e) {
                child.close();
                last = e;
            }
        }
        throw last;
    }

    @Override
    public RunningServer dial(ServerSetup setup, InetSocketAddress to) throws IOException {
        return dialAfter(new byte[0], setup, to);
    }

    /** As {@link #dial}, and sends {@code preface} before sshd starts, as Junos does with its bootstrap message. */
    public RunningServer dialAfter(byte[] preface, ServerSetup setup, InetSocketAddress to) throws IOException {
        var directory = directory(setup);
        var account = Account.create(directory, setup.authorizedKeys());
        var configuration = configure(directory, setup, "");
        return Socat.dial(directory, account, to, preface,
                List.of(Peers.require("sshd").toString(), "-i", "-e", "-f", configuration.toString()));
    }

    private static Path directory(ServerSetup setup) throws IOException {
        var separation = Path.of("/run/sshd");
        if ("root".equals(Peers.user()) && !Files.exists(separation)) {
            Account.restrict(Files.createDirectories(separation), "rwxr-xr-x");
        }
        return Files.createTempDirectory(setup.directory(), "sshd");
    }

    private Path configure(Path directory, ServerSetup setup, String listen) throws IOException {
        var text = new StringBuilder(listen);
        text.append("""
                PidFile none
                StrictModes no
                PermitRootLogin yes
                UseDNS no
                PrintMotd no
                LogLevel VERBOSE
                AcceptEnv *
                AllowTcpForwarding yes
                GatewayPorts no
                MaxStartups 1000
                MaxSessions 1000
                MaxAuthTries 10
                Subsystem sftp internal-sftp
                """);
        var netconf = setup.directory().resolve("netconf-subsystem");
        if (Files.exists(netconf)) {
            text.append("Subsystem netconf ").append(netconf).append('\n');
        }
        text.append("UsePAM ").append(yes(setup, AuthMethod.KEYBOARD_INTERACTIVE));
        text.append("KbdInteractiveAuthentication ").append(yes(setup, AuthMethod.KEYBOARD_INTERACTIVE));
        text.append("PubkeyAuthentication ").append(yes(setup, AuthMethod.PUBLIC_KEY));
        text.append("PasswordAuthentication ").append(yes(setup, AuthMethod.PASSWORD));
        if (setup.requireAll()) {
            text.append("AuthenticationMethods ").append(
                    setup.methods().stream().map(AuthMethod::wireName).collect(Collectors.joining(","))).append('\n');
        }
        text.append("AuthorizedKeysFile ").append(directory.resolve("home/.ssh/authorized_keys")).append('\n');
        if (!setup.authorities().isEmpty()) {
            var lines = new StringBuilder();
            for (var authority : setup.authorities()) {
                lines.append(Files.readString(authority));
            }
            text.append("TrustedUserCAKeys ").append(Files.writeString(directory.resolve("authorities"), lines))
                    .append('\n');
        }
        for (var hostKey : setup.hostKeys()) {
            Account.restrict(hostKey, "rw-------");
            text.append("HostKey ").append(hostKey).append('\n');
            if (Files.exists(SshKeygen.certificateFile(hostKey))) {
                text.append("HostCertificate ").append(SshKeygen.certificateFile(hostKey)).append('\n');
            }
        }
        var offer = setup.offer();
        list(text, "KexAlgorithms", offer.kex());
        list(text, "HostKeyAlgorithms", offer.hostKeys());
        list(text, "Ciphers", offer.ciphers());
        list(text, "MACs", offer.macs());
        if (setup.rekeyBytes() > 0) {
            text.append("RekeyLimit ").append(setup.rekeyBytes()).append('\n');
        }
        more.forEach(line -> text.append(line).append('\n'));
        return Files.writeString(directory.resolve("sshd_config"), text);
    }

    private static String yes(ServerSetup setup, AuthMethod method) {
        return setup.methods().contains(method) ? "yes\n" : "no\n";
    }

    private static void list(StringBuilder text, String keyword, List<String> names) {
        if (!names.isEmpty()) {
            text.append(keyword).append(' ').append(String.join(",", new ArrayList<>(names))).append('\n');
        }
    }
}
