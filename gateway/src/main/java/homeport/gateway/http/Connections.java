package homeport.gateway.http;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How many connections there are, in all and of each address, so that one address does not have them all. Not so for the
 * gateway's own machine: whoever comes through a proxy there comes from its address. Safe for all threads.
 */
final class Connections {
    private final int most;
    private final int share;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<InetAddress, Integer> each = new HashMap<>();
    private int all;

    Connections(int most) {
        this.most = most;
        this.share = Math.max(1, most / 4);
    }

    /** @return whether there is room for one more; then {@link #gone} must follow */
    boolean come(InetAddress address) {
        lock.lock();
        try {
            int its = each.getOrDefault(address, 0);
            if (all >= most || (its >= share && !address.isLoopbackAddress())) {
                return false;
            }
            each.put(address, its + 1);
            all++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    void gone(InetAddress address) {
        lock.lock();
        try {
            each.computeIfPresent(address, (key, its) -> its > 1 ? its - 1 : null);
            all--;
        } finally {
            lock.unlock();
        }
    }
}
