package homeport.ssh.key;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The public-key algorithms by the name they are negotiated under, with the two other names that belong to each: the
 * one inside the key blob and the one inside the signature. They differ more often than not.
 */
public enum KeyAlgorithm {
    SSH_ED25519("ssh-ed25519", "ssh-ed25519", "ssh-ed25519"), //
    ECDSA_P256("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"), //
    ECDSA_P384("ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"), //
    ECDSA_P521("ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"),
    /** RFC 8332. */
    RSA_SHA2_512("rsa-sha2-512", "ssh-rsa", "rsa-sha2-512"),
    /** RFC 8332. */
    RSA_SHA2_256("rsa-sha2-256", "ssh-rsa", "rsa-sha2-256"),
    /** Legacy: SHA-1. Only where a device's record allows it. */
    SSH_RSA("ssh-rsa", "ssh-rsa", "ssh-rsa"),

    ED25519_CERT("ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519"), //
    ECDSA_P256_CERT("ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-sha2-nistp256-cert-v01@openssh.com",
            "ecdsa-sha2-nistp256"), //
    ECDSA_P384_CERT("ecdsa-sha2-nistp384-cert-v01@openssh.com", "ecdsa-sha2-nistp384-cert-v01@openssh.com",
            "ecdsa-sha2-nistp384"), //
    ECDSA_P521_CERT("ecdsa-sha2-nistp521-cert-v01@openssh.com", "ecdsa-sha2-nistp521-cert-v01@openssh.com",
            "ecdsa-sha2-nistp521"), //
    RSA_SHA2_512_CERT("rsa-sha2-512-cert-v01@openssh.com", "ssh-rsa-cert-v01@openssh.com", "rsa-sha2-512"), //
    RSA_SHA2_256_CERT("rsa-sha2-256-cert-v01@openssh.com", "ssh-rsa-cert-v01@openssh.com", "rsa-sha2-256"),

    /** RFC 6187 §3.3; the curve is the certificate's. */
    X509V3_ECDSA_P256("x509v3-ecdsa-sha2-nistp256", "x509v3-ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"), //
    X509V3_ECDSA_P384("x509v3-ecdsa-sha2-nistp384", "x509v3-ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"), //
    X509V3_ECDSA_P521("x509v3-ecdsa-sha2-nistp521", "x509v3-ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"),
    /** RFC 6187 §3.2: PKCS#1 v1.5 with SHA-256, under a signature name of its own. */
    X509V3_RSA2048_SHA256("x509v3-rsa2048-sha256", "x509v3-rsa2048-sha256", "rsa2048-sha256"),
    /** Outside RFC 6187, as AsyncSSH and PKIX-SSH have it. */
    X509V3_ED25519("x509v3-ssh-ed25519", "x509v3-ssh-ed25519", "ssh-ed25519"),
    /** Legacy: RFC 6187 §3.2 with SHA-1. Only where a device's record allows it. */
    X509V3_SSH_RSA("x509v3-ssh-rsa", "x509v3-ssh-rsa", "ssh-rsa"),

    /** The deck's second design: a host key that is a shared secret's id (this project's own definition). */
    HMAC_SHA2_256("hmac-sha2-256" + HmacKeyId.SUFFIX, "hmac-sha2-256" + HmacKeyId.SUFFIX,
            "hmac-sha2-256" + HmacKeyId.SUFFIX), //
    HMAC_SHA2_512("hmac-sha2-512" + HmacKeyId.SUFFIX, "hmac-sha2-512" + HmacKeyId.SUFFIX,
            "hmac-sha2-512" + HmacKeyId.SUFFIX);

    private static final Map<String, KeyAlgorithm> BY_NAME = new HashMap<>();

    static {
        for (var algorithm : values()) {
            BY_NAME.put(algorithm.wireName, algorithm);
        }
    }

    private final String wireName;
    private final String keyType;
    private final String signatureName;

    KeyAlgorithm(String wireName, String keyType, String signatureName) {
        this.wireName = wireName;
        this.keyType = keyType;
        this.signatureName = signatureName;
    }

    /** The name in KEXINIT, in {@code server-sig-algs} and in a public-key authentication request. */
    public String wireName() {
        return wireName;
    }

    /** The name at the start of the key blob. */
    public String keyType() {
        return keyType;
    }

    /** The name at the start of the signature blob. */
    public String signatureName() {
        return signatureName;
    }

    /** Signs with SHA-1, which new code must not: offered only where a device's record says so. */
    public boolean legacy() {
        return this == SSH_RSA || this == X509V3_SSH_RSA;
    }

    public static Optional<KeyAlgorithm> byName(String wireName) {
        return Optional.ofNullable(BY_NAME.get(wireName));
    }

    /** Those of {@code names} that this engine knows, in their order. */
    public static List<KeyAlgorithm> known(List<String> names) {
        return names.stream().map(BY_NAME::get).filter(java.util.Objects::nonNull).toList();
    }
}
