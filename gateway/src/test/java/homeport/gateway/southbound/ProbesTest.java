package homeport.gateway.southbound;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ProbesTest {
    private static final Instant START = Instant.parse("2026-11-26T12:00:00Z");

    private final Probes probes = new Probes();

    @Test
    void oneOfAnAddressIsNewsForAnHour() {
        assertTrue(probes.isNews("192.0.2.1", START));
        assertFalse(probes.isNews("192.0.2.1", START.plusSeconds(2)));
        assertTrue(probes.isNews("192.0.2.2", START.plusSeconds(2)));
        assertFalse(probes.isNews("192.0.2.1", START.plus(Duration.ofMinutes(59))));
        assertTrue(probes.isNews("192.0.2.1", START.plus(Duration.ofMinutes(60))));
        assertFalse(probes.isNews("192.0.2.1", START.plus(Duration.ofMinutes(119))));
    }

    @Test
    void scanFromEverywhereIsForgottenInOrder() {
        for (int i = 0; i < 1_000; i++) {
            assertTrue(probes.isNews("10.0.0." + i, START));
        }
        assertFalse(probes.isNews("10.0.0.0", START));
        assertTrue(probes.isNews("192.0.2.1", START));
        assertTrue(probes.isNews("10.0.0.0", START), "the eldest made room");
        assertFalse(probes.isNews("10.0.0.999", START));
    }
}
