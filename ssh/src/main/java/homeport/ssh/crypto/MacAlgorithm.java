package homeport.ssh.crypto;

import java.util.Optional;

/**
 * The packet authentication codes that stand beside a cipher without its own (RFC 4253 §6.4, RFC 6668), those we like
 * better first.
 */
public enum MacAlgorithm {
    // @formatter:off
    HMAC_SHA2_256_ETM("hmac-sha2-256-etm@openssh.com", "HmacSHA256", 32, true, false),
    HMAC_SHA2_512_ETM("hmac-sha2-512-etm@openssh.com", "HmacSHA512", 64, true, false),
    HMAC_SHA2_256("hmac-sha2-256", "HmacSHA256", 32, false, false),
    HMAC_SHA2_512("hmac-sha2-512", "HmacSHA512", 64, false, false),
    HMAC_SHA1_ETM("hmac-sha1-etm@openssh.com", "HmacSHA1", 20, true, true),
    HMAC_SHA1("hmac-sha1", "HmacSHA1", 20, false, true),
    /** Beside ciphers that authenticate by themselves, and before the first key exchange; never negotiated. */
    NONE("none", "", 0, false, false);
    // @formatter:on

    private final String wireName;
    private final String providerName;
    private final int bytes;
    private final boolean encryptThenMac;
    private final boolean legacy;

    MacAlgorithm(String wireName, String providerName, int bytes, boolean encryptThenMac, boolean legacy) {
        this.wireName = wireName;
        this.providerName = providerName;
        this.bytes = bytes;
        this.encryptThenMac = encryptThenMac;
        this.legacy = legacy;
    }

    public static Optional<MacAlgorithm> byName(String wireName) {
        for (var algorithm : values()) {
            if (algorithm != NONE && algorithm.wireName.equals(wireName)) {
                return Optional.of(algorithm);
            }
        }
        return Optional.empty();
    }

    public String wireName() {
        return wireName;
    }

    /** Bytes to derive for letters {@code E} and {@code F}; the code itself is as long. */
    public int keyBytes() {
        return bytes;
    }

    /** Bytes of code behind each packet. */
    public int tagBytes() {
        return bytes;
    }

    /** Whether the code covers the encrypted packet, with its length in clear. */
    public boolean encryptThenMac() {
        return encryptThenMac;
    }

    /** Whether it is offered only where a device's record asks for it. */
    public boolean legacy() {
        return legacy;
    }

    /** Its name as JCA has it. */
    String providerName() {
        return providerName;
    }
}
