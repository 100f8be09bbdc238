package homeport.gateway.southbound;

import homeport.gateway.inventory.Attempt;
import homeport.gateway.inventory.Inventory;
import homeport.gateway.inventory.InventoryError;
import homeport.gateway.inventory.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private static final Duration PAUSE = Duration.ofSeconds(1);
    /** The same while a device waits that an operator may be looking at: where it is belongs to what they decide by. */
    private static final Duration PAUSE_FOR_HELD = Duration.ofMillis(100);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(2);
    /** Entries of the journal that wait: some 300 bytes each. */
    private static final int MOST_WAITING = 20_000;
    private static final int BATCH = 2_000;
    /** Entries between two looks at the journal's bounds. */
    private static final int TRIM_EVERY = 1_000;
    /** The same where few entries come. */
    private static final Duration TRIM_AFTER = Duration.ofHours(1);

    private final Inventory inventory;
    private final InstantSource clock;
    private final Duration pause;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayList<Attempt> attempts = new ArrayList<>();
    private final LinkedHashMap<String, Sighting> sightings = new LinkedHashMap<>();
    private final LinkedHashMap<String, Sighting> heard = new LinkedHashMap<>();
    private final Thread writer;
    private long dropped;
    private boolean busy;
    private boolean ending;
    private int sinceTrim;
    private Instant trimmed = Instant.EPOCH;
    /** Who waits for {@link #flush}. */
    private int waiters;

    Chronicle(Inventory inventory, InstantSource clock) {
        this(inventory, clock, PAUSE);
    }

    /** @param pause between two writes, where nobody waits */
    Chronicle(Inventory inventory, InstantSource clock, Duration pause) {
        this.inventory = inventory;
        this.clock = clock;
        this.pause = pause;
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
        put(sightings, sighting);
    }

    /** The same of a connection that was held, for a device that waits. */
    void addHeard(Sighting sighting) {
        put(heard, sighting);
    }

    private void put(Map<String, Sighting> last, Sighting sighting) {
        lock.lock();
        try {
            last.put(sighting.deviceId(), sighting);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean isEmpty() {
        return attempts.isEmpty() && sightings.isEmpty() && heard.isEmpty();
    }

    /** Entries that wait to be written. */
    int waiting() {
        lock.lock();
        try {
            return attempts.size() + sightings.size() + heard.size();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until what was added before is written, or the time is over. @return whether it is */
    boolean flush(Duration patience) throws InterruptedException {
        long left = patience.toNanos();
        lock.lock();
        try {
            waiters++;
            changed.signalAll();
            while ((!isEmpty() || busy) && left > 0) {
                left = changed.awaitNanos(left);
            }
            return isEmpty() && !busy;
        } finally {
            waiters--;
            lock.unlock();
        }
    }

    private void run() {
        boolean failing = false;
        try {
            while (true) {
                List<Attempt> journal;
                List<Sighting> seen;
                List<Sighting> held;
                lock.lock();
                try {
                    while (isEmpty() && !ending) {
                        changed.await();
                    }
                    if (isEmpty()) {
                        return;
                    }
                    journal = List.copyOf(attempts.subList(0, Math.min(BATCH, attempts.size())));
                    seen = List.copyOf(sightings.values());
                    held = List.copyOf(heard.values());
                    busy = true;
                } finally {
                    lock.unlock();
                }
                boolean written = write(journal, seen, held, failing);
                failing = !written;
                lock.lock();
                try {
                    busy = false;
                    if (written) {
                        attempts.subList(0, journal.size()).clear();
                        seen.forEach(sighting -> sightings.remove(sighting.deviceId(), sighting));
                        held.forEach(sighting -> heard.remove(sighting.deviceId(), sighting));
                    }
                    changed.signalAll();
                    if (ending && !written) {
                        LOG.error("{} entries of the journal could not be written", attempts.size());
                        return;
                    }
                    // To gather what else comes, and to give a database that fails time to recover.
                    long left = TimeUnit.NANOSECONDS.convert(written ? pause : PAUSE_AFTER_FAILURE);
                    while (left > 0 && !ending && (waiters == 0 || !written)) {
                        if (written && !heard.isEmpty()) {
                            left = Math.min(left, PAUSE_FOR_HELD.toNanos());
                        }
                        left = changed.awaitNanos(left);
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

    private boolean write(List<Attempt> journal, List<Sighting> seen, List<Sighting> held, boolean failing) {
        try {
            inventory.devices().heard(held);
            inventory.devices().saw(seen);
            inventory.attempts().add(journal);
            sinceTrim += journal.size();
            var now = clock.instant();
            if (sinceTrim >= TRIM_EVERY || now.isAfter(trimmed.plus(TRIM_AFTER))) {
                sinceTrim = 0;
                trimmed = now;
                inventory.attempts().trim(now);
            }
            if (failing) {
                LOG.info("the journal is written again; {} entries were dropped meanwhile", takeDropped());
            }
            return true;
        } catch (InventoryError e) {
            if (e.problem() == InventoryError.Problem.OTHER) {
                return writeOneByOne(journal, seen, held);
            }
            if (!failing) {
                LOG.error("the journal cannot be written and waits: {}", e.getMessage());
            }
            return false;
        }
    }

    /** There is something that the database does not take, as a text can be: it must not keep back all that follows. */
    private boolean writeOneByOne(List<Attempt> journal, List<Sighting> seen, List<Sighting> held) {
        for (var sighting : held) {
            if (!written(() -> inventory.devices().heard(List.of(sighting)),
                    "what was heard of " + sighting.deviceId())) {
                return false;
            }
        }
        for (var sighting : seen) {
            if (!written(() -> inventory.devices().saw(List.of(sighting)), "what was seen of " + sighting.deviceId())) {
                return false;
            }
        }
        for (var attempt : journal) {
            if (!written(() -> inventory.attempts().add(List.of(attempt)),
                    "an entry of the journal about " + attempt.address())) {
                return false;
            }
        }
        return true;
    }

    /** @return false when it has to wait */
    private static boolean written(Runnable writing, String what) {
        try {
            writing.run();
            return true;
        } catch (InventoryError e) {
            if (e.problem() != InventoryError.Problem.OTHER) {
                return false;
            }
            LOG.error("{} is lost: {}", what, e.getMessage());
            return true;
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
            if (!writer.join(Duration.ofSeconds(10))) {
                LOG.error("the rest of the journal was not written in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
