package homeport.gateway.inventory;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Alarms: at most one open one of a kind for a device, so their number is bounded by that of devices. */
public final class Alarms {
    /** What repeats faster is not written again: a device that tries every second must not cost a write each time. */
    private static final long QUIET_MILLIS = 60_000;

    private final Database database;
    private final Audit audit;
    private final InstantSource clock;

    Alarms(Database database, Audit audit, InstantSource clock) {
        this.database = database;
        this.audit = audit;
        this.clock = clock;
    }

    /** @return whether it is a new one */
    public boolean raise(Change.RaiseAlarm alarm) {
        return database.write(handle -> raise(handle, alarm));
    }

    boolean raise(Handle handle, Change.RaiseAlarm alarm) {
        database.serialize(handle);
        long now = clock.millis();
        var open = handle.createQuery("SELECT * FROM alarm WHERE kind = :kind AND device = :device AND cleared IS NULL")
                .bind("kind", alarm.kind().text()).bind("device", alarm.device()).map((row, context) -> alarm(row))
                .findOne();
        if (open.isPresent()) {
            boolean known = open.get().fingerprint().equals(alarm.fingerprint());
            if (!known || now - open.get().last().toEpochMilli() >= QUIET_MILLIS) {
                handle.createUpdate("""
                        UPDATE alarm SET fingerprint = :fingerprint, detail = :detail, last = :now, times = times + 1
                        WHERE seq = :seq""").bind("fingerprint", alarm.fingerprint()).bind("detail", alarm.detail())
                        .bind("now", now).bind("seq", open.get().number()).execute();
            }
            return false;
        }
        handle.createUpdate("""
                INSERT INTO alarm (kind, device, fingerprint, detail, raised, last, times)
                VALUES (:kind, :device, :fingerprint, :detail, :now, :now, 1)""").bind("kind", alarm.kind().text())
                .bind("device", alarm.device()).bind("fingerprint", alarm.fingerprint())
                .bind("detail", alarm.detail()).bind("now", now).execute();
        audit.add(handle, "gateway", "alarm." + alarm.kind().text(), alarm.device(), alarm.detail());
        return true;
    }

    /** @param device empty for all */
    public List<Alarm> open(Optional<String> device) {
        return database.read(handle -> handle.createQuery("SELECT * FROM alarm WHERE cleared IS NULL "
                + (device.isPresent() ? "AND device = :device " : "") + "ORDER BY last DESC LIMIT 1000")
                .bind("device", device.orElse("")).map((row, context) -> alarm(row)).list());
    }

    /** @return false when there is no such open alarm */
    public boolean clear(long number, String actor) {
        return database.write(handle -> {
            var alarm = handle.createQuery("SELECT * FROM alarm WHERE seq = :seq AND cleared IS NULL")
                    .bind("seq", number).map((row, context) -> alarm(row)).findOne();
            alarm.ifPresent(open -> clear(handle, open, actor));
            return alarm.isPresent();
        });
    }

    /** What a decision about a device settles. */
    void clearAll(Handle handle, String device, String actor) {
        handle.createQuery("SELECT * FROM alarm WHERE device = :device AND cleared IS NULL").bind("device", device)
                .map((row, context) -> alarm(row)).list().forEach(open -> clear(handle, open, actor));
    }

    private void clear(Handle handle, Alarm alarm, String actor) {
        handle.createUpdate("UPDATE alarm SET cleared = :now, cleared_by = :actor WHERE seq = :seq")
                .bind("now", clock.millis()).bind("actor", actor).bind("seq", alarm.number()).execute();
        audit.add(handle, actor, "alarm.clear", alarm.device(), alarm.kind().text());
    }

    private static Alarm alarm(ResultSet row) throws SQLException {
        return new Alarm(row.getLong("seq"), AlarmKind.ofText(row.getString("kind")), row.getString("device"),
                row.getString("fingerprint"), row.getString("detail"), Instant.ofEpochMilli(row.getLong("raised")),
                Instant.ofEpochMilli(row.getLong("last")), row.getLong("times"),
                Optional.ofNullable(row.getString("cleared_by")));
    }
}
