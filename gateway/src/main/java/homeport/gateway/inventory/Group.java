package homeport.gateway.inventory;

import java.time.Instant;

/**
 * An id that many devices bring in their bootstrap message, and one secret for all of them. It proves membership only:
 * each device is known as {@code <group>/<fingerprint>} by its own key, until it is renamed.
 *
 * @param admits whether a new member may in at once, or waits for an operator
 * @param hasSecret without one nothing about a member is proved, and each waits
 */
public record Group(String id, boolean admits, boolean sha256Required, boolean hasSecret, Instant added) {}
