package homeport.interop;

import homeport.ssh.key.CertifiedSigner;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.Signer;
import homeport.ssh.key.SshPublicKey;
import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.SshKeygen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;

/** Keys and certificates that ssh-keygen made, one of each kind, for a host and for a user. */
final class Keys {
    private static final String CERTIFICATE = "-cert-v01@openssh.com";

    private final Path directory;
    private final SshKeygen keygen = new SshKeygen();
    private final Path authority;
    private final Map<KeyType, Path> hosts = new EnumMap<>(KeyType.class);
    private final Map<KeyType, Path> certifiedHosts = new EnumMap<>(KeyType.class);
    private final Map<KeyType, Path> users = new EnumMap<>(KeyType.class);
    private final Map<KeyType, Path> certifiedUsers = new EnumMap<>(KeyType.class);

    Keys(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        authority = keygen.generate(directory.resolve("authority"), KeyType.ED25519);
        for (var type : KeyType.values()) {
            hosts.put(type, keygen.generate(directory.resolve("host-" + type), type));
            users.put(type, keygen.generate(directory.resolve("user-" + type), type));
            // Certificates belong to keys of their own: a peer presents the one it finds beside a key.
            var host = keygen.generate(directory.resolve("certified-host-" + type), type);
            keygen.signHost(authority, host, "127.0.0.1", "localhost", "device");
            certifiedHosts.put(type, host);
            var user = keygen.generate(directory.resolve("certified-user-" + type), type);
            keygen.signUser(authority, user, Peers.user());
            certifiedUsers.put(type, user);
        }
    }

    Path directory() {
        return directory;
    }

    Path authority() {
        return authority;
    }

    SshPublicKey authorityKey() throws IOException {
        return publicKey(authority);
    }

    /** The host's private key file for a host-key algorithm. */
    Path host(String algorithm) {
        return file(algorithm, hosts, certifiedHosts);
    }

    /** The user's private key file for a signature algorithm. */
    Path user(String algorithm) {
        return file(algorithm, users, certifiedUsers);
    }

    static boolean certified(String algorithm) {
        return algorithm.endsWith(CERTIFICATE);
    }

    private static Path file(String algorithm, Map<KeyType, Path> plain, Map<KeyType, Path> certified) {
        var type = KeyType.of(algorithm.equals("ssh-rsa") ? "rsa-sha2-256" : algorithm);
        var file = (certified(algorithm) ? certified : plain).get(type);
        if (file == null) {
            throw new IllegalArgumentException("no key for " + algorithm);
        }
        return file;
    }

    static Signer signer(Path file) throws IOException {
        var plain = PrivateKeys.read(file.toString(), Files.readAllBytes(file));
        var certificate = SshKeygen.certificateFile(file);
        return Files.exists(certificate)
                ? new CertifiedSigner(plain, (OpenSshCertificate) parse(Files.readString(certificate)))
                : plain;
    }

    static SshPublicKey publicKey(Path file) throws IOException {
        return parse(Files.readString(SshKeygen.publicKeyFile(file)));
    }

    private static SshPublicKey parse(String line) {
        return SshPublicKey.parse(Base64.getDecoder().decode(line.split(" ", -1)[1].strip()));
    }
}
