package homeport.gateway.inventory;

import java.time.Instant;

/**
 * When and how a device was last there; one that waits for an operator, when it last asked to be let in.
 *
 * @param design empty when it has never been there
 * @param identityKind {@code fingerprint}, {@code subject} or {@code keyId}
 * @param identity what it showed then
 * @param address where it came from; for showing only
 * @param since since when it is there, or gone
 * @param reason why it is gone
 */
public record Sighting(String deviceId, boolean online, String design, String identityKind, String identity,
        String address, String software, Instant since, Instant lastSeen, String reason) {
    static final Sighting NEVER = new Sighting("", false, "", "", "", "", "", Instant.EPOCH, Instant.EPOCH,
            "never seen");

    /** Whether the device was ever there, or asked to be. */
    public boolean ever() {
        return !lastSeen.equals(Instant.EPOCH);
    }
}
