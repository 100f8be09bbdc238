package homeport.gateway.southbound;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What addresses do over and over: a balancer's health checks connect and leave every second or two, and who is kept out by
 * the gate dials again at once. It would soon be all that the journal holds: of each address one is news for an hour, and
 * the counter has the rest.
 */
final class HourlyNews {
    private static final Duration NEWS_AFTER = Duration.ofHours(1);
    /** What is remembered; a scan from more addresses may be news again sooner. */
    private static final int MOST = 1_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final LinkedHashMap<String, Instant> told = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
            return size() > MOST;
        }
    };

    /** Whether the journal is to have this one. @param subject an address, or an address and more */
    boolean isNews(String subject, Instant now) {
        lock.lock();
        try {
            var last = told.get(subject);
            if (last != null && last.plus(NEWS_AFTER).isAfter(now)) {
                return false;
            }
            told.remove(subject); // so that the eldest entry is the one that was told first
            told.put(subject, now);
            return true;
        } finally {
            lock.unlock();
        }
    }
}
