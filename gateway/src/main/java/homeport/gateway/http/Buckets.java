package homeport.gateway.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** A token bucket for each name. Safe for all threads. */
final class Buckets {
    /** Beyond it, the one that was not used for longest is forgotten, which is as if it were full. */
    private static final int MOST = 10_000;
    private static final double NANOS_A_SECOND = 1e9;

    private final double perSecond;
    private final double size;
    private final LongSupplier nanoTime;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MOST;
        }
    };

    private static final class Bucket {
        private double tokens;
        private long at;

        Bucket(double tokens, long at) {
            this.tokens = tokens;
            this.at = at;
        }
    }

    Buckets(double perSecond, double size, LongSupplier nanoTime) {
        this.perSecond = perSecond;
        this.size = size;
        this.nanoTime = nanoTime;
    }

    /** Takes one. @return how long to wait, when there is none */
    Optional<Duration> take(String name) {
        lock.lock();
        try {
            long now = nanoTime.getAsLong();
            var bucket = buckets.computeIfAbsent(name, key -> new Bucket(size, now));
            bucket.tokens = Math.min(size, bucket.tokens + (now - bucket.at) / NANOS_A_SECOND * perSecond);
            bucket.at = now;
            if (bucket.tokens < 1) {
                return Optional.of(Duration.ofNanos((long) ((1 - bucket.tokens) / perSecond * NANOS_A_SECOND)));
            }
            bucket.tokens -= 1;
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }
}
