package homeport.gateway.southbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.gateway.inventory.Attempt;
import homeport.gateway.inventory.AttemptOutcome;
import homeport.gateway.inventory.AttemptStage;
import homeport.gateway.inventory.DatabaseSettings;
import homeport.gateway.inventory.DeviceQuery;
import homeport.gateway.inventory.Inventory;
import homeport.gateway.inventory.InventoryLimits;
import homeport.gateway.inventory.NewDevice;
import homeport.gateway.inventory.Sealer;
import homeport.gateway.inventory.Sighting;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChronicleTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path directory;
    private Inventory inventory;

    @BeforeEach
    void open() {
        inventory = Inventory.open(new DatabaseSettings.Sqlite(file(), Duration.ofMillis(100)),
                Sealer.open(directory.resolve("secrets.key"), new SecureRandom()), InventoryLimits.DEFAULT,
                Instant::now);
    }

    private Path file() {
        return directory.resolve("inventory.db");
    }

    @AfterEach
    void close() {
        inventory.close();
    }

    private static Attempt attempt(Instant at, String detail) {
        return new Attempt(0, at, "192.0.2.1", "", "router1", "", AttemptStage.FIRST_BYTE, AttemptOutcome.FAILED,
                "http", detail);
    }

    private List<String> details() {
        return inventory.attempts().list(Set.of(), Long.MAX_VALUE, 100).stream().map(Attempt::detail).toList();
    }

    @Test
    void whatTheDatabaseNeverTakesKeepsNothingElseBack() throws Exception {
        try (var other = DriverManager.getConnection("jdbc:sqlite:" + file()); var sql = other.createStatement()) {
            sql.execute("CREATE TRIGGER picky BEFORE INSERT ON attempt WHEN NEW.detail = 'bad' "
                    + "BEGIN SELECT RAISE(ABORT, 'not this one'); END");
        }
        try (var chronicle = new Chronicle(inventory, Instant::now)) {
            for (var detail : List.of("one", "bad", "two")) {
                chronicle.add(attempt(Instant.now(), detail));
            }
            assertTrue(chronicle.flush(PATIENCE));
        }
        assertEquals(List.of("two", "one"), details());
    }

    @Test
    void whatCameWhileTheDatabaseWasLockedIsWrittenLater() throws Exception {
        try (var chronicle = new Chronicle(inventory, Instant::now)) {
            try (var other = DriverManager.getConnection("jdbc:sqlite:" + file()); var sql = other.createStatement()) {
                sql.execute("BEGIN IMMEDIATE");
                chronicle.add(attempt(Instant.now(), "one"));
                assertEquals(false, chronicle.flush(Duration.ofMillis(500)));
                assertEquals(1, chronicle.waiting());
                sql.execute("ROLLBACK");
            }
            assertTrue(chronicle.flush(PATIENCE));
        }
        assertEquals(List.of("one"), details());
    }

    /** Whoever is about to approve a device looks at where it is. */
    @Test
    void aDeviceThatWaitsIsWrittenWithoutThePauseThatGathersTheRest() throws Exception {
        inventory.devices().add(NewDevice.expected("r1"), "alice");
        try (var chronicle = new Chronicle(inventory, Instant::now, Duration.ofHours(1))) {
            chronicle.add(attempt(Instant.now(), "one"));
            awaitWritten(chronicle); // the pause has begun
            chronicle.addHeard(seen("r1", "192.0.2.7"));
            awaitWritten(chronicle);
        }
    }

    /** Without {@code flush}, which cuts a pause short. */
    private static void awaitWritten(Chronicle chronicle) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (chronicle.waiting() > 0 && System.nanoTime() < end) {
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
        assertEquals(0, chronicle.waiting());
    }

    @Test
    void whatIsTooOldGoesEvenWhereLittleIsWritten() throws Exception {
        inventory.attempts().add(List.of(attempt(Instant.now().minus(Duration.ofDays(40)), "old")));
        try (var chronicle = new Chronicle(inventory, Instant::now)) {
            chronicle.add(attempt(Instant.now(), "new"));
            assertTrue(chronicle.flush(PATIENCE));
        }
        assertEquals(List.of("new"), details());
    }

    @Test
    void devicesOnRecordAreKnownByWhereTheyWere() throws Exception {
        var address = InetAddress.ofLiteral("192.0.2.7");
        // More than a page of them.
        for (int i = 0; i <= DeviceQuery.MOST; i++) {
            inventory.devices().add(NewDevice.expected("d" + i), "alice");
        }
        inventory.devices().saw(List.of(seen("d0", "192.0.2.7"), seen("d999", "192.0.2.7"), seen("d5", "nowhere")));
        assertEquals(2, KnownAddresses.of(inventory).devices(address));
        assertEquals(0, KnownAddresses.of(inventory).devices(InetAddress.ofLiteral("192.0.2.8")));
    }

    @Test
    void deviceBehindIpv6IsKnownByItsNetwork() {
        inventory.devices().add(NewDevice.expected("d6"), "alice");
        inventory.devices().saw(List.of(seen("d6", "2001:db8:0:1:aaaa:bbbb:cccc:dddd")));
        var known = KnownAddresses.of(inventory);
        assertEquals(1, known.devices(InetAddress.ofLiteral("2001:db8:0:1::7")));
        assertEquals(0, known.devices(InetAddress.ofLiteral("2001:db8:0:2::7")));
    }

    private static Sighting seen(String id, String address) {
        return new Sighting(id, false, "call-home", "fingerprint", "", address, "", Instant.now(),
                Instant.now(), "");
    }
}
