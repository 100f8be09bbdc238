package homeport.ssh.crypto;

import java.util.Optional;

/** The key-exchange methods by name, those we like better first. */
public enum KexAlgorithm {
    // @formatter:off
    MLKEM768X25519_SHA256("mlkem768x25519-sha256", "SHA-256", false),
    CURVE25519_SHA256("curve25519-sha256", "SHA-256", false),
    CURVE25519_SHA256_LIBSSH("curve25519-sha256@libssh.org", "SHA-256", false),
    ECDH_NISTP256("ecdh-sha2-nistp256", "SHA-256", false),
    ECDH_NISTP384("ecdh-sha2-nistp384", "SHA-384", false),
    ECDH_NISTP521("ecdh-sha2-nistp521", "SHA-512", false),
    GROUP_EXCHANGE_SHA256("diffie-hellman-group-exchange-sha256", "SHA-256", false),
    GROUP16_SHA512("diffie-hellman-group16-sha512", "SHA-512", false),
    GROUP18_SHA512("diffie-hellman-group18-sha512", "SHA-512", false),
    GROUP14_SHA256("diffie-hellman-group14-sha256", "SHA-256", false),
    GROUP14_SHA1("diffie-hellman-group14-sha1", "SHA-1", true);
    // @formatter:on

    private final String wireName;
    private final String hash;
    private final boolean legacy;

    KexAlgorithm(String wireName, String hash, boolean legacy) {
        this.wireName = wireName;
        this.hash = hash;
        this.legacy = legacy;
    }

    public static Optional<KexAlgorithm> byName(String wireName) {
        for (var algorithm : values()) {
            if (algorithm.wireName.equals(wireName)) {
                return Optional.of(algorithm);
            }
        }
        return Optional.empty();
    }

    public String wireName() {
        return wireName;
    }

    /** Name of the hash for the exchange hash and for key derivation, as JCA has it. */
    public String hash() {
        return hash;
    }

    /** Whether it is offered only where a device's record asks for it. */
    public boolean legacy() {
        return legacy;
    }

    /** Whether the group must be asked for first: {@link GroupExchange} then gives the method. */
    public boolean asksForGroup() {
        return this == GROUP_EXCHANGE_SHA256;
    }

    /** The method; empty when it {@link #asksForGroup()}. */
    public Optional<KexMethod> method() {
        return switch (this) {
            case MLKEM768X25519_SHA256 -> Optional.of(new MlKem768X25519());
            case CURVE25519_SHA256, CURVE25519_SHA256_LIBSSH -> Optional.of(new Curve25519());
            case ECDH_NISTP256 -> Optional.of(NistCurve.P256);
            case ECDH_NISTP384 -> Optional.of(NistCurve.P384);
            case ECDH_NISTP521 -> Optional.of(NistCurve.P521);
            case GROUP14_SHA256, GROUP14_SHA1 -> Optional.of(GroupExchange.known(2048).method(hash));
            case GROUP16_SHA512 -> Optional.of(GroupExchange.known(4096).method(hash));
            case GROUP18_SHA512 -> Optional.of(GroupExchange.known(8192).method(hash));
            case GROUP_EXCHANGE_SHA256 -> Optional.empty();
        };
    }
}
