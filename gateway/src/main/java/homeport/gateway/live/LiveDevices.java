package homeport.gateway.live;

import homeport.callhome.Presence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** Which devices are connected. Safe for all threads; nothing in it blocks for longer than a map takes. */
public final class LiveDevices {
    private final ReentrantLock lock = new ReentrantLock();
    private final Presence<LiveDevice> presence = new Presence<>();
    private final Map<String, LiveDevice> all = new HashMap<>();

    public LiveDevices() {}

    /** Registers a device; the outcome says who gives way. */
    public Presence.Outcome<LiveDevice> arrived(LiveDevice device, boolean proved) {
        lock.lock();
        try {
            var outcome = presence.add(device.id(), device, proved);
            if (!(outcome instanceof Presence.Outcome.KeptOut<LiveDevice>)) {
                all.put(device.id(), device);
            }
            return outcome;
        } finally {
            lock.unlock();
        }
    }

    /** Its connection has ended. @return whether the device is gone now, and not back on a newer connection */
    public boolean left(LiveDevice device) {
        lock.lock();
        try {
            return presence.remove(device.id(), device) && all.remove(device.id(), device);
        } finally {
            lock.unlock();
        }
    }

    public Optional<LiveDevice> find(String id) {
        lock.lock();
        try {
            return Optional.ofNullable(all.get(id));
        } finally {
            lock.unlock();
        }
    }

    /** A copy. */
    public List<LiveDevice> list() {
        lock.lock();
        try {
            return new ArrayList<>(all.values());
        } finally {
            lock.unlock();
        }
    }

    public int size() {
        lock.lock();
        try {
            return all.size();
        } finally {
            lock.unlock();
        }
    }
}
