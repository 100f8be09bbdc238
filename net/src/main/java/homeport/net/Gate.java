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
    /** What is accepted between the moment that the port is full and the one at which it stops to accept. */
    private static final int OVERSHOOT = 512;
    /** Sources that are remembered; beyond it, those that are quiet are forgotten early. */
    private static final int MOST_SOURCES = 100_000;

    private volatile GateLimits limits;
    private final LongSupplier nanoTime;
    private volatile KnownSources inventory;
    private final AtomicInteger strangers = new AtomicInteger();
    private final ConcurrentHashMap<Source, Record> sources = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, LongAdder> counters = new ConcurrentHashMap<>();

    /**
     * Whence devices may come back under another address: 4 bytes of an IPv4 address, or the first 8 of an IPv6 one.
     *
     * @param bytes none where the address is not known
     */
    public record Source(byte[] bytes) {
        public static Source of(@Nullable InetAddress address) {
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

    /**
     * What is known of a source. Replaced as a whole, so that it can be read without a lock.
     *
     * @param linked devices that are logged in from there
     * @param most how many were at once, lately
     */
    private record Record(int strangers, int failures, int linked, int most, long shutUntil, long lastSeen) {
        private static final Record NEW = new Record(0, 0, 0, 0, Long.MIN_VALUE, 0);

        boolean known() {
            return most > 0;
        }

        boolean quiet() {
            return strangers == 0 && linked == 0;
        }

        boolean idle(long now) {
            return quiet() && ((failures == 0 && !known()) || now - lastSeen > FORGET_NANOS);
        }
    }

    /** @param inventory for who comes first, and how many may come from one source at once */
    public Gate(GateLimits limits, KnownSources inventory, LongSupplier nanoTime) {
        this.limits = limits;
        this.inventory = inventory;
        this.nanoTime = nanoTime;
    }

    public Gate(GateLimits limits, KnownSources inventory) {
        this(limits, inventory, System::nanoTime);
    }

    public Gate(GateLimits limits, LongSupplier nanoTime) {
        this(limits, KnownSources.NONE, nanoTime);
    }

    public Gate(GateLimits limits) {
        this(limits, KnownSources.NONE, System::nanoTime);
    }

    /** From now on these are who comes first. */
    public void know(KnownSources sources) {
        inventory = sources;
    }

    /** From now on these limits hold; nobody who is in leaves because of them. */
    public void limit(GateLimits other) {
        limits = other;
    }

    /**
     * A connection is there. Empty when it may stay; it must then leave by {@link #leave}.
     *
     * <p>A source from which devices came may have as many more strangers as it had devices, and as many strangers again
     * as may be there in all are kept free for such sources: a site that lost its power comes back whole, behind one
     * address or many, and while others fill the port.
     */
    public Optional<Refusal> enter(@Nullable InetAddress address) {
        long now = nanoTime.getAsLong();
        if (sources.size() > MOST_SOURCES) {
            sources.values().removeIf(Record::quiet);
        }
        int listed = listed(address);
        int all = strangers.incrementAndGet();
        var refusal = new Refusal[1];
        sources.compute(Source.of(address), (source, before) -> {
            var record = before == null || before.idle(now) ? Record.NEW : before;
            int devices = Math.max(record.most(), listed);
            if (record.shutUntil() != Long.MIN_VALUE && now - record.shutUntil() < 0) {
                refusal[0] = Refusal.PENALTY;
            } else if (record.strangers() >= limits.perAddress() + devices) {
                refusal[0] = Refusal.TOO_MANY_FROM_ADDRESS;
            } else if (all > (devices > 0 ? 2 * limits.unauthenticated() + OVERSHOOT : limits.unauthenticated())) {
                refusal[0] = Refusal.TOO_MANY;
            } else {
                return new Record(record.strangers() + 1, record.failures(), record.linked(), record.most(),
                        record.shutUntil(), now);
            }
            return before;
        });
        if (refusal[0] != null) {
            strangers.decrementAndGet();
            return refused(refusal[0]);
        }
        return Optional.empty();
    }

    private int listed(@Nullable InetAddress address) {
        return address == null ? 0 : inventory.devices(address);
    }

    /** Whether nobody is to be accepted at the moment, known or not: whoever dials waits in the kernel's queue. */
    boolean isFull() {
        return strangers.get() >= 2 * limits.unauthenticated();
    }

    /** Whether devices came from there, lately or as the inventory has it. */
    boolean knows(@Nullable InetAddress address) {
        var record = sources.get(Source.of(address));
        return (record != null && record.known()) || listed(address) > 0;
    }

    /** A connection is no stranger any more: it is known now, or gone. */
    public void leave(@Nullable InetAddress address, Leaving how) {
        long now = nanoTime.getAsLong();
        strangers.decrementAndGet();
        sources.computeIfPresent(Source.of(address), (source, before) -> {
            int left = Math.max(0, before.strangers() - 1);
            var after = switch (how) {
                case KNOWN -> new Record(left, 0, before.linked() + 1, Math.max(before.most(), before.linked() + 1),
                        Long.MIN_VALUE, now);
                case GONE -> new Record(left, before.failures(), before.linked(), before.most(), before.shutUntil(),
                        now);
                case FAILED -> {
                    int failures = before.failures() + 1;
                    yield new Record(left, failures, before.linked(), before.most(), failures < FREE_FAILURES
                            ? before.shutUntil()
                            : now + penalty(failures, before.known()), now);
                }
            };
            return after.idle(now) ? null : after;
        });
    }

    /** The connection of a device that was logged in has ended. */
    public void unlinked(@Nullable InetAddress address) {
        long now = nanoTime.getAsLong();
        sources.computeIfPresent(Source.of(address), (source, before) -> new Record(before.strangers(),
                before.failures(), Math.max(0, before.linked() - 1), before.most(), before.shutUntil(), now));
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
