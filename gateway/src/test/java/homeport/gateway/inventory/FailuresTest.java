package homeport.gateway.inventory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.gateway.inventory.InventoryError.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What a broken disk, file or server looks like from above. */
class FailuresTest {
    @TempDir
    Path directory;

    private Inventory open(DatabaseSettings settings) {
        return Inventory.open(settings, Sealer.open(directory.resolve("key"), TestDatabase.RANDOM),
                InventoryLimits.DEFAULT, Instant::now);
    }

    @ParameterizedTest
    @CsvSource({"SQLITE_FULL,DISK_FULL", "SQLITE_BUSY,LOCKED", "SQLITE_BUSY_SNAPSHOT,LOCKED", "SQLITE_LOCKED,LOCKED",
            "SQLITE_READONLY,READ_ONLY", "SQLITE_READONLY_DBMOVED,READ_ONLY", "SQLITE_CANTOPEN,READ_ONLY",
            "SQLITE_CORRUPT,DAMAGED", "SQLITE_NOTADB,DAMAGED", "SQLITE_IOERR_FSYNC,INPUT_OUTPUT",
            "SQLITE_IOERR_SHMSIZE,DISK_FULL", "SQLITE_ERROR,OTHER"})
    void sqlitesCodesAreToldApart(SQLiteErrorCode code, Problem problem) {
        assertEquals(problem, InventoryError.problem(new SQLiteException("", code)));
    }

    @ParameterizedTest
    @CsvSource({"53100,DISK_FULL", "57014,UNREACHABLE", "55P03,LOCKED", "40P01,LOCKED", "25006,READ_ONLY",
            "58030,INPUT_OUTPUT",
            "XX001,DAMAGED", "08006,UNREACHABLE", "57P01,UNREACHABLE", "28P01,UNREACHABLE", "53300,UNREACHABLE",
            "3D000,UNREACHABLE", "42601,OTHER"})
    void theStandardsCodesAreToldApart(String state, Problem problem) {
        assertEquals(problem, InventoryError.problem(new SQLException("", state)));
        assertEquals(problem, InventoryError.of(new RuntimeException(new SQLException("", state))).problem());
    }

    @Test
    void aFullDiskIsSaidAndNothingOfTheWriteRemains() throws IOException {
        var settings = TestDatabase.SQLITE.fresh(directory);
        // Nearly full: the page limit of SQLite stands in for the disk's. It is the connection's, so the pool is told.
        var file = ((DatabaseSettings.Sqlite) settings).file();
        var limited = new DatabaseSettings.Sqlite(Path.of(file + "?max_page_count=70"), settings.lockWait());
        try (var inventory = open(limited)) {
            int added = 0;
            InventoryError error = null;
            while (error == null && added < 10_000) {
                try {
                    assertTrue(inventory.devices().add(NewDevice.expected("d" + added + "x".repeat(200)), "alice"));
                    added++;
                } catch (InventoryError e) {
                    error = e;
                }
            }
            assertEquals(Problem.DISK_FULL, error == null ? null : error.problem());
            assertTrue(error.getMessage().contains("make room"), error::getMessage);
            assertEquals(Problem.DISK_FULL, assertThrows(InventoryError.class, inventory::check).problem());
            assertEquals(added, inventory.devices().list(DeviceQuery.ALL).size());
            assertEquals(added, inventory.audit().list(0, Optional.empty(), Instant.EPOCH, 1000).size());
        }
    }

    @Test
    void aFileThatIsNoDatabaseIsNotTouched() throws IOException {
        var file = Files.writeString(directory.resolve("inventory.db"), "these are notes of mine\n".repeat(100));
        var error = assertThrows(InventoryError.class, () -> open(new DatabaseSettings.Sqlite(file)));
        assertEquals(Problem.DAMAGED, error.problem());
        assertTrue(Files.readString(file).startsWith("these are notes"));
    }

    @Test
    void aDirectoryThatIsNotThereIsSaid() {
        var error = assertThrows(InventoryError.class,
                () -> open(new DatabaseSettings.Sqlite(directory.resolve("no/where/inventory.db"))));
        assertFalse(error.problem() == Problem.DISK_FULL || error.problem() == Problem.LOCKED, error::getMessage);
    }

    @Test
    void passwordsStandInNoUrlAndNoText() {
        assertThrows(IllegalArgumentException.class, () -> new DatabaseSettings.Postgresql(
                "jdbc:postgresql://db/homeport?password=x", "homeport", Optional.empty()));
        var settings = new DatabaseSettings.Postgresql("jdbc:postgresql://db/homeport", "homeport",
                Optional.of("s3cret".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        assertFalse(settings.toString().contains("s3cret"));
    }
}
