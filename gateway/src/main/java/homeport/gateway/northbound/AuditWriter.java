package homeport.gateway.northbound;

import homeport.gateway.inventory.Audit;
import homeport.gateway.inventory.InventoryError;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes entries of the audit trail in their order, beside the loops, which do not wait for the disk. */
final class AuditWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("homeport.gateway");
    /** Entries that wait, of some 300 bytes each; beyond it they stand in the log alone. */
    private static final int MOST_WAITING = 10_000;
    /** How long the end waits for what is not written yet. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private sealed interface Item {}

    private record Entry(String actor, String action, String device, String detail) implements Item {}

    private record End() implements Item {}

    private final Audit audit;
    private final LinkedBlockingQueue<Item> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
    private final Thread thread;

    AuditWriter(Audit audit) {
        this.audit = audit;
        this.thread = Thread.ofVirtual().name("audit").start(this::run);
    }

    void add(String actor, String action, String device, String detail) {
        var entry = new Entry(actor, action, device, detail);
        if (!waiting.offer(entry)) {
            lost(entry, "the audit trail is behind");
        }
    }

    private static void lost(Entry entry, String reason) {
        LOG.error("{}, this is only here: {} {} {} {}", reason, entry.actor(), entry.action(), entry.device(),
                entry.detail());
    }

    private void run() {
        try {
            while (waiting.take() instanceof Entry entry) {
                try {
                    audit.add(entry.actor(), entry.action(), entry.device(), entry.detail());
                } catch (InventoryError e) {
                    lost(entry, "the audit trail cannot be written (" + e.getMessage() + ")");
                }
            }
        } catch (InterruptedException e) {
            // Its patience was at an end: what is left is said by whoever closes it.
            Thread.currentThread().interrupt();
        }
    }

    /** Writes what waits, as long as that does not take too long. */
    @Override
    public void close() {
        try {
            boolean told = waiting.offer(new End());
            if (!told || !thread.join(PATIENCE)) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
        waiting.forEach(item -> {
            if (item instanceof Entry entry) {
                lost(entry, "the gateway ends");
            }
        });
    }
}
