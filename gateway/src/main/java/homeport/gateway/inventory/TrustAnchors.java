package homeport.gateway.inventory;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The authorities. Few, and read as a whole: admission keeps them in memory and reads anew after a change. */
public final class TrustAnchors {
    private static final int MOST_MATERIAL_CHARACTERS = 256 << 10;

    private final Database database;
    private final Audit audit;
    private final InstantSource clock;

    TrustAnchors(Database database, Audit audit, InstantSource clock) {
        this.database = database;
        this.audit = audit;
        this.clock = clock;
    }

    /** @return false when there is one of this name */
    public boolean add(TrustAnchor anchor, String actor) {
        if (!Operator.isName(anchor.name().toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("not a name for an authority");
        }
        if (anchor.material().length() > MOST_MATERIAL_CHARACTERS) {
            throw new IllegalArgumentException("more than " + MOST_MATERIAL_CHARACTERS + " characters of certificates");
        }
        try {
            return database.write(handle -> {
                Database.insert(() -> handle.createUpdate("""
                        INSERT INTO trust_anchor
                            (name, kind, purpose, material, id_from, admits_unknown, revocations, added)
                        VALUES (:name, :kind, :purpose, :material, :from, :admits, :revocations, :now)""")
                        .bind("name", anchor.name()).bind("kind", anchor.kind().name().toLowerCase(Locale.ROOT))
                        .bind("purpose", anchor.purpose().name().toLowerCase(Locale.ROOT))
                        .bind("material", anchor.material()).bind("from", anchor.idFrom().text())
                        .bind("admits", anchor.admitsUnknown()).bind("revocations", anchor.revocations())
                        .bind("now", clock.millis()).execute());
                insertListed(handle, anchor.name(), anchor.listed());
                audit.add(handle, actor, "trust.add", "", anchor.name());
                return true;
            });
        } catch (Database.Undone e) {
            return false;
        }
    }

    private static void insertListed(org.jdbi.v3.core.Handle handle, String name, Set<String> listed) {
        if (!listed.isEmpty()) {
            var batch = handle.prepareBatch("INSERT INTO trust_serial (anchor, device_id) VALUES (:name, :id)");
            listed.forEach(id -> batch.bind("name", name).bind("id", id).add());
            batch.execute();
        }
    }

    /** Replaces the list of devices that may in. @return false when there is no such authority */
    public boolean setListed(String name, Set<String> listed, String actor) {
        return database.write(handle -> {
            boolean there = exists(handle, name);
            if (there) {
                handle.createUpdate("DELETE FROM trust_serial WHERE anchor = :name").bind("name", name).execute();
                insertListed(handle, name, listed);
                audit.add(handle, actor, "trust.list", "", name + ": " + listed.size() + " devices");
            }
            return there;
        });
    }

    /** Replaces the revocation lists. @return false when there is no such authority */
    public boolean setRevocations(String name, String pem, String actor) {
        return database.write(handle -> {
            boolean there = handle.createUpdate("UPDATE trust_anchor SET revocations = :pem WHERE name = :name")
                    .bind("pem", pem).bind("name", name).execute() > 0;
            if (there) {
                audit.add(handle, actor, "trust.revocations", "", name);
            }
            return there;
        });
    }

    private static boolean exists(org.jdbi.v3.core.Handle handle, String name) {
        return handle.createQuery("SELECT COUNT(*) FROM trust_anchor WHERE name = :name").bind("name", name)
                .mapTo(long.class).one() > 0;
    }

    /** Devices that are bound to it stay bound, and out. @return false when there is no such authority */
    public boolean remove(String name, String actor) {
        return database.write(handle -> {
            boolean removed = handle.createUpdate("DELETE FROM trust_anchor WHERE name = :name").bind("name", name)
                    .execute() > 0;
            if (removed) {
                audit.add(handle, actor, "trust.remove", "", name);
            }
            return removed;
        });
    }

    public List<TrustAnchor> list() {
        return database.read(handle -> {
            var listed = new HashMap<String, Set<String>>();
            handle.createQuery("SELECT anchor, device_id FROM trust_serial")
                    .map((row, context) -> Map.entry(row.getString(1), row.getString(2))).forEach(
                            entry -> listed.computeIfAbsent(entry.getKey(), name -> new HashSet<>())
                                    .add(entry.getValue()));
            return handle.createQuery("SELECT * FROM trust_anchor ORDER BY name")
                    .map((row, context) -> anchor(row, listed.getOrDefault(row.getString("name"), Set.of()))).list();
        });
    }

    private static TrustAnchor anchor(ResultSet row, Set<String> listed) throws SQLException {
        return new TrustAnchor(row.getString("name"),
                TrustAnchor.Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                TrustAnchor.Purpose.valueOf(row.getString("purpose").toUpperCase(Locale.ROOT)),
                row.getString("material"), IdFrom.ofText(row.getString("id_from")), row.getBoolean("admits_unknown"),
                listed, row.getString("revocations"));
    }
}
