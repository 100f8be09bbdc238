package homeport.gateway.inventory;

import homeport.ssh.key.AddressText;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** The journal of connection attempts, bounded by count and age. Its owner collects entries and writes them in batches. */
public final class Attempts {
    private static final int MOST_LISTED = 1000;

    private final Database database;
    private final InventoryLimits limits;

    Attempts(Database database, InventoryLimits limits) {
        this.database = database;
        this.limits = limits;
    }

    /** Writes entries in one transaction; their numbers are given here. */
    public void add(List<Attempt> entries) {
        if (entries.isEmpty()) {
            return;
        }
        database.write(handle -> {
            var batch = handle.prepareBatch("""
                    INSERT INTO attempt (at, address, design, device, fingerprint, stage, outcome, code, detail)
                    VALUES (:at, :address, :design, :device, :fingerprint, :stage, :outcome, :code, :detail)""");
            for (var entry : entries) {
                batch.bind("at", entry.at().toEpochMilli()).bind("address", entry.address())
                        .bind("design", entry.design()).bind("device", entry.device())
                        .bind("fingerprint", entry.fingerprint()).bind("stage", entry.stage().text())
                        .bind("outcome", entry.outcome().text()).bind("code", entry.code())
                        .bind("detail", entry.detail()).add();
            }
            return batch.execute();
        });
    }

    /** Drops what is too old or too much. @return how many went */
    public int trim(Instant now) {
        return database.write(handle -> {
            int old = handle.createUpdate("DELETE FROM attempt WHERE at < :since")
                    .bind("since", now.minus(limits.attemptAge()).toEpochMilli()).execute();
            // By rank and not by arithmetic on numbers: an identity column may leave gaps.
            return old + handle.createUpdate("""
                    DELETE FROM attempt WHERE seq <=
                        (SELECT seq FROM attempt ORDER BY seq DESC LIMIT 1 OFFSET :keep)""")
                    .bind("keep", limits.attempts()).execute();
        });
    }

    /**
     * The newest first.
     *
     * @param about ids, fingerprints and addresses of which an entry has one; empty for all
     * @param before the number of the last one of the page before; {@link Long#MAX_VALUE} for the first
     */
    public List<Attempt> list(Set<String> about, long before, int limit) {
        return database.read(handle -> {
            var query = handle.createQuery("SELECT * FROM attempt WHERE seq < :before " + (about.isEmpty()
                    ? ""
                    : "AND (device IN (<about>) OR fingerprint IN (<about>) OR address IN (<about>)) ")
                    + "ORDER BY seq DESC LIMIT :limit");
            if (!about.isEmpty()) {
                query.bindList("about", about.stream().flatMap(each -> AddressText.forms(each).stream()).toList());
            }
            return query.bind("before", before).bind("limit", Math.clamp(limit, 1, MOST_LISTED))
                    .map((row, context) -> attempt(row)).list();
        });
    }

    private static Attempt attempt(ResultSet row) throws SQLException {
        return new Attempt(row.getLong("seq"), Instant.ofEpochMilli(row.getLong("at")),
                AddressText.of(row.getString("address")), row.getString("design"), row.getString("device"),
                row.getString("fingerprint"),
                AttemptStage.ofText(row.getString("stage")), AttemptOutcome.ofText(row.getString("outcome")),
                row.getString("code"), row.getString("detail"));
    }
}
