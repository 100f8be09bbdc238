package homeport.gateway.southbound;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What was decided about devices, and how long their handshakes took, since the start. Safe for all threads. */
public final class Tally {
    private static final double NANOS_A_SECOND = 1e9;

    private final Map<String, LongAdder> outcomes = new ConcurrentHashMap<>();
    private final Map<String, Handshakes> handshakes = new ConcurrentHashMap<>();

    Tally() {}

    private static final class Handshakes {
        private final LongAdder count = new LongAdder();
        private final LongAdder nanos = new LongAdder();
    }

    /** @param seconds of all together */
    public record Times(long count, double seconds) {}

    void decided(String outcome) {
        outcomes.computeIfAbsent(outcome, key -> new LongAdder()).increment();
    }

    void handshake(String design, long nanos) {
        var these = handshakes.computeIfAbsent(design, key -> new Handshakes());
        these.nanos.add(nanos);
        these.count.increment();
    }

    public Map<String, Long> outcomes() {
        var all = new TreeMap<String, Long>();
        outcomes.forEach((outcome, count) -> all.put(outcome, count.sum()));
        return all;
    }

    /** From the dial to the proof of identity, by design. */
    public Map<String, Times> handshakes() {
        var all = new TreeMap<String, Times>();
        handshakes.forEach((design, these) -> all.put(design,
                new Times(these.count.sum(), these.nanos.sum() / NANOS_A_SECOND)));
        return all;
    }
}
