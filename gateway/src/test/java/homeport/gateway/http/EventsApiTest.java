package homeport.gateway.http;

import static homeport.gateway.http.ServedGateway.LOCAL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.gateway.event.GatewayEvent;
import homeport.gateway.inventory.Role;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Watching events. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EventsApiTest {
    @TempDir
    private Path directory;
    private ServedGateway gateway;

    @BeforeEach
    void open() throws Exception {
        gateway = new ServedGateway(directory, new HttpLimits(100, 1 << 20, 8 << 20, 32 << 20, Duration.ofSeconds(15),
                Duration.ofSeconds(30), Duration.ofSeconds(75), 100, 100,
                10, 8, 10, 1 << 10, Duration.ofHours(1)));
    }

    @AfterEach
    void close() {
        gateway.close();
    }

    private record Event(String id, String type, JsonObject data) {
        String device() {
            return data.getString("device", "");
        }
    }

    /** A stream being read. */
    private static final class Watch implements AutoCloseable {
        private final HttpResponse<java.io.InputStream> response;
        private final BufferedReader lines;

        Watch(HttpResponse<java.io.InputStream> response) {
            this.response = response;
            this.lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        }

        /** Empty when the stream has ended. */
        Optional<Event> next() throws IOException {
            String id = "";
            String type = "";
            String data = "";
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isEmpty() && !data.isEmpty()) {
                    return Optional.of(new Event(id, type, new JsonObject(data)));
                } else if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    type = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    data = line.substring(6);
                }
            }
            return Optional.empty();
        }

        @Override
        public void close() throws IOException {
            response.body().close();
        }
    }

    private Watch watch(String token, String last) throws Exception {
        var request = gateway.request(token, "/api/v1/events");
        if (!last.isEmpty()) {
            request.header("Last-Event-ID", last);
        }
        var response = gateway.client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        assertEquals(200, response.statusCode());
        assertEquals("text/event-stream", response.headers().firstValue("Content-Type").orElse(""));
        assertTrue(gateway.service.watchers() >= 1, "one that left may not be forgotten yet");
        return new Watch(response);
    }

    private void awaitNoWatchers() {
        awaitWatchers(0);
    }

    /** What was closed here ends there a moment later. */
    private void awaitWatchers(int most) {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (gateway.service.watchers() > most && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertEquals(most, gateway.service.watchers());
    }

    private void publish(String device, Map<String, String> labels) {
        gateway.events.publish(GatewayEvent.Type.DEVICE_ONLINE, device, labels, Map.of("address", "192.0.2.1"));
    }

    @Test
    void whatHappensComesAndIsResumed() throws Exception {
        String last;
        try (var watch = watch(LOCAL, "")) {
            publish("r1", Map.of());
            var event = watch.next().orElseThrow();
            assertEquals("device.online", event.type());
            assertEquals("r1", event.device());
            assertEquals("192.0.2.1", event.data().getJsonObject("data").getString("address"));
            gateway.post(LOCAL, "/devices", "{\"id\":\"r2\"}").is(201);
            var changed = watch.next().orElseThrow();
            assertEquals("device.changed", changed.type());
            assertEquals("local", changed.data().getJsonObject("data").getString("by"));
            last = changed.id();
        }
        for (int i = 0; i < 1000; i++) {
            publish("away" + i, Map.of());
        }
        try (var watch = watch(LOCAL, last)) {
            for (int i = 0; i < 1000; i++) {
                assertEquals("away" + i, watch.next().orElseThrow().device());
            }
            publish("now", Map.of());
            assertEquals("now", watch.next().orElseThrow().device());
        }
    }

    @Test
    void whatIsNotKeptIsSaid() throws Exception {
        for (var last : List.of("0123456789ab-5", "nonsense", "7")) {
            publish("before", Map.of());
            try (var watch = watch(LOCAL, last)) {
                assertEquals("reset", watch.next().orElseThrow().type());
                publish("after", Map.of());
                assertEquals("after", watch.next().orElseThrow().device());
            }
            awaitNoWatchers();
        }
    }

    @Test
    void eachHearsOfTheirOwnDevicesOnly() throws Exception {
        var north = gateway.token("nora", Role.VIEWER, Map.of("site", Set.of("north")));
        try (var watch = watch(north, "")) {
            publish("s1", Map.of("site", "south"));
            publish("x1", Map.of());
            gateway.post(LOCAL, "/operators", "{\"name\":\"bob\",\"role\":\"viewer\"}").is(201);
            publish("n1", Map.of("site", "north"));
            assertEquals("n1", watch.next().orElseThrow().device());
        }
    }

    @Test
    void aRemovedOperatorsStreamEndsWithinASecond() throws Exception {
        var token = gateway.token("vera", Role.VIEWER, Map.of());
        try (var watch = watch(token, ""); var other = watch(LOCAL, "")) {
            long begun = System.nanoTime();
            gateway.delete(LOCAL, "/operators/vera").is(204);
            assertEquals(Optional.empty(), watch.next());
            assertTrue(Duration.ofNanos(System.nanoTime() - begun).toMillis() < 1_000);
            assertEquals("operator.changed", other.next().orElseThrow().type());
        }
    }

    @Test
    void anExpiredTokensStreamEndsAtTheNextLook() throws Exception {
        var token = gateway.token("vera", Role.VIEWER, Map.of());
        try (var watch = watch(token, "")) {
            gateway.now.set(gateway.now.get().plus(Duration.ofHours(1)));
            gateway.service.operatorChanged("vera");
            assertEquals(Optional.empty(), watch.next());
        }
    }

    @Test
    void watchersAreCounted() throws Exception {
        var others = new ArrayDeque<Watch>();
        try (var first = watch(LOCAL, ""); var second = watch(LOCAL, "")) {
            // A quarter is an operator's; the others are for others.
            assertTrue(gateway.get(LOCAL, "/events").problem(429, "rate-limited").body()
                    .contains("local watches as often as one may"));
            for (var name : List.of("vera", "victor", "viola")) {
                var token = gateway.token(name, Role.VIEWER, Map.of());
                others.add(watch(token, ""));
                others.add(watch(token, ""));
            }
            var late = gateway.token("late", Role.ADMIN, Map.of());
            assertTrue(gateway.get(late, "/events").problem(429, "rate-limited").body()
                    .contains("all 8 places are taken"));
            others.removeFirst().close();
            awaitWatchers(7);
            try (var now = watch(late, "")) {
                publish("r1", Map.of());
                assertEquals("r1", now.next().orElseThrow().device());
            }
            assertEquals("r1", first.next().orElseThrow().device());
            assertEquals("r1", second.next().orElseThrow().device());
        } finally {
            for (var other : others) {
                other.close();
            }
        }
    }

    @Test
    void aWatcherWhoDoesNotReadIsCutOff() throws Exception {
        try (var watch = watch(LOCAL, "")) {
            // Some 500 octets each: sockets and buffers hold a few megabytes, then 10,000 events wait.
            var data = Map.of("x", "y".repeat(2_000));
            for (int i = 0; i < 200_000 && gateway.service.watchers() > 0; i++) {
                gateway.events.publish(GatewayEvent.Type.ALARM, "r1", Map.of(), data);
            }
            awaitNoWatchers();
            // What it had not read is lost to it, and the connection is over.
            assertThrows(IOException.class, () -> {
                while (watch.next().isPresent()) {
                    assertEquals(0, gateway.service.watchers());
                }
                throw new IOException("ended in order");
            });
        }
    }
}
