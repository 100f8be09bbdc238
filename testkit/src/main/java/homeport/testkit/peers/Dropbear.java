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

/**
 * The Dropbear server; dials as {@code dropbear -i} under socat. It cannot be told which algorithms to offer, and takes
 * four host keys at most.
 */
public final class Dropbear implements ServerPeer {
    private static final Pattern READY = Pattern.compile("Not backgrounding");
    private static final int TRIES_FOR_A_PORT = 5;
    private static final int MOST_HOST_KEYS = 4;

    @Override
    public String name() {
        return "dropbear";
    }

    /** From its first packet; what it says of host keys is what it has keys for, so it is given one of each. */
    @Override
    public Algorithms algorithms() throws IOException, InterruptedException {
        var directory = Files.createTempDirectory("dropbear-probe");
        var keygen = new SshKeygen();
        var hostKeys = new ArrayList<Path>();
        // The other curves' host keys would be too many; they work, and are added below.
        for (var type : List.of(KeyType.ED25519, KeyType.ECDSA_P256, KeyType.RSA)) {
            hostKeys.add(keygen.generate(directory.resolve(type.name()), type));
        }
        var user = keygen.generate(directory.resolve("user"), KeyType.ED25519);
        var setup = new ServerSetup(directory, hostKeys.getFirst(), SshKeygen.publicKeyFile(user))
                .withHostKeys(hostKeys);
        try (var server = listen(setup)) {
            var seen = KexInitProbe.ofServer(server.address());
            var all = new ArrayList<>(seen.hostKeys());
            all.addAll(List.of("ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"));
            return new Algorithms(seen.kex(), all, seen.ciphers(), seen.macs());
        }
    }

    @Override
    public Set<AuthMethod> methods() {
        return EnumSet.of(AuthMethod.PUBLIC_KEY, AuthMethod.PASSWORD);
    }

    @Override
    public RunningServer listen(ServerSetup setup) throws IOException, InterruptedException {
        var directory = Files.createTempDirectory(setup.directory(), "dropbear");
        var account = Account.create(directory, setup.authorizedKeys());
        IOException last = new IOException("no try was made");
        for (int i = 0; i < TRIES_FOR_A_PORT; i++) {
            int port = Peers.freePort();
            var command = command(directory, setup);
            command.addAll(List.of("-F", "-E", "-p", "127.0.0.1:" + port, "-P", directory.resolve("pid").toString()));
            var child = Child.start(directory, account.environment(), account.wrap(command));
            try {
                child.awaitLog(READY);
                return new ChildServer(Peers.loopback(port), child);
            } catch (IOException e) {
                child.close();
                last = e;
            }
        }
        throw last;
    }

    @Override
    public RunningServer dial(ServerSetup setup, InetSocketAddress to) throws IOException, InterruptedException {
        var directory = Files.createTempDirectory(setup.directory(), "dropbear");
        var account = Account.create(directory, setup.authorizedKeys());
        var command = command(directory, setup);
        // With -i it says nothing: its log would have gone to the peer.
        command.add("-i");
        return Socat.dial(directory, account, to, command);
    }

    private static List<String> command(Path directory, ServerSetup setup) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(Peers.require("dropbear").toString()));
        if (setup.hostKeys().size() > MOST_HOST_KEYS) {
            throw new IllegalArgumentException("dropbear takes " + MOST_HOST_KEYS + " host keys at most");
        }
        for (var hostKey : setup.hostKeys()) {
            command.addAll(List.of("-r", convert(directory, hostKey).toString()));
        }
        if (!setup.methods().contains(AuthMethod.PASSWORD)) {
            command.add("-s");
        }
        if (setup.requireAll()) {
            command.add("-t");
        }
        return command;
    }

    /** The key at {@code openSsh}, in Dropbear's own format. */
    static Path convert(Path directory, Path openSsh) throws IOException, InterruptedException {
        var converted = directory.resolve(openSsh.getFileName() + ".dropbear");
        if (!Files.exists(converted)) {
            Child.run(directory, List.of(Peers.require("dropbearconvert").toString(), "openssh", "dropbear",
                    openSsh.toString(), converted.toString()));
        }
        return converted;
    }
}
