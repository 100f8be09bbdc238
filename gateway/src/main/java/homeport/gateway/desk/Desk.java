package homeport.gateway.desk;

import homeport.gateway.access.Access;
import homeport.gateway.access.Action;
import homeport.gateway.admission.Authorities;
import homeport.gateway.desk.DeskError.Kind;
import homeport.gateway.event.Events;
import homeport.gateway.event.GatewayEvent;
import homeport.gateway.inventory.Alarm;
import homeport.gateway.inventory.Approval;
import homeport.gateway.inventory.Attempt;
import homeport.gateway.inventory.AuditEntry;
import homeport.gateway.inventory.Device;
import homeport.gateway.inventory.DeviceChange;
import homeport.gateway.inventory.DeviceQuery;
import homeport.gateway.inventory.DeviceState;
import homeport.gateway.inventory.Devices;
import homeport.gateway.inventory.Inventory;
import homeport.gateway.inventory.NewDevice;
import homeport.gateway.inventory.Operator;
import homeport.gateway.inventory.OperatorChange;
import homeport.gateway.inventory.PinState;
import homeport.gateway.inventory.Role;
import homeport.gateway.inventory.TrustAnchor;
import homeport.gateway.live.RecordWatcher;
import homeport.ssh.key.Fingerprint;
import homeport.ssh.key.PublicKeyFile;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What operators do. Every call names who asks, may block, and throws {@link DeskError} or
 * {@link homeport.gateway.inventory.InventoryError} when it is not done. Safe for many threads.
 */
public final class Desk {
    /** Names that the audit trail uses for who is no operator on record. */
    private static final Set<String> RESERVED_NAMES = Set.of("local", Devices.GATEWAY);
    /** Entries that one page of the journal looks at, for an operator who may see few of them. */
    private static final int MOST_SCANNED = 5_000;
    private static final int SCANNED_AT_ONCE = 500;
    /** The first element that is neither a declaration nor the {@code rpc} around the operation. */
    private static final Pattern OPERATION = Pattern
            .compile("<(?:[\\w.-]{1,64}:)?+(?!rpc[\\s>/])([A-Za-z][\\w.-]{0,63})");

    private final Inventory inventory;
    private final RecordWatcher watcher;
    private final Events events;
    private final DeviceRpc rpc;
    private final DeviceLinks links;
    private final SecureRandom random;
    private final InstantSource clock;

    /** @param watcher told of every record that was changed, after it is on disk */
    public Desk(Inventory inventory, RecordWatcher watcher, Events events, DeviceRpc rpc, DeviceLinks links,
            SecureRandom random, InstantSource clock) {
        this.inventory = inventory;
        this.watcher = watcher;
        this.events = events;
        this.rpc = rpc;
        this.links = links;
        this.random = random;
        this.clock = clock;
    }

    // ---- Devices: seeing

    /** Those that the operator may see. */
    public Page<Device, String> devices(Operator operator, DeviceQuery query) {
        var labels = narrowed(query.labels(), operator.selectors());
        var found = inventory.devices().list(query.withLabels(labels));
        return new Page<>(found, found.size() < query.limit() ? Optional.empty() : Optional.of(found.getLast().id()));
    }

    /** What is asked for, within what may be seen: an empty set of values finds nothing. */
    private static Map<String, Set<String>> narrowed(Map<String, Set<String>> wanted,
            Map<String, Set<String>> selectors) {
        var both = new HashMap<>(selectors);
        wanted.forEach((name, values) -> both.merge(name, values, (left, right) -> {
            var common = new HashSet<>(left);
            common.retainAll(right);
            return common;
        }));
        return both;
    }

    public Device device(Operator operator, String id) {
        return found(operator, Action.SEE, id);
    }

    private Device found(Operator operator, Action action, String id) {
        var device = inventory.devices().find(id).orElseThrow(() -> DeskError.noDevice(id));
        DeskError.check(Access.toDevice(operator, action, device.labels()), id);
        return device;
    }

    /** Open alarms of devices that the operator may see, the newest first. */
    public List<Alarm> alarms(Operator operator, Optional<String> id) {
        var seen = new Visible(operator);
        return inventory.alarms().open(id).stream().filter(alarm -> seen.mayBeSeen(alarm.device())).toList();
    }

    /** Which devices an operator may see; looks each up once. */
    private final class Visible {
        private final Operator operator;
        private final Map<String, Boolean> known = new HashMap<>();

        Visible(Operator operator) {
            this.operator = operator;
        }

        boolean mayBeSeen(String id) {
            // Who may see all devices may also see what was about one that is gone, or about nobody's.
            return operator.selectors().isEmpty() || known.computeIfAbsent(id, key -> inventory.devices().find(key)
                    .filter(device -> Access.reaches(operator, device.labels())).isPresent());
        }
    }

    /**
     * The journal, the newest first. Whoever came with the key of the device that is asked for is found too: a key that is on
     * several records proves none of them, and its entries have no other name than the key.
     *
     * @param about an id, a fingerprint or an address
     * @param before the number at which the page before ended
     */
    public Page<Attempt, Long> attempts(Operator operator, Optional<String> about, Optional<Long> before, int limit) {
        var seen = new Visible(operator);
        var keys = about.filter(seen::mayBeSeen).map(this::keys).orElse(Set.of());
        var names = new HashSet<>(keys);
        about.ifPresent(names::add);
        var items = new ArrayList<Attempt>();
        long from = before.orElse(Long.MAX_VALUE);
        for (int scanned = 0; scanned < MOST_SCANNED;) {
            var chunk = inventory.attempts().list(names, from, SCANNED_AT_ONCE);
            for (var attempt : chunk) {
                from = attempt.number();
                boolean seenByName = seen.mayBeSeen(attempt.device());
                if (seenByName || keys.contains(attempt.device())) {
                    // The detail may name devices that the operator may not see.
                    items.add(seenByName ? attempt : attempt.withoutDetail());
                    if (items.size() == limit) {
                        return new Page<>(items, Optional.of(from));
                    }
                }
            }
            if (chunk.size() < SCANNED_AT_ONCE) {
                return new Page<>(items, Optional.empty());
            }
            scanned += chunk.size();
        }
        return new Page<>(items, Optional.of(from));
    }

    /** Fingerprints of a device's own keys; of none for what is no id. */
    private Set<String> keys(String id) {
        return inventory.devices().find(id).map(device -> device.pins(PinState.ACTIVE).stream()
                .map(pin -> pin.fingerprint().toString()).collect(Collectors.toSet())).orElse(Set.of());
    }

    // ---- Devices: changing

    /** A device that was added, and its claim token where one was wanted. */
    public record Added(Device device, Optional<IssuedToken> claim) {}

    /**
     * Adds a device before it comes.
     *
     * @param login how to log in to it, where that is known already
     * @param claimLife for a one-time token by which its first key becomes its own
     */
    public Added add(Operator operator, NewDevice device, DeviceChange login, Optional<Duration> claimLife) {
        DeskError.check(Access.toGateway(operator, Action.ADD_DEVICE), "");
        if (!device.labels().isEmpty()) {
            DeskError.check(Access.toDevice(operator, Action.LABEL, device.labels()), device.id());
        }
        return switch (inventory.devices().add(device, login, claimLife, random, operator.name())) {
            case Devices.Addition.Added added -> {
                var claim = claimLife.flatMap(life -> added.token()
                        .map(token -> new IssuedToken(token, clock.instant().plus(life))));
                yield new Added(told(operator, device.id(), "add"), claim);
            }
            case Devices.Addition.IdTaken taken -> throw new DeskError(Kind.CONFLICT,
                    "there is a device or group " + device.id()
                            + " already: change it, approve it, or remove it first");
            case Devices.Addition.KeyTaken taken -> throw keyTaken(operator, taken);
        };
    }

    /** The other one is named to those who may see it. */
    private DeskError keyTaken(Operator operator, Devices.Addition.KeyTaken taken) {
        var other = taken.device();
        return new DeskError(Kind.CONFLICT, new Visible(operator).mayBeSeen(other)
                ? "the key " + taken.key() + " is device " + other
                        + "'s: rename or remove that one, or make a new key on"
                        + " one of the two"
                : "the key " + taken.key() + " is another device's, which is out of your reach: make a new key on this"
                        + " one, or ask an admin");
    }

    /** A new one-time token for a device that is on record, for its next key; earlier tokens are void. */
    public Added claim(Operator operator, String id, Duration life, Optional<Long> version) {
        foundAsRead(operator, id, version);
        var token = inventory.devices().issueToken(id, life, random, operator.name())
                .orElseThrow(() -> DeskError.noDevice(id));
        return new Added(told(operator, id, "claim"),
                Optional.of(new IssuedToken(token, clock.instant().plus(life))));
    }

    /** @param version that was read; empty to change it whatever it is now */
    public Device change(Operator operator, String id, DeviceChange change, Optional<Long> version) {
        found(operator, change.labels().isEmpty() ? Action.CHANGE : Action.LABEL, id);
        return switch (inventory.devices().change(id, change, version, operator.name())) {
            case DONE -> told(operator, id, "change");
            case VERSION_DIFFERS -> throw changedMeanwhile(id);
            case NO_SUCH_DEVICE -> throw DeskError.noDevice(id);
        };
    }

    /**
     * Gives a device another name. One that is connected was let in under the old one, so it is disconnected, and comes back
     * as what it is called now.
     */
    public Device rename(Operator operator, String id, String to, Optional<Long> version) {
        foundAsRead(operator, id, version);
        DeskError.check(Access.toGateway(operator, Action.ADD_DEVICE), id);
        if (!inventory.devices().rename(id, to, operator.name())) {
            throw inventory.devices().find(id).isEmpty()
                    ? DeskError.noDevice(id)
                    : new DeskError(Kind.CONFLICT, "there is a device or group " + to + " already");
        }
        boolean unused = links.disconnect(id, "renamed to " + to + " by " + operator.name());
        watcher.deviceChanged(id);
        return told(operator, to, "rename");
    }

    private void foundAsRead(Operator operator, String id, Optional<Long> version) {
        var device = found(operator, Action.CHANGE, id);
        if (version.isPresent() && device.version() != version.get()) {
            throw changedMeanwhile(id);
        }
    }

    private static DeskError changedMeanwhile(String id) {
        return new DeskError(Kind.PRECONDITION_FAILED, "the record of " + id
                + " was changed since it was read: read it again, and decide anew");
    }

    /** Tells of a change that is on disk. @return the device as it is now */
    private Device told(Operator operator, String id, String action) {
        watcher.deviceChanged(id);
        var device = inventory.devices().find(id).orElseThrow(() -> DeskError.noDevice(id));
        publishChange(operator, device, action);
        return device;
    }

    private void publishChange(Operator operator, Device device, String action) {
        events.publish(GatewayEvent.Type.DEVICE_CHANGED, device.id(), device.labels(),
                Map.of("action", action, "by", operator.name(), "state", device.state().text()));
    }

    /** Forgets a device: when it comes again it is a stranger. */
    public void remove(Operator operator, String id, Optional<Long> version) {
        var device = found(operator, Action.CHANGE, id);
        if (version.isPresent() && device.version() != version.get()) {
            throw changedMeanwhile(id);
        }
        if (!inventory.devices().remove(id, operator.name())) {
            throw DeskError.noDevice(id);
        }
        watcher.deviceChanged(id);
        events.publish(GatewayEvent.Type.DEVICE_REMOVED, id, device.labels(), Map.of("by", operator.name()));
    }

    // ---- Devices: deciding

    /** Lets a device in. @param key which one, where several wait */
    public Device approve(Operator operator, String id, Optional<Fingerprint> key) {
        found(operator, Action.DECIDE, id);
        var came = inventory.devices().approve(id, key, operator.name());
        return switch (came) {
            case APPROVED -> told(operator, id, "approve");
            case NOTHING_WAITS -> found(operator, Action.SEE, id);
            case SEVERAL_KEYS, NO_SUCH_KEY -> throw new DeskError(Kind.CONFLICT, reason(came) + " (" + id + ")");
            case NO_SUCH_DEVICE -> throw DeskError.noDevice(id);
        };
    }

    private static String reason(Approval approval) {
        return switch (approval) {
            case APPROVED -> "approved";
            case NOTHING_WAITS -> "nothing waits for approval";
            case SEVERAL_KEYS -> "several keys wait, and who has which is not known: name the fingerprint to approve";
            case NO_SUCH_KEY -> "no such key waits: show the device for those that do";
            case NO_SUCH_DEVICE -> "there is no such device any more";
        };
    }

    /**
     * What came of approving many: of those that stay as they are, why.
     *
     * @param more whether others wait that the limit left out
     */
    public record ApprovedMany(List<String> approved, Map<String, String> skipped, boolean more) {}

    /**
     * Approves those that wait, in one transaction. Where it is said from where, or by which design, only those count whose
     * waiting key was shown so: a key that came another way under the same id does not get in with it.
     *
     * @param login as whom the gateway logs in to each of them, from the first time on; or nothing
     * @param limit how many at most; those that stay as they are do not count, so that they never stand before the others
     */
    public ApprovedMany approvePending(Operator operator, Optional<AddressRange> from, Optional<String> design,
            DeviceChange login, int limit) {
        if (operator.role().compareTo(Action.DECIDE.least()) < 0) {
            throw new DeskError(Kind.NOT_ALLOWED, "this needs the role " + Action.DECIDE.least().text() + ", and "
                    + operator.name() + " is " + operator.role().text());
        }
        var approved = new ArrayList<String>();
        var skipped = new LinkedHashMap<String, String>();
        boolean anyhow = from.isEmpty() && design.isEmpty();
        var ids = new ArrayList<String>();
        // One more than the limit, to know whether there is one.
        for (var waiting = waiting(operator, from, design).iterator(); ids.size() <= limit && waiting.hasNext();) {
            var device = waiting.next();
            if (device.pins(PinState.WAITING).size() > 1) {
                skipped.put(device.id(), reason(Approval.SEVERAL_KEYS));
            } else if (anyhow || showedItsKey(device)) {
                ids.add(device.id());
            } else {
                skipped.put(device.id(), "a key waits that it did not show the last time it came: homeport device show "
                        + device.id());
            }
        }
        boolean more = ids.size() > limit;
        var chosen = more ? ids.subList(0, limit) : ids;
        inventory.devices().approve(chosen, login, operator.name()).forEach((id, came) -> {
            if (came == Approval.APPROVED) {
                approved.add(id);
            } else {
                skipped.put(id, reason(came));
            }
        });
        approved.forEach(id -> {
            watcher.deviceChanged(id);
            // From the record as it is now: whoever relabelled it meanwhile decided who hears of it.
            inventory.devices().find(id).ifPresent(device -> publishChange(operator, device, "approve"));
        });
        return new ApprovedMany(approved, skipped, more);
    }

    private static boolean showedItsKey(Device device) {
        return device.pins(PinState.WAITING).stream()
                .allMatch(pin -> pin.fingerprint().toString().equals(device.sighting().identity()));
    }

    /** Page by page, as they are asked for. */
    private Stream<Device> waiting(Operator operator, Optional<AddressRange> from, Optional<String> design) {
        var query = new DeviceQuery(Optional.of(DeviceState.PENDING), Optional.empty(), design, Map.of(),
                Optional.empty(), DeviceQuery.MOST);
        return Stream.iterate(Optional.of(devices(operator, query)), Optional::isPresent,
                page -> page.get().next()
                        .map(next -> devices(operator, query.page(Optional.of(next), DeviceQuery.MOST))))
                .flatMap(page -> page.get().items().stream())
                .filter(device -> from.isEmpty() || from.get().contains(device.sighting().address()));
    }

    /** Shuts a device out, whatever it proves. */
    public Device refuse(Operator operator, String id, String reason) {
        found(operator, Action.DECIDE, id);
        if (!inventory.devices().refuse(id, reason.isEmpty() ? "refused by " + operator.name() : reason,
                operator.name())) {
            throw DeskError.noDevice(id);
        }
        return told(operator, id, "refuse");
    }

    /** Refuses one key: one that waits, or one of the device's own as at the end of a rotation. */
    public Device refuseKey(Operator operator, String id, Fingerprint key) {
        found(operator, Action.DECIDE, id);
        if (!inventory.devices().refuseKey(id, key, operator.name())
                && !inventory.devices().unpin(id, key, operator.name())) {
            throw new DeskError(Kind.CONFLICT, reason(Approval.NO_SUCH_KEY) + " (" + id + ")");
        }
        return told(operator, id, "refuse-key");
    }

    // ---- Devices: their connections

    public void disconnect(Operator operator, String id) {
        found(operator, Action.DISCONNECT, id);
        if (!links.disconnect(id, "disconnected by " + operator.name())) {
            throw offline(id);
        }
        inventory.audit().add(operator.name(), "device.disconnect", id, "");
    }

    private static DeskError offline(String id) {
        return new DeskError(Kind.OFFLINE, id + " is not connected: homeport why says how its last attempts went");
    }

    /** One NETCONF rpc. @return the device's reply, whatever it says */
    public String rpc(Operator operator, String id, String xml, Duration timeout) throws InterruptedException {
        var device = found(operator, Action.RPC, id);
        if (device.state() != DeviceState.ADMITTED) {
            throw offline(id);
        }
        // Before it is sent: what a device was told to do must not be missing because the gateway ended in between.
        var operation = OPERATION.matcher(xml);
        inventory.audit().add(operator.name(), "device.rpc", id, operation.find() ? operation.group(1) : "");
        return rpc.rpc(id, xml, timeout);
    }

    // ---- The gateway

    /** The trail in order. @param after the number of the last entry of the page before; 0 for the first */
    public Page<AuditEntry, Long> audit(Operator operator, Optional<String> device, Instant since, long after,
            int limit) {
        DeskError.check(Access.toGateway(operator, Action.AUDIT), "");
        var found = inventory.audit().list(after, device, since, limit);
        return new Page<>(found, found.size() < limit ? Optional.empty() : Optional.of(found.getLast().number()));
    }

    public List<Operator> operators(Operator operator) {
        DeskError.check(Access.toGateway(operator, Action.OPERATORS), "");
        return inventory.operators().list();
    }

    public Operator addOperator(Operator operator, String name, Role role, List<PublicKeyFile> keys,
            Map<String, Set<String>> selectors) {
        DeskError.check(Access.toGateway(operator, Action.OPERATORS), "");
        if (!Operator.isName(name) || RESERVED_NAMES.contains(name)) {
            throw new DeskError(Kind.INVALID,
                    "an operator's name has 1 to 64 of a-z, 0-9 and _.-, begins with a letter,"
                            + " digit or _, and is not one of " + RESERVED_NAMES);
        }
        if (!inventory.operators().add(name, role, keys, selectors, operator.name())) {
            throw new DeskError(Kind.CONFLICT, "there is an operator " + name
                    + " already, or one of the keys is another operator's");
        }
        operatorTold(operator, name, "add");
        return inventory.operators().find(name).orElseThrow(() -> noOperator(name));
    }

    /** Changes role, keys or selectors; live sessions that go beyond them end. */
    public Operator changeOperator(Operator operator, String name, OperatorChange change) {
        DeskError.check(Access.toGateway(operator, Action.OPERATORS), "");
        return switch (inventory.operators().change(name, change, operator.name())) {
            case DONE -> {
                operatorTold(operator, name, "set");
                yield inventory.operators().find(name).orElseThrow(() -> noOperator(name));
            }
            case NO_SUCH_OPERATOR -> throw noOperator(name);
            case KEY_TAKEN -> throw new DeskError(Kind.CONFLICT, "one of the keys is another operator's");
        };
    }

    private static DeskError noOperator(String name) {
        return new DeskError(Kind.NOT_FOUND, "there is no operator " + name);
    }

    private void operatorTold(Operator operator, String name, String action) {
        watcher.operatorChanged(name);
        events.publish(GatewayEvent.Type.OPERATOR_CHANGED, "", Map.of(),
                Map.of("operator", name, "action", action, "by", operator.name()));
    }

    /** With keys and tokens; live sessions end. */
    public void removeOperator(Operator operator, String name) {
        DeskError.check(Access.toGateway(operator, Action.OPERATORS), "");
        if (!inventory.operators().remove(name, operator.name())) {
            throw noOperator(name);
        }
        operatorTold(operator, name, "remove");
    }

    public IssuedToken issueToken(Operator operator, String name, Duration life) {
        DeskError.check(Access.toGateway(operator, Action.OPERATORS), "");
        return inventory.operators().issueToken(name, life, random, operator.name())
                .map(token -> new IssuedToken(token, clock.instant().plus(life))).orElseThrow(() -> noOperator(name));
    }

    public List<TrustAnchor> trust(Operator operator) {
        DeskError.check(Access.toGateway(operator, Action.TRUST), "");
        return inventory.anchors().list();
    }

    public void addTrust(Operator operator, TrustAnchor anchor) {
        DeskError.check(Access.toGateway(operator, Action.TRUST), "");
        boolean added;
        try {
            Authorities.check(anchor);
            added = inventory.anchors().add(anchor, operator.name());
        } catch (IllegalArgumentException e) {
            throw new DeskError(Kind.INVALID, String.valueOf(e.getMessage()), e);
        }
        if (!added) {
            throw new DeskError(Kind.CONFLICT, "there is an authority " + anchor.name() + " already: remove it first");
        }
        trustTold(operator, anchor.name(), "add");
    }

    public void removeTrust(Operator operator, String name) {
        DeskError.check(Access.toGateway(operator, Action.TRUST), "");
        if (!inventory.anchors().remove(name, operator.name())) {
            throw new DeskError(Kind.NOT_FOUND, "there is no authority " + name);
        }
        trustTold(operator, name, "remove");
    }

    private void trustTold(Operator operator, String name, String action) {
        watcher.trustChanged();
        events.publish(GatewayEvent.Type.TRUST_CHANGED, "", Map.of(),
                Map.of("authority", name, "action", action, "by", operator.name()));
    }

    // ---- Events

    /** Whether an operator hears of an event. */
    public static boolean hears(Operator operator, GatewayEvent event) {
        return switch (event.type()) {
            case OPERATOR_CHANGED -> Access.toGateway(operator, Action.OPERATORS) instanceof Access.Allowed;
            case TRUST_CHANGED -> Access.toGateway(operator, Action.TRUST) instanceof Access.Allowed;
            case DEVICE_ONLINE, DEVICE_OFFLINE, DEVICE_PENDING, DEVICE_CHANGED, DEVICE_REMOVED, ALARM -> Access
                    .toDevice(operator, Action.SEE, event.labels()) instanceof Access.Allowed;
        };
    }
}
