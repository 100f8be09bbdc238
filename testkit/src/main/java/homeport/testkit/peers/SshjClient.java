package homeport.testkit.peers;

import com.hierynomus.sshj.userauth.certificate.Certificate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import net.schmizz.sshj.DefaultConfig;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.Factory;
import net.schmizz.sshj.common.KeyType;
import net.schmizz.sshj.connection.channel.direct.Session.Command;
import net.schmizz.sshj.transport.verification.HostKeyVerifier;
import net.schmizz.sshj.userauth.method.AuthKeyboardInteractive;
import net.schmizz.sshj.userauth.method.AuthNone;
import net.schmizz.sshj.userauth.method.AuthPassword;
import net.schmizz.sshj.userauth.method.AuthPublickey;
import net.schmizz.sshj.userauth.method.ChallengeResponseProvider;
import net.schmizz.sshj.userauth.password.PasswordUtils;
import net.schmizz.sshj.userauth.password.Resource;

/** sshj, in this process; accepts through a relay. It rekeys when told to, not by bytes. */
public final class SshjClient implements ClientPeer {
    private static final int CHUNK = 32 * 1024;
    private static final int WINDOW_BYTES = 256 << 20;
    private static final long BULK_SECONDS = 120;

    @Override
    public String name() {
        return "sshj";
    }

    @Override
    public Algorithms algorithms() {
        var config = new DefaultConfig();
        return new Algorithms(names(config.getKeyExchangeFactories()), names(config.getKeyAlgorithms()),
                names(config.getCipherFactories()), names(config.getMACFactories()));
    }

    @Override
    public Set<AuthMethod> methods() {
        return EnumSet.allOf(AuthMethod.class);
    }

    @Override
    public RunningClient dial(ClientSetup setup, InetSocketAddress server, String command, byte[] stdin) {
        return new InProcessClient(server, () -> run(setup, server, command, stdin), () -> {});
    }

    @Override
    public RunningClient accept(ClientSetup setup, String command, byte[] stdin) throws IOException {
        var relay = Relay.meeting();
        return new InProcessClient(relay.right(), () -> run(setup, relay.left(), command, stdin), relay);
    }

    private static ExecResult run(ClientSetup setup, InetSocketAddress server, String command, byte[] stdin)
            throws IOException {
        var config = new DefaultConfig();
        var offer = setup.offer();
        config.setKeyExchangeFactories(keep(config.getKeyExchangeFactories(), offer.kex()));
        config.setCipherFactories(keep(config.getCipherFactories(), offer.ciphers()));
        config.setMACFactories(keep(config.getMACFactories(), offer.macs()));
        // It takes one list for the host's keys and its own: the host's first, and by what is there it signs itself.
        config.setKeyAlgorithms(first(config.getKeyAlgorithms(), offer.hostKeys()));
        // It fails where its window lets in more than its buffer holds.
        config.setMaxCircularBufferSize(WINDOW_BYTES + 1);
        try (var client = new SSHClient(config)) {
            client.setTimeout((int) Peers.PATIENCE.toMillis());
            client.addHostKeyVerifier(new Known(setup));
            // By address: a name would be compared with the principals of a host certificate.
            client.connect(server.getAddress().getHostAddress(), server.getPort());
            client.auth(setup.user(), methods(client, setup));
            // So large that it never has to say that there is room again: a thread that writes during a key exchange of the
            // server's blocks it.
            client.getConnection().setWindowSize(WINDOW_BYTES);
            try (var session = client.startSession(); var running = session.exec(command)) {
                return transfer(client, running, stdin, setup.rekeyBytes());
            }
        }
    }

    private static List<net.schmizz.sshj.userauth.method.AuthMethod> methods(SSHClient client, ClientSetup setup)
            throws IOException {
        var methods = new ArrayList<net.schmizz.sshj.userauth.method.AuthMethod>();
        for (var method : setup.methods()) {
            methods.add(switch (method) {
                case NONE -> new AuthNone();
                case PUBLIC_KEY -> new AuthPublickey(client.loadKeys(setup.identity().orElseThrow().toString()));
                case PASSWORD -> new AuthPassword(PasswordUtils.createOneOff(Peers.PASSWORD.toCharArray()));
                case KEYBOARD_INTERACTIVE -> new AuthKeyboardInteractive(new Answers());
            });
        }
        return methods;
    }

    private static ExecResult transfer(SSHClient client, Command running, byte[] stdin, long rekeyBytes)
            throws IOException {
        var out = new ByteArrayOutputStream();
        var reader = Thread.ofVirtual().start(() -> copy(running, out));
        try (var to = running.getOutputStream()) {
            long untilRekey = rekeyBytes;
            for (int offset = 0; offset < stdin.length; offset += CHUNK) {
                int count = Math.min(CHUNK, stdin.length - offset);
                to.write(stdin, offset, count);
                untilRekey -= count;
                if (rekeyBytes > 0 && untilRekey <= 0) {
                    client.rekey();
                    untilRekey = rekeyBytes;
                }
            }
        }
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        var error = new String(running.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        running.join(BULK_SECONDS, TimeUnit.SECONDS);
        var status = running.getExitStatus();
        if (status == null) {
            throw new IOException("no exit status; " + error);
        }
        return new ExecResult(status, out.toByteArray(), error);
    }

    private static void copy(Command running, ByteArrayOutputStream out) {
        try {
            running.getInputStream().transferTo(out);
        } catch (IOException e) {
            out.reset();
        }
    }

    private static <T> List<String> names(List<Factory.Named<T>> factories) {
        return factories.stream().map(Factory.Named::getName).toList();
    }

    private static <T> List<Factory.Named<T>> keep(List<Factory.Named<T>> all, List<String> names) {
        return names.isEmpty() ? all : all.stream().filter(f -> names.contains(f.getName())).toList();
    }

    private static <T> List<Factory.Named<T>> first(List<Factory.Named<T>> all, List<String> names) {
        var sorted = new ArrayList<>(all);
        sorted.sort(Comparator.comparingInt(f -> {
            int place = names.indexOf(f.getName());
            return place < 0 ? names.size() : place;
        }));
        return sorted;
    }

    /** Knows the host by its key's blob, whatever its name. */
    private record Known(ClientSetup setup) implements HostKeyVerifier {
        @Override
        public boolean verify(String host, int port, PublicKey key) {
            if (key instanceof Certificate<?> certificate) {
                // sshj has checked the authority's signature, the names and the dates; whose it is, is ours to say.
                return setup.authorities().stream().anyMatch(
                        line -> line.endsWith(" " + Base64.getEncoder().encodeToString(certificate.getSignatureKey())));
            }
            var blob = new Buffer.PlainBuffer().putPublicKey(key).getCompactData();
            var line = KeyType.fromKey(key) + " " + Base64.getEncoder().encodeToString(blob);
            return setup.hostKeys().contains(line);
        }

        @Override
        public List<String> findExistingAlgorithms(String host, int port) {
            return setup.offer().hostKeys();
        }
    }

    /** Answers every prompt with the password. */
    private static final class Answers implements ChallengeResponseProvider {
        @Override
        public List<String> getSubmethods() {
            return List.of();
        }

        @Override
        public void init(@SuppressWarnings("rawtypes") Resource resource, String name, String instruction) {
            // One password for every host: nothing to look up.
        }

        @Override
        public char[] getResponse(String prompt, boolean echo) {
            return Peers.PASSWORD.toCharArray();
        }

        @Override
        public boolean shouldRetry() {
            return false;
        }
    }
}
