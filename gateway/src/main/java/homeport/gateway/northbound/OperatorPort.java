package homeport.gateway.northbound;

import homeport.callhome.Refusal;
import homeport.gateway.inventory.Inventory;
import homeport.gateway.inventory.InventoryError;
import homeport.gateway.live.LiveDevices;
import homeport.gateway.live.RecordWatcher;
import homeport.gateway.login.GatewayKeys;
import homeport.net.Connection;
import homeport.net.Gate;
import homeport.net.Listener;
import homeport.net.Loops;
import homeport.ssh.SshSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port on which operators and their programs reach devices by SSH. */
public final class OperatorPort implements RecordWatcher, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("homeport.gateway");
    /** How long the end waits for connections that were cut, so that their ends are in the audit trail. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private final Inventory inventory;
    private final LiveDevices live;
    private volatile SshSettings settings;
    private final OperatorLogin login;
    private final HostCertificates certificates;
    private final Gate gate;
    private final AuditWriter audit;
    private final Set<OperatorSession> sessions = ConcurrentHashMap.newKeySet();
    private final Set<OperatorSession> known = ConcurrentHashMap.newKeySet();
    /** Counts what was changed on record: what was read before a change is looked at again after it. */
    private final AtomicLong changes = new AtomicLong();
    private final LongAdder toDevices = new LongAdder();
    private final LongAdder fromDevices = new LongAdder();
    private final ReentrantLock ends = new ReentrantLock();
    private final Condition ended = ends.newCondition();
    private final Listener listener;

    private OperatorPort(Loops loops, InetSocketAddress address, SshSettings settings, Gate gate, Inventory inventory,
            LiveDevices live, GatewayKeys keys, InstantSource clock) throws IOException {
        this.inventory = inventory;
        this.live = live;
        this.settings = settings;
        this.gate = gate;
        this.login = new OperatorLogin(inventory, clock);
        this.certificates = new HostCertificates(keys, new SecureRandom(), clock);
        this.audit = new AuditWriter(inventory.audit());
        try {
            this.listener = Listener.listen(loops, address, false, gate, connection -> {
                var session = new OperatorSession(this, connection);
                sessions.add(session);
                return session;
            });
        } catch (IOException | RuntimeException e) {
            audit.close();
            throw e;
        }
    }

    /**
     * Opens the port.
     *
     * @param settings a server's, with the gateway's host key
     * @param keys for the host certificates of devices that are reached by a jump
     * @throws IOException when the address is taken or not ours
     */
    public static OperatorPort open(Loops loops, InetSocketAddress address, SshSettings settings, Gate gate,
            Inventory inventory, LiveDevices live, GatewayKeys keys, InstantSource clock) throws IOException {
        return new OperatorPort(loops, address, settings, gate, inventory, live, keys, clock);
    }

    public InetSocketAddress address() {
        return listener.address();
    }

    /** What holds for operators who come from now on. */
    public void change(SshSettings changed) {
        settings = changed;
    }

    /** Connections of operators that are logged in. */
    public int loggedIn() {
        return known.size();
    }

    /** Bytes that channels carried which have ended: to devices. */
    public long bytesToDevices() {
        return toDevices.sum();
    }

    /** The same from devices. */
    public long bytesFromDevices() {
        return fromDevices.sum();
    }

    void carried(long south, long north) {
        toDevices.add(south);
        fromDevices.add(north);
    }

    Inventory inventory() {
        return inventory;
    }

    LiveDevices live() {
        return live;
    }

    SshSettings settings() {
        return settings;
    }

    OperatorLogin login() {
        return login;
    }

    HostCertificates certificates() {
        return certificates;
    }

    AuditWriter audit() {
        return audit;
    }

    long changes() {
        return changes.get();
    }

    void loggedIn(OperatorSession session, Connection connection) {
        if (known.add(session)) {
            gate.leave(connection.peer().getAddress(), Gate.Leaving.KNOWN);
        }
    }

    /** @param innocent whether it ended before the login by nobody's fault */
    void closed(OperatorSession session, Connection connection, boolean innocent) {
        if (known.remove(session)) {
            gate.unlinked(connection.peer().getAddress());
        } else {
            gate.leave(connection.peer().getAddress(), innocent ? Gate.Leaving.GONE : Gate.Leaving.FAILED);
        }
        ends.lock();
        try {
            sessions.remove(session);
            ended.signalAll();
        } finally {
            ends.unlock();
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

    @Override
    public void trustChanged() {
        recheck(session -> session.operator().isPresent());
    }

    private void recheck(Predicate<OperatorSession> which) {
        changes.incrementAndGet();
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

    /** Takes no more connections; those there are go on. */
    public void stop() {
        listener.stop();
    }

    /** Takes no more connections, tells operators, and waits for their end. */
    public void drain(Duration patience) throws InterruptedException {
        listener.drain(patience);
        close();
    }

    @Override
    public void close() {
        listener.close();
        ends.lock();
        try {
            long left = LAST_WORDS.toNanos();
            while (!sessions.isEmpty() && left > 0) {
                left = ended.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ends.unlock();
        }
        audit.close();
    }
}
