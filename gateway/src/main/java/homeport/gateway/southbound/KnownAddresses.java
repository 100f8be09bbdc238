package homeport.gateway.southbound;

import homeport.gateway.inventory.DeviceQuery;
import homeport.gateway.inventory.DeviceState;
import homeport.gateway.inventory.Inventory;
import homeport.net.KnownSources;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where the devices on record were last seen, so that a fleet that comes back goes before strangers, after a restart of the
 * gateway and after a power cut that lasted longer than the gate remembers. A device behind IPv6 may come back under
 * another address of its network, so networks of 64 bits count, as at the gate.
 */
final class KnownAddresses implements KnownSources {
    private static final int NETWORK_BYTES = 8;

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
            return Optional.of(network(InetAddress.ofLiteral(text)));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // where it came from was not known then either
        }
    }

    @Override
    public int devices(InetAddress address) {
        return devices.getOrDefault(network(address), 0);
    }

    /** An IPv4 address as it is; of an IPv6 one its network. */
    private static InetAddress network(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address;
        }
        byte[] bytes = address.getAddress();
        Arrays.fill(bytes, NETWORK_BYTES, bytes.length, (byte) 0);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("16 bytes are no IPv6 address", e);
        }
    }
}
