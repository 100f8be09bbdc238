package homeport.gateway.http;

import homeport.gateway.inventory.InventoryError;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A question to the inventory that health checks and scrapes ask, who give up early: nobody waits longer than {@link
 * #PATIENCE}, and whoever asks while it is under way shares its answer. So a database that hangs costs one thread and one
 * connection, however many ask.
 */
final class TimelyAnswer<T> {
    static final Duration PATIENCE = Duration.ofMillis(1_800);

    private final Supplier<T> question;
    private final Executor mayBlock;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable CompletableFuture<T> underWay;
    /** What was wrong when it was last answered: the reason, while the next answer is being waited for. */
    private volatile Optional<InventoryError> failure = Optional.empty();

    /** @param question blocks, and may throw {@link InventoryError} */
    TimelyAnswer(Supplier<T> question, Executor mayBlock) {
        this.question = question;
        this.mayBlock = mayBlock;
    }

    /**
     * Blocks.
     *
     * @throws InventoryError with what is wrong
     * @throws Problem when there is no answer in time
     */
    T get() throws InterruptedException {
        try {
            return shared().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw failure.map(Problem::of).orElseGet(() -> new Problem(Problem.Type.UNREADY,
                    "the database has not answered within " + PATIENCE.toMillis() + " ms; check that it runs and is"
                            + " not locked",
                    Map.of("Retry-After", "5")));
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException reason ? reason : new IllegalStateException(e.getCause());
        }
    }

    private CompletableFuture<T> shared() {
        lock.lock();
        try {
            var before = underWay;
            if (before != null && !before.isDone()) {
                return before;
            }
            var asked = CompletableFuture.supplyAsync(this::ask, mayBlock);
            underWay = asked;
            return asked;
        } finally {
            lock.unlock();
        }
    }

    private T ask() {
        try {
            var answer = question.get();
            failure = Optional.empty();
            return answer;
        } catch (InventoryError e) {
            failure = Optional.of(e);
            throw e;
        }
    }
}
