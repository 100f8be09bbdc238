package homeport.gateway.inventory;

import homeport.ssh.key.Fingerprint;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Devices, their keys, secrets, labels and sightings. What an operator does names the operator, for the audit trail. */
public final class Devices {
    /** Who is named where a rule of admission has decided. */
    public static final String GATEWAY = "gateway";

    private final Database database;
    private final Audit audit;
    private final Alarms alarms;
    private final DeviceRows rows;
    private final DeviceWrites writes;
    private final InstantSource clock;

    Devices(Database database, Audit audit, Alarms alarms, DeviceRows rows, InventoryLimits limits,
            InstantSource clock) {
        this.database = database;
        this.audit = audit;
        this.alarms = alarms;
        this.rows = rows;
        this.clock = clock;
        writes = new DeviceWrites(audit, alarms, rows, limits, clock);
    }

    // ---- Reading

    public Optional<Device> find(String id) {
        return database.read(handle -> rows.find(handle, id));
    }

    public List<Device> list(DeviceQuery query) {
        return database.read(handle -> rows.list(handle, query));
    }

    /** What admission needs to know. The caller closes it, which overwrites the secrets in it. */
    public Known known(Optional<String> id, Optional<Fingerprint> key) {
        return database.read(handle -> rows.known(handle, id, key));
    }

    /** The password in UTF-8, or the private key's file, by which to log in. The caller overwrites it. */
    public Optional<byte[]> login(String id) {
        return database.read(handle -> rows.login(handle, id));
    }

    /** How many there are in each state. */
    public Map<DeviceState, Long> counts() {
        return database.read(handle -> {
            var counts = new java.util.EnumMap<DeviceState, Long>(DeviceState.class);
            handle.createQuery("SELECT state, COUNT(*) FROM device GROUP BY state")
                    .map((row, context) -> Map.entry(DeviceState.ofText(row.getString(1)), row.getLong(2)))
                    .forEach(entry -> counts.put(entry.getKey(), entry.getValue()));
            return counts;
        });
    }

    /** A state, and the design by which devices were last there; empty for never. */
    public record Tally(DeviceState state, String design) {}

    /** How many there are of each. */
    public Map<Tally, Long> tally() {
        return database.read(handle -> {
            var counts = new LinkedHashMap<Tally, Long>();
            handle.createQuery("""
                    SELECT d.state, COALESCE(s.design, ''), COUNT(*) FROM device d
                    LEFT JOIN sighting s ON s.device_id = d.id GROUP BY d.state, COALESCE(s.design, '')""")
                    .map((row, context) -> Map.entry(
                            new Tally(DeviceState.ofText(row.getString(1)), row.getString(2)), row.getLong(3)))
                    .forEach(entry -> counts.put(entry.getKey(), entry.getValue()));
            return counts;
        });
    }

    // ---- What admission writes

    /** What came of {@link #apply}. Nothing is written unless it is {@code DONE}. */
    public enum Applied {
        DONE,
        /** Somebody else used the token in between. */
        TOKEN_USED,
        /** As many strangers wait as the limits let. */
        TOO_MANY_PENDING
    }

    /** Writes all of what a decision says, or nothing. */
    public Applied apply(List<Change> changes) {
        if (changes.isEmpty()) {
            return Applied.DONE;
        }
        try {
            return database.write(handle -> {
                database.serialize(handle);
                for (var change : changes) {
                    writes.apply(handle, change);
                }
                return Applied.DONE;
            });
        } catch (Database.Undone e) {
            return switch (e.why()) {
                case TOKEN_USED -> Applied.TOKEN_USED;
                case TOO_MANY_PENDING -> Applied.TOO_MANY_PENDING;
                case DUPLICATE -> throw new IllegalStateException("admission inserts nothing that must be new", e);
            };
        }
    }

    /** Keeps when devices were there; in one transaction, the last of each device. Those that are gone are passed over. */
    public void saw(Collection<Sighting> sightings) {
        saw(sightings, EnumSet.allOf(DeviceState.class));
    }

    /**
     * The same of connections that were held: they show only where a device that waits was last heard of, and say nothing
     * about one that is let in, whose id anybody may claim.
     */
    public void heard(Collection<Sighting> sightings) {
        saw(sightings, EnumSet.of(DeviceState.PENDING));
    }

    private void saw(Collection<Sighting> sightings, Set<DeviceState> states) {
        var last = new LinkedHashMap<String, Sighting>();
        sightings.forEach(sighting -> last.put(sighting.deviceId(), sighting));
        if (!last.isEmpty()) {
            database.write(handle -> DeviceWrites.saw(handle, last.values(), states));
        }
    }

    /** At the start: whoever was there when the gateway ended is not there now. */
    public void allOffline(String reason) {
        database.write(handle -> handle.createUpdate("""
                UPDATE sighting SET online = FALSE, since = :now, reason = :reason WHERE online""")
                .bind("now", clock.millis()).bind("reason", reason).execute());
    }

    // ---- What operators write

    /** @return false when there is a device or group of this id */
    public boolean add(NewDevice device, String actor) {
        try {
            return database.write(handle -> {
                database.serialize(handle);
                return writes.add(handle, device, actor);
            });
        } catch (Database.Undone e) {
            return false;
        }
    }

    /** What came of {@link #add(NewDevice, DeviceChange, Optional, SecureRandom, String)}. */
    public sealed interface Addition {
        /** @param token shown this once; empty where none was asked for */
        record Added(Optional<String> token) implements Addition {}

        /** There is a device or group of this id. */
        record IdTaken() implements Addition {}

        /**
         * A key on two records says of neither that it is the one: whoever comes with nothing else would be refused from now
         * on, the other device too.
         *
         * @param device that has the key
         */
        record KeyTaken(Fingerprint key, String device) implements Addition {}
    }

    /**
     * Adds a device with how to log in to it and a claim token, or nothing of it all.
     *
     * @param claimLife of the token; empty for none
     */
    public Addition add(NewDevice device, DeviceChange login, Optional<Duration> claimLife, SecureRandom random,
            String actor) {
        try {
            return database.write(handle -> {
                database.serialize(handle);
                for (var pin : device.pins()) {
                    var others = rows.withKey(handle, pin.fingerprint());
                    if (!others.isEmpty()) {
                        return new Addition.KeyTaken(pin.fingerprint(), others.getFirst());
                    }
                }
                if (!writes.add(handle, device, actor)) {
                    return new Addition.IdTaken();
                }
                if (!login.equals(DeviceChange.NOTHING)) {
                    writes.change(handle, device.id(), login, Optional.empty(), actor);
                }
                return new Addition.Added(
                        claimLife.map(life -> issueToken(handle, device.id(), life, random, actor)));
            });
        } catch (Database.Undone e) {
            return new Addition.IdTaken();
        }
    }

    /**
     * Lets a device in, and makes the key that waits its own, beside those it has.
     *
     * @param key which one, where several wait
     */
    public Approval approve(String id, Optional<Fingerprint> key, String actor) {
        return database.write(handle -> writes.approve(handle, id, key, actor));
    }

    /**
     * Approves many in one transaction. Those for which it is not clear what to approve stay as they are.
     *
     * @param change made to each that is approved; the caller overwrites its login
     * @return what came of each
     */
    public Map<String, Approval> approve(List<String> ids, DeviceChange change, String actor) {
        return database.write(handle -> {
            var results = new LinkedHashMap<String, Approval>();
            for (var id : ids) {
                var came = writes.approve(handle, id, Optional.empty(), actor);
                results.put(id, came);
                if (came == Approval.APPROVED && !change.equals(DeviceChange.NOTHING)) {
                    writes.change(handle, id, change, Optional.empty(), actor);
                }
            }
            return results;
        });
    }

    /** Shuts a device out, whatever it proves. Its keys stay on record, the ones that wait go. */
    public boolean refuse(String id, String reason, String actor) {
        return database.write(handle -> {
            boolean there = DeviceWrites.state(handle, id, DeviceState.REFUSED, reason);
            if (there) {
                handle.createUpdate("DELETE FROM pin WHERE device_id = :id AND state = 'waiting'").bind("id", id)
                        .execute();
                alarms.clearAll(handle, id, actor);
                audit.add(handle, actor, "device.refuse", id, reason);
            }
            return there;
        });
    }

    /** Refuses one key that waits; the device and its other keys stay. @return false when none such waits */
    public boolean refuseKey(String id, Fingerprint key, String actor) {
        return database.write(handle -> writes.removeKey(handle, id, key, PinState.WAITING, actor));
    }

    /** Takes a key from a device, as at the end of a rotation. @return false when it has none such */
    public boolean unpin(String id, Fingerprint key, String actor) {
        return database.write(handle -> writes.removeKey(handle, id, key, PinState.ACTIVE, actor));
    }

    /** Forgets a device. When it comes again it is a stranger. */
    public boolean remove(String id, String actor) {
        return database.write(handle -> {
            boolean removed = handle.createUpdate("DELETE FROM device WHERE id = :id").bind("id", id).execute() > 0;
            if (removed) {
                alarms.clearAll(handle, id, actor);
                audit.add(handle, actor, "device.remove", id, "");
            }
            return removed;
        });
    }

    /** Whether a device's record allows legacy algorithms. */
    public boolean anyLegacy() {
        return database.read(handle -> handle
                .createQuery("SELECT COUNT(*) FROM (SELECT 1 FROM device WHERE legacy_allowed LIMIT 1) AS one")
                .mapTo(Integer.class).one()) > 0;
    }

    /** What came of {@link #change}. */
    public enum Changed {
        DONE,
        /** It was changed by somebody else since it was read. */
        VERSION_DIFFERS,
        NO_SUCH_DEVICE
    }

    /** @param version that the caller has read; empty to change it whatever it is now */
    public Changed change(String id, DeviceChange change, Optional<Long> version, String actor) {
        return database.write(handle -> writes.change(handle, id, change, version, actor));
    }

    /** @return false when there is no such device, or the new id is taken */
    public boolean rename(String id, String to, String actor) {
        if (!Device.isId(to)) {
            throw new IllegalArgumentException("not an id");
        }
        try {
            return database.write(handle -> {
                database.serialize(handle);
                return writes.rename(handle, id, to, actor);
            });
        } catch (Database.Undone e) {
            return false;
        }
    }

    /** A new claim token; empty when there is no such device. It is shown this once. Earlier ones are void then. */
    public Optional<String> issueToken(String id, Duration life, SecureRandom random, String actor) {
        return database.write(handle -> {
            if (rows.find(handle, id).isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(issueToken(handle, id, life, random, actor));
        });
    }

    private String issueToken(Handle handle, String id, Duration life, SecureRandom random, String actor) {
        var token = Tokens.make(random);
        handle.createUpdate("DELETE FROM claim_token WHERE device_id = :id").bind("id", id).execute();
        handle.createUpdate("""
                INSERT INTO claim_token (hash, device_id, expires, added) VALUES (:hash, :id, :expires, :now)""")
                .bind("hash", Tokens.hash(token)).bind("id", id)
                .bind("expires", clock.instant().plus(life).toEpochMilli()).bind("now", clock.millis()).execute();
        audit.add(handle, actor, "device.claim", id, "a token for " + life);
        return token;
    }
}
