package homeport.gateway.login;

import homeport.gateway.inventory.SecretFile;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.Signer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The gateway's keys, each in a file of OpenSSH's format and mode 0600. Made at the first start.
 *
 * @param host shown to devices that log in, and to operators
 * @param furtherHosts one of each other algorithm, for devices whose first SSH message does not tell their role, and for
 *     operators' programs that know no Ed25519
 * @param user by which the gateway logs in to devices
 * @param authority signs the certificates that the gateway issues
 */
public record GatewayKeys(PlainSigner host, List<Signer> furtherHosts, PlainSigner user, PlainSigner authority) {
    /**
     * Reads the keys of a directory, and makes those that are missing while nobody knows them.
     *
     * @param known whether devices or operators know the gateway by its keys: a new one would shut all of them out
     * @throws IllegalStateException when others may read one, or one that is known is missing
     * @throws homeport.ssh.key.KeyFileError when one is no private key
     */
    public static GatewayKeys open(Path directory, boolean known, SecureRandom random) {
        var files = Stream.of("host_ed25519", "user_ed25519", "ca_ed25519").map(directory::resolve).toList();
        var missing = files.stream().filter(file -> !Files.exists(file)).map(Path::toString).toList();
        if (known && !missing.isEmpty()) {
            throw new IllegalStateException("missing: " + String.join(", ", missing)
                    + ", by which the devices and operators on record know the gateway; put them back from the backup."
                    + " To go on with new ones, which devices and operators have to be given, make each: ssh-keygen -t"
                    + " ed25519 -N '' -f FILE");
        }
        return new GatewayKeys(key(files.get(0), random), furtherHosts(directory, random), key(files.get(1), random),
                key(files.get(2), random));
    }

    /** Made whenever they are missing: versions before this one had none. */
    private static List<Signer> furtherHosts(Path directory, SecureRandom random) {
        return List.of(key(directory.resolve("host_ecdsa_nistp256"), KeyAlgorithm.ECDSA_P256, random),
                key(directory.resolve("host_ecdsa_nistp384"), KeyAlgorithm.ECDSA_P384, random),
                key(directory.resolve("host_ecdsa_nistp521"), KeyAlgorithm.ECDSA_P521, random),
                key(directory.resolve("host_rsa"), KeyAlgorithm.RSA_SHA2_512, random));
    }

    /** What operators may be shown, the first one before all others. */
    public List<Signer> hosts() {
        return Stream.concat(Stream.of(host), furtherHosts.stream()).toList();
    }

    private static PlainSigner key(Path file, SecureRandom random) {
        return key(file, KeyAlgorithm.SSH_ED25519, random);
    }

    /** @param algorithm of the key that is made where there is none */
    private static PlainSigner key(Path file, KeyAlgorithm algorithm, SecureRandom random) {
        try {
            if (!Files.exists(file)) {
                SecretFile.create(file, PrivateKeys.write(PrivateKeys.generate(algorithm, random),
                        "homeport " + file.getFileName(), random));
            }
            SecretFile.exposed(file).ifPresent(exposed -> {
                throw new IllegalStateException("the private key " + exposed);
            });
            byte[] content;
            try (var in = Files.newInputStream(file)) {
                content = in.readNBytes(PrivateKeys.MOST_FILE_BYTES + 1);
            }
            try {
                return PrivateKeys.read(file.toString(), content);
            } finally {
                Arrays.fill(content, (byte) 0);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the private key " + file + " cannot be read", e);
        }
    }

    @Override
    public String toString() {
        return "GatewayKeys[" + host.publicKey() + "]";
    }
}
