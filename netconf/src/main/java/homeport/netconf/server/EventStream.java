package homeport.netconf.server;

import homeport.netconf.Caller;
import homeport.netconf.Ns;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcReply;
import homeport.netconf.SessionTime;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.XmlElement;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;

/**
 * The stream {@code NETCONF} (RFC 5277): what happens goes to those who subscribed, and is kept a while for those who
 * ask for replay.
 */
final class EventStream {
    static final String NAME = "NETCONF";

    /** @param number how many there were before it, and one */
    private record Event(long number, Instant time, XmlElement content) {}

    /**
     * Who is told of events.
     *
     * @param caller whose session they go to, and whose rights decide
     * @param lost called, from any thread, when an event was not taken: nothing more comes
     */
    record Receiver(Caller caller, EventFilter filter, Runnable lost) {}

    /** Of a session: its {@code create-subscription} is 0, a dynamic subscription has its own id. */
    record Key(long sessionId, long subscription) {}

    /**
     * What is said between events.
     *
     * @param replayed when what is kept has been told
     * @param completed when the time is up and nothing more comes
     */
    record Course(Runnable replayed, Runnable completed) {}

    /** @param since the last event before it was made; what follows is new to it */
    private record Subscription(Receiver receiver, long since, boolean started, Optional<Future<?>> stop) {}

    private final InstantSource clock;
    private final SessionTime time;
    private final int capacity;
    private final BiPredicate<Caller, XmlElement> readable;
    private final Deque<Event> kept = new ArrayDeque<>();
    private final Map<Key, Subscription> subscriptions = new LinkedHashMap<>();
    private long lastNumber;
    private Instant oldest;

    /** @param readable whether access control lets a session see an event */
    EventStream(InstantSource clock, SessionTime time, int capacity, BiPredicate<Caller, XmlElement> readable) {
        this.clock = clock;
        this.time = time;
        this.capacity = capacity;
        this.readable = readable;
        this.oldest = clock.instant();
    }

    /** From when on the replay buffer has everything, for {@code replayLogCreationTime}. */
    synchronized Instant oldest() {
        return oldest;
    }

    void publish(XmlElement content) {
        // Told without the lock: who loses events may have a lock of its own.
        published(content).forEach(Runnable::run);
    }

    private synchronized List<Runnable> published(XmlElement content) {
        Event event = new Event(++lastNumber, clock.instant(), content);
        kept.addLast(event);
        while (kept.size() > capacity) {
            Event gone = kept.removeFirst();
            oldest = kept.isEmpty() ? gone.time() : kept.getFirst().time();
        }
        List<Runnable> lost = new ArrayList<>();
        for (Map.Entry<Key, Subscription> each : List.copyOf(subscriptions.entrySet())) {
            // One that has not begun finds the event among those that are kept.
            if (each.getValue().started() && !offered(each.getKey(), each.getValue().receiver(), event)) {
                lost.add(each.getValue().receiver().lost());
            }
        }
        return lost;
    }

    /** False when the event was to be sent and was not taken: a gap may not go unnoticed, so the subscription is over. */
    private boolean offered(Key key, Receiver receiver, Event event) {
        boolean wanted = receiver.filter().passes(event.content())
                && readable.test(receiver.caller(), event.content());
        if (!wanted || send(receiver.caller(), event.time(), event.content())) {
            return true;
        }
        remove(key);
        return false;
    }

    private static boolean send(Caller caller, Instant at, XmlElement content) {
        return caller.notify(at, writer -> content.writeTo(writer, Namespaces.UNKNOWN));
    }

    /** {@code create-subscription} (RFC 5277 §2.1.1). */
    RpcReply subscribe(Input input) {
        Caller caller = input.caller();
        Key key = new Key(caller.sessionId(), 0);
        String name = input.text("stream").orElse(NAME);
        if (!name.equals(NAME)) {
            throw Input.element(Tag.INVALID_VALUE, "stream", "there is no stream \"" + name + "\"");
        }
        if (isCreated(caller)) {
            throw Input.error(Tag.OPERATION_FAILED, "this session has a subscription");
        }
        EventFilter filter = EventFilter.of(input.optional("filter"));
        Instant now = clock.instant();
        Optional<Instant> start = input.text("startTime").map(text -> instant("startTime", text));
        Optional<Instant> stop = input.text("stopTime").map(text -> instant("stopTime", text));
        if (start.isPresent() && start.get().isAfter(now)) {
            throw Input.element(Tag.BAD_ELEMENT, "startTime", "replay cannot start in the future");
        }
        if (stop.isPresent() && start.isEmpty()) {
            throw Input.element(Tag.MISSING_ELEMENT, "startTime", "stopTime needs startTime");
        }
        if (stop.isPresent() && stop.get().isBefore(start.get())) {
            throw Input.element(Tag.BAD_ELEMENT, "stopTime", "stopTime is before startTime");
        }
        add(key, new Receiver(caller, filter, () -> {}));
        caller.afterReply(() -> start(key, start, stop, new Course(
                () -> send(caller, clock.instant(), XmlElement.of(Ns.NOTIFICATION_STREAMS, "replayComplete")),
                () -> send(caller, clock.instant(),
                        XmlElement.of(Ns.NOTIFICATION_STREAMS, "notificationComplete")))));
        return RpcReply.ok();
    }

    /** Whether a session has a subscription by {@code create-subscription}. */
    synchronized boolean isCreated(Caller caller) {
        return subscriptions.containsKey(new Key(caller.sessionId(), 0));
    }

    /** Takes a receiver down for what happens from here on; it is told from {@link #start} on. */
    synchronized void add(Key key, Receiver receiver) {
        subscriptions.put(key, new Subscription(receiver, lastNumber, false, Optional.empty()));
    }

    /** Chooses by another filter from here on. */
    synchronized void filter(Key key, EventFilter filter) {
        subscriptions.computeIfPresent(key, (_, old) -> new Subscription(
                new Receiver(old.receiver().caller(), filter, old.receiver().lost()), old.since(), old.started(),
                old.stop()));
    }

    /**
     * Begins to tell a receiver.
     *
     * @param from with what is kept from then on
     * @param until when it ends by itself; a time that has passed ends it when the replay is done
     */
    void start(Key key, Optional<Instant> from, Optional<Instant> until, Course course) {
        if (!started(key, from, until, course)) {
            return;
        }
        Instant now = clock.instant();
        if (until.isPresent() && !until.get().isAfter(now)) {
            complete(key, course);
        } else {
            stop(key, until, course);
        }
    }

    /** Ends a receiver at another time than it was to end, or never. */
    synchronized void stop(Key key, Optional<Instant> until, Course course) {
        Subscription subscription = subscriptions.get(key);
        if (subscription == null) {
            return;
        }
        subscription.stop().ifPresent(stop -> stop.cancel(false));
        Optional<Future<?>> stop = until.map(end -> time.timers().schedule(() -> complete(key, course),
                Math.max(0, Duration.between(clock.instant(), end).toMillis()), TimeUnit.MILLISECONDS));
        subscriptions.put(key, new Subscription(subscription.receiver(), subscription.since(), subscription.started(),
                stop));
    }

    private boolean started(Key key, Optional<Instant> from, Optional<Instant> until, Course course) {
        Optional<Runnable> lost = Optional.empty();
        synchronized (this) {
            Subscription subscription = subscriptions.get(key);
            if (subscription == null) {
                return false;
            }
            Receiver receiver = subscription.receiver();
            boolean replaying = from.isPresent();
            boolean taken = true;
            for (Event event : kept) {
                if (replaying && event.number() > subscription.since()) {
                    course.replayed().run();
                    replaying = false;
                }
                boolean wanted = until.filter(event.time()::isAfter).isEmpty() && (replaying
                        ? !event.time().isBefore(from.get())
                        : event.number() > subscription.since());
                taken = taken && (!wanted || offered(key, receiver, event));
            }
            if (replaying && taken) {
                course.replayed().run();
            }
            if (taken) {
                subscriptions.put(key, new Subscription(receiver, subscription.since(), true, subscription.stop()));
            } else {
                lost = Optional.of(receiver.lost());
            }
        }
        lost.ifPresent(Runnable::run);
        return lost.isEmpty();
    }

    private void complete(Key key, Course course) {
        if (remove(key)) {
            course.completed().run();
        }
    }

    static Instant instant(String name, String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw Input.element(Tag.BAD_ELEMENT, name, "\"" + text + "\" is not a time");
        }
    }

    /** Ends the subscription by {@code create-subscription} of a session, when it has one. */
    void end(Caller caller) {
        remove(new Key(caller.sessionId(), 0));
    }

    /** Ends a subscription without a word; false when there is none. */
    synchronized boolean remove(Key key) {
        Subscription subscription = subscriptions.remove(key);
        if (subscription == null) {
            return false;
        }
        subscription.stop().ifPresent(stop -> stop.cancel(false));
        return true;
    }
}
