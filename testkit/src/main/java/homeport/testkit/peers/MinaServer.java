package homeport.testkit.peers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.sshd.common.io.IoConnector;
import org.apache.sshd.common.keyprovider.FileHostKeyCertificateProvider;
import org.apache.sshd.common.keyprovider.FileKeyPairProvider;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.auth.UserAuthFactory;
import org.apache.sshd.server.auth.UserAuthNoneFactory;
import org.apache.sshd.server.auth.keyboard.UserAuthKeyboardInteractiveFactory;
import org.apache.sshd.server.auth.password.UserAuthPasswordFactory;
import org.apache.sshd.server.auth.pubkey.UserAuthPublicKeyFactory;
import org.jspecify.annotations.Nullable;

/** Apache MINA SSHD's server, in this process; dials with its own connector. */
public final class MinaServer implements ServerPeer {
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
        return EnumSet.allOf(AuthMethod.class);
    }

    @Override
    public RunningServer listen(ServerSetup setup) throws IOException {
        var server = create(setup);
        server.start();
        return new Running(server, null, Peers.loopback(server.getPort()));
    }

    @Override
    public RunningServer dial(ServerSetup setup, InetSocketAddress to) throws IOException {
        var server = create(setup);
        // Started as any server, so that all its parts are there; the connection that counts is the dialled one.
        server.start();
        var connector = server.getIoServiceFactory().createConnector(server.getSessionFactory());
        var connecting = connector.connect(to, null, null);
        if (!connecting.await(Peers.PATIENCE) || !connecting.isConnected()) {
            throw new IOException("MINA's server could not dial " + to, connecting.getException());
        }
        return new Running(server, connector, to);
    }

    private static SshServer create(ServerSetup setup) throws IOException {
        var server = SshServer.setUpDefaultServer();
        server.setHost("127.0.0.1");
        server.setPort(0);
        server.setNioWorkers(2);
        Mina.offer(server, setup.offer(), true, setup.rekeyBytes());
        server.setKeyPairProvider(new FileKeyPairProvider(setup.hostKeys()));
        var certificates = setup.hostKeys().stream().map(SshKeygen::certificateFile).filter(Files::exists).toList();
        if (!certificates.isEmpty()) {
            server.setHostKeyCertificateProvider(new FileHostKeyCertificateProvider(certificates));
        }
        var keys = Mina.lines(setup.authorizedKeys());
        var authorities = Mina.lines(setup.authorities());
        server.setPublickeyAuthenticator((user, key, session) -> Mina.accepts(key, keys, authorities));
        // Keyboard-interactive asks this too, as "Password: ".
        server.setPasswordAuthenticator(
                (user, password, session) -> user.equals(Peers.user()) && password.equals(Peers.PASSWORD));
        var factories = new ArrayList<UserAuthFactory>();
        for (var method : setup.methods()) {
            factories.add(switch (method) {
                case NONE -> UserAuthNoneFactory.INSTANCE;
                case PUBLIC_KEY -> new UserAuthPublicKeyFactory(Mina.allSignatures());
                case PASSWORD -> UserAuthPasswordFactory.INSTANCE;
                case KEYBOARD_INTERACTIVE -> UserAuthKeyboardInteractiveFactory.INSTANCE;
            });
        }
        server.setUserAuthFactories(factories);
        if (setup.requireAll()) {
            CoreModuleProperties.AUTH_METHODS.set(server,
                    setup.methods().stream().map(AuthMethod::wireName).collect(Collectors.joining(",")));
        }
        CoreModuleProperties.MAX_AUTH_REQUESTS.set(server, 20);
        server.setCommandFactory((channel, command) -> new MinaCommand(command));
        return server;
    }

    private record Running(SshServer server, @Nullable IoConnector connector,
            InetSocketAddress address) implements RunningServer {
        @Override
        public String log() {
            return "sessions: " + server.getActiveSessions();
        }

        @Override
        public void close() {
            try {
                if (connector != null) {
                    connector.close(true).await(Duration.ofSeconds(2));
                }
                server.stop(true);
            } catch (IOException e) {
                throw new IllegalStateException("MINA's server did not stop", e);
            }
        }
    }
}
