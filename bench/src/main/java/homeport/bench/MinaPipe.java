package homeport.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.keyprovider.FileKeyPairProvider;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;

/** MINA SSHD's client and server over a loopback socket. */
final class MinaPipe implements TransferWorker.Pipe {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private final ClientSession session;
    private final byte[] chunk = new byte[TransferWorker.CHUNK];

    MinaPipe(Keys keys, homeport.ssh.crypto.CipherAlgorithm cipher) throws IOException, GeneralSecurityException {
        var server = MinaBenchServer.start(keys.host(), keys.authorized(), 0);
        server.commands((channel, command) -> new Discard());
        var client = SshClient.setUpDefaultClient();
        client.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
        client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
        client.setServerKeyVerifier((s, address, key) -> true);
        client.setKeyExchangeFactories(List.of(ClientBuilder.DH2KEX.apply(BuiltinDHFactories.curve25519)));
        client.setCipherFactories(List.of(BuiltinCiphers.fromFactoryName(cipher.wireName())));
        client.start();
        session = client.connect("bench", "127.0.0.1", server.port()).verify(PATIENCE).getSession();
        session.addPublicKeyIdentity(new FileKeyPairProvider(keys.user()).loadKeys(null).iterator().next());
        session.auth().verify(PATIENCE);
    }

    @Override
    public void transfer(long bytes) throws IOException {
        try (var channel = session.createExecChannel("discard")) {
            channel.open().verify(PATIENCE);
            try (var out = channel.getInvertedIn()) {
                for (long left = bytes; left > 0; left -= chunk.length) {
                    out.write(chunk, 0, (int) Math.min(left, chunk.length));
                }
            }
            channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), PATIENCE);
        }
    }

    /** Reads to the end. */
    private static final class Discard implements Command {
        private InputStream in = InputStream.nullInputStream();
        private ExitCallback exit = (status, message, closeImmediately) -> {};

        @Override
        public void setInputStream(InputStream stream) {
            in = stream;
        }

        @Override
        public void setOutputStream(OutputStream stream) {
            // Nothing is written.
        }

        @Override
        public void setErrorStream(OutputStream stream) {
            // Nothing is written.
        }

        @Override
        public void setExitCallback(ExitCallback callback) {
            exit = callback;
        }

        @Override
        public void start(ChannelSession channel, Environment environment) {
            Thread.ofPlatform().start(() -> {
                var buffer = new byte[TransferWorker.CHUNK];
                try {
                    while (in.read(buffer) >= 0) {
                        continue;
                    }
                    exit.onExit(0);
                } catch (IOException e) {
                    exit.onExit(1, e.getMessage());
                }
            });
        }

        @Override
        public void destroy(ChannelSession channel) {
            // The thread ends with its stream.
        }
    }
}
