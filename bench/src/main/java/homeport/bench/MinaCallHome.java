package homeport.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.io.IoAcceptor;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.keyprovider.FileKeyPairProvider;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.core.CoreModuleProperties;

/**
 * MINA SSHD as a call-home server, the way that the known ones are built on it: its client's sessions on connections that
 * were accepted. Whoever shows a key is admitted, as at ours.
 */
final class MinaCallHome implements CallHomeGateway {
    private final SshClient client = SshClient.setUpDefaultClient();
    private final LongAdder admitted = new LongAdder();
    private final AtomicInteger linked = new AtomicInteger();
    private final int port;

    private MinaCallHome(Path user, int readBuffer) throws IOException {
        client.setServerKeyVerifier((session, address, key) -> true);
        client.setKeyExchangeFactories(List.of(ClientBuilder.DH2KEX.apply(BuiltinDHFactories.curve25519)));
        client.setCipherFactories(List.of(BuiltinCiphers.aes128gcm));
        client.setUserAuthFactories(List.of(UserAuthPublicKeyFactory.INSTANCE));
        client.setNioWorkers(2);
        if (readBuffer > 0) {
            CoreModuleProperties.NIO2_READ_BUFFER_SIZE.set(client, readBuffer);
            CoreModuleProperties.MIN_READ_BUFFER_SIZE.set(client, readBuffer);
        }
        CoreModuleProperties.SOCKET_BACKLOG.set(client, 4096);
        var key = new FileKeyPairProvider(user).loadKeys(null).iterator().next();
        client.addSessionListener(new SessionListener() {
            @Override
            public void sessionEvent(Session session, Event event) {
                if (event == Event.KeyEstablished && session instanceof ClientSession own) {
                    own.setUsername("admin");
                    own.addPublicKeyIdentity(key);
                    login(own);
                } else if (event == Event.Authenticated) {
                    admitted.increment();
                    linked.incrementAndGet();
                }
            }

            @Override
            public void sessionClosed(Session session) {
                if (session.isAuthenticated()) {
                    linked.decrementAndGet();
                }
            }
        });
        client.start();
        IoAcceptor acceptor = client.getIoServiceFactory().createAcceptor(client.getSessionFactory());
        acceptor.bind(new InetSocketAddress("127.0.0.1", 0));
        port = ((InetSocketAddress) acceptor.getBoundAddresses().iterator().next()).getPort();
    }

    static MinaCallHome start(Path user, int readBuffer) throws IOException {
        return new MinaCallHome(user, readBuffer);
    }

    private static void login(ClientSession session) {
        try {
            session.auth();
        } catch (IOException e) {
            throw new IllegalStateException("MINA does not begin to log in", e);
        }
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public int linked() {
        return linked.get();
    }

    @Override
    public long admitted() {
        return admitted.sum();
    }
}
