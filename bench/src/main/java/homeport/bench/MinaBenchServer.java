package homeport.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.keyprovider.FileKeyPairProvider;
import org.apache.sshd.common.session.helpers.AbstractSession;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.ServerBuilder;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.server.command.CommandFactory;

/** MINA SSHD's server as it comes, but for the algorithms: curve25519, aes128-gcm, public key only. */
final class MinaBenchServer implements ServerWorker.Server {
    /** MINA's own read buffer is 32 KiB a session. */
    static final int SMALL_BUFFER = 2048;
    private final SshServer server;

    private MinaBenchServer(SshServer server) {
        this.server = server;
    }

    /** @param readBuffer in bytes; 0 for MINA's default */
    static MinaBenchServer start(Path hostKey, Path authorizedKey, int readBuffer) throws IOException {
        var server = SshServer.setUpDefaultServer();
        server.setHost("127.0.0.1");
        server.setPort(0);
        server.setKeyPairProvider(new FileKeyPairProvider(hostKey));
        server.setKeyExchangeFactories(List.of(ServerBuilder.DH2KEX.apply(BuiltinDHFactories.curve25519)));
        server.setCipherFactories(List.of(BuiltinCiphers.aes128gcm, BuiltinCiphers.cc20p1305_openssh));
        var authorized = Files.readString(authorizedKey).strip();
        server.setPublickeyAuthenticator((user, key, session) -> authorized.startsWith(PublicKeyEntry.toString(key)));
        server.setUserAuthFactories(List.of(UserAuthPublicKeyFactory.INSTANCE));
        if (readBuffer > 0) {
            CoreModuleProperties.NIO2_READ_BUFFER_SIZE.set(server, readBuffer);
            CoreModuleProperties.MIN_READ_BUFFER_SIZE.set(server, readBuffer);
        }
        server.start();
        return new MinaBenchServer(server);
    }

    /** What executes commands; none does unless said. */
    void commands(CommandFactory factory) {
        server.setCommandFactory(factory);
    }

    @Override
    public int port() {
        return server.getPort();
    }

    @Override
    public int sessions() {
        return (int) server.getActiveSessions().stream().filter(AbstractSession::isAuthenticated).count();
    }
}
