package homeport.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fleet at a gateway that is killed in the middle of its work. */
class FleetRestartTest {
    private static final double MOST_PAGE_MILLIS = 50;

    @TempDir
    private Path directory;

    @Test
    void aKilledGatewayKeepsWhatItAnsweredAndItsHundredDevicesComeBack() throws Exception {
        holds(FleetRestart.run(directory, 100), List.of(50, 50));
    }

    @Test
    @Tag("full")
    void aKilledGatewayKeepsWhatItAnsweredAndItsTwoThousandDevicesComeBack() throws Exception {
        var result = FleetRestart.run(directory, 2_000);
        holds(result, List.of(1_000, 1_000));
        var millis = result.pageMillis();
        Arrays.sort(millis);
        assertTrue(millis[millis.length / 2] <= MOST_PAGE_MILLIS, () -> "half of the pages took more than "
                + millis[millis.length / 2] + " ms");
    }

    private static void holds(FleetRestart.Result result, List<Integer> approvals) {
        assertEquals(approvals, result.approvals().stream().map(FleetRestart.Approval::devices).toList());
        assertTrue(result.written() > result.devices(), () -> "nothing was written beside the approvals");
        assertEquals(Set.of(), result.lost());
        assertTrue(result.pins() >= result.devices());
        assertEquals(Set.of(), result.changedPins());
        assertEquals(result.devices(), result.back());
    }
}
