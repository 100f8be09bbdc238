package homeport.ssh.key;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The kinds of plain key, each with its curve where it has one and the algorithms it signs by. */
enum KeyKind {
    ED25519("ssh-ed25519", null, KeyAlgorithm.SSH_ED25519), //
    ECDSA_P256("ecdsa-sha2-nistp256", Curve.P256, KeyAlgorithm.ECDSA_P256), //
    ECDSA_P384("ecdsa-sha2-nistp384", Curve.P384, KeyAlgorithm.ECDSA_P384), //
    ECDSA_P521("ecdsa-sha2-nistp521", Curve.P521, KeyAlgorithm.ECDSA_P521), //
    RSA("ssh-rsa", null, KeyAlgorithm.RSA_SHA2_512, KeyAlgorithm.RSA_SHA2_256);

    private final String type;
    private final @Nullable Curve curve;
    private final List<KeyAlgorithm> algorithms;

    KeyKind(String type, @Nullable Curve curve, KeyAlgorithm... algorithms) {
        this.type = type;
        this.curve = curve;
        this.algorithms = List.of(algorithms);
    }

    /** The name at the start of a plain key's blob. */
    String type() {
        return type;
    }

    /** The curve of an ECDSA kind. */
    Curve curve() {
        if (curve == null) {
            throw new IllegalStateException(type + " has no NIST curve");
        }
        return curve;
    }

    /** The preferred first; without SHA-1. */
    List<KeyAlgorithm> algorithms() {
        return algorithms;
    }

    static Optional<KeyKind> ofType(String type) {
        for (var kind : values()) {
            if (kind.type.equals(type)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
