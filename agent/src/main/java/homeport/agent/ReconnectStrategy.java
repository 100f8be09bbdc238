package homeport.agent;

import homeport.agent.ConnectionType.Periodic;
import homeport.agent.ConnectionType.Persistent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * When to dial a gateway, and at which endpoint: {@code ietf-netconf-server}'s connection types and reconnect strategy, as
 * a machine without clock, thread or socket. Ask {@link #next}, do what it says, tell what came of it, ask again.
 *
 * <pre>
 *             Dial                registered              ended
 *   Waiting ───────▶ Trying ─────────────────▶ Active ─────────────▶ Waiting
 *      ▲                │ failed
 *      └────────────────┘
 * </pre>
 */
public final class ReconnectStrategy {
    /** 2^30 base pauses are more than any limit: beyond it the exponent does not grow. */
    private static final int MOST_DOUBLINGS = 30;

    /**
     * A moment, on both clocks: the calendar's, which may jump and by which slots are kept, and the monotonic one, by
     * which pauses are.
     */
    public record Now(Instant wall, long nanos) {
        Now plus(Duration duration) {
            return new Now(wall.plus(duration), nanos + duration.toNanos());
        }
    }

    /** What to do now. */
    public sealed interface Step {
        /** Dial; the try has failed when it is not connected after {@code patience}. */
        record Dial(Endpoint endpoint, Duration patience) implements Step {}

        /** Nothing before that much has passed. The wall clock may jump: asking sooner does no harm. */
        record Wait(Duration time) implements Step {}

        /** A try or a connection is there already, and is not doubled. */
        record Busy() implements Step {}
    }

    private sealed interface State {
        /** @param notBefore on the monotonic clock */
        record Waiting(long notBefore) implements State {}

        /** For the next slot of a periodic connection, on the calendar. */
        record Slot(Instant at) implements State {}

        record Trying(int endpoint) implements State {}

        record Active(int endpoint, long since) implements State {}
    }

    private final List<Endpoint> endpoints;
    private final ConnectionType type;
    private final ReconnectRules rules;
    private final RandomGenerator random;
    private final Instant anchor;
    private State state;
    /** The endpoint that is next; negative when a start of connecting is due to choose one. */
    private int endpoint = -1;
    private int attempts;
    /** Failures since the last connection that lasted. */
    private int failures;
    private int shortLived;
    private @Nullable Integer lastConnected;

    public ReconnectStrategy(CalledGateway gateway, RandomGenerator random, Now start) {
        this.endpoints = gateway.endpoints();
        this.type = gateway.type();
        this.rules = gateway.reconnect();
        this.random = random;
        switch (type) {
            case Persistent persistent -> {
                this.anchor = start.wall();
                this.state = new State.Waiting(start.nanos());
            }
            case Periodic periodic -> {
                this.anchor = periodic.anchor().orElse(start.wall());
                this.state = periodic.anchor().isEmpty()
                        ? new State.Waiting(start.nanos())
                        : new State.Slot(slotAtOrAfter(start.wall(), periodic.period()));
            }
        }
    }

    private ReconnectStrategy(CalledGateway gateway, ReconnectStrategy before, State state) {
        this.endpoints = gateway.endpoints();
        this.type = gateway.type();
        this.rules = gateway.reconnect();
        this.random = before.random;
        this.anchor = gateway.type() instanceof Periodic periodic
                ? periodic.anchor().orElse(before.anchor)
                : before.anchor;
        this.state = state;
    }

    /** Whether the try or connection that goes on is one of a changed configuration, too. */
    boolean fits(CalledGateway next) {
        return place(next) >= 0;
    }

    /** Where the endpoint of the present try or connection stands there; negative where it does not, or is none. */
    private int place(CalledGateway next) {
        int now = switch (state) {
            case State.Trying trying -> trying.endpoint;
            case State.Active active -> active.endpoint;
            case State.Waiting waiting -> -1;
            case State.Slot slot -> -1;
        };
        for (int i = 0; now >= 0 && i < next.endpoints().size(); i++) {
            var other = next.endpoints().get(i);
            if (other.host().equals(endpoints.get(now).host()) && other.port() == endpoints.get(now).port()) {
                return i;
            }
        }
        return -1;
    }

    /** By a changed configuration, which the present try or connection {@link #fits}: that one goes on. */
    ReconnectStrategy changed(CalledGateway next) {
        int place = place(next);
        var changed = new ReconnectStrategy(next, this, switch (state) {
            case State.Active active -> new State.Active(place, active.since);
            case State.Trying trying -> new State.Trying(place);
            case State.Waiting waiting -> waiting;
            case State.Slot slot -> slot;
        });
        changed.endpoint = state instanceof State.Trying ? place : -1;
        changed.attempts = attempts;
        changed.failures = failures;
        changed.shortLived = shortLived;
        changed.lastConnected = state instanceof State.Active ? (Integer) place : null;
        return changed;
    }

    /** By a changed configuration, from its beginning: a new endpoint is tried at once, whatever the old one's pause. */
    ReconnectStrategy begunAnew(CalledGateway next, Now now) {
        return new ReconnectStrategy(next, random, now);
    }

    /** What to do at this moment. A {@link Step.Dial} counts as begun. */
    public Step next(Now now) {
        return switch (state) {
            case State.Trying trying -> new Step.Busy();
            case State.Active active -> new Step.Busy();
            case State.Slot slot when now.wall().isBefore(slot.at) ->
                new Step.Wait(Duration.between(now.wall(), nearer(slot.at, now.wall())));
            case State.Waiting waiting when now.nanos() - waiting.notBefore < 0 ->
                new Step.Wait(Duration.ofNanos(waiting.notBefore - now.nanos()));
            case State.Slot slot -> dial();
            case State.Waiting waiting -> dial();
        };
    }

    /** After the calendar was set back the old slot is far away: never further than a period. */
    private Instant nearer(Instant slot, Instant now) {
        if (type instanceof Periodic periodic && Duration.between(now, slot).compareTo(periodic.period()) > 0) {
            var near = slotAtOrAfter(now, periodic.period());
            state = new State.Slot(near);
            return near;
        }
        return slot;
    }

    private Step dial() {
        if (endpoint < 0) {
            endpoint = first();
            attempts = 0;
        }
        state = new State.Trying(endpoint);
        return new Step.Dial(endpoints.get(endpoint), rules.maxWait());
    }

    private int first() {
        return switch (rules.startWith()) {
            case FIRST_LISTED -> 0;
            case LAST_CONNECTED -> lastConnected == null ? 0 : lastConnected;
            case RANDOM_SELECTION -> random.nextInt(endpoints.size());
        };
    }

    /** The try came to nothing, or its connection ended before the gateway had us. */
    public void failed(Now now) {
        if (!(state instanceof State.Trying)) {
            return;
        }
        attempts++;
        if (attempts >= rules.maxAttempts()) {
            attempts = 0;
            endpoint = (endpoint + 1) % endpoints.size();
        }
        failures++;
        state = new State.Waiting(now.nanos() + pause(failures));
    }

    /** The gateway has us. */
    public void registered(Now now) {
        if (state instanceof State.Trying trying) {
            lastConnected = trying.endpoint;
            endpoint = -1;
            attempts = 0;
            state = new State.Active(trying.endpoint, now.nanos());
        }
    }

    /**
     * The connection is over.
     *
     * @param gracefully whether both sides were done with it: a periodic one then waits for its next slot
     */
    public void ended(Now now, boolean gracefully) {
        if (!(state instanceof State.Active active)) {
            failed(now);
            return;
        }
        boolean lasted = now.nanos() - active.since >= rules.stableAfter().toNanos();
        shortLived = lasted ? 0 : shortLived + 1;
        failures = lasted ? 0 : failures;
        if (gracefully && type instanceof Periodic periodic) {
            failures = 0;
            shortLived = 0;
            state = new State.Slot(slotAfter(now.wall(), periodic.period()));
        } else {
            // At once; but not again and again when it never lasts.
            state = new State.Waiting(shortLived > 1 ? now.nanos() + pause(failures + shortLived - 1) : now.nanos());
        }
    }

    /** Full jitter: anything from nothing to the bound, so that a fleet which lost its gateway does not come as one. */
    private long pause(int failure) {
        long base = rules.backOffBase().toNanos();
        long most = rules.backOffMost().toNanos();
        int doublings = Math.min(failure - 1, MOST_DOUBLINGS);
        long bound = base > most >> doublings ? most : Math.min(most, base << doublings);
        return random.nextLong(bound + 1);
    }

    private Instant slotAtOrAfter(Instant moment, Duration period) {
        long since = Duration.between(anchor, moment).toMillis();
        long length = Math.max(1, period.toMillis());
        long slots = Math.ceilDiv(since, length);
        var slot = anchor.plusMillis(slots * length);
        return slot.isBefore(moment) ? slot.plusMillis(length) : slot;
    }

    private Instant slotAfter(Instant moment, Duration period) {
        return slotAtOrAfter(moment.plusMillis(1), period);
    }
}
