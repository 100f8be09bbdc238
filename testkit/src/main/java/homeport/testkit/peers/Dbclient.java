package homeport.testkit.peers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Set;

/** Dropbear's client. It can be told ciphers and MACs, not key exchanges or host keys; accepts through a relay. */
public final class Dbclient implements ClientPeer {
    /** Its own failures end with 1, or with 0 after a disconnect, and so may the command: tests use other statuses. */
    private static final int FAILED = 1;

    @Override
    public String name() {
        return "dropbear";
    }

    /** From its first packet. */
    @Override
    public Algorithms algorithms() throws IOException, InterruptedException {
        var directory = Files.createTempDirectory("dbclient-probe");
        try (var probe = new KexInitProbe.OfClient();
                var child = Child.start(directory, List.of(Peers.require("dbclient").toString(), "-y", "-y", "-p",
                        Integer.toString(probe.address().getPort()), "127.0.0.1", "true"))) {
            var seen = probe.await();
            child.feed(new byte[0]);
            return seen;
        }
    }

    @Override
    public Set<AuthMethod> methods() {
        // Keyboard-interactive it answers from a terminal only.
        return EnumSet.of(AuthMethod.PUBLIC_KEY, AuthMethod.PASSWORD);
    }

    @Override
    public RunningClient dial(ClientSetup setup, InetSocketAddress server, String command, byte[] stdin)
            throws IOException, InterruptedException {
        return start(setup, server, command, stdin, server, () -> {});
    }

    @Override
    public RunningClient accept(ClientSetup setup, String command, byte[] stdin)
            throws IOException, InterruptedException {
        var relay = Relay.meeting();
        return start(setup, relay.left(), command, stdin, relay.right(), relay);
    }

    private static RunningClient start(ClientSetup setup, InetSocketAddress server, String command, byte[] stdin,
            InetSocketAddress address, AutoCloseable with) throws IOException, InterruptedException {
        var directory = Files.createTempDirectory(setup.directory(), "dbclient");
        var words = new ArrayList<>(List.of(Peers.require("dbclient").toString(), "-T", "-p",
                Integer.toString(server.getPort()), "-l", setup.user()));
        var offer = setup.offer();
        if (!offer.ciphers().isEmpty()) {
            words.addAll(List.of("-c", String.join(",", offer.ciphers())));
        }
        if (!offer.macs().isEmpty()) {
            words.addAll(List.of("-m", String.join(",", offer.macs())));
        }
        var environment = new HashMap<String, String>();
        if (setup.identity().isPresent() && setup.methods().contains(AuthMethod.PUBLIC_KEY)) {
            words.addAll(List.of("-i", Dropbear.convert(directory, setup.identity().get()).toString()));
        }
        if (setup.methods().contains(AuthMethod.PASSWORD)) {
            environment.put("DROPBEAR_PASSWORD", Peers.PASSWORD);
        }
        // It looks a host up by name alone, without the port.
        var ssh = Files.createDirectory(directory.resolve(".ssh"));
        Files.writeString(ssh.resolve("known_hosts"),
                "127.0.0.1 " + String.join("\n127.0.0.1 ", setup.hostKeys()) + "\n");
        words.addAll(List.of("127.0.0.1", command));
        var child = Child.start(directory, environment, words);
        child.feed(stdin);
        return new ChildClient(address, child, FAILED, with);
    }
}
