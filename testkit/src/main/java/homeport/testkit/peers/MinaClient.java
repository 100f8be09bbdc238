package homeport.testkit.peers;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.UserAuthFactory;
import org.apache.sshd.client.auth.keyboard.UserAuthKeyboardInteractiveFactory;
import org.apache.sshd.client.auth.keyboard.UserInteraction;
import org.apache.sshd.client.auth.password.UserAuthPasswordFactory;
import org.apache.sshd.client.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.keyprovider.FileKeyPairProvider;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.jspecify.annotations.Nullable;

/** Apache MINA SSHD's client, in this process; accepts through a relay. */
public final class MinaClient implements ClientPeer {
    private static final Duration BULK = Duration.ofSeconds(120);

    @Override
    public String name() {
        return "mina";
    }

    @Override
    public Algorithms algorithms() {
        return Mina.algorithms();
    }

    @Override
    public Set<AuthMethod> methods() {
        return EnumSet.of(AuthMethod.PUBLIC_KEY, AuthMethod.PASSWORD, AuthMethod.KEYBOARD_INTERACTIVE);
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
            throws IOException, GeneralSecurityException {
        try (var client = create(setup)) {
            client.start();
            try (var session = client.connect(setup.user(), server).verify(Peers.PATIENCE).getSession()) {
                addIdentities(session, setup);
                session.auth().verify(Peers.PATIENCE);
                return exec(session, command, stdin);
            }
        }
    }

    private static SshClient create(ClientSetup setup) {
        var client = SshClient.setUpDefaultClient();
        client.setNioWorkers(2);
        client.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
        client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
        Mina.offer(client, setup.offer(), false, setup.rekeyBytes());
        client.setServerKeyVerifier(
                (session, address, key) -> Mina.accepts(key, setup.hostKeys(), setup.authorities()));
        var factories = new ArrayList<UserAuthFactory>();
        for (var method : setup.methods()) {
            switch (method) {
                case NONE -> throw new IllegalArgumentException("MINA's client does not end with \"none\"");
                case PUBLIC_KEY -> factories.add(new UserAuthPublicKeyFactory(Mina.allSignatures()));
                case PASSWORD -> factories.add(UserAuthPasswordFactory.INSTANCE);
                case KEYBOARD_INTERACTIVE -> factories.add(UserAuthKeyboardInteractiveFactory.INSTANCE);
            }
        }
        client.setUserAuthFactories(factories);
        client.setUserInteraction(new Answers());
        return client;
    }

    private static void addIdentities(ClientSession session, ClientSetup setup)
            throws IOException, GeneralSecurityException {
        if (setup.identity().isPresent() && setup.methods().contains(AuthMethod.PUBLIC_KEY)) {
            session.addPublicKeyIdentity(identity(setup.identity().get()));
        }
        if (setup.methods().contains(AuthMethod.PASSWORD)) {
            session.addPasswordIdentity(Peers.PASSWORD);
        }
    }

    private static KeyPair identity(Path file) throws IOException, GeneralSecurityException {
        var pair = new FileKeyPairProvider(file).loadKeys(null).iterator().next();
        var certificate = SshKeygen.certificateFile(file);
        return Files.exists(certificate) ? new KeyPair(Mina.certificate(certificate), pair.getPrivate()) : pair;
    }

    private static ExecResult exec(ClientSession session, String command, byte[] stdin) throws IOException {
        var out = new ByteArrayOutputStream();
        var error = new ByteArrayOutputStream();
        try (var channel = session.createExecChannel(command)) {
            channel.setIn(new ByteArrayInputStream(stdin));
            channel.setOut(out);
            channel.setErr(error);
            channel.open().verify(Peers.PATIENCE);
            var events = channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), BULK);
            var status = channel.getExitStatus();
            if (status == null) {
                throw new IOException("no exit status, but " + events + "; " + error);
            }
            return new ExecResult(status, out.toByteArray(), error.toString(StandardCharsets.UTF_8));
        }
    }

    /** Answers every prompt with the password. */
    private static final class Answers implements UserInteraction {
        @Override
        public boolean isInteractionAllowed(ClientSession session) {
            return true;
        }

        @Override
        public String[] interactive(ClientSession session, @Nullable String name, @Nullable String instruction,
                @Nullable String language, String[] prompts, boolean[] echo) {
            var answers = new String[prompts.length];
            Arrays.fill(answers, Peers.PASSWORD);
            return answers;
        }

        @Override
        public @Nullable String getUpdatedPassword(ClientSession session, @Nullable String prompt,
                @Nullable String language) {
            return null;
        }
    }
}
