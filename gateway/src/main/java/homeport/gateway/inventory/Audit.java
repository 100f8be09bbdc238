package homeport.gateway.inventory;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/**
 * The audit trail: append-only, each entry with a hash over itself and the one before, so that a changed or missing one
 * shows. What is at the end can be cut off unseen unless the last hash is kept elsewhere: exports carry it.
 *
 * <pre>
 * hash[n] = SHA-256(hash[n-1], n, milliseconds, then actor, action, device, detail, each with its length before it)
 * </pre>
 */
public final class Audit {
    private static final String FIRST = "0".repeat(64);
    private static final int MOST_DETAIL_CHARACTERS = 2000;
    private static final int PAGE = 1000;

    private final Database database;
    private final InstantSource clock;

    Audit(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** Adds an entry to a transaction. */
    void add(Handle handle, String actor, String action, String device, String detail) {
        database.serialize(handle);
        var last = handle.createQuery("SELECT * FROM audit ORDER BY seq DESC LIMIT 1").map((row, context) -> entry(row))
                .findOne();
        long number = last.map(AuditEntry::number).orElse(0L) + 1;
        long at = clock.millis();
        var text = detail.length() <= MOST_DETAIL_CHARACTERS ? detail : detail.substring(0, MOST_DETAIL_CHARACTERS);
        handle.createUpdate("""
                INSERT INTO audit (seq, at, actor, action, device, detail, hash)
                VALUES (:seq, :at, :actor, :action, :device, :detail, :hash)""").bind("seq", number).bind("at", at)
                .bind("actor", actor).bind("action", action).bind("device", device).bind("detail", text)
                .bind("hash", hash(last.map(AuditEntry::hash).orElse(FIRST), number, at, actor, action, device, text))
                .execute();
    }

    /** Adds an entry for what is not written elsewhere, such as a session that was opened. */
    public void add(String actor, String action, String device, String detail) {
        database.write(handle -> {
            add(handle, actor, action, device, detail);
            return true;
        });
    }

    /**
     * Entries in order.
     *
     * @param after the number of the last one that is known; 0 for the first page
     * @param device empty for all
     */
    public List<AuditEntry> list(long after, Optional<String> device, Instant since, int limit) {
        return database.read(handle -> handle.createQuery("SELECT * FROM audit WHERE seq > :after AND at >= :since "
                + (device.isPresent() ? "AND device = :device " : "") + "ORDER BY seq LIMIT :limit")
                .bind("after", after).bind("since", since.toEpochMilli()).bind("device", device.orElse(""))
                .bind("limit", Math.clamp(limit, 1, PAGE)).map((row, context) -> entry(row)).list());
    }

    /** The number of the first entry that does not follow from the one before; empty when all do. */
    public OptionalLong firstBroken() {
        String before = FIRST;
        long number = 0;
        while (true) {
            var page = list(number, Optional.empty(), Instant.EPOCH, PAGE);
            for (var entry : page) {
                number++;
                var right = hash(before, number, entry.at().toEpochMilli(), entry.actor(), entry.action(),
                        entry.device(), entry.detail());
                if (entry.number() != number || !entry.hash().equals(right)) {
                    return OptionalLong.of(number);
                }
                before = right;
            }
            if (page.size() < PAGE) {
                return OptionalLong.empty();
            }
        }
    }

    private static String hash(String before, long number, long at, String... texts) {
        byte[][] parts = new byte[2 + 2 * texts.length][];
        parts[0] = HexFormat.of().parseHex(before);
        parts[1] = ByteBuffer.allocate(16).putLong(number).putLong(at).array();
        for (int i = 0; i < texts.length; i++) {
            byte[] text = texts[i].getBytes(StandardCharsets.UTF_8);
            parts[2 + 2 * i] = ByteBuffer.allocate(4).putInt(text.length).array();
            parts[3 + 2 * i] = text;
        }
        return HexFormat.of().formatHex(Sealer.sha256(parts));
    }

    private static AuditEntry entry(ResultSet row) throws SQLException {
        return new AuditEntry(row.getLong("seq"), Instant.ofEpochMilli(row.getLong("at")), row.getString("actor"),
                row.getString("action"), row.getString("device"), row.getString("detail"), row.getString("hash"));
    }
}
