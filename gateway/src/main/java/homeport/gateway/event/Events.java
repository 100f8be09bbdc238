package homeport.gateway.event;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** The last events, and who watches for new ones. Safe for all threads. */
public final class Events {
    /** Kept for watchers who were away: some 300 bytes each. */
    private static final int KEPT = 10_000;

    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<GatewayEvent> kept = new ArrayDeque<>();
    private final List<Consumer<GatewayEvent>> watchers = new CopyOnWriteArrayList<>();
    private long last;

    public Events(InstantSource clock) {
        this.clock = clock;
    }

    public void publish(GatewayEvent.Type type, String device, Map<String, String> labels, Map<String, String> data) {
        lock.lock();
        try {
            var event = new GatewayEvent(++last, clock.instant(), type, device, labels, data);
            kept.add(event);
            if (kept.size() > KEPT) {
                kept.poll();
            }
            watchers.forEach(watcher -> watcher.accept(event));
        } finally {
            lock.unlock();
        }
    }

    /** A watch that is on until it is closed. */
    public interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Watches. What was missed comes first, in order, and nothing is left out in between.
     *
     * @param after the last number that the watcher has; empty to begin with what happens next
     * @param watcher called with the events' lock held: hands over, and does nothing that may wait
     * @return empty when events after {@code after} are not kept any more, or were another run's: read everything anew
     */
    public Optional<Watch> watch(Optional<Long> after, Consumer<GatewayEvent> watcher) {
        lock.lock();
        try {
            if (after.isPresent()) {
                long from = after.get();
                long oldest = kept.isEmpty() ? last + 1 : kept.element().number();
                if (from > last || from + 1 < oldest) {
                    return Optional.empty();
                }
                new ArrayList<>(kept).stream().filter(event -> event.number() > from).forEach(watcher);
            }
            watchers.add(watcher);
            return Optional.of(() -> watchers.remove(watcher));
        } finally {
            lock.unlock();
        }
    }

    public long last() {
        lock.lock();
        try {
            return last;
        } finally {
            lock.unlock();
        }
    }
}
