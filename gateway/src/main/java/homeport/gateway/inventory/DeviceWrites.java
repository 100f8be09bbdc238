package homeport.gateway.inventory;

import homeport.ssh.key.Fingerprint;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes devices, inside somebody's transaction. */
final class DeviceWrites {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");
    /** Longer than a device waits between two dials. */
    private static final Duration SILENT = Duration.ofMinutes(15);
    /** A rush of strangers does not look for room with each of them. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

    private final Audit audit;
    private final Alarms alarms;
    private final DeviceRows rows;
    private final InventoryLimits limits;
    private final InstantSource clock;
    private volatile long lookForRoomAt = Long.MIN_VALUE;

    DeviceWrites(Audit audit, Alarms alarms, DeviceRows rows, InventoryLimits limits, InstantSource clock) {
        this.audit = audit;
        this.alarms = alarms;
        this.rows = rows;
        this.limits = limits;
        this.clock = clock;
    }

    // ---- Admission's

    void apply(Handle handle, Change change) {
        switch (change) {
            case Change.AddDevice add -> addStranger(handle, add);
            case Change.PinKey pin -> pin(handle, pin);
            case Change.BindAnchor bind -> {
                if (handle.createUpdate("""
                        UPDATE device SET anchor = :anchor, version = version + 1 WHERE id = :id AND anchor IS NULL""")
                        .bind("anchor", bind.anchor()).bind("id", bind.id()).execute() > 0) {
                    audit.add(handle, Devices.GATEWAY, "device.anchor", bind.id(), bind.anchor());
                }
            }
            case Change.Admit admit -> {
                if (state(handle, admit.id(), DeviceState.ADMITTED, admit.reason())) {
                    audit.add(handle, Devices.GATEWAY, "device.admit", admit.id(), admit.reason());
                }
            }
            case Change.UseToken token -> {
                if (handle.createUpdate("UPDATE claim_token SET used = :now WHERE hash = :hash AND used IS NULL"
                        + " AND expires > :now").bind("now", clock.millis()).bind("hash", token.hash())
                        .execute() == 0) {
                    throw new Database.Undone(Database.Undone.Why.TOKEN_USED);
                }
            }
            case Change.RaiseAlarm alarm -> alarms.raise(handle, alarm);
        }
    }

    private void addStranger(Handle handle, Change.AddDevice add) {
        if (taken(handle, add.id())) {
            return;
        }
        if (add.state() == DeviceState.PENDING && pending(handle) >= limits.pendingDevices() && !madeRoom(handle)) {
            throw new Database.Undone(Database.Undone.Why.TOO_MANY_PENDING);
        }
        insert(handle, add.id(), add.state(), add.reason());
        handle.createUpdate("UPDATE device SET anchor = :anchor, group_id = :group WHERE id = :id")
                .bind("anchor", add.anchor()).bind("group", add.group()).bind("id", add.id()).execute();
        // The trail is for decisions: what strangers do fills the journal, which is bounded.
        if (add.state() != DeviceState.PENDING) {
            audit.add(handle, Devices.GATEWAY, "device." + add.state().text(), add.id(), add.reason());
        }
    }

    private static long pending(Handle handle) {
        return handle.createQuery("SELECT COUNT(*) FROM device WHERE state = 'pending'").mapTo(long.class).one();
    }

    /**
     * Forgets strangers that dialled once and did not come back, so that nobody fills the list for good. Devices that go on
     * dialling stay, and so do those with which an operator had to do: what one has said of them is kept.
     */
    private boolean madeRoom(Handle handle) {
        long now = clock.millis();
        if (now < lookForRoomAt) {
            return false;
        }
        int forgotten = handle.createUpdate("""
                DELETE FROM device WHERE state = 'pending' AND added < :before
                AND NOT EXISTS (SELECT 1 FROM sighting s WHERE s.device_id = device.id AND s.last_seen >= :before)
                AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.device = device.id)""")
                .bind("before", now - SILENT.toMillis()).execute();
        if (forgotten == 0) {
            lookForRoomAt = now + LOOK_AGAIN.toMillis();
        } else {
            LOG.info("{} unknown devices that were not heard of for {} make room for others", forgotten, SILENT);
        }
        return forgotten > 0;
    }

    private static boolean taken(Handle handle, String id) {
        return handle.createQuery("""
                SELECT (SELECT COUNT(*) FROM device WHERE id = :id) + (SELECT COUNT(*) FROM device_group WHERE id = :id)
                """).bind("id", id).mapTo(long.class).one() > 0;
    }

    private void insert(Handle handle, String id, DeviceState state, String reason) {
        handle.createUpdate("""
                INSERT INTO device (id, state, reason, sha256_required, legacy_allowed, login_way, added, version)
                VALUES (:id, :state, :reason, FALSE, FALSE, :way, :now, 1)""").bind("id", id)
                .bind("state", state.text()).bind("reason", reason).bind("way", LoginWay.GATEWAY_KEY.text())
                .bind("now", clock.millis()).execute();
    }

    private void pin(Handle handle, Change.PinKey pin) {
        var device = rows.find(handle, pin.id());
        if (device.isEmpty()) {
            return;
        }
        var before = device.get().pins().stream().filter(known -> known.fingerprint().equals(pin.fingerprint()))
                .findFirst();
        if (before.isPresent()) {
            if (before.get().state() == PinState.WAITING && pin.state() == PinState.ACTIVE) {
                activate(handle, pin.id(), pin.fingerprint(), pin.by());
                audit.add(handle, Devices.GATEWAY, "device.pin", pin.id(), pin.fingerprint() + " by " + pin.by());
            }
            return;
        }
        var waiting = device.get().pins(PinState.WAITING);
        if (pin.state() == PinState.WAITING && waiting.size() >= limits.waitingKeys()) {
            handle.createUpdate("DELETE FROM pin WHERE device_id = :id AND fingerprint = :fingerprint")
                    .bind("id", pin.id()).bind("fingerprint", waiting.getFirst().fingerprint().toString()).execute();
        }
        insertPin(handle, pin.id(), pin.fingerprint(), pin.keyLine(), pin.state(), pin.by());
        bump(handle, pin.id());
        if (pin.state() == PinState.ACTIVE) {
            audit.add(handle, Devices.GATEWAY, "device.pin", pin.id(), pin.fingerprint() + " by " + pin.by());
        }
    }

    private void insertPin(Handle handle, String id, Fingerprint fingerprint, Optional<String> line, PinState state,
            String by) {
        handle.createUpdate("""
                INSERT INTO pin (device_id, fingerprint, key_line, state, added_by, added)
                VALUES (:id, :fingerprint, :line, :state, :by, :now)""").bind("id", id)
                .bind("fingerprint", fingerprint.toString()).bind("line", line).bind("state", state.text())
                .bind("by", by).bind("now", clock.millis()).execute();
    }

    private static void activate(Handle handle, String id, Fingerprint fingerprint, String by) {
        handle.createUpdate("""
                UPDATE pin SET state = 'active', added_by = :by WHERE device_id = :id AND fingerprint = :fingerprint""")
                .bind("id", id).bind("fingerprint", fingerprint.toString()).bind("by", by).execute();
        bump(handle, id);
    }

    private static void bump(Handle handle, String id) {
        handle.createUpdate("UPDATE device SET version = version + 1 WHERE id = :id").bind("id", id).execute();
    }

    /** @return false when there is no such device */
    static boolean state(Handle handle, String id, DeviceState state, String reason) {
        return handle.createUpdate("""
                UPDATE device SET state = :state, reason = :reason, version = version + 1 WHERE id = :id""")
                .bind("state", state.text()).bind("reason", reason).bind("id", id).execute() > 0;
    }

    /** @param states of the devices that are meant; the others keep what is known of them */
    static int[] saw(Handle handle, Collection<Sighting> sightings, Set<DeviceState> states) {
        // A device that was removed in between must not fail the others: so a row comes from a select.
        var batch = handle.prepareBatch("""
                INSERT INTO sighting (device_id, online, design, identity_kind, identity, address, software, since,
                                      last_seen, reason)
                SELECT d.id, :online, :design, :kind, :identity, :address, :software, :since, :last, :reason
                FROM device d WHERE d.id = :id AND d.state IN (<states>)
                ON CONFLICT (device_id) DO UPDATE SET online = excluded.online, design = excluded.design,
                    identity_kind = excluded.identity_kind, identity = excluded.identity, address = excluded.address,
                    software = excluded.software, since = excluded.since, last_seen = excluded.last_seen,
                    reason = excluded.reason""").defineList("states",
                states.stream().map(state -> "'" + state.text() + "'").toList());
        for (var sighting : sightings) {
            batch.bind("id", sighting.deviceId()).bind("online", sighting.online()).bind("design", sighting.design())
                    .bind("kind", sighting.identityKind()).bind("identity", sighting.identity())
                    .bind("address", sighting.address()).bind("software", sighting.software())
                    .bind("since", sighting.since().toEpochMilli()).bind("last", sighting.lastSeen().toEpochMilli())
                    .bind("reason", sighting.reason()).add();
        }
        return batch.execute();
    }

    // ---- Operators'

    boolean add(Handle handle, NewDevice device, String actor) {
        if (taken(handle, device.id())) {
            return false;
        }
        var id = device.id();
        Database.insert(() -> insert(handle, id, DeviceState.ADMITTED, "added by " + actor));
        handle.createUpdate("UPDATE device SET sealed_secret = :secret, sha256_required = :sha256 WHERE id = :id")
                .bind("secret", device.secret().map(bytes -> rows.sealer().seal(DeviceRows.SECRET, id, bytes)))
                .bind("sha256", device.sha256Required()).bind("id", id).execute();
        device.pins().forEach(
                pin -> insertPin(handle, id, pin.fingerprint(), pin.keyLine(), PinState.ACTIVE, actor));
        device.labels().forEach((name, value) -> label(handle, id, name, value));
        audit.add(handle, actor, "device.add", id, device.labels().isEmpty() ? "" : device.labels().toString());
        return true;
    }

    private static void label(Handle handle, String id, String name, String value) {
        handle.createUpdate("DELETE FROM label WHERE device_id = :id AND name = :name").bind("id", id)
                .bind("name", name).execute();
        if (!value.isEmpty()) {
            handle.createUpdate("INSERT INTO label (device_id, name, content) VALUES (:id, :name, :value)")
                    .bind("id", id).bind("name", name).bind("value", value).execute();
        }
    }

    Approval approve(Handle handle, String id, Optional<Fingerprint> key, String actor) {
        var found = rows.find(handle, id);
        if (found.isEmpty()) {
            return Approval.NO_SUCH_DEVICE;
        }
        var device = found.get();
        var waiting = device.pins(PinState.WAITING).stream().map(Pin::fingerprint).toList();
        if (key.isPresent() && !waiting.contains(key.get())) {
            return Approval.NO_SUCH_KEY;
        }
        if (key.isEmpty() && waiting.size() > 1) {
            return Approval.SEVERAL_KEYS;
        }
        if (waiting.isEmpty() && device.state() == DeviceState.ADMITTED) {
            return Approval.NOTHING_WAITS;
        }
        var chosen = key.or(() -> waiting.stream().findFirst());
        chosen.ifPresent(fingerprint -> activate(handle, id, fingerprint, actor));
        state(handle, id, DeviceState.ADMITTED, "approved by " + actor);
        alarms.clearAll(handle, id, actor);
        audit.add(handle, actor, "device.approve", id, chosen.map(Fingerprint::toString).orElse(""));
        return Approval.APPROVED;
    }

    boolean removeKey(Handle handle, String id, Fingerprint key, PinState state, String actor) {
        boolean removed = handle.createUpdate("""
                DELETE FROM pin WHERE device_id = :id AND fingerprint = :fingerprint AND state = :state""")
                .bind("id", id).bind("fingerprint", key.toString()).bind("state", state.text()).execute() > 0;
        if (removed) {
            bump(handle, id);
            audit.add(handle, actor, state == PinState.ACTIVE ? "device.unpin" : "device.refuse-key", id,
                    key.toString());
        }
        return removed;
    }

    Devices.Changed change(Handle handle, String id, DeviceChange change, Optional<Long> version, String actor) {
        int there = handle.createUpdate("UPDATE device SET version = version + 1 WHERE id = :id"
                + (version.isPresent() ? " AND version = :version" : "")).bind("id", id)
                .bind("version", version.orElse(0L)).execute();
        if (there == 0) {
            return rows.find(handle, id).isPresent() ? Devices.Changed.VERSION_DIFFERS : Devices.Changed.NO_SUCH_DEVICE;
        }
        var sealer = rows.sealer();
        change.loginUser().ifPresent(user -> set(handle, id, "login_user",
                user.isEmpty() ? Optional.empty() : Optional.of(user)));
        change.loginWay().ifPresent(way -> {
            set(handle, id, "login_way", way.text());
            set(handle, id, "sealed_login", change.login().map(bytes -> sealer.seal(DeviceRows.LOGIN, id, bytes)));
        });
        change.secret().ifPresent(
                bytes -> set(handle, id, "sealed_secret", sealer.seal(DeviceRows.SECRET, id, bytes)));
        change.sha256Required().ifPresent(required -> set(handle, id, "sha256_required", required));
        change.legacyAllowed().ifPresent(allowed -> set(handle, id, "legacy_allowed", allowed));
        change.labels().forEach((name, value) -> label(handle, id, name, value));
        audit.add(handle, actor, "device.set", id, told(change));
        return Devices.Changed.DONE;
    }

    /** What is changed, without what is secret in it. */
    private static String told(DeviceChange change) {
        var text = new StringBuilder();
        change.loginUser().ifPresent(user -> text.append("login user ").append(user).append("; "));
        change.loginWay().ifPresent(way -> text.append("login by ").append(way.text()).append("; "));
        change.secret().ifPresent(secret -> text.append("a new secret; "));
        change.sha256Required().ifPresent(required -> text.append("SHA-256 required ").append(required).append("; "));
        change.legacyAllowed().ifPresent(allowed -> text.append("legacy allowed ").append(allowed).append("; "));
        if (!change.labels().isEmpty()) {
            text.append("labels ").append(change.labels());
        }
        return text.toString().strip();
    }

    /** @param column one of ours, never from outside */
    private static void set(Handle handle, String id, String column, Object value) {
        handle.createUpdate("UPDATE device SET " + column + " = :value WHERE id = :id").bind("value", value)
                .bind("id", id).execute();
    }

    boolean rename(Handle handle, String id, String to, String actor) {
        if (taken(handle, to) || rows.find(handle, id).isEmpty()) {
            return false;
        }
        // Sealed secrets are bound to their owner's id.
        var secret = rows.secret(handle, id).map(open -> resealed(DeviceRows.SECRET, to, open));
        var login = rows.login(handle, id).map(open -> resealed(DeviceRows.LOGIN, to, open));
        Database.insert(() -> handle.createUpdate("""
                UPDATE device SET id = :to, sealed_secret = :secret, sealed_login = :login, version = version + 1
                WHERE id = :id""").bind("to", to).bind("secret", secret).bind("login", login).bind("id", id).execute());
        handle.createUpdate("UPDATE alarm SET device = :to WHERE device = :id AND cleared IS NULL").bind("to", to)
                .bind("id", id).execute();
        audit.add(handle, actor, "device.rename", to, "was " + id);
        return true;
    }

    private byte[] resealed(String purpose, String owner, byte[] open) {
        try {
            return rows.sealer().seal(purpose, owner, open);
        } finally {
            java.util.Arrays.fill(open, (byte) 0);
        }
    }
}
