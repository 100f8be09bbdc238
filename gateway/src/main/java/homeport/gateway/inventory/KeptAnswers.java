package homeport.gateway.inventory;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * What requests with an {@code Idempotency-Key} were answered, so that a restart between an act and its answer's arrival
 * does not make a second act of a repeated request. Bounded by age and count; answers are sealed, for they can hold tokens.
 */
public final class KeptAnswers {
    private static final String PURPOSE = "kept answer";

    private final Database database;
    private final Sealer sealer;
    private final InstantSource clock;

    /**
     * One request.
     *
     * @param request a hash of all that it said
     * @param done whether it was answered; if not, it may have acted or not
     * @param answer empty when it was too large to be kept
     */
    public record Kept(String request, boolean done, Optional<byte[]> answer) {}

    KeptAnswers(Database database, Sealer sealer, InstantSource clock) {
        this.database = database;
        this.sealer = sealer;
        this.clock = clock;
    }

    /**
     * Keeps that a request begins, unless one with its name is there.
     *
     * @param since what is older is forgotten
     * @param most how many are kept beside it
     * @return the one that is there
     */
    public Optional<Kept> begin(String operator, String name, String request, Instant since, int most) {
        return database.write(handle -> {
            database.serialize(handle);
            handle.createUpdate("""
                    DELETE FROM kept_answer WHERE at < :since
                        OR at <= (SELECT at FROM kept_answer ORDER BY at DESC LIMIT 1 OFFSET :most)""")
                    .bind("since", since.toEpochMilli()).bind("most", most).execute();
            var there = handle.createQuery("SELECT * FROM kept_answer WHERE operator = :operator AND name = :name")
                    .bind("operator", operator).bind("name", name).map((row, context) -> {
                        var sealed = Optional.ofNullable(row.getBytes("sealed"));
                        return new Kept(row.getString("request"), row.getBoolean("done"),
                                sealed.map(bytes -> sealer.open(PURPOSE, owner(operator, name), bytes)));
                    }).findOne();
            if (there.isEmpty()) {
                handle.createUpdate("""
                        INSERT INTO kept_answer (operator, name, request, at, done)
                        VALUES (:operator, :name, :request, :at, FALSE)""").bind("operator", operator)
                        .bind("name", name).bind("request", request).bind("at", clock.millis()).execute();
            }
            return there;
        });
    }

    private static String owner(String operator, String name) {
        return operator + "\n" + name;
    }

    /** Keeps the answer. @param answer empty when it is too large */
    public void done(String operator, String name, Optional<byte[]> answer) {
        var sealed = answer.map(bytes -> sealer.seal(PURPOSE, owner(operator, name), bytes));
        database.write(handle -> handle.createUpdate("""
                UPDATE kept_answer SET done = TRUE, sealed = :sealed WHERE operator = :operator AND name = :name""")
                .bind("sealed", sealed).bind("operator", operator).bind("name", name).execute());
    }

    /** It did nothing: the next with this name is the first. */
    public void forget(String operator, String name) {
        database.write(handle -> handle
                .createUpdate("DELETE FROM kept_answer WHERE operator = :operator AND name = :name")
                .bind("operator", operator).bind("name", name).execute());
    }

    /** With the operator goes what it was answered: whoever has the name next is somebody else. */
    static void forgetAll(Handle handle, String operator) {
        handle.createUpdate("DELETE FROM kept_answer WHERE operator = :operator").bind("operator", operator).execute();
    }
}
