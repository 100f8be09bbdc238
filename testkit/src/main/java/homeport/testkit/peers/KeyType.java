package homeport.testkit.peers;

import java.util.List;

/** The kinds of key pair that ssh-keygen makes for tests. */
public enum KeyType {
    ED25519("ed25519", 256, "ssh-ed25519"), //
    ECDSA_P256("ecdsa", 256, "ecdsa-sha2-nistp256"), //
    ECDSA_P384("ecdsa", 384, "ecdsa-sha2-nistp384"), //
    ECDSA_P521("ecdsa", 521, "ecdsa-sha2-nistp521"), //
    RSA("rsa", 2048, "rsa-sha2-256", "rsa-sha2-512");

    private final String keygenName;
    private final int bits;
    private final List<String> algorithms;

    KeyType(String keygenName, int bits, String... algorithms) {
        this.keygenName = keygenName;
        this.bits = bits;
        this.algorithms = List.of(algorithms);
    }

    /** What {@code ssh-keygen -t} calls it. */
    public String keygenName() {
        return keygenName;
    }

    /** Size of the key in bits. */
    public int bits() {
        return bits;
    }

    /** The signature algorithms of such a key. */
    public List<String> algorithms() {
        return algorithms;
    }

    /** The type whose keys sign by {@code algorithm}, be it as a plain key or inside an OpenSSH certificate. */
    public static KeyType of(String algorithm) {
        var plain = algorithm.replace("-cert-v01@openssh.com", "");
        for (var type : values()) {
            if (type.algorithms.contains(plain)) {
                return type;
            }
        }
        throw new IllegalArgumentException("no key type signs by " + algorithm);
    }
}
