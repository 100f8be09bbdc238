package homeport.gateway.inventory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.gateway.inventory.InventoryError.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealerTest {
    private static final byte[] SECRET = "s3cret".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory;

    private Sealer open(String name) {
        return Sealer.open(directory.resolve(name), TestDatabase.RANDOM);
    }

    @Test
    void theKeyFileIsMadeForItsOwnerAlone() throws IOException {
        open("key");
        assertEquals("rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("key"))));
        try (var files = Files.list(directory)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void aKeyFileThatOthersMayReadIsRefused() throws IOException {
        open("key");
        Files.setPosixFilePermissions(directory.resolve("key"), PosixFilePermissions.fromString("rw-r-----"));
        var error = assertThrows(InventoryError.class, () -> open("key"));
        assertEquals(Problem.KEY_FILE, error.problem());
        assertTrue(error.getMessage().contains("chmod 600"), error::getMessage);
    }

    @Test
    void aKeyFileOfAnotherLengthIsRefused() throws IOException {
        for (int size : new int[]{0, 31, 33}) {
            var file = Files.write(directory.resolve("key" + size), new byte[size]);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            assertEquals(Problem.KEY_FILE, assertThrows(InventoryError.class, () -> open("key" + size)).problem());
        }
    }

    @Test
    void whatIsSealedOpensForItsPurposeAndOwnerOnly() {
        var sealer = open("key");
        byte[] sealed = sealer.seal("device-secret", "r1", SECRET);
        assertArrayEquals(SECRET, open("key").open("device-secret", "r1", sealed));
        assertThrows(InventoryError.class, () -> sealer.open("device-secret", "r2", sealed));
        assertThrows(InventoryError.class, () -> sealer.open("device-login", "r1", sealed));
        assertFalse(Arrays.equals(sealed, sealer.seal("device-secret", "r1", SECRET)));
    }

    @Test
    void everyChangedByteAndEveryCutIsSeen() {
        var sealer = open("key");
        byte[] sealed = sealer.seal("p", "r1", SECRET);
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertThrows(InventoryError.class, () -> sealer.open("p", "r1", changed));
            byte[] cut = Arrays.copyOf(sealed, i);
            assertThrows(InventoryError.class, () -> sealer.open("p", "r1", cut));
        }
    }

    @Test
    void twoThatStartAtOnceHaveOneKey() throws Exception {
        try (var threads = Executors.newFixedThreadPool(4)) {
            byte[] sealed = null;
            for (var opened : threads
                    .invokeAll(IntStream.range(0, 2).<Callable<Sealer>>mapToObj(i -> () -> open("both"))
                            .toList())) {
                if (sealed == null) {
                    sealed = opened.get().seal("p", "o", SECRET);
                }
                assertArrayEquals(SECRET, opened.get().open("p", "o", sealed));
            }
        }
    }
}
