package homeport.gateway.inventory;

import java.time.Duration;

/**
 * What strangers can make the inventory keep.
 *
 * @param pendingDevices records that wait for an operator; beyond it new ones are not made, unless old
 *            ones were not heard of for a quarter of an hour. Some 500 bytes each.
 * @param waitingKeys keys that wait, of one device
 * @param attempts entries of the journal; some 300 bytes each
 * @param attemptAge after which they go anyway
 */
public record InventoryLimits(int pendingDevices, int waitingKeys, int attempts, Duration attemptAge) {
    public static final InventoryLimits DEFAULT = new InventoryLimits(10_000, 4, 100_000, Duration.ofDays(30));

    public InventoryLimits {
        if (pendingDevices < 1 || waitingKeys < 1 || attempts < 1 || !attemptAge.isPositive()) {
            throw new IllegalArgumentException("an inventory that keeps nothing");
        }
    }
}
