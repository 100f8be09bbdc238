package homeport.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The CPU time of a process, to the nanosecond: Linux's CPU-time clock of that process, whose id is made from the
 * process id (clock_getcpuclockid(3)). {@code /proc/PID/stat} counts the same in steps of 10 ms, which a short round
 * would show.
 */
@SuppressWarnings("restricted")
final class ProcessCpu {
    private static final MethodHandle CLOCK_GETTIME = Linker.nativeLinker().downcallHandle(
            Linker.nativeLinker().defaultLookup().findOrThrow("clock_gettime"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    private static final MemoryLayout TIMESPEC = MemoryLayout.structLayout(ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG);
    /** CPUCLOCK_SCHED: user and system time, precisely. */
    private static final int PRECISE = 2;

    private ProcessCpu() {}

    /** Nanoseconds of user and system time of all threads, living and ended, of a process. */
    static long nanos(long pid) {
        int clock = ((~(int) pid) << 3) | PRECISE;
        try (var arena = Arena.ofConfined()) {
            var time = arena.allocate(TIMESPEC);
            int failed = (int) CLOCK_GETTIME.invokeExact(clock, time);
            if (failed != 0) {
                throw new IllegalStateException("process " + pid + " has no CPU clock: it has ended");
            }
            return time.get(ValueLayout.JAVA_LONG, 0) * 1_000_000_000L + time.get(ValueLayout.JAVA_LONG, 8);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("clock_gettime cannot be called", e);
        }
    }
}
