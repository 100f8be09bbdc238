package homeport.gateway.northbound;

import homeport.callhome.Refusal;
import homeport.gateway.inventory.Inventory;
import homeport.gateway.inventory.InventoryError;
import homeport.gateway.live.LiveDevices;
import homeport.gateway.live.RecordWatcher;
import homeport.net.Connection;
import homeport.net.Gate;
import homeport.net.Listener;
import homeport.net.Loops;
import homeport.ssh.SshSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port on which operators and their programs reach devices by SSH. */
public final class OperatorPort implements RecordWatcher, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("homeport.gateway");
    /** Entries of the audit trail that wait; beyond it the loops' callers wait for the disk no more, and it is said. */
    private static final int MOST_WAITING = 10_000;

    private record Entry(String actor, String action, String device, String detail) {}

    private final Inventory inventory;
    private final LiveDevices live;
    private final OperatorLogin login;
    private final Gate gate;
    private final Set<OperatorSession> sessions = ConcurrentHashMap.newKeySet();
    private final Set<OperatorSession> known = ConcurrentHashMap.newKeySet();
    private final LinkedBlockingQueue<Entry> trail = new LinkedBlockingQueue<>(MOST_WAITING);
    private final Thread writer;
    private final Listener listener;

    private OperatorPort(Loops loops, InetSocketAddress address, SshSettings settings, Gate gate, Inventory inventory,
            LiveDevices live, InstantSource clock) throws IOException {
        this.inventory = inventory;
        this.live = live;
        this.gate = gate;
        this.login = new OperatorLogin(inventory, clock);
        this.listener = Listener.listen(loops, address, false, gate, connection -> {
            var session = new OperatorSession(this, connection, settings);
            sessions.add(session);
            return session.machine();
        });
        this.writer = Thread.ofVirtual().name("audit").start(this::write);
    }

    /**
     * Opens the port.
     *
     * @param settings a server's, with the gateway's host key
     * @throws IOException when the address is taken or not ours
     */
    public static OperatorPort open(Loops loops, InetSocketAddress address, SshSettings settings, Gate gate,
            Inventory inventory, LiveDevices live, InstantSource clock) throws IOException {
        return new OperatorPort(loops, address, settings, gate, inventory, live, clock);
    }

    public InetSocketAddress address() {
        return listener.address();
    }

    /** Connections of operators that are logged in. */
    public int loggedIn() {
        return known.size();
    }

    Inventory inventory() {
        return inventory;
    }

    LiveDevices live() {
        return live;
    }

    OperatorLogin login() {
        return login;
    }

    void loggedIn(OperatorSession session, Connection connection) {
        if (known.add(session)) {
            gate.leave(connection.peer().getAddress(), Gate.Leaving.KNOWN);
        }
    }

    void closed(OperatorSession session, Connection connection) {
        sessions.remove(session);
        if (!known.remove(session)) {
            gate.leave(connection.peer().getAddress(), Gate.Leaving.FAILED);
        }
    }

    // ---- The audit trail, beside the loops

    void audit(String actor, String action, String device, String detail) {
        if (!trail.offer(new Entry(actor, action, device, detail))) {
            LOG.error("the audit trail is behind, this is only here: {} {} {} {}", actor, action, device, detail);
        }
    }

    private void write() {
        try {
            while (true) {
                var entry = trail.take();
                try {
                    inventory.audit().add(entry.actor(), entry.action(), entry.device(), entry.detail());
                } catch (InventoryError e) {
                    LOG.error("the audit trail cannot be written ({}), this is only here: {} {} {} {}", e.getMessage(),
                            entry.actor(), entry.action(), entry.device(), entry.detail());
                }
            }
        } catch (InterruptedException e) {
            // It ends with the port.
            Thread.currentThread().interrupt();
        }
    }

    // ---- What was changed on record

    @Override
    public void operatorChanged(String name) {
        recheck(session -> session.operator().filter(name::equals).isPresent());
    }

    @Override
    public void deviceChanged(String id) {
        recheck(session -> session.uses(id));
    }

    private void recheck(Predicate<OperatorSession> which) {
        for (var session : sessions) {
            if (which.test(session)) {
                try {
                    session.recheck();
                } catch (InventoryError e) {
                    // Whether it may go on cannot be said: then it may not.
                    LOG.error("an operator's session ends, as its rights cannot be read: {}", e.getMessage());
                    session.close(Refusal.REFUSED, "the gateway's inventory does not answer");
                }
            }
        }
    }

    // ---- The end

    /** Takes no more connections, tells operators, and waits for their end. */
    public void drain(Duration patience) throws InterruptedException {
        listener.drain(patience);
        close();
    }

    @Override
    public void close() {
        listener.close();
        writer.interrupt();
    }
}
