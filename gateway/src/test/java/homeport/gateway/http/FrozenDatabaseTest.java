package homeport.gateway.http;

import static homeport.gateway.http.ServedGateway.LOCAL;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.gateway.inventory.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What those who watch a gateway are told while its database hangs. */
@Timeout(120)
class FrozenDatabaseTest {
    @TempDir
    private Path directory;

    @Test
    void healthAnswersInTimeAndMetricsHaveAllThatNeedsNoDatabase() throws Throwable {
        try (var gateway = new ServedGateway(directory, HttpLimits.DEFAULT, TestDatabase.POSTGRESQL)) {
            gateway.admitted(List.of("a1"));
            var before = metrics(gateway);
            assertTrue(before.contains("homeport_database_up 1"), before);
            assertTrue(before.contains("homeport_devices{"), before);
            TestDatabase.whileFrozen(() -> {
                for (int i = 0; i < 3; i++) {
                    long start = System.nanoTime();
                    gateway.send(gateway.request("", "/health/ready").build()).problem(503, "unready");
                    var meanwhile = metrics(gateway);
                    long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
                    assertTrue(took < 5_000, took + " ms for both");
                    assertTrue(meanwhile.contains("homeport_database_up 0"), meanwhile);
                    assertFalse(meanwhile.contains("homeport_devices{"), meanwhile);
                    assertTrue(meanwhile.contains("homeport_strangers 3"), meanwhile);
                    assertTrue(meanwhile.contains("jvm_memory_used_bytes"), meanwhile);
                }
                gateway.send(gateway.request("", "/health/live").build()).is(200);
                gateway.get(LOCAL, "/devices").problem(503, "unready");
            });
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (!isBack(gateway)) {
                assertTrue(System.nanoTime() < end, () -> "not ready again");
                LockSupport.parkNanos(100_000_000);
            }
        }
    }

    private static boolean isBack(ServedGateway gateway) throws Exception {
        return gateway.send(gateway.request("", "/health/ready").build()).status() == 200
                && metrics(gateway).contains("homeport_database_up 1")
                && metrics(gateway).contains("homeport_devices{");
    }

    private static String metrics(ServedGateway gateway) throws Exception {
        return gateway.send(gateway.request("", "/metrics").build()).is(200).body();
    }
}
