package homeport.interop;

import homeport.ssh.crypto.KexAlgorithm;
import homeport.ssh.key.KeyAlgorithm;
import homeport.testkit.peers.AsyncSshClient;
import homeport.testkit.peers.AsyncSshServer;
import homeport.testkit.peers.ClientPeer;
import homeport.testkit.peers.MinaClient;
import homeport.testkit.peers.MinaServer;
import homeport.testkit.peers.ServerPeer;
import java.util.Optional;
import java.util.Set;

/**
 * What a peer names among its algorithms and yet does not do, each with why: everything else that both ends know has to
 * work, and a refusal fails the test.
 */
final class NotSupported {
    private NotSupported() {}

    /**
     * What of ours a peer does not name at all, by the versions that {@code .ci/run} installs. Anything else of ours that
     * it does not name fails: either we lost it, or the peer did, and then it is to be written down here with the version.
     */
    static Set<String> unnamedBy(ServerPeer peer) {
        return switch (peer.name()) {
            case "mina" -> Set.of();
            case "openssh" -> Set.of("mlkem768x25519-sha256"); // since OpenSSH 9.9
            case "dropbear" -> DROPBEAR;
            case "asyncssh" -> Set.of("mlkem768x25519-sha256"); // since 2.18
            default -> throw new IllegalArgumentException("a server that nothing is written down of: " + peer.name());
        };
    }

    static Set<String> unnamedBy(ClientPeer peer) {
        return switch (peer.name()) {
            case "mina" -> Set.of();
            case "openssh" -> Set.of("mlkem768x25519-sha256");
            case "dropbear" -> DROPBEAR;
            case "asyncssh" -> Set.of("mlkem768x25519-sha256");
            case "sshj" -> Set.of("mlkem768x25519-sha256", "rsa-sha2-256-cert-v01@openssh.com",
                    "rsa-sha2-512-cert-v01@openssh.com");
            default -> throw new IllegalArgumentException("a client that nothing is written down of: " + peer.name());
        };
    }

    /** Dropbear 2022.83 as Debian builds it: small on purpose. */
    private static final Set<String> DROPBEAR = Set.of("mlkem768x25519-sha256",
            "diffie-hellman-group-exchange-sha256", "diffie-hellman-group16-sha512", "diffie-hellman-group18-sha512",
            "ssh-ed25519-cert-v01@openssh.com", "ecdsa-sha2-nistp256-cert-v01@openssh.com",
            "ecdsa-sha2-nistp384-cert-v01@openssh.com", "ecdsa-sha2-nistp521-cert-v01@openssh.com",
            "rsa-sha2-256-cert-v01@openssh.com", "rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-512",
            "aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes192-ctr", "aes128-cbc", "aes192-cbc", "aes256-cbc",
            "hmac-sha1-etm@openssh.com", "hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com",
            "hmac-sha2-512");

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
        if (peer instanceof MinaClient && cell.kex() == KexAlgorithm.GROUP_EXCHANGE_SHA256
                && Keys.certified(cell.hostKey().wireName())) {
            return Optional.of("MINA 2.19's group exchange checks another hash where it is shown a certificate");
        }
        return Optional.empty();
    }
}
