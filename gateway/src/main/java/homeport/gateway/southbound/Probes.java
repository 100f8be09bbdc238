package homeport.gateway.southbound;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which addresses connect and leave without a word. A balancer's health checks do so every second or two, and would soon
 * be all that the journal holds: of each address one is news for an hour, and the counter has the rest.
 */
final class Probes {
    private static final Duration NEWS_AFTER = Duration.ofHours(1);
    /** Addresses that are remembered; a scan from more of them may be news again sooner. */
    private static final int MOST_ADDRESSES = 1_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final LinkedHashMap<String, Instant> told = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
            return size() > MOST_ADDRESSES;
        }
    };

    /** Whether the journal is to have this one. */
    boolean isNews(String address, Instant now) {
        lock.lock();
        try {
            var last = told.get(address);
            if (last != null && last.plus(NEWS_AFTER).isAfter(now)) {
                return false;
            }
            told.remove(address); // so that the eldest entry is the one that was told first
            told.put(address, now);
            return true;
        } finally {
            lock.unlock();
        }
    }
}
