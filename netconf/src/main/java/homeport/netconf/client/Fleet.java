package homeport.netconf.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One piece of work for many devices: so many at once, and what became of each. */
public final class Fleet {
    /** Work for one device; may block, and may fail with any exception. */
    @FunctionalInterface
    public interface Work<D, R> {
        R on(D device) throws Exception;
    }

    /** What became of one device. */
    public sealed interface Outcome<D, R> {
        D device();

        /** It was done. */
        record Done<D, R>(D device, R result) implements Outcome<D, R> {}

        /** It failed, by itself; the others are not touched. */
        record Failed<D, R>(D device, Throwable failure) implements Outcome<D, R> {}

        /** It was not finished when the time was up. */
        record TimedOut<D, R>(D device) implements Outcome<D, R> {}
    }

    private Fleet() {}

    /**
     * Does the work for every device, each on a virtual thread, and waits for all.
     *
     * @param atOnce how many are under way at a time
     * @param limit for all together; what is not done by then is interrupted
     * @return one outcome for each device, in the devices' order
     * @throws InterruptedException when the waiting thread is interrupted; the work is then interrupted too
     */
    public static <D, R> List<Outcome<D, R>> run(Collection<? extends D> devices, int atOnce, Duration limit,
            Work<? super D, ? extends R> work) throws InterruptedException {
        if (atOnce < 1) {
            throw new IllegalArgumentException("at least one device at once");
        }
        Semaphore places = new Semaphore(atOnce);
        long deadline = System.nanoTime() + limit.toNanos();
        List<Outcome<D, R>> outcomes = new ArrayList<>(devices.size());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Started<D, R>> started = new ArrayList<>(devices.size());
            try {
                for (D device : devices) {
                    started.add(new Started<>(device, start(device, places, deadline, threads, work)));
                }
                for (Started<D, R> one : started) {
                    outcomes.add(outcome(one, deadline));
                }
            } finally {
                started.forEach(one -> one.future().cancel(true));
            }
        }
        return outcomes;
    }

    private record Started<D, R>(D device, Future<R> future) {}

    /** Begins when there is a place, so that what waits is a device in a list and not a thread. */
    private static <D, R> Future<R> start(D device, Semaphore places, long deadline, ExecutorService threads,
            Work<? super D, ? extends R> work) throws InterruptedException {
        if (!places.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            CompletableFuture<R> never = new CompletableFuture<>();
            never.cancel(false);
            return never;
        }
        return threads.submit(() -> {
            try {
                return work.on(device);
            } finally {
                places.release();
            }
        });
    }

    private static <D, R> Outcome<D, R> outcome(Started<D, R> one, long deadline) throws InterruptedException {
        try {
            return new Outcome.Done<>(one.device(),
                    one.future().get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS));
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            return new Outcome.Failed<>(one.device(), cause == null ? failed : cause);
        } catch (TimeoutException | CancellationException late) {
            return new Outcome.TimedOut<>(one.device());
        }
    }
}
