package homeport.gateway.inventory;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;

/** Both databases; every test of the inventory runs on each. */
public enum TestDatabase {
    SQLITE,
    POSTGRESQL;

    public static final SecureRandom RANDOM = new SecureRandom();
    private static Optional<Path> migratedFile = Optional.empty();
    private static Optional<DatabaseSettings.Postgresql> migrated = Optional.empty();

    /** Skips the test, by name, where there is no PostgreSQL; but not where all must run. */
    private static PostgresServer postgres() {
        var server = PostgresServer.start();
        if (server.isEmpty() && "true".equals(System.getenv("CI"))) {
            fail("PostgreSQL is not installed, and CI=true");
        }
        assumeTrue(server.isPresent(), "PostgreSQL is not installed");
        return server.get();
    }

    /** A database with tables, and nothing in them; migrated once. */
    public synchronized DatabaseSettings fresh(Path directory) throws IOException {
        var key = directory.resolve("secrets.key");
        return switch (this) {
            case SQLITE -> {
                if (migratedFile.isEmpty()) {
                    var file = Files.createTempDirectory("inventory").resolve("migrated.db");
                    Inventory.open(new DatabaseSettings.Sqlite(file), Sealer.open(key, RANDOM), InventoryLimits.DEFAULT,
                            Instant::now).close();
                    file.toFile().deleteOnExit();
                    file.getParent().toFile().deleteOnExit();
                    migratedFile = Optional.of(file);
                }
                var file = directory.resolve("inventory.db");
                Files.copy(migratedFile.get(), file);
                yield new DatabaseSettings.Sqlite(file, Duration.ofMillis(300));
            }
            case POSTGRESQL -> {
                if (migrated.isEmpty()) {
                    var settings = postgres().database();
                    Inventory.open(settings, Sealer.open(key, RANDOM), InventoryLimits.DEFAULT, Instant::now).close();
                    migrated = Optional.of(settings);
                }
                clear(migrated.get());
                yield migrated.get();
            }
        };
    }

    /** Tables are emptied, which takes a tenth of making a database; triggers of the audit trail rest meanwhile. */
    private static void clear(DatabaseSettings settings) {
        var sql = new StringBuilder("SET session_replication_role = replica;");
        for (var table : List.of("device", "device_group", "trust_anchor", "trust_serial", "pin", "label", "sighting",
                "claim_token", "operator", "operator_key", "operator_selector", "operator_token", "audit", "attempt",
                "alarm", "kept_answer")) {
            sql.append("DELETE FROM ").append(table).append(';');
        }
        execute(settings, sql.toString());
    }

    /** For a test that spoils the tables: the next one gets others. */
    synchronized void spoil() {
        migrated = Optional.empty();
    }

    /** One without tables. */
    DatabaseSettings empty(Path directory) {
        return switch (this) {
            case SQLITE -> new DatabaseSettings.Sqlite(directory.resolve("empty.db"), Duration.ofMillis(300));
            case POSTGRESQL -> postgres().database();
        };
    }

    /** Runs something while PostgreSQL hangs. */
    public static void whileFrozen(org.junit.jupiter.api.function.Executable work) throws Throwable {
        var server = postgres();
        server.freeze();
        try {
            work.execute();
        } finally {
            server.thaw();
        }
    }

    /** A connection beside ours, for what we would not do. */
    static Connection connect(DatabaseSettings settings) throws SQLException {
        return switch (settings) {
            case DatabaseSettings.Sqlite sqlite -> DriverManager.getConnection("jdbc:sqlite:" + sqlite.file());
            case DatabaseSettings.Postgresql postgresql -> DriverManager.getConnection(postgresql.url(),
                    postgresql.user(), new String(postgresql.password().orElseThrow()));
        };
    }

    static void execute(DatabaseSettings settings, String sql) {
        try (var connection = connect(settings); var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            Assertions.fail(e);
        }
    }
}
