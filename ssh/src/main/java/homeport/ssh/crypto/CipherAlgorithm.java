package homeport.ssh.crypto;

import java.util.Optional;

/**
 * The packet ciphers (RFC 4253 §6.3, RFC 4344, RFC 5647), those we like better first, with the names and sizes that a key
 * exchange needs to know.
 */
public enum CipherAlgorithm {
    // @formatter:off
    AES128_GCM("aes128-gcm@openssh.com", 16, 12, true, false),
    AES256_GCM("aes256-gcm@openssh.com", 32, 12, true, false),
    CHACHA20_POLY1305("chacha20-poly1305@openssh.com", 64, 0, true, false),
    AES128_CTR("aes128-ctr", 16, 16, false, false),
    AES192_CTR("aes192-ctr", 24, 16, false, false),
    AES256_CTR("aes256-ctr", 32, 16, false, false),
    AES128_CBC("aes128-cbc", 16, 16, false, true),
    AES192_CBC("aes192-cbc", 24, 16, false, true),
    AES256_CBC("aes256-cbc", 32, 16, false, true),
    /** Packets before the first key exchange; never negotiated, and not found by name. */
    NONE("none", 0, 0, false, false);
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
            if (algorithm != NONE && algorithm.wireName.equals(wireName)) {
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

    /**
     * Opens what the peer sends.
     *
     * <p>The arrays belong to the cipher from here on; it overwrites them when it is destroyed, or before.
     *
     * @param mac    not looked at, nor its key, when this cipher is {@link #authenticated()}, or {@link #NONE}
     * @param macKey {@code mac.keyBytes()} long
     */
    public InboundCipher inbound(MacAlgorithm mac, byte[] key, byte[] iv, byte[] macKey) {
        check(mac, key, iv, macKey);
        return switch (this) {
            case AES128_GCM, AES256_GCM -> AesGcm.inbound(key, iv);
            case CHACHA20_POLY1305 -> ChaCha20Poly1305.inbound(key);
            case AES128_CTR, AES192_CTR, AES256_CTR, AES128_CBC, AES192_CBC, AES256_CBC -> {
                var stream = new BlockCipherStream(mode(), false, key, iv);
                var code = new PacketMac(mac, macKey);
                yield mac.encryptThenMac() ? new EncryptThenMac(stream, code) : new EncryptAndMac(stream, code);
            }
            case NONE -> PlainPackets.INSTANCE;
        };
    }

    /** Seals what is sent to the peer; the rest as for {@link #inbound}. */
    public OutboundCipher outbound(MacAlgorithm mac, byte[] key, byte[] iv, byte[] macKey) {
        check(mac, key, iv, macKey);
        return switch (this) {
            case AES128_GCM, AES256_GCM -> AesGcm.outbound(key, iv);
            case CHACHA20_POLY1305 -> ChaCha20Poly1305.outbound(key);
            case AES128_CTR, AES192_CTR, AES256_CTR, AES128_CBC, AES192_CBC, AES256_CBC -> {
                var stream = new BlockCipherStream(mode(), true, key, iv);
                var code = new PacketMac(mac, macKey);
                yield mac.encryptThenMac() ? new EncryptThenMac(stream, code) : new EncryptAndMac(stream, code);
            }
            case NONE -> PlainPackets.INSTANCE;
        };
    }

    private BlockCipherStream.Mode mode() {
        return legacy ? BlockCipherStream.Mode.CBC : BlockCipherStream.Mode.CTR;
    }

    private void check(MacAlgorithm mac, byte[] key, byte[] iv, byte[] macKey) {
        boolean alone = authenticated || this == NONE;
        if (!alone && mac == MacAlgorithm.NONE) {
            throw new IllegalArgumentException(wireName + " without a MAC");
        }
        if (key.length != keyBytes || iv.length != ivBytes || (!alone && macKey.length != mac.keyBytes())) {
            throw new IllegalArgumentException("keys of " + key.length + ", " + iv.length + " and " + macKey.length
                    + " bytes for " + wireName + " and " + mac.wireName());
        }
    }
}
