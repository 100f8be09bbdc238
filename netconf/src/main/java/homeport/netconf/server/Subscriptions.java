package homeport.netconf.server;

import homeport.netconf.Caller;
import homeport.netconf.Identity;
import homeport.netconf.Ns;
import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcError.Type;
import homeport.netconf.RpcErrorException;
import homeport.netconf.RpcReply;
import homeport.netconf.datastore.Filter;
import homeport.netconf.datastore.Schemas;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.XmlElement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.opendaylight.yangtools.yang.data.api.schema.ContainerNode;

/**
 * Dynamic subscriptions (RFC 8639, over NETCONF RFC 8640): to the stream {@code NETCONF}, and to datastores by YANG push
 * (RFC 8641). They end with their session. {@code ietf-yang-push} itself is in no published artifact, so the YANG library
 * does not list it; its operations and notifications are as it defines them.
 */
final class Subscriptions {
    /** What a user may see of a datastore, by a filter. */
    @FunctionalInterface
    interface Selection {
        ContainerNode selected(Identity user, String datastore, Filter filter);
    }

    /** Why something is refused, in the modules' identities, with the error tags of RFC 8640 §7 and RFC 8641 §4.4. */
    private enum Reason {
        ENCODING_UNSUPPORTED(Ns.SUBSCRIBED, Tag.INVALID_VALUE),
        FILTER_UNSUPPORTED(Ns.SUBSCRIBED, Tag.INVALID_VALUE),
        INSUFFICIENT_RESOURCES(Ns.SUBSCRIBED, Tag.RESOURCE_DENIED),
        NO_SUCH_SUBSCRIPTION(Ns.SUBSCRIBED, Tag.INVALID_VALUE),
        DATASTORE_NOT_SUBSCRIBABLE(Ns.YANG_PUSH, Tag.INVALID_VALUE),
        NO_SUCH_SUBSCRIPTION_RESYNC(Ns.YANG_PUSH, Tag.INVALID_VALUE),
        ON_CHANGE_UNSUPPORTED(Ns.YANG_PUSH, Tag.OPERATION_NOT_SUPPORTED),
        PERIOD_UNSUPPORTED(Ns.YANG_PUSH, Tag.INVALID_VALUE);

        private final String namespace;
        private final Tag tag;

        Reason(String namespace, Tag tag) {
            this.namespace = namespace;
            this.tag = tag;
        }

        private String identity() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        private String module() {
            return namespace.equals(Ns.SUBSCRIBED) ? "ietf-subscribed-notifications" : "ietf-yang-push";
        }

        /** @param kind of the error-info: {@code establish-subscription-stream}, {@code delete-subscription}, … */
        RpcErrorException because(String kind, String message) {
            String holder = kind.endsWith("datastore") || kind.startsWith("resync") ? Ns.YANG_PUSH : Ns.SUBSCRIBED;
            XmlElement reason = XmlElement.leaf(holder, "reason", "r:" + identity())
                    .declaring(Namespaces.of(Map.of("r", namespace)));
            return new RpcErrorException(RpcError.of(Type.APPLICATION, tag, message)
                    .withAppTag(module() + ":" + identity())
                    .withInfo(List.of(XmlElement.of(holder, kind + "-error-info", reason))));
        }
    }

    /** One subscription; what it is to is one of the two. */
    private record Subscription(Caller caller, String datastore, Optional<Push> push, Optional<Future<?>> stop) {}

    /** More than any client of ours or of others was seen to use. */
    private static final int MOST_OF_A_SESSION = 32;
    /** What is selected is read and compared for each. */
    private static final int MOST = 1_000;
    /** A period shorter than this would keep a small device busy with reading itself. */
    private static final Duration SHORTEST_PERIOD = Duration.ofSeconds(1);
    private static final Set<String> CHANGES = Set.of("create", "delete", "insert", "move", "replace");

    private final ServerSettings settings;
    private final Schemas schemas;
    private final Nacm nacm;
    private final EventStream events;
    private final Selection selection;
    private final Map<Long, Subscription> subscriptions = new LinkedHashMap<>();
    private long lastId;

    Subscriptions(ServerSettings settings, Nacm nacm, EventStream events, Selection selection) {
        this.settings = settings;
        this.schemas = settings.datastores().schemas();
        this.nacm = nacm;
        this.events = events;
        this.selection = selection;
    }

    void register(Reading.Register register) {
        register.add(Ns.NOTIFICATION, "create-subscription", this::create);
        register.add(Ns.SUBSCRIBED, "establish-subscription", this::establish);
        register.add(Ns.SUBSCRIBED, "modify-subscription", this::modify);
        register.add(Ns.SUBSCRIBED, "delete-subscription", this::delete);
        register.add(Ns.SUBSCRIBED, "kill-subscription", this::kill);
        register.add(Ns.YANG_PUSH, "resync-subscription", this::resync);
    }

    /** The two kinds of subscription do not meet in one session (RFC 8640 §4). */
    private synchronized RpcReply create(Input input) {
        if (countOf(input.caller()) > 0) {
            throw Input.error(Tag.OPERATION_NOT_SUPPORTED, "this session has subscriptions by establish-subscription");
        }
        return events.subscribe(input.only("stream", "filter", "startTime", "stopTime"));
    }

    private long countOf(Caller caller) {
        return subscriptions.values().stream()
                .filter(subscription -> subscription.caller().sessionId() == caller.sessionId()).count();
    }

    /** {@code establish-subscription} (RFC 8639 §2.4.2). */
    private synchronized RpcReply establish(Input input) {
        input.only("stream", "stream-subtree-filter", "stream-xpath-filter", "stream-filter-name", "replay-start-time",
                "stop-time", "encoding", "datastore", "selection-filter-ref", "datastore-subtree-filter",
                "datastore-xpath-filter", "periodic", "on-change");
        Caller caller = input.caller();
        if (events.isCreated(caller)) {
            throw Input.error(Tag.OPERATION_NOT_SUPPORTED, "this session has a subscription by create-subscription");
        }
        boolean push = input.flag("datastore");
        String kind = "establish-subscription-" + (push ? "datastore" : "stream");
        if (input.text("encoding").filter(encoding -> !encoding.substring(encoding.indexOf(':') + 1)
                .equals("encode-xml")).isPresent()) {
            throw Reason.ENCODING_UNSUPPORTED.because(kind, "over NETCONF there is only encode-xml");
        }
        if (subscriptions.size() >= MOST || countOf(caller) >= MOST_OF_A_SESSION) {
            throw Reason.INSUFFICIENT_RESOURCES.because(kind, "there are too many subscriptions");
        }
        Optional<Instant> stop = stop(input);
        long id = nextId();
        return push ? push(input, kind, id, stop) : stream(input, kind, id, stop);
    }

    private long nextId() {
        do {
            lastId = lastId % 0xffff_ffffL + 1;
        } while (subscriptions.containsKey(lastId));
        return lastId;
    }

    private Optional<Instant> stop(Input input) {
        Optional<Instant> stop = input.text("stop-time").map(text -> EventStream.instant("stop-time", text));
        if (stop.isPresent() && !input.flag("replay-start-time") && !stop.get().isAfter(settings.clock().instant())) {
            throw Input.element(Tag.INVALID_VALUE, "stop-time", "stop-time has passed");
        }
        return stop;
    }

    private RpcReply stream(Input input, String kind, long id, Optional<Instant> stop) {
        Caller caller = input.caller();
        String name = input.required("stream").text().strip();
        if (!name.equals(EventStream.NAME)) {
            throw Input.element(Tag.INVALID_VALUE, "stream", "there is no stream \"" + name + "\"");
        }
        EventFilter filter = streamFilter(input, kind).orElseGet(EventFilter.All::new);
        Optional<Instant> from = input.text("replay-start-time")
                .map(text -> EventStream.instant("replay-start-time", text));
        if (from.isPresent() && from.get().isAfter(settings.clock().instant())) {
            throw Input.element(Tag.INVALID_VALUE, "replay-start-time", "replay cannot start in the future");
        }
        if (from.isPresent() && stop.filter(until -> until.isBefore(from.get())).isPresent()) {
            throw Input.element(Tag.INVALID_VALUE, "stop-time", "stop-time is before replay-start-time");
        }
        EventStream.Key key = new EventStream.Key(caller.sessionId(), id);
        subscriptions.put(id, new Subscription(caller, "", Optional.empty(), Optional.empty()));
        events.add(key, new EventStream.Receiver(caller, filter, () -> forget(id)));
        caller.afterReply(() -> events.start(key, from, stop, course(caller, id)));
        List<XmlElement> reply = new ArrayList<>();
        reply.add(id(id));
        // What is told begins later than asked when the beginning is no longer kept.
        from.filter(events.oldest()::isAfter).ifPresent(_ -> reply
                .add(leaf("replay-start-time-revision", events.oldest().toString())));
        return RpcReply.of(reply.toArray(XmlElement[]::new));
    }

    private EventStream.Course course(Caller caller, long id) {
        return new EventStream.Course(() -> tell(caller, "replay-completed", id(id)), () -> {
            forget(id);
            tell(caller, "subscription-completed", id(id));
        });
    }

    private Optional<EventFilter> streamFilter(Input input, String kind) {
        refuseNamed(input, "stream-filter-name", kind);
        return supported(kind, () -> input.optional("stream-subtree-filter")
                .<EventFilter>map(filter -> new EventFilter.Subtree(filter.children()))
                .or(() -> input.optional("stream-xpath-filter")
                        .map(filter -> EventFilter.xpath(filter.text().strip(), filter.namespaces()))));
    }

    private static <T> T supported(String kind, Supplier<T> filter) {
        try {
            return filter.get();
        } catch (RpcErrorException wrong) {
            throw Reason.FILTER_UNSUPPORTED.because(kind, wrong.errors().getFirst().sentence());
        }
    }

    private static void refuseNamed(Input input, String parameter, String kind) {
        if (input.flag(parameter)) {
            throw Reason.FILTER_UNSUPPORTED.because(kind, "this server keeps no filters by name");
        }
    }

    private RpcReply push(Input input, String kind, long id, Optional<Instant> stop) {
        Caller caller = input.caller();
        String datastore = Reading.identity(input.required("datastore"));
        if (!Set.of("running", "intended", "operational").contains(datastore)) {
            throw Reason.DATASTORE_NOT_SUBSCRIBABLE.because(kind, "this datastore cannot be subscribed to");
        }
        Filter filter = datastoreFilter(input, kind).orElseGet(Filter.All::new);
        Push.Trigger trigger = trigger(input, kind, datastore).orElseThrow(() -> Input.element(Tag.MISSING_ELEMENT,
                "periodic", "a push is periodic or on change"));
        Push push = new Push(settings, id, caller, part -> selection.selected(caller.identity(), datastore, part),
                filter,
                trigger, event -> nacm.mayReceive(caller.identity(), event), () -> forget(id));
        subscriptions.put(id, new Subscription(caller, datastore, Optional.of(push), stopping(caller, id, stop)));
        caller.afterReply(push::start);
        return RpcReply.of(id(id));
    }

    private Optional<Future<?>> stopping(Caller caller, long id, Optional<Instant> stop) {
        return stop.map(until -> settings.time().timers().schedule(() -> completed(caller, id),
                Duration.between(settings.clock().instant(), until).toMillis(), TimeUnit.MILLISECONDS));
    }

    private void completed(Caller caller, long id) {
        if (forget(id)) {
            tell(caller, "subscription-completed", id(id));
        }
    }

    private Optional<Filter> datastoreFilter(Input input, String kind) {
        refuseNamed(input, "selection-filter-ref", kind);
        return supported(kind, () -> input.optional("datastore-subtree-filter")
                .<Filter>map(filter -> new Filter.Subtree(filter.children()))
                .or(() -> input.optional("datastore-xpath-filter")
                        .map(filter -> Filter.xpath(schemas, filter.text().strip(), filter.namespaces()))));
    }

    private Optional<Push.Trigger> trigger(Input input, String kind, String datastore) {
        Optional<Input> periodic = input.inner("periodic");
        Optional<Input> onChange = input.inner("on-change");
        if (periodic.isPresent() && onChange.isPresent()) {
            throw Input.element(Tag.BAD_ELEMENT, "on-change", "a push is periodic or on change, not both");
        }
        if (onChange.isPresent() && datastore.equals("operational")) {
            throw Reason.ON_CHANGE_UNSUPPORTED.because(kind, "changes of state are not told, those of running are");
        }
        return periodic.<Push.Trigger>map(part -> periodic(part, kind)).or(() -> onChange.map(Subscriptions::onChange));
    }

    private static Push.Trigger.Periodic periodic(Input input, String kind) {
        input.only("period", "anchor-time");
        Duration period = hundredths(input, "period").orElseThrow(
                () -> Input.element(Tag.MISSING_ELEMENT, "period", "periodic needs a period"));
        if (period.compareTo(SHORTEST_PERIOD) < 0) {
            throw Reason.PERIOD_UNSUPPORTED.because(kind, "the shortest period is " + SHORTEST_PERIOD.toMillis() / 10
                    + " hundredths of a second");
        }
        return new Push.Trigger.Periodic(period,
                input.text("anchor-time").map(text -> EventStream.instant("anchor-time", text)));
    }

    private static Push.Trigger.OnChange onChange(Input input) {
        input.only("dampening-period", "sync-on-start", "excluded-change");
        Set<String> excluded = new HashSet<>();
        for (XmlElement child : input.operation().children()) {
            if (child.local().equals("excluded-change")) {
                String change = child.text().strip();
                if (!CHANGES.contains(change)) {
                    throw Input.element(Tag.INVALID_VALUE, "excluded-change", "not a change: \"" + change + "\"");
                }
                excluded.add(change);
            }
        }
        return new Push.Trigger.OnChange(hundredths(input, "dampening-period").orElse(Duration.ZERO),
                input.choice("sync-on-start", "true", "false").equals("true"), Set.copyOf(excluded));
    }

    private static Optional<Duration> hundredths(Input input, String name) {
        return input.number(name, 0, 0xffff_ffffL).map(count -> Duration.ofMillis(10 * count));
    }

    /** {@code modify-subscription} (RFC 8639 §2.4.3): what is not given stays as it is. */
    private synchronized RpcReply modify(Input input) {
        input.only("id", "stream-subtree-filter", "stream-xpath-filter", "stream-filter-name", "stop-time", "datastore",
                "selection-filter-ref", "datastore-subtree-filter", "datastore-xpath-filter", "periodic", "on-change");
        Caller caller = input.caller();
        long id = number(input);
        String kind = "modify-subscription-" + (input.flag("datastore") ? "datastore" : "stream");
        Subscription subscription = own(caller, id, kind);
        Optional<Instant> stop = stop(input);
        if (subscription.push().isEmpty()) {
            EventStream.Key key = new EventStream.Key(caller.sessionId(), id);
            streamFilter(input, kind).ifPresent(filter -> events.filter(key, filter));
            stop.ifPresent(_ -> events.stop(key, stop, course(caller, id)));
            return RpcReply.ok();
        }
        Push push = subscription.push().get();
        if (input.optional("datastore").filter(named -> !Reading.identity(named).equals(subscription.datastore()))
                .isPresent()) {
            throw Reason.DATASTORE_NOT_SUBSCRIBABLE.because(kind, "a subscription keeps to its datastore");
        }
        Optional<Filter> filter = datastoreFilter(input, kind);
        Optional<Push.Trigger> trigger = trigger(input, kind, subscription.datastore());
        if (stop.isPresent()) {
            subscription.stop().ifPresent(timer -> timer.cancel(false));
            subscriptions.put(id, new Subscription(caller, subscription.datastore(), subscription.push(),
                    stopping(caller, id, stop)));
        }
        caller.afterReply(() -> push.modify(filter, trigger));
        return RpcReply.ok();
    }

    private static long number(Input input) {
        return input.number("id", 0, 0xffff_ffffL)
                .orElseThrow(() -> Input.element(Tag.MISSING_ELEMENT, "id", "which subscription is not said"));
    }

    /** Another session's subscription is as good as none (RFC 8639 §2.4.3). */
    private Subscription own(Caller caller, long id, String kind) {
        Subscription subscription = subscriptions.get(id);
        if (subscription == null || subscription.caller().sessionId() != caller.sessionId()) {
            throw Reason.NO_SUCH_SUBSCRIPTION.because(kind, "this session has no subscription " + id);
        }
        return subscription;
    }

    /** {@code delete-subscription} (RFC 8639 §2.4.4). */
    private synchronized RpcReply delete(Input input) {
        long id = number(input.only("id"));
        own(input.caller(), id, "delete-subscription");
        forget(id);
        return RpcReply.ok();
    }

    /** {@code kill-subscription} (RFC 8639 §2.4.5): anybody's, for whom access control lets do so. */
    private synchronized RpcReply kill(Input input) {
        long id = number(input.only("id"));
        Subscription subscription = subscriptions.get(id);
        if (subscription == null) {
            throw Reason.NO_SUCH_SUBSCRIPTION.because("delete-subscription", "there is no subscription " + id);
        }
        forget(id);
        tell(subscription.caller(), "subscription-terminated", id(id),
                leaf("reason", "sn:no-such-subscription").declaring(Namespaces.of(Map.of("sn", Ns.SUBSCRIBED))));
        return RpcReply.ok();
    }

    /** {@code resync-subscription} (RFC 8641 §4.4.4). */
    private synchronized RpcReply resync(Input input) {
        long id = number(input.only("id"));
        Optional<Push> push = Optional.ofNullable(subscriptions.get(id))
                .filter(found -> found.caller().sessionId() == input.caller().sessionId()).flatMap(Subscription::push)
                .filter(Push::isOnChange);
        Push found = push.orElseThrow(() -> Reason.NO_SUCH_SUBSCRIPTION_RESYNC.because("resync-subscription",
                "this session has no subscription " + id + " that tells changes"));
        input.caller().afterReply(found::resync);
        return RpcReply.ok();
    }

    /** Running has changed. */
    void runningChanged() {
        pushes().forEach(Push::changed);
    }

    private synchronized List<Push> pushes() {
        return subscriptions.values().stream().flatMap(subscription -> subscription.push().stream()).toList();
    }

    /** A session is over, and its subscriptions with it. */
    void closed(Caller caller) {
        events.end(caller);
        List<Long> own;
        synchronized (this) {
            own = subscriptions.entrySet().stream()
                    .filter(each -> each.getValue().caller().sessionId() == caller.sessionId()).map(Map.Entry::getKey)
                    .toList();
        }
        own.forEach(this::forget);
    }

    /** Ends a subscription without a word; false when there is none. */
    private synchronized boolean forget(long id) {
        Subscription subscription = subscriptions.remove(id);
        if (subscription == null) {
            return false;
        }
        events.remove(new EventStream.Key(subscription.caller().sessionId(), id));
        subscription.stop().ifPresent(stop -> stop.cancel(false));
        subscription.push().ifPresent(Push::end);
        return true;
    }

    private void tell(Caller caller, String state, XmlElement... content) {
        // A session that takes no more has other troubles than this.
        XmlElement event = XmlElement.of(Ns.SUBSCRIBED, state, content);
        caller.notify(settings.clock().instant(), writer -> event.writeTo(writer, Namespaces.UNKNOWN));
    }

    private static XmlElement id(long id) {
        return leaf("id", String.valueOf(id));
    }

    private static XmlElement leaf(String name, String text) {
        return XmlElement.leaf(Ns.SUBSCRIBED, name, text);
    }
}
