package homeport.net;

import homeport.callhome.Arrival;
import homeport.callhome.KeyExchangeTurns;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Which arrivals of a loop may exchange keys next. A few begin each time the loop has dealt with everything that came on
 * its sockets, so exchanges that are under way always go first, new ones get the processor time that is left, and none
 * of it lies idle while somebody waits. How many are under way at once so follows from the processor, and not from how
 * slow the devices are.
 *
 * <pre>
 *  known sources    r1 ▸ r7 ▸ r2 …   seven turns of eight, each source in turn
 *  unknown sources  x ▸ y …          one of eight, or all while nobody known waits
 * </pre>
 *
 * To be used by the loop's thread only.
 */
final class Turns {
    /** Exchanges that begin between two looks at the sockets: a millisecond's work, at some 30 µs for our first flight. */
    static final int A_ROUND = 32;
    private static final int UNKNOWN_EVERY = 8;

    private final Loop loop;
    private final Gate gate;
    /** Those who wait on all loops; for showing. */
    private final AtomicInteger waiting;
    private final Lane known = new Lane();
    private final Lane unknown = new Lane();
    private int begun;
    private boolean scheduled;
    private int turn;

    Turns(Loop loop, Gate gate, AtomicInteger waiting) {
        this.loop = loop;
        this.gate = gate;
        this.waiting = waiting;
    }

    /** The place of one connection. */
    KeyExchangeTurns of(@Nullable InetAddress source) {
        return arrival -> await(arrival, source);
    }

    private void await(Arrival arrival, @Nullable InetAddress source) {
        if (begun < A_ROUND && known.isEmpty() && unknown.isEmpty()) {
            begin(arrival);
        } else {
            lane(source).add(Gate.Source.of(source), arrival);
            waiting.incrementAndGet();
        }
        schedule();
    }

    /** It has ended, and may have been waiting. */
    void forget(Arrival arrival, @Nullable InetAddress source) {
        if (known.isEmpty() && unknown.isEmpty()) {
            return;
        }
        var from = Gate.Source.of(source);
        if (known.remove(from, arrival) || unknown.remove(from, arrival)) {
            waiting.decrementAndGet();
        }
    }

    private Lane lane(@Nullable InetAddress source) {
        return gate.knows(source) ? known : unknown;
    }

    private void begin(Arrival arrival) {
        begun++;
        arrival.takeTurn();
    }

    /** A task that is due at once runs after the sockets' next turn: one that is merely executed could run before it. */
    private void schedule() {
        if (!scheduled) {
            scheduled = true;
            loop.eventLoop().schedule(this::round, 0, TimeUnit.NANOSECONDS).addListener(done -> {
                if (done.cause() != null && !done.isCancelled()) {
                    Connection.LOG.error("a round of key exchanges broke", done.cause());
                    scheduled = false;
                }
            });
        }
    }

    private void round() {
        scheduled = false;
        begun = 0;
        while (begun < A_ROUND) {
            var next = next();
            if (next.isEmpty()) {
                return;
            }
            waiting.decrementAndGet();
            begin(next.get());
        }
        schedule();
    }

    private Optional<Arrival> next() {
        turn++;
        var first = turn % UNKNOWN_EVERY == 0 ? unknown : known;
        return first.poll().or(first == known ? unknown::poll : known::poll);
    }

    /** Sources take turns, and each has its connections in the order of their coming. */
    private static final class Lane {
        private final LinkedHashMap<Gate.Source, LinkedHashSet<Arrival>> sources = new LinkedHashMap<>();

        boolean isEmpty() {
            return sources.isEmpty();
        }

        void add(Gate.Source source, Arrival arrival) {
            sources.computeIfAbsent(source, from -> new LinkedHashSet<>(2)).add(arrival);
        }

        boolean remove(Gate.Source source, Arrival arrival) {
            var own = sources.get(source);
            if (own == null || !own.remove(arrival)) {
                return false;
            }
            if (own.isEmpty()) {
                sources.remove(source);
            }
            return true;
        }

        Optional<Arrival> poll() {
            var first = sources.pollFirstEntry();
            if (first == null) {
                return Optional.empty();
            }
            var own = first.getValue();
            var arrival = own.removeFirst();
            if (!own.isEmpty()) {
                sources.putLast(first.getKey(), own);
            }
            return Optional.of(arrival);
        }
    }
}
