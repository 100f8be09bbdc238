package homeport.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Ten thousand connections that say nothing: what they cost while they last, and what a device notices of them. */
class SilentConnectionsTest {
    private static final int COUNT = 10_000;
    private static final int MOST_BYTES_EACH = 4096;
    /** Long enough to look at them all before the first one's time is over. */
    private static final Duration LASTING = Duration.ofMinutes(2);

    @Test
    void tenThousandCostFourKibibytesEachAtMost() throws Exception {
        try (var test = new TestPort(new GateLimits(COUNT, COUNT), false,
                settings -> settings.withTimes(LASTING, LASTING, LASTING))) {
            test.dial(TestPort.designs("r1").get(1));
            var device = test.awaitLinked();
            long before = liveHeap();
            var crowd = crowd(test.port.address().getPort());
            try (var said = new BufferedReader(
                    new InputStreamReader(crowd.getInputStream(), StandardCharsets.UTF_8))) {
                assertEquals(Integer.toString(COUNT), said.readLine());
                TestPort.until(() -> test.gate.strangers() == COUNT);
                assertEquals("ran x exit 7", device.exec("x"));
                long each = (liveHeap() - before) / COUNT;
                assertTrue(each <= MOST_BYTES_EACH, () -> each + " bytes of heap each");
                test.dial(TestPort.designs("r2").get(1));
                assertEquals("ran y exit 7", test.awaitLinked().exec("y"));
                crowd.getOutputStream().close();
                assertEquals(0, crowd.waitFor());
                TestPort.until(() -> test.gate.strangers() == 0);
                assertEquals((long) COUNT, test.port.counters().get("probed"));
            } finally {
                crowd.destroy();
            }
        }
    }

    private static Process crowd(int port) throws Exception {
        var classes = Path.of(SilentCrowd.class.getResource("SilentCrowd.class").toURI()).getParent().getParent()
                .getParent();
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m",
                "-XX:+UseSerialGC", "-cp", classes.toString(), SilentCrowd.class.getName(), Integer.toString(port),
                Integer.toString(COUNT)).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    static long liveHeap() {
        var memory = ManagementFactory.getMemoryMXBean();
        for (int i = 0; i < 3; i++) {
            memory.gc();
        }
        return memory.getHeapMemoryUsage().getUsed();
    }
}
