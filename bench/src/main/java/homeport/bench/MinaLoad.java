package homeport.bench;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.keyprovider.FileKeyPairProvider;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;

/** Clients for a server under test: MINA's, logging in with the user key by curve25519 and aes128-gcm. */
final class MinaLoad implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int AT_ONCE = 2;
    private final SshClient client;
    private final KeyPair user;

    MinaLoad(Keys keys) throws IOException, GeneralSecurityException {
        client = SshClient.setUpDefaultClient();
        client.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
        client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
        client.setServerKeyVerifier((session, address, key) -> true);
        client.setKeyExchangeFactories(List.of(ClientBuilder.DH2KEX.apply(BuiltinDHFactories.curve25519)));
        client.setCipherFactories(List.of(BuiltinCiphers.aes128gcm));
        client.start();
        user = new FileKeyPairProvider(keys.user()).loadKeys(null).iterator().next();
    }

    /** Logs in and closes, {@code times} times, two at a time. */
    void handshakes(int port, int times) throws InterruptedException, ExecutionException {
        inParallel(times, () -> {
            login(port).close(true).await(PATIENCE);
            return null;
        });
    }

    /** Logs in {@code count} times. @return the sessions, open and idle */
    List<ClientSession> sessions(int port, int count) throws InterruptedException, ExecutionException {
        return inParallel(count, () -> login(port));
    }

    ClientSession login(int port) throws IOException {
        var session = client.connect("bench", "127.0.0.1", port).verify(PATIENCE).getSession();
        session.addPublicKeyIdentity(user);
        session.auth().verify(PATIENCE);
        return session;
    }

    private static <T> List<T> inParallel(int times, Callable<T> task) throws InterruptedException,
            ExecutionException {
        try (var executor = Executors.newFixedThreadPool(AT_ONCE)) {
            var futures = new ArrayList<Future<T>>();
            for (int i = 0; i < times; i++) {
                futures.add(executor.submit(task));
            }
            var results = new ArrayList<T>();
            for (var future : futures) {
                results.add(future.get());
            }
            return results;
        }
    }

    @Override
    public void close() {
        client.stop();
    }
}
