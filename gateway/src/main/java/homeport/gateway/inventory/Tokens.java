package homeport.gateway.inventory;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** One-time and bearer tokens: 192 random bits as 32 characters. Only hashes are kept. */
public final class Tokens {
    private static final int BYTES = 24;
    /** Longer ones are hashed too, so that their length tells nothing; this bounds the work. */
    private static final int MOST_BYTES = 1024;

    private Tokens() {}

    static String make(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static String hash(String token) {
        return hash(token.getBytes(StandardCharsets.US_ASCII));
    }

    /** SHA-256 in hexadecimal, as it is kept. The token stays the caller's to overwrite. */
    public static String hash(byte[] token) {
        byte[] bounded = token.length <= MOST_BYTES ? token : new byte[0];
        return HexFormat.of().formatHex(Sealer.sha256(bounded));
    }
}
