package homeport.bench;

import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.LockSupport;

/** The live heap of this JVM. */
final class Heap {
    private static final int MOST_COLLECTIONS = 20;
    private static final long PAUSE_NANOS = 50_000_000;
    private static final long STABLE_BYTES = 4096;

    private Heap() {}

    /**
     * Bytes in use after full collections, as many as it takes until nothing more goes: what has native memory behind it
     * is let go in turns, by threads that need a moment in between.
     */
    static long liveBytes() {
        var memory = ManagementFactory.getMemoryMXBean();
        long last = Long.MAX_VALUE;
        for (int i = 0; i < MOST_COLLECTIONS; i++) {
            memory.gc();
            long used = memory.getHeapMemoryUsage().getUsed();
            if (i > 1 && last - used < STABLE_BYTES) {
                return used;
            }
            last = used;
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return last;
    }
}
