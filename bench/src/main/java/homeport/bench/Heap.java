package homeport.bench;

import java.lang.management.ManagementFactory;

/** The live heap of this JVM. */
final class Heap {
    private static final int COLLECTIONS = 3;

    private Heap() {}

    /** Bytes in use after a full collection; repeated, because references are cleared in turns. */
    static long liveBytes() {
        var memory = ManagementFactory.getMemoryMXBean();
        for (int i = 0; i < COLLECTIONS; i++) {
            memory.gc();
        }
        return memory.getHeapMemoryUsage().getUsed();
    }
}
