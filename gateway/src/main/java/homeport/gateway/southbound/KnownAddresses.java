package homeport.gateway.southbound;

import homeport.gateway.inventory.DeviceQuery;
import homeport.gateway.inventory.DeviceState;
import homeport.gateway.inventory.Inventory;
import homeport.net.Gate;
import homeport.net.KnownSources;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the devices on record were last seen, so that a fleet that comes back goes before strangers, after a restart of the
 * gateway and after a power cut that lasted longer than the gate remembers. A device behind IPv6 may come back under
 * another address of its network, so sources count as they do at the gate.
 */
final class KnownAddresses implements KnownSources {
    private final Map<Gate.Source, Integer> devices;

    private KnownAddresses(Map<Gate.Source, Integer> devices) {
        this.devices = Map.copyOf(devices);
    }

    /** Reads all devices, a page at a time. */
    static KnownAddresses of(Inventory inventory) {
        var counts = new HashMap<Gate.Source, Integer>();
        var query = DeviceQuery.ALL.withState(DeviceState.ADMITTED);
        var page = inventory.devices().list(query);
        while (!page.isEmpty()) {
            for (var device : page) {
                source(device.sighting().address()).ifPresent(source -> counts.merge(source, 1, Integer::sum));
            }
            page = page.size() < DeviceQuery.MOST
                    ? List.of()
                    : inventory.devices().list(query.page(Optional.of(page.getLast().id()), DeviceQuery.MOST));
        }
        return new KnownAddresses(counts);
    }

    private static Optional<Gate.Source> source(String text) {
        if (text.isEmpty()) {
            return Optional.empty(); // never seen
        }
        try {
            return Optional.of(Gate.Source.of(InetAddress.ofLiteral(text)));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // where it came from was not known then either
        }
    }

    @Override
    public int devices(InetAddress address) {
        return devices.getOrDefault(Gate.Source.of(address), 0);
    }
}
