package homeport.ssh.crypto;

import java.util.Optional;

/** The packet ciphers, with the names and sizes that a key exchange needs to know. */
public enum CipherAlgorithm {
    // @formatter:off
    AES128_GCM("aes128-gcm@openssh.com", 16, 12, true, false),
    AES256_GCM("aes256-gcm@openssh.com", 32, 12, true, false);
    // @formatter:on

    private final String wireName;
    private final int keyBytes;
    private final int ivBytes;
    private final boolean authenticated;
    private final boolean legacy;

    CipherAlgorithm(String wireName, int keyBytes, int ivBytes, boolean authenticated, boolean legacy) {
        this.wireName = wireName;
        this.keyBytes = keyBytes;
        this.ivBytes = ivBytes;
        this.authenticated = authenticated;
        this.legacy = legacy;
    }

    public static Optional<CipherAlgorithm> byName(String wireName) {
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

    /** Bytes to derive for letters {@code C} and {@code D}. */
    public int keyBytes() {
        return keyBytes;
    }

    /** Bytes to derive for letters {@code A} and {@code B}. */
    public int ivBytes() {
        return ivBytes;
    }

    /** Whether it brings its own authentication, so that no MAC is negotiated beside it. */
    public boolean authenticated() {
        return authenticated;
    }

    /** Whether it is offered only where a device's record asks for it. */
    public boolean legacy() {
        return legacy;
    }

    /** The arrays belong to the cipher from here on; it overwrites them when it is destroyed. */
    public InboundCipher inbound(MacAlgorithm mac, byte[] key, byte[] iv, byte[] macKey) {
        return switch (this) {
            case AES128_GCM, AES256_GCM -> AesGcm.inbound(key, iv);
        };
    }

    /** The arrays belong to the cipher from here on; it overwrites them when it is destroyed. */
    public OutboundCipher outbound(MacAlgorithm mac, byte[] key, byte[] iv, byte[] macKey) {
        return switch (this) {
            case AES128_GCM, AES256_GCM -> AesGcm.outbound(key, iv);
        };
    }
}
