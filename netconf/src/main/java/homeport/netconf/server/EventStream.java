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

    private record Event(Instant time, XmlElement content) {}

    private record Subscription(Caller caller, EventFilter filter, Optional<Future<?>> stop) {}

    private final InstantSource clock;
    private final SessionTime time;
    private final int capacity;
    private final BiPredicate<Caller, XmlElement> readable;
    private final Deque<Event> kept = new ArrayDeque<>();
    private final Map<Long, Subscription> subscriptions = new LinkedHashMap<>();
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

    synchronized void publish(XmlElement content) {
        Event event = new Event(clock.instant(), content);
        kept.addLast(event);
        while (kept.size() > capacity) {
            Event gone = kept.removeFirst();
            oldest = kept.isEmpty() ? gone.time() : kept.getFirst().time();
        }
        for (Subscription subscription : List.copyOf(subscriptions.values())) {
            if (passes(subscription, event) && !send(subscription.caller(), event.time(), event.content())) {
                // A gap may not go unnoticed, and the queue that is full takes no notice either.
                end(subscription.caller());
            }
        }
    }

    private boolean passes(Subscription subscription, Event event) {
        return subscription.filter().passes(event.content()) && readable.test(subscription.caller(), event.content());
    }

    private static boolean send(Caller caller, Instant at, XmlElement content) {
        return caller.notify(at, writer -> content.writeTo(writer, Namespaces.UNKNOWN));
    }

    /** {@code create-subscription} (RFC 5277 §2.1.1). */
    synchronized RpcReply subscribe(Input input) {
        Caller caller = input.caller();
        String name = input.text("stream").orElse(NAME);
        if (!name.equals(NAME)) {
            throw Input.element(Tag.INVALID_VALUE, "stream", "there is no stream \"" + name + "\"");
        }
        if (subscriptions.containsKey(caller.sessionId())) {
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
        boolean over = stop.isPresent() && !stop.get().isAfter(now);
        Optional<Future<?>> stopping = stop.filter(_ -> !over).map(until -> time.timers().schedule(
                () -> complete(caller), Duration.between(now, until).toMillis(), TimeUnit.MILLISECONDS));
        Subscription subscription = new Subscription(caller, filter, stopping);
        subscriptions.put(caller.sessionId(), subscription);
        if (start.isPresent()) {
            replay(subscription, start.get(), stop);
            send(caller, clock.instant(), XmlElement.of(Ns.NOTIFICATION_STREAMS, "replayComplete"));
        }
        if (over) {
            complete(caller);
        }
        return RpcReply.ok();
    }

    private void replay(Subscription subscription, Instant from, Optional<Instant> until) {
        for (Event event : kept) {
            boolean inside = !event.time().isBefore(from) && until.filter(event.time()::isAfter).isEmpty();
            if (inside && passes(subscription, event)
                    && !send(subscription.caller(), event.time(), event.content())) {
                end(subscription.caller());
                return;
            }
        }
    }

    private synchronized void complete(Caller caller) {
        if (subscriptions.containsKey(caller.sessionId())) {
            end(caller);
            send(caller, clock.instant(), XmlElement.of(Ns.NOTIFICATION_STREAMS, "notificationComplete"));
        }
    }

    private static Instant instant(String name, String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw Input.element(Tag.BAD_ELEMENT, name, "\"" + text + "\" is not a time");
        }
    }

    /** Ends a session's subscription, when it has one. */
    synchronized void end(Caller caller) {
        Subscription subscription = subscriptions.remove(caller.sessionId());
        if (subscription != null) {
            subscription.stop().ifPresent(stop -> stop.cancel(false));
        }
    }
}
