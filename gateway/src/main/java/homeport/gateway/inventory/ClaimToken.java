package homeport.gateway.inventory;

import java.time.Instant;
import java.util.Optional;

/**
 * A one-time token by which a device's first key becomes its own. The token itself is nowhere kept.
 *
 * @param hash SHA-256 in hexadecimal; a token has 192 random bits, so it needs no slow hash
 */
public record ClaimToken(String hash, String deviceId, Instant expires, Optional<Instant> used) {}
