package homeport.gateway.inventory;

import homeport.gateway.inventory.InventoryError.Problem;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a second gateway off a PostgreSQL database, as the lock of the data directory does for SQLite's file: two on one
 * database would each take the other's devices for gone, and not hear of what the other's operators decide.
 *
 * <p>It is an advisory lock, and lives as long as its session, which is one beside the pool: it is free at once when the
 * gateway's process ends, in less than a minute when its machine vanishes (the server's keep-alives), and when the server
 * ends. So it is looked at every few seconds, and taken again when its session is gone. Meanwhile nothing is done with the
 * database. When another gateway has taken it in between, it is lost for good: see {@link #lost}.
 */
final class DatabaseLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("homeport.gateway");
    /** "homeport" in ASCII: PostgreSQL's locks are shared by all programs that use the database. */
    private static final int KEY = 0x686f6d65;
    /** For the tables of one schema; of none where there is none. */
    private static final String KEYS = KEY + ", hashtext(coalesce(current_schema(), ''))";
    /** The rows of {@code pg_locks} that are this lock; two keys are {@code objsubid} 2. */
    private static final String ROWS = "locktype = 'advisory' AND objsubid = 2 AND classid = " + KEY
            + " AND objid::bigint = (hashtext(coalesce(current_schema(), ''))::bigint & 4294967295)"
            + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND granted";
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(3);
    /** What it asks is nothing to compute: a server that does not answer by then is frozen or out of reach. */
    private static final Duration ANSWER = Duration.ofSeconds(5);

    private final DatabaseSettings.Postgresql settings;
    /** Names this gateway's session among those of others, to be known again by itself. */
    private final String name;
    private final Properties properties;
    private final CompletableFuture<InventoryError> lost = new CompletableFuture<>();
    /** Of whoever looks after the lock: the constructor's thread, then the watcher's. */
    private @Nullable Connection session;
    private volatile boolean held;
    private final Thread watcher;

    private DatabaseLock(DatabaseSettings.Postgresql settings) throws InterruptedException {
        this.settings = settings;
        byte[] random = new byte[8];
        ThreadLocalRandom.current().nextBytes(random); // no secret: it tells sessions apart
        this.name = "homeport lock " + HexFormat.of().formatHex(random);
        this.properties = new Properties();
        properties.putAll(PostgresqlProperties.of(settings, ANSWER));
        properties.setProperty("ApplicationName", name);
        try {
            take();
        } catch (SQLException e) {
            throw InventoryError.of(new IllegalStateException(e));
        }
        this.watcher = Thread.ofVirtual().name("database-lock").start(this::watch);
    }

    /**
     * Takes the lock. Of a gateway that was killed the server learns at once, but lets go at its next turn: so this waits as
     * long as for other locks, {@link DatabaseSettings#lockWait}.
     *
     * @throws InventoryError with {@code IN_USE} when another gateway has it, or when the server is not to be had
     */
    static DatabaseLock take(DatabaseSettings.Postgresql settings) {
        try {
            return new DatabaseLock(settings);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InventoryError(Problem.UNREACHABLE, "interrupted", e);
        }
    }

    /**
     * A statement that fails unless this gateway has the lock. Every new connection of the pool begins with it: those that are
     * made after a restart of the server do not write before the lock is taken again.
     */
    String guard() {
        return """
                DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
                WHERE %s AND application_name = '%s')
                THEN RAISE EXCEPTION 'this gateway does not have the lock' USING ERRCODE = '08004'; END IF; END $$"""
                .formatted(ROWS, name);
    }

    /** @throws InventoryError while the lock is not held */
    void require() {
        if (!held) {
            throw lost.isDone()
                    ? lost.join()
                    : new InventoryError(Problem.UNREACHABLE, "its lock is to be taken again");
        }
    }

    /** Completes when another gateway has taken the database: whoever runs this one is to end it. */
    CompletionStage<InventoryError> lost() {
        return lost;
    }

    // ---- Taking it, by one thread at a time

    private void take() throws SQLException, InterruptedException {
        var fresh = DriverManager.getConnection(settings.url(), properties);
        try {
            endOwnBefore(fresh);
            long end = System.nanoTime() + settings.lockWait().toNanos();
            while (!tryLock(fresh)) {
                if (System.nanoTime() > end) {
                    throw taken(fresh);
                }
                // By the clock: the server has no event for it that could not be waited for too long.
                Thread.sleep(PAUSE);
            }
        } catch (SQLException | InterruptedException | RuntimeException e) {
            fresh.close();
            throw e;
        }
        session = fresh;
        held = true;
    }

    /** A session of ours that was lost on the way still has the lock until the server notices. */
    private void endOwnBefore(Connection fresh) throws SQLException {
        try (var statement = fresh.createStatement()) {
            statement.execute("SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE "
                    + ROWS + " AND application_name = '" + name + "' AND pid <> pg_backend_pid()");
        }
    }

    private static boolean tryLock(Connection fresh) throws SQLException {
        return asked(fresh, "SELECT pg_try_advisory_lock(" + KEYS + ")").equals("t");
    }

    /** By whom, as far as the server tells. */
    private InventoryError taken(Connection fresh) throws SQLException {
        var rows = " FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE " + ROWS;
        if (asked(fresh, "SELECT application_name" + rows).equals(name)) {
            throw new SQLException("the session before has not ended yet");
        }
        var where = asked(fresh, "SELECT coalesce(host(client_addr), 'the database''s own machine') || ' since '"
                + " || to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')" + rows);
        return new InventoryError(Problem.IN_USE, settings.url() + (where.isEmpty() ? "" : ", from " + where));
    }

    private static String asked(Connection connection, String question) throws SQLException {
        try (var statement = connection.createStatement(); var answer = statement.executeQuery(question)) {
            var text = answer.next() ? answer.getString(1) : null;
            return text == null ? "" : text;
        }
    }

    // ---- Looking after it

    private void watch() {
        try {
            while (!lost.isDone()) {
                Thread.sleep(LOOK_EVERY);
                look();
            }
        } catch (InterruptedException e) {
            LOG.debug("the database's lock is given back");
        }
    }

    private void look() throws InterruptedException {
        if (held && stillHeld()) {
            return;
        }
        if (held) {
            held = false;
            LOG.warn("the database's lock is lost with its session, and nothing is read or written until it is taken"
                    + " again");
        }
        drop();
        try {
            take();
            LOG.warn("the database's lock is taken again");
        } catch (SQLException e) {
            LOG.debug("the database's lock cannot be taken yet: {}", e.getMessage());
        } catch (InventoryError e) {
            LOG.error("another gateway has taken the database, and this one is out: {}", e.getMessage());
            lost.complete(e);
        }
    }

    /** Asked of the session itself: behind a pooler it may be another one each time. */
    private boolean stillHeld() {
        var there = session;
        try {
            return there != null
                    && asked(there, "SELECT 1 FROM pg_locks WHERE " + ROWS + " AND pid = pg_backend_pid()").equals("1");
        } catch (SQLException e) {
            LOG.debug("the session of the database's lock is gone: {}", e.getMessage());
            return false;
        }
    }

    private void drop() {
        var there = session;
        session = null;
        if (there != null) {
            try {
                there.close();
            } catch (SQLException e) {
                LOG.debug("the session of the database's lock was gone already: {}", e.getMessage());
            }
        }
    }

    /** Gives the lock back. */
    @Override
    public void close() {
        watcher.interrupt();
        try {
            watcher.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        held = false;
        drop();
    }
}
