package homeport.gateway.northbound;

import homeport.gateway.inventory.Device;
import homeport.gateway.inventory.DeviceQuery;
import homeport.gateway.inventory.Inventory;
import homeport.gateway.inventory.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The devices that an operator may reach, as a table for a terminal. */
final class DeviceListing {
    /** More than this is for the API, which has pages. */
    private static final int MOST = 10_000;

    private DeviceListing() {}

    static String of(Inventory inventory, Operator operator) {
        var query = DeviceQuery.ALL.withLabels(operator.selectors());
        var devices = new ArrayList<Device>();
        List<Device> page = inventory.devices().list(query);
        while (!page.isEmpty() && devices.size() < MOST) {
            devices.addAll(page);
            page = page.size() < DeviceQuery.MOST
                    ? List.of()
                    : inventory.devices().list(query.page(Optional.of(page.getLast().id()), DeviceQuery.MOST));
        }
        boolean more = !page.isEmpty();
        if (devices.isEmpty()) {
            return "no devices\r\n";
        }
        int width = Math.min(64, devices.stream().mapToInt(device -> device.id().length()).max().orElse(0));
        var text = new StringBuilder();
        var line = "%-" + Math.max(width, 6) + "s  %-8s  %-7s  %-15s  %s%n";
        text.append(line.formatted("DEVICE", "STATE", "ONLINE", "DESIGN", "SINCE"));
        for (var device : devices) {
            var seen = device.sighting();
            text.append(line.formatted(device.id(), device.state().text(), seen.online() ? "yes" : "no",
                    seen.design().isEmpty() ? "-" : seen.design(), seen.ever() ? seen.since() : "never seen"));
        }
        if (more) {
            text.append("... and more: homeport device list, or GET /api/v1/devices, has them all\n");
        }
        return text.toString().replace("\n", "\r\n");
    }
}
