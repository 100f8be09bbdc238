package homeport.gateway.northbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.gateway.inventory.Change;
import homeport.gateway.inventory.DeviceState;
import homeport.gateway.inventory.Inventory;
import homeport.gateway.inventory.InventoryLimits;
import homeport.gateway.inventory.Operator;
import homeport.gateway.inventory.Role;
import homeport.gateway.inventory.TestDatabase;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceListingTest {
    private static final Operator ALICE = new Operator("alice", Role.VIEWER, Map.of(), Map.of());

    @Test
    void whatALongListingLeavesOutIsSaid(@TempDir Path directory) throws Exception {
        try (var inventory = Inventory.open(TestDatabase.SQLITE.fresh(directory), directory.resolve("secrets.key"),
                TestDatabase.RANDOM, InventoryLimits.DEFAULT, Instant::now)) {
            add(inventory, 0, 10_000);
            var whole = DeviceListing.of(inventory, ALICE).lines().toList();
            assertEquals(10_001, whole.size());
            assertTrue(whole.getLast().startsWith("r09999 "), whole.getLast());

            add(inventory, 10_000, 10_001);
            var cut = DeviceListing.of(inventory, ALICE).lines().toList();
            assertEquals(10_002, cut.size());
            assertEquals("... and more: homeport device list, or GET /api/v1/devices, has them all", cut.getLast());
        }
    }

    private static void add(Inventory inventory, int from, int to) {
        List<Change> devices = IntStream.range(from, to)
                .<Change>mapToObj(i -> new Change.AddDevice("r%05d".formatted(i),
                        DeviceState.ADMITTED, "listed", Optional.empty(), Optional.empty()))
                .toList();
        inventory.devices().apply(devices);
    }
}
