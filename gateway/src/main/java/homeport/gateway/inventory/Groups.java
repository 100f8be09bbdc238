package homeport.gateway.inventory;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Groups of devices that come under one id. */
public final class Groups {
    private static final String SECRET = "group-secret";

    private final Database database;
    private final Audit audit;
    private final Sealer sealer;
    private final InstantSource clock;

    Groups(Database database, Audit audit, Sealer sealer, InstantSource clock) {
        this.database = database;
        this.audit = audit;
        this.sealer = sealer;
        this.clock = clock;
    }

    /**
     * Adds a group.
     *
     * @param secret of all its members; the caller overwrites it
     * @return false when a group or a device has this id
     */
    public boolean add(String id, boolean admits, boolean sha256Required, Optional<byte[]> secret, String actor) {
        if (!Device.isId(id)) {
            throw new IllegalArgumentException("not an id");
        }
        try {
            return database.write(handle -> {
                database.serialize(handle);
                if (handle.createQuery("SELECT COUNT(*) FROM device WHERE id = :id").bind("id", id).mapTo(long.class)
                        .one() > 0) {
                    return false;
                }
                Database.insert(() -> handle.createUpdate("""
                        INSERT INTO device_group (id, admits, sha256_required, sealed_secret, added)
                        VALUES (:id, :admits, :sha256, :secret, :now)""").bind("id", id).bind("admits", admits)
                        .bind("sha256", sha256Required)
                        .bind("secret", secret.map(bytes -> sealer.seal(SECRET, id, bytes)).orElse(null))
                        .bind("now", clock.millis()).execute());
                audit.add(handle, actor, "group.add", id, admits ? "admits new members" : "new members wait");
                return true;
            });
        } catch (Database.Undone e) {
            return false;
        }
    }

    /** Its members stay on record, each under its own key. @return false when there is none */
    public boolean remove(String id, String actor) {
        return database.write(handle -> {
            handle.createUpdate("UPDATE device SET group_id = NULL WHERE group_id = :id").bind("id", id).execute();
            boolean removed = handle.createUpdate("DELETE FROM device_group WHERE id = :id").bind("id", id)
                    .execute() > 0;
            if (removed) {
                audit.add(handle, actor, "group.remove", id, "");
            }
            return removed;
        });
    }

    public List<Group> list() {
        return database.read(handle -> handle.createQuery("SELECT * FROM device_group ORDER BY id")
                .map((row, context) -> group(row)).list());
    }

    static Optional<Group> find(Handle handle, String id) {
        return handle.createQuery("SELECT * FROM device_group WHERE id = :id").bind("id", id)
                .map((row, context) -> group(row)).findOne();
    }

    Optional<byte[]> secret(Handle handle, String id) {
        return handle.createQuery("SELECT sealed_secret FROM device_group WHERE id = :id AND sealed_secret IS NOT NULL")
                .bind("id", id).map((row, context) -> sealer.open(SECRET, id, row.getBytes(1))).findOne();
    }

    private static Group group(ResultSet row) throws SQLException {
        return new Group(row.getString("id"), row.getBoolean("admits"), row.getBoolean("sha256_required"),
                row.getBytes("sealed_secret") != null, Instant.ofEpochMilli(row.getLong("added")));
    }
}
