package homeport.netconf.session;

import homeport.netconf.SessionTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Time that passes when a test says so; deadlines run on the test's thread. */
public final class FakeTime extends AbstractExecutorService implements ScheduledExecutorService {
    private long now = 1_000_000;
    private final List<Task<?>> tasks = new ArrayList<>();

    public FakeTime() {}

    private static final class Task<V> extends FutureTask<V> implements ScheduledFuture<V> {
        private final long at;

        Task(Callable<V> work, long at) {
            super(work);
            this.at = at;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(at, TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(at, other.getDelay(TimeUnit.NANOSECONDS));
        }
    }

    public SessionTime time() {
        return new SessionTime(this::now, this);
    }

    private synchronized long now() {
        return now;
    }

    /** Lets time pass, and runs what is due. */
    public void pass(Duration duration) {
        List<Task<?>> due = new ArrayList<>();
        synchronized (this) {
            now += duration.toNanos();
            tasks.removeIf(Task::isCancelled);
            tasks.stream().filter(task -> task.at <= now).sorted(Comparator.naturalOrder()).forEach(due::add);
            tasks.removeAll(due);
        }
        due.forEach(Task::run);
    }

    @Override
    public synchronized <V> ScheduledFuture<V> schedule(Callable<V> work, long delay, TimeUnit unit) {
        Task<V> task = new Task<>(work, now + unit.toNanos(delay));
        tasks.add(task);
        return task;
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable work, long delay, TimeUnit unit) {
        return schedule(() -> {
            work.run();
            return null;
        }, delay, unit);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable work, long initial, long period, TimeUnit unit) {
        throw new IllegalStateException("sessions do not repeat");
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable work, long initial, long delay, TimeUnit unit) {
        throw new IllegalStateException("sessions do not repeat");
    }

    @Override
    public void execute(Runnable work) {
        work.run();
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return false;
    }
}
