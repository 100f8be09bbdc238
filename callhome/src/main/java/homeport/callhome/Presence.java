package homeport.callhome;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which device is there on which connection, and who gives way to whom: a device that proves its identity again has lost
 * its old connection, whatever that one still looks like, and gets in at once; a mere claim displaces nobody.
 *
 * <p>Not safe for use by several threads at once.
 *
 * @param <L> a connection
 */
public final class Presence<L> {
    private record Entry<L>(L link, boolean proved) {}

    /** What came of a connection's registration. */
    public sealed interface Outcome<L> {
        /** It is the device's only one. */
        record Added<L>(L link) implements Outcome<L> {}

        /** It takes the place of {@code old}, which is to be closed as {@link Refusal#DISPLACED}. */
        record Displaced<L>(L link, L old) implements Outcome<L> {}

        /** It proves nothing, and {@code present} stays: refuse it. */
        record KeptOut<L>(L present) implements Outcome<L> {}
    }

    private final Map<String, Entry<L>> byDevice = new HashMap<>();

    /** Nobody is there. */
    public Presence() {}

    /**
     * Registers a connection.
     *
     * @param proved whether it has proved to be this device, and not only said so
     */
    public Outcome<L> add(String deviceId, L link, boolean proved) {
        var before = byDevice.get(deviceId);
        if (before != null && !proved) {
            return new Outcome.KeptOut<>(before.link());
        }
        byDevice.put(deviceId, new Entry<>(link, proved));
        return before == null || before.link().equals(link)
                ? new Outcome.Added<>(link)
                : new Outcome.Displaced<>(link, before.link());
    }

    /** The connection has ended. A device that is there on a newer one stays. */
    public boolean remove(String deviceId, L link) {
        var entry = byDevice.get(deviceId);
        return entry != null && entry.link().equals(link) && byDevice.remove(deviceId, entry);
    }

    public Optional<L> find(String deviceId) {
        return Optional.ofNullable(byDevice.get(deviceId)).map(Entry::link);
    }

    public int size() {
        return byDevice.size();
    }
}
