package homeport.gateway.inventory;

import java.time.Instant;
import java.util.Optional;

/**
 * Something an operator must hear of.
 *
 * @param fingerprint of the key in question, the newest; may be empty
 * @param times how often it was met, counted at most once a minute
 * @param clearedBy empty while it is open
 */
public record Alarm(long number, AlarmKind kind, String device, String fingerprint, String detail, Instant raised,
        Instant last, long times, Optional<String> clearedBy) {}
