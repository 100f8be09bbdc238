package homeport.gateway.inventory;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import homeport.gateway.inventory.InventoryError.Problem;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatements;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * Either database behind one Jdbi. A write is one transaction, and on disk when the call returns: SQLite writes its log
 * ahead with {@code synchronous=FULL}, PostgreSQL with {@code synchronous_commit=on}.
 *
 * <p>SQLite has one writer at a time. Threads of ours queue for it here, fairly, and not in SQLite's busy handler, which
 * polls with growing sleeps; that one is left for other programs.
 */
final class Database implements AutoCloseable {
    /** Readers beside the writer: with SQLite's log they never wait for it. */
    private static final int SQLITE_CONNECTIONS = 4;
    /** For a connection of SQLite's pool, as a write may wait for another program's lock. */
    private static final long CONNECT_MILLIS = 10_000;
    /** One statement of ours; what takes longer hangs. */
    private static final Duration STATEMENT = Duration.ofSeconds(10);
    /** One statement that changes tables, which may be large. */
    private static final Duration MIGRATION_STATEMENT = Duration.ofMinutes(10);
    /** Whether a connection that lay idle is still good. */
    private static final Duration VALIDATION = Duration.ofSeconds(2);

    private final HikariDataSource pool;
    /** Of SQLite's file it is the one of its directory, which is not ours. */
    private final Optional<DatabaseLock> lock;
    private final Jdbi jdbi;
    private final boolean sqlite;
    private final ReentrantLock writer = new ReentrantLock(true);

    private Database(HikariDataSource pool, Optional<DatabaseLock> lock) {
        this.pool = pool;
        this.lock = lock;
        this.sqlite = lock.isEmpty();
        jdbi = Jdbi.create(pool);
        // Conditions of a query come and go; its parameters are bound all the same.
        jdbi.getConfig(SqlStatements.class).setUnusedBindingAllowed(true);
    }

    /** @throws InventoryError when it cannot be opened or brought up to date, or another gateway uses it */
    static Database open(DatabaseSettings settings) {
        return switch (settings) {
            case DatabaseSettings.Sqlite sqlite -> openSqlite(sqlite);
            case DatabaseSettings.Postgresql postgresql -> openPostgresql(postgresql);
        };
    }

    private static Database openSqlite(DatabaseSettings.Sqlite settings) {
        var pool = start(sqlitePool(settings));
        try {
            migrate(pool, true);
            return new Database(pool, Optional.empty());
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    /** The lock comes first: tables that another gateway uses are not changed either. */
    private static Database openPostgresql(DatabaseSettings.Postgresql settings) {
        var lock = DatabaseLock.take(settings);
        try {
            try (var patient = start(postgresqlPool(settings, MIGRATION_STATEMENT, lock))) {
                migrate(patient, false);
            }
            return new Database(start(postgresqlPool(settings, STATEMENT, lock)), Optional.of(lock));
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static HikariDataSource start(HikariConfig config) {
        try {
            return new HikariDataSource(config);
        } catch (RuntimeException e) {
            throw InventoryError.of(e);
        }
    }

    private static HikariConfig sqlitePool(DatabaseSettings.Sqlite settings) {
        var config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.enforceForeignKeys(true);
        config.setBusyTimeout(Math.toIntExact(settings.lockWait().toMillis()));
        // A transaction that first reads and then writes would otherwise fail when another wrote in between.
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        var source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + settings.file());
        var pool = pool(SQLITE_CONNECTIONS);
        pool.setPoolName("inventory-sqlite");
        // A file that cannot be opened now will not open later; a server may be starting beside us.
        pool.setInitializationFailTimeout(1);
        pool.setDataSource(source);
        return pool;
    }

    private static HikariConfig postgresqlPool(DatabaseSettings.Postgresql settings, Duration statement,
            DatabaseLock lock) {
        var pool = pool(settings.connections());
        pool.setPoolName("inventory-postgresql");
        pool.setJdbcUrl(settings.url());
        PostgresqlProperties.of(settings, statement).forEach(pool::addDataSourceProperty);
        pool.setConnectionTimeout(PostgresqlProperties.CONNECT.toMillis());
        pool.setValidationTimeout(VALIDATION.toMillis());
        pool.setConnectionInitSql(lock.guard());
        return pool;
    }

    private static HikariConfig pool(int connections) {
        var config = new HikariConfig();
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(CONNECT_MILLIS);
        config.setInitializationFailTimeout(CONNECT_MILLIS);
        return config;
    }

    private static void migrate(HikariDataSource pool, boolean sqlite) {
        var dialect = sqlite
                ? Map.of("bytes", "BLOB", "counter", "INTEGER PRIMARY KEY AUTOINCREMENT")
                : Map.of("bytes", "BYTEA", "counter", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY");
        try {
            var flyway = Flyway.configure().dataSource(pool)
                    .resourceProvider(new Migrations(sqlite ? "sqlite" : "postgresql")).placeholders(dialect)
                    .table("migration").loggers("slf4j").load();
            // Flyway would go on with tables from the future as if they were ours.
            if (Arrays.stream(flyway.info().all()).map(MigrationInfo::getState)
                    .anyMatch(state -> state.isApplied() && !state.isResolved())) {
                throw new InventoryError(Problem.NEWER, "");
            }
            flyway.migrate();
        } catch (FlywayValidateException e) {
            throw new InventoryError(Problem.DAMAGED, "its tables are not as this program made them", e);
        } catch (FlywayException e) {
            throw InventoryError.of(e);
        }
    }

    /** Runs what only reads. */
    <T> T read(Function<Handle, T> work) {
        lock.ifPresent(DatabaseLock::require);
        try {
            return jdbi.withHandle(work::apply);
        } catch (RuntimeException e) {
            throw InventoryError.of(e);
        }
    }

    /** Runs a transaction, alone among those that call {@link #serialize}; on disk when this returns. */
    <T> T write(Function<Handle, T> work) {
        lock.ifPresent(DatabaseLock::require);
        if (sqlite) {
            writer.lock();
        }
        try {
            return jdbi.inTransaction(work::apply);
        } catch (RuntimeException e) {
            throw e instanceof Undone ? e : InventoryError.of(e);
        } finally {
            if (sqlite) {
                writer.unlock();
            }
        }
    }

    /** Makes a transaction wait for others that do this, to its end; SQLite's are one after another anyway. */
    void serialize(Handle handle) {
        if (!sqlite) {
            handle.execute("SELECT pg_advisory_xact_lock(7130042)");
        }
    }

    /** Thrown inside a transaction, which leaves nothing of it: for reasons that are no failures. */
    static final class Undone extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /** Why nothing was written. */
        enum Why {
            /** A row with this key is there already. */
            DUPLICATE,
            TOKEN_USED,
            TOO_MANY_PENDING
        }

        private final Why why;

        Undone(Why why) {
            super(why.name(), null, false, false);
            this.why = why;
        }

        Why why() {
            return why;
        }
    }

    /** Runs an insert. */
    static void insert(Runnable statement) {
        try {
            statement.run();
        } catch (RuntimeException e) {
            throw InventoryError.isDuplicate(e) ? new Undone(Undone.Why.DUPLICATE) : e;
        }
    }

    /** Completes when another gateway has taken the database; of SQLite's never. */
    CompletionStage<InventoryError> lost() {
        return lock.map(DatabaseLock::lost).orElseGet(CompletableFuture::new);
    }

    @Override
    public void close() {
        pool.close();
        lock.ifPresent(DatabaseLock::close);
    }
}
