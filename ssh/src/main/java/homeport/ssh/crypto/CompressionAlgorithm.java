package homeport.ssh.crypto;

import java.util.Optional;

/** The compressions by name (RFC 4253 §6.2), those we like better first. */
public enum CompressionAlgorithm {
    // @formatter:off
    NONE("none"),
    /** Begins only after the login, so that nobody unknown reaches the decompressor. */
    ZLIB_OPENSSH("zlib@openssh.com");
    // @formatter:on

    private final String wireName;

    CompressionAlgorithm(String wireName) {
        this.wireName = wireName;
    }

    public static Optional<CompressionAlgorithm> byName(String wireName) {
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

    /** For one direction of one connection; empty for {@link #NONE}. Its owner ends it. */
    public Optional<Compressor> compressor() {
        return switch (this) {
            case NONE -> Optional.empty();
            case ZLIB_OPENSSH -> Optional.of(new Compressor());
        };
    }

    /** For one direction of one connection; empty for {@link #NONE}. Its owner ends it. */
    public Optional<Decompressor> decompressor() {
        return switch (this) {
            case NONE -> Optional.empty();
            case ZLIB_OPENSSH -> Optional.of(new Decompressor());
        };
    }
}
