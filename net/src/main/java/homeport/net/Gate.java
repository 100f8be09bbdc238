package homeport.net;

import homeport.callhome.Cause;
import homeport.callhome.Refusal;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who may come in while nobody knows them: counts the connections that are not logged in, in all and from each source,
 * and shuts out for a while a source of which nothing but failures came. All of this stands before the first public-key
 * operation, which anybody who dials could otherwise make us spend.
 *
 * <p>A source is an IPv4 address or an IPv6 network of 64 bits. It is never an identity: many devices come from one.
 * Safe for use by all loops.
 */
public final class Gate {
    /** A source is shut out from this many failures in a row on, without a success between them. */
    private static final int FREE_FAILURES = 20;
    private static final long FIRST_PENALTY_NANOS = 1_000_000_000L;
    private static final long MOST_PENALTY_NANOS = 60_000_000_000L;
    /** Failures are forgotten after so much quiet. */
    private static final long FORGET_NANOS = 600_000_000_000L;
    /** Sources that are remembered; beyond it, those that are quiet are forgotten early. */
    private static final int MOST_SOURCES = 100_000;

    private final GateLimits limits;
    private final LongSupplier nanoTime;
    private final AtomicInteger strangers = new AtomicInteger();
    private final ConcurrentHashMap<Source, Record> sources = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, LongAdder> counters = new ConcurrentHashMap<>();

    /** @param bytes 4 of an IPv4 address, or the first 8 of an IPv6 one */
    private record Source(byte[] bytes) {
        static Source of(@Nullable InetAddress address) {
            if (address == null) {
                return new Source(new byte[0]);
            }
            byte[] all = address.getAddress();
            return new Source(address instanceof Inet6Address ? Arrays.copyOf(all, 8) : all);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Source that && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    /** What is known of a source. Replaced as a whole, so that it can be read without a lock. */
    private record Record(int strangers, int failures, boolean known, long shutUntil, long lastSeen) {
        private static final Record NEW = new Record(0, 0, false, Long.MIN_VALUE, 0);

        boolean idle(long now) {
            return strangers == 0 && ((failures == 0 && !known) || now - lastSeen > FORGET_NANOS);
        }
    }

    public Gate(GateLimits limits, LongSupplier nanoTime) {
        this.limits = limits;
        this.nanoTime = nanoTime;
    }

    public Gate(GateLimits limits) {
        this(limits, System::nanoTime);
    }

    /** A connection is there. Empty when it may stay; it must then leave by {@link #leave}. */
    public Optional<Refusal> enter(@Nullable InetAddress address) {
        long now = nanoTime.getAsLong();
        if (strangers.incrementAndGet() > limits.unauthenticated()) {
            strangers.decrementAndGet();
            return refused(Refusal.TOO_MANY);
        }
        if (sources.size() > MOST_SOURCES) {
            sources.values().removeIf(record -> record.strangers() == 0);
        }
        var refusal = new Refusal[1];
        sources.compute(Source.of(address), (source, before) -> {
            var record = before == null || before.idle(now) ? Record.NEW : before;
            if (record.shutUntil() != Long.MIN_VALUE && now - record.shutUntil() < 0) {
                refusal[0] = Refusal.PENALTY;
                return record;
            }
            if (record.strangers() >= limits.perAddress()) {
                refusal[0] = Refusal.TOO_MANY_FROM_ADDRESS;
                return record;
            }
            return new Record(record.strangers() + 1, record.failures(), record.known(), record.shutUntil(), now);
        });
        if (refusal[0] != null) {
            strangers.decrementAndGet();
            return refused(refusal[0]);
        }
        return Optional.empty();
    }

    /** A connection is no stranger any more: it is known now, or gone. */
    public void leave(@Nullable InetAddress address, Leaving how) {
        long now = nanoTime.getAsLong();
        strangers.decrementAndGet();
        sources.computeIfPresent(Source.of(address), (source, before) -> {
            int left = Math.max(0, before.strangers() - 1);
            var after = switch (how) {
                case KNOWN -> new Record(left, 0, true, Long.MIN_VALUE, now);
                case GONE -> new Record(left, before.failures(), before.known(), before.shutUntil(), now);
                case FAILED -> {
                    int failures = before.failures() + 1;
                    yield new Record(left, failures, before.known(), failures < FREE_FAILURES
                            ? before.shutUntil()
                            : now + penalty(failures, before.known()), now);
                }
            };
            return after.idle(now) ? null : after;
        });
    }

    /** It does not grow for a source from which a device came lately: that one may be about to come back. */
    private static long penalty(int failures, boolean known) {
        int doublings = known ? 0 : Math.min(failures - FREE_FAILURES, 6);
        return Math.min(FIRST_PENALTY_NANOS << doublings, MOST_PENALTY_NANOS);
    }

    /** How a connection stops to be a stranger. */
    public enum Leaving {
        /** It is logged in: its source is forgiven all failures. */
        KNOWN,
        /** It ended, and nothing speaks against its source. */
        GONE,
        /** It ended as nobody's device. */
        FAILED
    }

    /** Counts an end. */
    public void count(Cause cause) {
        counters.computeIfAbsent(cause.code(), code -> new LongAdder()).increment();
    }

    Optional<Refusal> refused(Refusal refusal) {
        count(refusal);
        return Optional.of(refusal);
    }

    /** Connections that are not logged in. */
    public int strangers() {
        return strangers.get();
    }

    /** How many connections ended, or were turned away, by the code of the cause. */
    public Map<String, Long> counters() {
        var all = new TreeMap<String, Long>();
        counters.forEach((code, count) -> all.put(code, count.sum()));
        return all;
    }
}
