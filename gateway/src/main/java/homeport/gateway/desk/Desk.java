package homeport.gateway.desk;

import homeport.callhome.Refusal;
import homeport.gateway.access.Access;
import homeport.gateway.access.Action;
import homeport.gateway.event.Events;
import homeport.gateway.event.GatewayEvent;
import homeport.gateway.inventory.Approval;
import homeport.gateway.inventory.Attempt;
import homeport.gateway.inventory.AuditEntry;
import homeport.gateway.inventory.Device;
import homeport.gateway.inventory.DeviceQuery;
import homeport.gateway.inventory.DeviceState;
import homeport.gateway.inventory.Inventory;
import homeport.gateway.inventory.NewDevice;
import homeport.gateway.inventory.Operator;
import homeport.gateway.live.LiveDevices;
import homeport.gateway.live.RecordWatcher;
import homeport.ssh.key.Fingerprint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What operators do. Each call checks that this operator may, writes it down, and then tells whoever acts on it; when it
 * returns, it is on disk. Every call may block, and throws {@link DeskError} for what cannot be done.
 */
public final class Desk {
    /** Devices approved by one call at most. */
    public static final int MOST_APPROVED = 10_000;

    private final Inventory inventory;
    private final LiveDevices live;
    private final RecordWatcher watchers;
    private final Events events;

    public Desk(Inventory inventory, LiveDevices live, RecordWatcher watchers, Events events) {
        this.inventory = inventory;
        this.live = live;
        this.watchers = watchers;
        this.events = events;
    }

    // ---- Looking

    /** A page of the devices within reach. */
    public List<Device> devices(Operator operator, DeviceQuery query) {
        var wanted = new LinkedHashMap<>(query.labels());
        operator.selectors().forEach((label, values) -> wanted.merge(label, values, (asked, allowed) -> {
            var both = new java.util.HashSet<>(asked);
            both.retainAll(allowed);
            return both;
        }));
        return wanted.values().stream().anyMatch(java.util.Set::isEmpty)
                ? List.of()
                : inventory.devices().list(query.withLabels(wanted));
    }

    public Device device(Operator operator, String id) {
        return device(operator, Action.SEE, id);
    }

    private Device device(Operator operator, Action action, String id) {
        var device = inventory.devices().find(id)
                .orElseThrow(() -> new DeskError(DeskError.Kind.NOT_FOUND, "there is no device " + id));
        switch (Access.toDevice(operator, action, device.labels())) {
            case Access.Allowed allowed -> {
                return device;
            }
            case Access.Denied denied -> throw denied.hidden()
                    ? new DeskError(DeskError.Kind.NOT_FOUND, "there is no device " + id)
                    : new DeskError(DeskError.Kind.NOT_ALLOWED, denied.reason());
        }
    }

    private static void allow(Operator operator, Action action) {
        if (Access.toGateway(operator, action) instanceof Access.Denied denied) {
            throw new DeskError(DeskError.Kind.NOT_ALLOWED, denied.reason());
        }
    }

    /** The journal, the newest first: of one device within reach, or all of it. */
    public List<Attempt> attempts(Operator operator, Optional<String> about, long before, int limit) {
        if (about.isEmpty() || inventory.devices().find(about.get()).isEmpty()) {
            allow(operator, Action.SEE_STRANGERS);
        } else {
            device(operator, Action.SEE, about.get());
        }
        return inventory.attempts().list(about, before, limit);
    }

    public List<AuditEntry> audit(Operator operator, long after, Optional<String> device, Instant since, int limit) {
        allow(operator, Action.AUDIT);
        return inventory.audit().list(after, device, since, limit);
    }

    // ---- Deciding

    /** Adds a device before it comes. */
    public Device add(Operator operator, NewDevice device) {
        allow(operator, Action.ADD_DEVICE);
        if (!inventory.devices().add(device, operator.name())) {
            throw new DeskError(DeskError.Kind.CONFLICT, "there is a device or group " + device.id() + " already");
        }
        changed(device.id(), "add", device.labels());
        return inventory.devices().find(device.id()).orElseThrow();
    }

    /** @param key which one, where several wait */
    public void approve(Operator operator, String id, Optional<Fingerprint> key) {
        var device = device(operator, Action.DECIDE, id);
        switch (inventory.devices().approve(id, key, operator.name())) {
            case APPROVED -> changed(id, "approve", device.labels());
            case NOTHING_WAITS -> throw new DeskError(DeskError.Kind.CONFLICT,
                    id + " is admitted already, and no key of it waits");
            case SEVERAL_KEYS -> throw new DeskError(DeskError.Kind.CONFLICT,
                    "several keys wait under " + id + ": say which, by its fingerprint");
            case NO_SUCH_KEY -> throw new DeskError(DeskError.Kind.NOT_FOUND, "no such key of " + id + " waits");
            case NO_SUCH_DEVICE -> throw new DeskError(DeskError.Kind.NOT_FOUND, "there is no device " + id);
        }
    }

    /** Approves those that wait, in one transaction. @return what became of each */
    public Map<String, Approval> approvePending(Operator operator, int limit) {
        if (limit < 1 || limit > MOST_APPROVED) {
            throw new DeskError(DeskError.Kind.INVALID, "1 to " + MOST_APPROVED + " can be approved by one call");
        }
        var ids = new ArrayList<String>();
        var query = DeviceQuery.ALL.withState(DeviceState.PENDING);
        List<Device> page;
        do {
            page = devices(operator, query);
            page.stream().filter(
                    device -> Access.toDevice(operator, Action.DECIDE, device.labels()) instanceof Access.Allowed)
                    .limit(limit - ids.size()).map(Device::id).forEach(ids::add);
            if (!page.isEmpty()) {
                query = query.page(Optional.of(page.getLast().id()), DeviceQuery.MOST);
            }
        } while (page.size() == DeviceQuery.MOST && ids.size() < limit);
        var results = inventory.devices().approve(ids, operator.name());
        results.forEach((id, result) -> {
            if (result == Approval.APPROVED) {
                changed(id, "approve", Map.of());
            }
        });
        return results;
    }

    public void refuse(Operator operator, String id, String reason) {
        var device = device(operator, Action.DECIDE, id);
        if (!inventory.devices().refuse(id, reason, operator.name())) {
            throw new DeskError(DeskError.Kind.NOT_FOUND, "there is no device " + id);
        }
        changed(id, "refuse", device.labels());
    }

    /** Forgets a device, and ends its connection. */
    public void remove(Operator operator, String id) {
        var device = device(operator, Action.CHANGE, id);
        if (!inventory.devices().remove(id, operator.name())) {
            throw new DeskError(DeskError.Kind.NOT_FOUND, "there is no device " + id);
        }
        watchers.deviceChanged(id);
        events.publish(GatewayEvent.Type.DEVICE_REMOVED, id, device.labels(), Map.of("by", operator.name()));
    }

    /** Ends a device's connection; it may come again. */
    public void disconnect(Operator operator, String id) {
        device(operator, Action.DISCONNECT, id);
        var connected = live.find(id)
                .orElseThrow(() -> new DeskError(DeskError.Kind.OFFLINE, id + " is offline: homeport why " + id));
        inventory.audit().add(operator.name(), "device.disconnect", id, "");
        connected.close(Refusal.CLOSED, "disconnected by an operator");
    }

    private void changed(String id, String action, Map<String, String> labels) {
        watchers.deviceChanged(id);
        events.publish(GatewayEvent.Type.DEVICE_CHANGED, id, labels, Map.of("action", action));
    }
}
