package homeport.gateway.southbound;

import homeport.gateway.inventory.Attempt;
import homeport.gateway.inventory.Inventory;
import homeport.gateway.inventory.InventoryError;
import homeport.gateway.inventory.Sighting;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down who came and went, in batches, so that a fleet that comes back costs a few writes and no loop waits for a
 * disk. What cannot be written waits, within a bound; the newest are dropped then, and counted.
 */
final class Chronicle implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("homeport.gateway");
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(2);
    /** Entries of the journal that wait: some 300 bytes each. */
    private static final int MOST_WAITING = 20_000;
    private static final int BATCH = 2_000;
    /** Entries between two looks at the journal's bounds. */
    private static final int TRIM_EVERY = 1_000;

    private final Inventory inventory;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayList<Attempt> attempts = new ArrayList<>();
    private final LinkedHashMap<String, Sighting> sightings = new LinkedHashMap<>();
    private final Thread writer;
    private long dropped;
    private boolean busy;
    private boolean ending;
    private int sinceTrim;

    Chronicle(Inventory inventory, InstantSource clock) {
        this.inventory = inventory;
        this.clock = clock;
        this.writer = Thread.ofVirtual().name("chronicle").start(this::run);
    }

    void add(Attempt attempt) {
        lock.lock();
        try {
            if (attempts.size() < MOST_WAITING) {
                attempts.add(attempt);
            } else {
                dropped++;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The last one of each device is kept: bounded by the number of devices. */
    void add(Sighting sighting) {
        lock.lock();
        try {
            sightings.put(sighting.deviceId(), sighting);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Entries that wait to be written. */
    int waiting() {
        lock.lock();
        try {
            return attempts.size() + sightings.size();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until what was added before is written, or the time is over. @return whether it is */
    boolean flush(Duration patience) throws InterruptedException {
        long left = patience.toNanos();
        lock.lock();
        try {
            while ((!attempts.isEmpty() || !sightings.isEmpty() || busy) && left > 0) {
                left = changed.awaitNanos(left);
            }
            return attempts.isEmpty() && sightings.isEmpty() && !busy;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        boolean failing = false;
        try {
            while (true) {
                List<Attempt> journal;
                List<Sighting> seen;
                lock.lock();
                try {
                    while (attempts.isEmpty() && sightings.isEmpty() && !ending) {
                        changed.await();
                    }
                    if (attempts.isEmpty() && sightings.isEmpty()) {
                        return;
                    }
                    journal = List.copyOf(attempts.subList(0, Math.min(BATCH, attempts.size())));
                    seen = List.copyOf(sightings.values());
                    busy = true;
                } finally {
                    lock.unlock();
                }
                boolean written = write(journal, seen, failing);
                failing = !written;
                lock.lock();
                try {
                    busy = false;
                    if (written) {
                        attempts.subList(0, journal.size()).clear();
                        seen.forEach(sighting -> sightings.remove(sighting.deviceId(), sighting));
                    }
                    changed.signalAll();
                    if (ending && !written) {
                        LOG.error("{} entries of the journal could not be written", attempts.size());
                        return;
                    }
                    if (!ending) {
                        // Not for the pace of the machine, but to gather what else comes.
                        changed.awaitNanos(TimeUnit.NANOSECONDS
                                .convert(written ? PAUSE : PAUSE_AFTER_FAILURE));
                    }
                } finally {
                    lock.unlock();
                }
            }
        } catch (InterruptedException e) {
            LOG.error("the chronicle was interrupted; nothing more is written", e);
            Thread.currentThread().interrupt();
        }
    }

    private boolean write(List<Attempt> journal, List<Sighting> seen, boolean failing) {
        try {
            inventory.devices().saw(seen);
            inventory.attempts().add(journal);
            sinceTrim += journal.size();
            if (sinceTrim >= TRIM_EVERY) {
                sinceTrim = 0;
                inventory.attempts().trim(clock.instant());
            }
            if (failing) {
                LOG.info("the journal is written again; {} entries were dropped meanwhile", takeDropped());
            }
            return true;
        } catch (InventoryError e) {
            if (!failing) {
                LOG.error("the journal cannot be written and waits: {}", e.getMessage());
            }
            return false;
        }
    }

    private long takeDropped() {
        lock.lock();
        try {
            long count = dropped;
            dropped = 0;
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** Writes what waits, and ends. */
    @Override
    public void close() {
        lock.lock();
        try {
            ending = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            writer.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
