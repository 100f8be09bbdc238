package homeport.gateway.inventory;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which devices to list, in the order of their ids.
 *
 * @param labels for each label the values that are wanted; of all labels that are named
 * @param after the last id of the page before
 * @param limit 1 to {@link #MOST}
 */
public record DeviceQuery(Optional<DeviceState> state, Optional<Boolean> online, Optional<String> design,
        Map<String, Set<String>> labels, Optional<String> after, int limit) {
    public static final int MOST = 1000;
    public static final DeviceQuery ALL = new DeviceQuery(Optional.empty(), Optional.empty(), Optional.empty(),
            Map.of(), Optional.empty(), MOST);

    public DeviceQuery {
        labels = Map.copyOf(labels);
        if (limit < 1 || limit > MOST) {
            throw new IllegalArgumentException("a page of " + limit + " devices, 1 to " + MOST + " are possible");
        }
    }

    public DeviceQuery withState(DeviceState wanted) {
        return new DeviceQuery(Optional.of(wanted), online, design, labels, after, limit);
    }

    public DeviceQuery withOnline(boolean wanted) {
        return new DeviceQuery(state, Optional.of(wanted), design, labels, after, limit);
    }

    public DeviceQuery withLabels(Map<String, Set<String>> wanted) {
        return new DeviceQuery(state, online, design, wanted, after, limit);
    }

    public DeviceQuery page(Optional<String> from, int most) {
        return new DeviceQuery(state, online, design, labels, from, most);
    }
}
