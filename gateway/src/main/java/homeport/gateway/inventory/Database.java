package homeport.gateway.inventory;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import homeport.gateway.inventory.InventoryError.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
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
    private static final long CONNECT_MILLIS = 10_000;

    private final HikariDataSource pool;
    private final Jdbi jdbi;
    private final boolean sqlite;
    private final ReentrantLock writer = new ReentrantLock(true);

    private Database(HikariDataSource pool, boolean sqlite) {
        this.pool = pool;
        this.sqlite = sqlite;
        jdbi = Jdbi.create(pool);
        // Conditions of a query come and go; its parameters are bound all the same.
        jdbi.getConfig(SqlStatements.class).setUnusedBindingAllowed(true);
    }

    /** @throws InventoryError when it cannot be opened or brought up to date */
    static Database open(DatabaseSettings settings) {
        return switch (settings) {
            case DatabaseSettings.Sqlite sqlite -> start(sqlitePool(sqlite), true);
            case DatabaseSettings.Postgresql postgresql -> start(postgresqlPool(postgresql), false);
        };
    }

    private static Database start(HikariConfig config, boolean sqlite) {
        HikariDataSource pool;
        try {
            pool = new HikariDataSource(config);
        } catch (RuntimeException e) {
            throw InventoryError.of(e);
        }
        try {
            migrate(pool, sqlite);
            return new Database(pool, sqlite);
        } catch (RuntimeException e) {
            pool.close();
            throw e;
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

    private static HikariConfig postgresqlPool(DatabaseSettings.Postgresql settings) {
        var pool = pool(settings.connections());
        pool.setPoolName("inventory-postgresql");
        pool.setJdbcUrl(settings.url());
        pool.setUsername(settings.user());
        settings.password().ifPresent(password -> pool.setPassword(new String(password, StandardCharsets.UTF_8)));
        pool.addDataSourceProperty("options",
                "-c synchronous_commit=on -c lock_timeout=" + settings.lockWait().toMillis());
        pool.addDataSourceProperty("ApplicationName", "homeport");
        pool.addDataSourceProperty("tcpKeepAlive", "true");
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
        try {
            return jdbi.withHandle(work::apply);
        } catch (RuntimeException e) {
            throw InventoryError.of(e);
        }
    }

    /** Runs a transaction, alone among those that call {@link #serialize}; on disk when this returns. */
    <T> T write(Function<Handle, T> work) {
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

    @Override
    public void close() {
        pool.close();
    }
}
