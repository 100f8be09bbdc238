package homeport.gateway.southbound;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class HourlyNewsTest {
    private static final Instant START = Instant.parse("2026-11-26T12:00:00Z");

    private final HourlyNews news = new HourlyNews();

    @Test
    void oneOfAnAddressIsNewsForAnHour() {
        assertTrue(news.isNews("192.0.2.1", START));
        assertFalse(news.isNews("192.0.2.1", START.plusSeconds(2)));
        assertTrue(news.isNews("192.0.2.2", START.plusSeconds(2)));
        assertFalse(news.isNews("192.0.2.1", START.plus(Duration.ofMinutes(59))));
        assertTrue(news.isNews("192.0.2.1", START.plus(Duration.ofMinutes(60))));
        assertFalse(news.isNews("192.0.2.1", START.plus(Duration.ofMinutes(119))));
    }

    @Test
    void scanFromEverywhereIsForgottenInOrder() {
        for (int i = 0; i < 1_000; i++) {
            assertTrue(news.isNews("10.0.0." + i, START));
        }
        assertFalse(news.isNews("10.0.0.0", START));
        assertTrue(news.isNews("192.0.2.1", START));
        assertTrue(news.isNews("10.0.0.0", START), "the eldest made room");
        assertFalse(news.isNews("10.0.0.999", START));
    }
}
