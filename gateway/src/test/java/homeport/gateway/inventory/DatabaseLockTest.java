package homeport.gateway.inventory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.gateway.inventory.InventoryError.Problem;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One gateway at a time on a PostgreSQL database. */
@Timeout(60)
class DatabaseLockTest {
    private static final String SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE datname = current_database() AND pid <> pg_backend_pid()";

    @TempDir
    private Path directory;
    private DatabaseSettings settings;

    @BeforeEach
    void database() {
        settings = TestDatabase.POSTGRESQL.empty(directory);
    }

    private Inventory open() {
        return Inventory.open(settings, Sealer.open(directory.resolve("key"), TestDatabase.RANDOM),
                InventoryLimits.DEFAULT, Instant::now);
    }

    @Test
    void aSecondGatewayIsRefusedUntilTheFirstHasEnded() {
        try (var first = open()) {
            var error = assertThrows(InventoryError.class, this::open);
            assertEquals(Problem.IN_USE, error.problem());
            assertTrue(error.getMessage().matches("another gateway uses the database \\(jdbc:postgresql://127.0.0.1:"
                    + "[0-9]+/t[0-9]+, from 127.0.0.1 since 2[-0-9T:]+Z\\); end that one, .*"), error::getMessage);
            assertTrue(first.devices().add(NewDevice.expected("r1"), "alice"));
        }
        try (var second = open()) {
            assertTrue(second.devices().find("r1").isPresent());
        }
    }

    /** As after kill -9, of which the server learns in a moment. */
    @Test
    void aGatewayThatStartsWhileAnotherEndsWaitsForIt() throws Exception {
        try (var first = open(); var other = TestDatabase.connect(settings); var statement = other.createStatement()) {
            var given = (DatabaseSettings.Postgresql) settings;
            settings = new DatabaseSettings.Postgresql(given.url(), given.user(), given.password(), 2,
                    Duration.ofSeconds(30));
            var second = CompletableFuture.supplyAsync(this::open);
            until(() -> locks(statement) == 2);
            first.close();
            second.get(30, TimeUnit.SECONDS).close();
        }
    }

    private static int locks(Statement statement) {
        try {
            return count(statement, "pg_stat_activity WHERE application_name LIKE 'homeport lock %'"
                    + " AND datname = current_database()");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theLockIsTakenAgainAfterTheServerHasEndedAllSessions() {
        try (var inventory = open()) {
            TestDatabase.execute(settings, SESSIONS);
            until(() -> added(inventory));
            assertFalse(inventory.lost().toCompletableFuture().isDone());
            assertEquals(Problem.IN_USE, assertThrows(InventoryError.class, this::open).problem());
        }
    }

    @Test
    void withoutTheLockNoNewConnectionIsMadeAndAfterALossNothingIsDone() throws Exception {
        try (var inventory = open();
                var other = TestDatabase.connect(settings);
                var statement = other.createStatement()) {
            statement.execute(SESSIONS);
            // The next to have it, before this gateway looks: as the other gateway would.
            statement.execute("SELECT pg_advisory_lock(1752132965, hashtext(coalesce(current_schema(), '')))");
            // At once, without what the watcher finds out later: new connections see for themselves.
            assertThrows(InventoryError.class, () -> inventory.devices().add(NewDevice.expected("r1"), "alice"));
            var lost = inventory.lost().toCompletableFuture().get(30, TimeUnit.SECONDS);
            assertEquals(Problem.IN_USE, lost.problem());
            assertEquals(Problem.IN_USE, assertThrows(InventoryError.class,
                    () -> inventory.devices().add(NewDevice.expected("r1"), "alice")).problem());
            assertEquals(Problem.IN_USE, assertThrows(InventoryError.class, inventory::check).problem());
            assertEquals(0, count(statement, "device"));
        }
    }

    private static int count(Statement statement, String table) throws SQLException {
        try (var rows = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @Test
    void aFrozenServerFailsCallsInBoundedTimeAndIsUsedAgainAfterwards() throws Throwable {
        try (var inventory = open()) {
            TestDatabase.whileFrozen(() -> {
                for (int i = 0; i < 2; i++) {
                    long start = System.nanoTime();
                    var error = assertThrows(InventoryError.class, inventory::check);
                    assertEquals(Problem.UNREACHABLE, error.problem());
                    long took = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
                    assertTrue(took < 20, took + " s");
                }
            });
            until(() -> added(inventory));
            assertFalse(inventory.lost().toCompletableFuture().isDone());
        }
    }

    private static boolean added(Inventory inventory) {
        try {
            return inventory.devices().add(NewDevice.expected("r1"), "alice");
        } catch (InventoryError e) {
            return false; // while the lock is away
        }
    }

    /** What is waited for is in another process. */
    private static void until(BooleanSupplier holds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!holds.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "it does not come about");
            LockSupport.parkNanos(50_000_000);
        }
    }
}
