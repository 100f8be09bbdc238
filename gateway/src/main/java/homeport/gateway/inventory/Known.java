package homeport.gateway.inventory;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * All that is on record for one question of admission. Secrets are open in it: {@link #close} overwrites them.
 *
 * @param device under the id in question, or with the key in question where no id is
 * @param group under the id in question; then {@code device} is the member with the key
 * @param devicesWithKey ids of devices that the key in question is pinned to, at most {@link #MOST_WITH_KEY}
 * @param tokens of the device, used and expired ones too
 */
public record Known(Optional<Device> device, Optional<byte[]> secret, Optional<Group> group,
        Optional<byte[]> groupSecret, List<String> devicesWithKey, List<ClaimToken> tokens) implements AutoCloseable {
    public static final int MOST_WITH_KEY = 3;
    public static final Known NOTHING = new Known(Optional.empty(), Optional.empty(), Optional.empty(),
            Optional.empty(), List.of(), List.of());

    public Known {
        devicesWithKey = List.copyOf(devicesWithKey);
        tokens = List.copyOf(tokens);
    }

    @Override
    public void close() {
        secret.ifPresent(bytes -> Arrays.fill(bytes, (byte) 0));
        groupSecret.ifPresent(bytes -> Arrays.fill(bytes, (byte) 0));
    }

    @Override
    public String toString() {
        return "Known[" + device.map(Device::id).orElse("nobody") + "]";
    }
}
