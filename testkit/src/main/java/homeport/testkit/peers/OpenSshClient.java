package homeport.testkit.peers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** OpenSSH's ssh. Accepts a connection by a ProxyCommand that listens. */
public final class OpenSshClient implements ClientPeer {
    private static final Pattern LISTENING = Pattern.compile("listening on AF=2 127\\.0\\.0\\.1:(\\d+)");
    private static final int FAILED = 255;

    @Override
    public String name() {
        return "openssh";
    }

    @Override
    public Algorithms algorithms() throws IOException, InterruptedException {
        return query();
    }

    static Algorithms query() throws IOException, InterruptedException {
        return new Algorithms(query("kex"), query("key-sig"), query("cipher"), query("mac"));
    }

    private static List<String> query(String kind) throws IOException, InterruptedException {
        return Child.run(Path.of("").toAbsolutePath(), List.of(Peers.require("ssh").toString(), "-Q", kind)).lines()
                .toList();
    }

    @Override
    public Set<AuthMethod> methods() {
        return EnumSet.allOf(AuthMethod.class);
    }

    @Override
    public RunningClient dial(ClientSetup setup, InetSocketAddress server, String command, byte[] stdin)
            throws IOException {
        var child = start(setup, List.of("-p", Integer.toString(server.getPort())), command);
        child.feed(stdin);
        return new ChildClient(server, child, FAILED, () -> {});
    }

    @Override
    public RunningClient accept(ClientSetup setup, String command, byte[] stdin)
            throws IOException, InterruptedException {
        var proxy = Peers.require("socat") + " -dd - TCP4-LISTEN:0,bind=127.0.0.1,nodelay";
        var child = start(setup, List.of("-o", "ProxyCommand=" + proxy), command);
        child.feed(stdin);
        try {
            int port = Integer.parseInt(child.awaitLog(LISTENING).group(1));
            return new ChildClient(Peers.loopback(port), child, FAILED, () -> {});
        } catch (IOException e) {
            child.close();
            throw e;
        }
    }

    private static Child start(ClientSetup setup, List<String> more, String command) throws IOException {
        var directory = Files.createTempDirectory(setup.directory(), "ssh");
        var words = arguments(setup, directory);
        words.addAll(more);
        words.addAll(List.of("-l", setup.user(), "127.0.0.1", command));
        return Child.start(directory, environment(directory), words);
    }

    /** The command line up to the destination, for tests that need more of ssh than a command: forwarding, subsystems. */
    public static List<String> arguments(ClientSetup setup, Path directory) throws IOException {
        var words = new ArrayList<>(List.of(Peers.require("ssh").toString(), "-F", "none", "-T"));
        option(words, "LogLevel", "VERBOSE");
        option(words, "StrictHostKeyChecking", "yes");
        option(words, "UserKnownHostsFile", knownHosts(setup, directory).toString());
        option(words, "GlobalKnownHostsFile", "none");
        option(words, "IdentitiesOnly", "yes");
        option(words, "UpdateHostKeys", "no");
        option(words, "NumberOfPasswordPrompts", "1");
        option(words, "ConnectTimeout", Long.toString(Peers.PATIENCE.toSeconds()));
        option(words, "PreferredAuthentications",
                setup.methods().stream().map(AuthMethod::wireName).collect(Collectors.joining(",")));
        if (setup.identity().isPresent()) {
            var identity = setup.identity().get();
            Account.restrict(identity, "rw-------");
            option(words, "IdentityFile", identity.toString());
            if (Files.exists(SshKeygen.certificateFile(identity))) {
                option(words, "CertificateFile", SshKeygen.certificateFile(identity).toString());
            }
        }
        var offer = setup.offer();
        list(words, "KexAlgorithms", offer.kex());
        list(words, "HostKeyAlgorithms", offer.hostKeys());
        list(words, "Ciphers", offer.ciphers());
        list(words, "MACs", offer.macs());
        if (setup.rekeyBytes() > 0) {
            option(words, "RekeyLimit", Long.toString(setup.rekeyBytes()));
        }
        return words;
    }

    /** What lets ssh ask for a password without a terminal. */
    public static Map<String, String> environment(Path directory) throws IOException {
        var askpass = directory.resolve("askpass.sh");
        if (!Files.exists(askpass)) {
            Account.restrict(Files.writeString(askpass, "#!/bin/sh\necho '" + Peers.PASSWORD + "'\n"), "rwx------");
        }
        var environment = new HashMap<String, String>();
        environment.put("SSH_ASKPASS", askpass.toString());
        environment.put("SSH_ASKPASS_REQUIRE", "force");
        return environment;
    }

    /** A known_hosts file for any host name and port. */
    static Path knownHosts(ClientSetup setup, Path directory) throws IOException {
        var lines = new StringBuilder();
        for (var key : setup.hostKeys()) {
            lines.append("* ").append(key).append('\n');
        }
        for (var authority : setup.authorities()) {
            lines.append("@cert-authority * ").append(authority).append('\n');
        }
        return Files.writeString(directory.resolve("known_hosts"), lines);
    }

    private static void option(List<String> words, String keyword, String value) {
        words.addAll(List.of("-o", keyword + "=" + value));
    }

    private static void list(List<String> words, String keyword, List<String> names) {
        if (!names.isEmpty()) {
            option(words, keyword, String.join(",", names));
        }
    }
}
