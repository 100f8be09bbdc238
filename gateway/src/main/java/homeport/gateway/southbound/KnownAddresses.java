package homeport.gateway.southbound;

import homeport.gateway.inventory.DeviceQuery;
import homeport.gateway.inventory.DeviceState;
import homeport.gateway.inventory.Inventory;
import homeport.net.KnownSources;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where the devices on record were when the gateway ended, so that after its restart, too, a fleet that comes back goes
 * before strangers. Who comes later the gate remembers by itself.
 */
final class KnownAddresses implements KnownSources {
    private final Map<InetAddress, Integer> devices;

    private KnownAddresses(Map<InetAddress, Integer> devices) {
        this.devices = Map.copyOf(devices);
    }

    /** Reads all devices, a page at a time. */
    static KnownAddresses of(Inventory inventory) {
        var counts = new HashMap<InetAddress, Integer>();
        var query = DeviceQuery.ALL.withState(DeviceState.ADMITTED);
        var page = inventory.devices().list(query);
        while (!page.isEmpty()) {
            for (var device : page) {
                address(device.sighting().address()).ifPresent(address -> counts.merge(address, 1, Integer::sum));
            }
            page = page.size() < DeviceQuery.MOST
                    ? java.util.List.of()
                    : inventory.devices().list(query.page(Optional.of(page.getLast().id()), DeviceQuery.MOST));
        }
        return new KnownAddresses(counts);
    }

    private static Optional<InetAddress> address(String text) {
        if (text.isEmpty()) {
            return Optional.empty(); // never seen
        }
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // where it came from was not known then either
        }
    }

    @Override
    public int devices(InetAddress address) {
        return devices.getOrDefault(address, 0);
    }
}
