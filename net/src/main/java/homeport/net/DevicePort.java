package homeport.net;

import homeport.callhome.Arrival;
import homeport.callhome.ArrivalEvent;
import homeport.callhome.ArrivalSettings;
import homeport.callhome.ByteMachine;
import homeport.callhome.Cause;
import homeport.callhome.Ended;
import homeport.callhome.Refusal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The one open port: every connection to it becomes an {@link Arrival}, whatever design its device dials in by. */
public final class DevicePort implements AutoCloseable {
    /** Takes what arrivals tell, on their connection's loop. */
    public interface Owner {
        void on(Connection connection, Arrival arrival, ArrivalEvent event);

        /** Somebody is not even listened to: see {@link MachineFactory#keptOut}. */
        default void keptOut(InetSocketAddress peer, Refusal refusal) {}
    }

    private final Listener listener;
    private final AtomicInteger linked = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();

    private DevicePort(Loops loops, InetSocketAddress address, boolean proxyProtocol, Gate gate,
            Supplier<ArrivalSettings> settings, Owner owner) throws IOException {
        var turns = new IdentityHashMap<Loop, Turns>();
        loops.all().forEach(loop -> turns.put(loop, new Turns(loop, gate, waiting)));
        listener = Listener.listen(loops, address, proxyProtocol, gate, new MachineFactory() {
            @Override
            public ByteMachine make(Connection connection) {
                var loop = connection.loop();
                var own = Objects.requireNonNull(turns.get(loop));
                var source = connection.peer().getAddress();
                return new Arrival(settings.get(), loop.environment(), loop.output(), connection, (arrival, event) -> {
                    if (event instanceof ArrivalEvent.Closed) {
                        own.forget(arrival, source);
                    }
                    watch(gate, connection, event);
                    owner.on(connection, arrival, event);
                }, own.of(source));
            }

            @Override
            public void keptOut(InetSocketAddress peer, Refusal refusal) {
                owner.keptOut(peer, refusal);
            }
        });
    }

    /** Opens the port; see {@link Listener#listen}. */
    public static DevicePort open(Loops loops, InetSocketAddress address, boolean proxyProtocol, Gate gate,
            ArrivalSettings settings, Owner owner) throws IOException {
        return open(loops, address, proxyProtocol, gate, () -> settings, owner);
    }

    /** The same, with settings that are asked for anew for each connection. */
    public static DevicePort open(Loops loops, InetSocketAddress address, boolean proxyProtocol, Gate gate,
            Supplier<ArrivalSettings> settings, Owner owner) throws IOException {
        return new DevicePort(loops, address, proxyProtocol, gate, settings, owner);
    }

    private void watch(Gate gate, Connection connection, ArrivalEvent event) {
        switch (event) {
            case ArrivalEvent.Linked device -> {
                linked.incrementAndGet();
                gate.leave(connection.peer().getAddress(), Gate.Leaving.KNOWN);
            }
            case ArrivalEvent.Closed closed -> {
                gate.count(closed.ended().cause());
                if (closed.ended().stage() == homeport.callhome.Stage.LINKED) {
                    linked.decrementAndGet();
                    gate.unlinked(connection.peer().getAddress());
                } else {
                    gate.leave(connection.peer().getAddress(), how(closed.ended()));
                }
            }
            case ArrivalEvent.AdmissionAsked asked -> {
                // The owner's.
            }
        }
    }

    /**
     * A device that waits for its operator, or that we sent away ourselves, has done nothing wrong; nor has a health check,
     * which may come from the very address that a balancer gives to all devices behind it.
     */
    private static Gate.Leaving how(Ended ended) {
        return switch (ended.cause()) {
            case Refusal.HELD, Refusal.DRAINING, Refusal.CLOSED, Refusal.PROBED -> Gate.Leaving.GONE;
            case Refusal other -> Gate.Leaving.FAILED;
            case Cause.BrokenRule broken -> Gate.Leaving.FAILED;
        };
    }

    public InetSocketAddress address() {
        return listener.address();
    }

    /** Devices that are logged in. */
    public int linked() {
        return linked.get();
    }

    /** Connections that wait for their turn to exchange keys. */
    public int waiting() {
        return waiting.get();
    }

    public int connections() {
        return listener.connections();
    }

    /** How many connections ended, by the code of the cause. */
    public Map<String, Long> counters() {
        return listener.gate().counters();
    }

    /** Takes no more connections; those there are go on. */
    public void stop() {
        listener.stop();
    }

    /** Takes no more connections, tells those there are, and waits for their end. */
    public void drain(Duration patience) throws InterruptedException {
        listener.drain(patience);
    }

    @Override
    public void close() {
        listener.close();
    }
}
