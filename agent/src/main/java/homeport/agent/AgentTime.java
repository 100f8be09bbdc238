package homeport.agent;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The agent's door to time: both clocks, and timers. */
interface AgentTime extends AutoCloseable {
    ReconnectStrategy.Now now();

    /** Runs it once that much has passed on the monotonic clock, on a thread that it must not hold up. */
    Future<?> after(Duration time, Runnable action);

    @Override
    void close();

    /** The machine's. */
    static AgentTime system(InstantSource clock) {
        return new OfMachine(clock,
                new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("agent-timers").factory()));
    }

    /** By the machine's monotonic clock, and the calendar that it is given. */
    record OfMachine(InstantSource clock, ScheduledExecutorService timers) implements AgentTime {
        @Override
        public ReconnectStrategy.Now now() {
            return new ReconnectStrategy.Now(clock.instant(), System.nanoTime());
        }

        @Override
        public Future<?> after(Duration time, Runnable action) {
            return timers.schedule(action, time.toNanos(), TimeUnit.NANOSECONDS);
        }

        @Override
        public void close() {
            timers.shutdownNow();
        }
    }
}
