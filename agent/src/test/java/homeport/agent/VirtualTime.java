package homeport.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/** Both clocks and the timers of an agent, moved by the test. */
final class VirtualTime implements AgentTime {
    private record Timer(long due, Runnable action, CompletableFuture<Void> cancelled) {}

    private final List<Timer> timers = new ArrayList<>();
    private Instant wall = Instant.parse("2026-11-23T12:00:00Z");
    private long nanos = 1_000;

    @Override
    public synchronized ReconnectStrategy.Now now() {
        return new ReconnectStrategy.Now(wall, nanos);
    }

    @Override
    public synchronized Future<?> after(Duration time, Runnable action) {
        var timer = new Timer(nanos + time.toNanos(), action, new CompletableFuture<>());
        timers.add(timer);
        return timer.cancelled;
    }

    /** As much time passes on both clocks, and what becomes due meanwhile is run. */
    void pass(Duration time) {
        List<Timer> due;
        synchronized (this) {
            nanos += time.toNanos();
            wall = wall.plus(time);
            due = timers.stream().filter(timer -> timer.due <= nanos).sorted(Comparator.comparingLong(Timer::due))
                    .toList();
            timers.removeAll(due);
        }
        due.stream().filter(timer -> !timer.cancelled.isCancelled()).forEach(timer -> timer.action.run());
    }

    /** The machine slept, or somebody set its calendar: the monotonic clock knows nothing of it. */
    synchronized void calendarJumps(Duration by) {
        wall = wall.plus(by);
    }

    @Override
    public void close() {}
}
