package homeport.netconf;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.LongSupplier;

/**
 * The time a session goes by, handed in.
 *
 * @param nanos a monotonic clock
 * @param timers runs the session's deadlines; what it runs is short and does not block
 */
public record SessionTime(LongSupplier nanos, ScheduledExecutorService timers) {
    /** The machine's own time, with one thread for all deadlines of the process. */
    public static SessionTime system() {
        return OfProcess.TIME;
    }

    /** Made when first asked for: whoever hands in another time starts no thread. */
    private static final class OfProcess {
        static final SessionTime TIME = new SessionTime(System::nanoTime, timers());

        private static ScheduledExecutorService timers() {
            ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(1,
                    Thread.ofPlatform().daemon().name("netconf-deadlines").factory());
            timers.setRemoveOnCancelPolicy(true);
            return timers;
        }
    }
}
