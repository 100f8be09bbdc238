package homeport.gateway.inventory;

import homeport.ssh.key.AddressText;
import homeport.ssh.key.Fingerprint;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Reads devices: each page is three statements, whatever its size. */
final class DeviceRows {
    static final String SECRET = "device-secret";
    static final String LOGIN = "device-login";

    private static final String SELECT = """
            SELECT d.*, s.online, s.design, s.identity_kind, s.identity, s.address, s.software, s.since, s.last_seen,
                   s.reason AS gone
            FROM device d LEFT JOIN sighting s ON s.device_id = d.id
            """;

    private final Sealer sealer;
    private final Groups groups;

    DeviceRows(Sealer sealer, Groups groups) {
        this.sealer = sealer;
        this.groups = groups;
    }

    Sealer sealer() {
        return sealer;
    }

    Optional<Device> find(Handle handle, String id) {
        return with(handle, handle.createQuery(SELECT + "WHERE d.id = :id").bind("id", id)
                .map((row, context) -> row(row)).list()).stream().findFirst();
    }

    List<Device> list(Handle handle, DeviceQuery query) {
        var sql = new StringBuilder(SELECT).append("WHERE d.id > :after");
        query.state().ifPresent(state -> sql.append(" AND d.state = :state"));
        query.online()
                .ifPresent(online -> sql.append(online ? " AND s.online" : " AND (s.online IS NULL OR NOT s.online)"));
        query.design().ifPresent(design -> sql.append(" AND s.design = :design"));
        var labels = new ArrayList<>(query.labels().entrySet());
        for (int i = 0; i < labels.size(); i++) {
            if (labels.get(i).getValue().isEmpty()) {
                return List.of();
            }
            sql.append(" AND EXISTS (SELECT 1 FROM label l WHERE l.device_id = d.id AND l.name = :name").append(i)
                    .append(" AND l.content IN (<values").append(i).append(">))");
        }
        sql.append(" ORDER BY d.id LIMIT :limit");
        var statement = handle.createQuery(sql.toString()).bind("after", query.after().orElse(""))
                .bind("state", query.state().map(DeviceState::text).orElse(""))
                .bind("design", query.design().orElse("")).bind("limit", query.limit());
        for (int i = 0; i < labels.size(); i++) {
            statement.bind("name" + i, labels.get(i).getKey());
            statement.bindList("values" + i, List.copyOf(labels.get(i).getValue()));
        }
        return with(handle, statement.map((row, context) -> row(row)).list());
    }

    /** A device without its pins and labels. */
    private record Row(Device device) {}

    private static Row row(ResultSet row) throws SQLException {
        var id = row.getString("id");
        var sighting = row.getString("gone") == null
                ? Sighting.NEVER
                : new Sighting(id, row.getBoolean("online"), row.getString("design"), row.getString("identity_kind"),
                        row.getString("identity"), AddressText.of(row.getString("address")), row.getString("software"),
                        Instant.ofEpochMilli(row.getLong("since")), Instant.ofEpochMilli(row.getLong("last_seen")),
                        row.getString("gone"));
        return new Row(new Device(id, DeviceState.ofText(row.getString("state")), row.getString("reason"), List.of(),
                optional(row.getString("anchor")), optional(row.getString("group_id")),
                row.getBytes("sealed_secret") != null, row.getBoolean("sha256_required"),
                row.getBoolean("legacy_allowed"), optional(row.getString("login_user")),
                LoginWay.ofText(row.getString("login_way")), new TreeMap<>(), sighting,
                Instant.ofEpochMilli(row.getLong("added")), row.getLong("version")));
    }

    private static Optional<String> optional(@Nullable String text) {
        return Optional.ofNullable(text);
    }

    private static List<Device> with(Handle handle, List<Row> rows) {
        if (rows.isEmpty()) {
            return List.of();
        }
        var ids = rows.stream().map(row -> row.device().id()).toList();
        var pins = new HashMap<String, List<Pin>>();
        handle.createQuery("SELECT * FROM pin WHERE device_id IN (<ids>) ORDER BY device_id, added, fingerprint")
                .bindList("ids", ids).map((row, context) -> Map.entry(row.getString("device_id"), pin(row)))
                .forEach(entry -> pins.computeIfAbsent(entry.getKey(), id -> new ArrayList<>(2))
                        .add(entry.getValue()));
        var labels = new HashMap<String, SortedMap<String, String>>();
        handle.createQuery("SELECT device_id, name, content FROM label WHERE device_id IN (<ids>)")
                .bindList("ids", ids)
                .map((row, context) -> List.of(row.getString(1), row.getString(2), row.getString(3)))
                .forEach(label -> labels.computeIfAbsent(label.get(0), id -> new TreeMap<>())
                        .put(label.get(1), label.get(2)));
        return rows.stream().map(Row::device)
                .map(d -> new Device(d.id(), d.state(), d.reason(), pins.getOrDefault(d.id(), List.of()), d.anchor(),
                        d.group(), d.hasSecret(), d.sha256Required(), d.legacyAllowed(), d.loginUser(), d.loginWay(),
                        labels.getOrDefault(d.id(), new TreeMap<>()), d.sighting(), d.added(), d.version()))
                .toList();
    }

    private static Pin pin(ResultSet row) throws SQLException {
        return new Pin(Fingerprint.parse(row.getString("fingerprint")), optional(row.getString("key_line")),
                PinState.ofText(row.getString("state")), row.getString("added_by"),
                Instant.ofEpochMilli(row.getLong("added")));
    }

    Optional<byte[]> secret(Handle handle, String id) {
        return sealed(handle, id, "sealed_secret", SECRET);
    }

    /** The password in UTF-8, or the private key's file. */
    Optional<byte[]> login(Handle handle, String id) {
        return sealed(handle, id, "sealed_login", LOGIN);
    }

    private Optional<byte[]> sealed(Handle handle, String id, String column, String purpose) {
        return handle
                .createQuery("SELECT " + column + " FROM device WHERE id = :id AND " + column + " IS NOT NULL")
                .bind("id", id).map((row, context) -> sealer.open(purpose, id, row.getBytes(1))).findOne();
    }

    /** All that a question of admission is answered from, in one transaction. */
    Known known(Handle handle, Optional<String> id, Optional<Fingerprint> key) {
        var withKey = key.map(fingerprint -> withKey(handle, fingerprint)).orElse(List.of());
        var group = id.flatMap(name -> Groups.find(handle, name));
        var device = group.isPresent()
                ? member(handle, group.get().id(), key, withKey)
                : id.or(() -> withKey.size() == 1
                        ? Optional.of(withKey.getFirst())
                        : key.map(Fingerprint::toString)).flatMap(name -> find(handle, name))
                        .or(() -> id.isEmpty() && withKey.isEmpty()
                                ? key.flatMap(fingerprint -> renamed(handle, fingerprint))
                                : Optional.empty());
        return new Known(device, device.flatMap(found -> secret(handle, found.id())), group,
                group.flatMap(found -> groups.secret(handle, found.id())), withKey,
                device.map(found -> tokens(handle, found.id())).orElse(List.of()));
    }

    /** Ids of devices whose own key this is, at most {@link Known#MOST_WITH_KEY}. */
    List<String> withKey(Handle handle, Fingerprint key) {
        return handle
                .createQuery("SELECT device_id FROM pin WHERE fingerprint = :f AND state = 'active' ORDER BY device_id"
                        + " LIMIT :limit")
                .bind("f", key.toString()).bind("limit", Known.MOST_WITH_KEY).mapTo(String.class).list();
    }

    /** A stranger that names itself by its key alone, and was given a name before it was let in. */
    private Optional<Device> renamed(Handle handle, Fingerprint key) {
        var waiting = handle.createQuery("""
                SELECT device.id FROM pin JOIN device ON device.id = pin.device_id
                WHERE pin.fingerprint = :f AND pin.state = 'waiting' AND device.state = 'pending' LIMIT 2""")
                .bind("f", key.toString()).mapTo(String.class).list();
        return waiting.size() == 1 ? find(handle, waiting.getFirst()) : Optional.empty();
    }

    private Optional<Device> member(Handle handle, String group, Optional<Fingerprint> key, List<String> withKey) {
        // By its key first: a member may have been renamed.
        return withKey.stream().flatMap(id -> find(handle, id).stream())
                .filter(device -> device.group().equals(Optional.of(group))).findFirst()
                .or(() -> key.flatMap(fingerprint -> find(handle, group + "/" + fingerprint)));
    }

    private static List<ClaimToken> tokens(Handle handle, String id) {
        return handle.createQuery("SELECT * FROM claim_token WHERE device_id = :id").bind("id", id)
                .map((row, context) -> {
                    long used = row.getLong("used");
                    return new ClaimToken(row.getString("hash"), row.getString("device_id"),
                            Instant.ofEpochMilli(row.getLong("expires")),
                            row.wasNull() || used == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(used)));
                }).list();
    }
}
