package homeport.gateway.http;

import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What requests with an {@code Idempotency-Key} were answered, so that whoever did not hear the answer may ask again. In
 * memory: a restart forgets it, and then the inventory's own rules tell a repeated request. Safe for all threads.
 */
final class Repeats {
    private final HttpLimits limits;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    /** The oldest first. */
    private final Map<Key, Entry> entries = new LinkedHashMap<>();

    /** Keys are each operator's own. */
    record Key(String operator, String text) {}

    /** @param reply empty while the first is not answered, or when the answer was too large to be kept */
    private record Entry(String request, long at, boolean done, Optional<Reply> reply) {}

    Repeats(HttpLimits limits, InstantSource clock) {
        this.limits = limits;
        this.clock = clock;
    }

    /**
     * Begins a request, or answers it as before.
     *
     * @param request a hash of all that it says
     * @return empty when it is the first, which {@link #done} or {@link #failed} must end
     * @throws Problem when the key was used for another request, or the first is still under way
     */
    Optional<Reply> begin(Key key, String request) {
        lock.lock();
        try {
            forget();
            var before = entries.get(key);
            if (before == null) {
                entries.put(key, new Entry(request, clock.millis(), false, Optional.empty()));
                return Optional.empty();
            }
            if (!before.request().equals(request)) {
                throw new Problem(Problem.Type.CONFLICT, "this Idempotency-Key was used for another request");
            }
            if (!before.done()) {
                throw new Problem(Problem.Type.CONFLICT, "the first request with this Idempotency-Key is under way");
            }
            if (before.reply().isEmpty()) {
                throw new Problem(Problem.Type.CONFLICT,
                        "this was done before; its answer was too large to be kept, so look at what is there now");
            }
            return before.reply();
        } finally {
            lock.unlock();
        }
    }

    private void forget() {
        long since = clock.millis() - limits.repeatTime().toMillis();
        for (Iterator<Entry> each = entries.values().iterator(); each.hasNext();) {
            var entry = each.next();
            // Those under way stay: a second one beside the first is what the key is there to prevent.
            if (entry.done() && (entry.at() < since || entries.size() >= limits.repeats())) {
                each.remove();
            } else if (entry.at() >= since && entries.size() < limits.repeats()) {
                return;
            }
        }
    }

    void done(Key key, String request, Reply reply) {
        lock.lock();
        try {
            entries.put(key, new Entry(request, clock.millis(), true,
                    reply.body().length() <= limits.repeatBytes() ? Optional.of(reply) : Optional.empty()));
        } finally {
            lock.unlock();
        }
    }

    /** It was not done: the next with this key is the first again. */
    void failed(Key key) {
        lock.lock();
        try {
            entries.remove(key);
        } finally {
            lock.unlock();
        }
    }
}
