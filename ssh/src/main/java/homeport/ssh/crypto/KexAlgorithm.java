package homeport.ssh.crypto;

import java.util.Optional;

/** The key-exchange methods by name. */
public enum KexAlgorithm {
    // @formatter:off
    CURVE25519_SHA256("curve25519-sha256", "SHA-256", false),
    CURVE25519_SHA256_LIBSSH("curve25519-sha256@libssh.org", "SHA-256", false);
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

    /** The method; empty for the group exchange, whose method is known when its group is ({@code GroupExchange}). */
    public Optional<KexMethod> method() {
        return switch (this) {
            case CURVE25519_SHA256, CURVE25519_SHA256_LIBSSH -> Optional.of(new Curve25519());
        };
    }
}
