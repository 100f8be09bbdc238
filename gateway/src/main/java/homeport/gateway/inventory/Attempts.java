package homeport.gateway.inventory;

import homeport.ssh.key.AddressText;
import java.net.InetAddress;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The journal of connection attempts, bounded by count and age. Its owner collects entries and writes them in batches.
 *
 * <p>When it is full, whoever has most in it makes room: first peers that come over and over under one name and key, then the
 * sources with most entries. So nobody pushes out what is known of others, however often they dial.
 */
public final class Attempts {
    private static final int MOST_LISTED = 1000;
    /** Of one device or key from one source; what is older goes first when there must be room. */
    private static final int OF_ONE_PEER = 200;
    /** What is made room for at once: this part of the whole. */
    private static final int ROOM = 20;
    /** Of an IPv6 address; the rest is its owner's to choose (RFC 4291, 2.5.1). */
    private static final int NETWORK_BYTES = 8;

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
                    INSERT INTO attempt (at, address, source, design, device, fingerprint, stage, outcome, code, detail)
                    VALUES (:at, :address, :source, :design, :device, :fingerprint, :stage, :outcome, :code, :detail)
                    """);
            for (var entry : entries) {
                batch.bind("at", entry.at().toEpochMilli()).bind("address", entry.address())
                        .bind("source", source(entry.address())).bind("design", entry.design())
                        .bind("device", entry.device())
                        .bind("fingerprint", entry.fingerprint()).bind("stage", entry.stage().text())
                        .bind("outcome", entry.outcome().text()).bind("code", entry.code())
                        .bind("detail", entry.detail()).add();
            }
            return batch.execute();
        });
    }

    /** As the gate of strangers counts them: see {@code homeport.net.Gate}. */
    private static String source(String address) {
        int scope = address.indexOf('%');
        var text = scope < 0 ? address : address.substring(0, scope);
        if (text.indexOf(':') < 0) {
            return text;
        }
        try {
            return HexFormat.of().formatHex(InetAddress.ofLiteral(text).getAddress(), 0, NETWORK_BYTES);
        } catch (IllegalArgumentException e) {
            return text; // no address, as a host's name
        }
    }

    /** Drops what is too old or too much. @return how many went */
    public int trim(Instant now) {
        int old = database.write(handle -> handle.createUpdate("DELETE FROM attempt WHERE at < :since")
                .bind("since", now.minus(limits.attemptAge()).toEpochMilli()).execute());
        // To look through a full journal takes a quarter of a second: done beside the writers, and not again soon.
        var much = tooMuch();
        if (much.isEmpty()) {
            return old;
        }
        return old + database.write(handle -> {
            var batch = handle.prepareBatch("DELETE FROM attempt WHERE seq = :seq");
            much.forEach(number -> batch.bind("seq", number).add());
            return IntStream.of(batch.execute()).sum();
        });
    }

    private List<Long> tooMuch() {
        return database.read(handle -> {
            long over = handle.createQuery("SELECT COUNT(*) FROM attempt").mapTo(long.class).one()
                    - limits.attempts();
            if (over <= 0) {
                return List.of();
            }
            return handle.createQuery("""
                    SELECT seq FROM (
                        SELECT seq, ROW_NUMBER() OVER (PARTITION BY source ORDER BY seq DESC) AS of_source,
                            ROW_NUMBER() OVER (PARTITION BY source, device, fingerprint ORDER BY seq DESC) AS of_peer
                        FROM attempt) AS ranked
                    ORDER BY CASE WHEN of_peer > :peer THEN 0 ELSE 1 END, of_source DESC, seq LIMIT :room""")
                    .bind("peer", OF_ONE_PEER).bind("room", over + limits.attempts() / ROOM).mapTo(long.class).list();
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
