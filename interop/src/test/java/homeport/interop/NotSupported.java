package homeport.interop;

import homeport.ssh.crypto.KexAlgorithm;
import homeport.ssh.key.KeyAlgorithm;
import homeport.testkit.peers.AsyncSshClient;
import homeport.testkit.peers.AsyncSshServer;
import homeport.testkit.peers.ClientPeer;
import homeport.testkit.peers.MinaServer;
import homeport.testkit.peers.ServerPeer;
import java.util.Optional;

/**
 * What a peer names among its algorithms and yet does not do, each with why: everything else that both ends know has to
 * work, and a refusal fails the test.
 */
final class NotSupported {
    private NotSupported() {}

    static Optional<String> asServer(ServerPeer peer, Cell cell) {
        boolean rsaCertificate = cell.hostKey() == KeyAlgorithm.RSA_SHA2_256_CERT
                || cell.hostKey() == KeyAlgorithm.RSA_SHA2_512_CERT;
        if (peer instanceof AsyncSshServer && rsaCertificate) {
            return Optional.of("AsyncSSH 2.10 offers a host's RSA certificate under its SHA-1 name only");
        }
        if (peer instanceof MinaServer && cell.kex() == KexAlgorithm.GROUP_EXCHANGE_SHA256
                && Keys.certified(cell.hostKey().wireName())) {
            return Optional.of("MINA 2.19's group exchange signs another hash where it shows a certificate; OpenSSH and"
                    + " AsyncSSH agree with us on it");
        }
        return Optional.empty();
    }

    static Optional<String> asClient(ClientPeer peer, Cell cell) {
        boolean rsaCertificate = cell.user().startsWith("rsa-sha2-") && Keys.certified(cell.user());
        if (peer instanceof AsyncSshClient && rsaCertificate) {
            return Optional.of("AsyncSSH 2.10 logs in by an RSA certificate under its SHA-1 name only");
        }
        return Optional.empty();
    }
}
