package homeport.gateway.http;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** What there is only so much of, in all and for each, so that nobody has it all. Safe for all threads. */
final class Shares<K> {
    private final long most;
    private final long share;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<K, Long> each = new HashMap<>();
    private long all;

    /** @param most in all; each has a quarter of it, and one at least */
    Shares(long most) {
        this.most = most;
        this.share = Math.max(1, most / 4);
    }

    /** @return whether there is room for so much more; then {@link #give} must follow */
    boolean take(K who, long amount) {
        return take(who, amount, share);
    }

    /** The same for who may have all of it. */
    boolean takeOfAll(K who, long amount) {
        return take(who, amount, most);
    }

    private boolean take(K who, long amount, long limit) {
        lock.lock();
        try {
            long its = each.getOrDefault(who, 0L);
            if (all + amount > most || its + amount > limit) {
                return false;
            }
            each.put(who, its + amount);
            all += amount;
            return true;
        } finally {
            lock.unlock();
        }
    }

    void give(K who, long amount) {
        lock.lock();
        try {
            each.computeIfPresent(who, (key, its) -> its > amount ? its - amount : null);
            all -= amount;
        } finally {
            lock.unlock();
        }
    }
}
