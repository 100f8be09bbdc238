package homeport.netconf.server;

import homeport.netconf.Caller;
import homeport.netconf.Capabilities;
import homeport.netconf.Ns;
import homeport.netconf.SessionCounters;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.Filter;
import homeport.netconf.xml.XmlElement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** What the server knows of itself: {@code ietf-netconf-monitoring}, streams, access control's counters, the library. */
final class State {
    private static final String WHAT_IS_TOLD = "what happens to this server and its configuration";

    private final ServerSettings settings;
    private final Locks locks;
    private final EventStream events;
    private final Nacm nacm;
    private final Library library;
    private final Capabilities capabilities;
    private final Instant began;
    private final AtomicLong inSessions = new AtomicLong();
    private final AtomicLong droppedSessions = new AtomicLong();
    private final AtomicLong inRpcs = new AtomicLong();
    private final AtomicLong inBadRpcs = new AtomicLong();
    private final AtomicLong outRpcErrors = new AtomicLong();
    private final AtomicLong outNotifications = new AtomicLong();

    State(ServerSettings settings, Locks locks, EventStream events, Nacm nacm, Library library,
            Capabilities capabilities) {
        this.settings = settings;
        this.locks = locks;
        this.events = events;
        this.nacm = nacm;
        this.library = library;
        this.capabilities = capabilities;
        this.began = settings.clock().instant();
    }

    void opened() {
        inSessions.incrementAndGet();
    }

    /** A session's counters outlive it in the server's sums. */
    void closed(Caller caller, boolean dropped) {
        SessionCounters counters = caller.counters();
        inRpcs.addAndGet(counters.inRpcs());
        inBadRpcs.addAndGet(counters.inBadRpcs());
        outRpcErrors.addAndGet(counters.outRpcErrors());
        outNotifications.addAndGet(counters.outNotifications());
        if (dropped) {
            droppedSessions.incrementAndGet();
        }
    }

    /** The top-level elements of all state a filter can concern. */
    List<XmlElement> elements(Filter filter) {
        List<XmlElement> all = new ArrayList<>();
        if (filter.concerns(Ns.MONITORING)) {
            all.add(monitoring());
        }
        if (filter.concerns(Ns.YANG_LIBRARY)) {
            all.addAll(library.elements());
        }
        if (filter.concerns(Ns.NOTIFICATION_STREAMS)) {
            all.add(streams());
        }
        if (filter.concerns(Ns.SUBSCRIBED)) {
            all.add(XmlElement.of(Ns.SUBSCRIBED, "streams", XmlElement.of(Ns.SUBSCRIBED, "stream",
                    XmlElement.leaf(Ns.SUBSCRIBED, "name", EventStream.NAME),
                    XmlElement.leaf(Ns.SUBSCRIBED, "description", WHAT_IS_TOLD),
                    XmlElement.of(Ns.SUBSCRIBED, "replay-support"),
                    XmlElement.leaf(Ns.SUBSCRIBED, "replay-log-creation-time", time(events.oldest())))));
        }
        if (filter.concerns(Nacm.NAMESPACE)) {
            all.add(XmlElement.of(Nacm.NAMESPACE, "nacm",
                    count(Nacm.NAMESPACE, "denied-operations", nacm.deniedOperations()),
                    count(Nacm.NAMESPACE, "denied-data-writes", nacm.deniedDataWrites()),
                    count(Nacm.NAMESPACE, "denied-notifications", nacm.deniedNotifications())));
        }
        settings.state().get().stream().filter(element -> filter.concerns(element.namespace())).forEach(all::add);
        return all;
    }

    private static XmlElement count(String namespace, String name, long value) {
        return XmlElement.leaf(namespace, name, String.valueOf(value & 0xffff_ffffL));
    }

    private static XmlElement leaf(String name, String text) {
        return XmlElement.leaf(Ns.MONITORING, name, text);
    }

    private static XmlElement count(String name, long value) {
        return count(Ns.MONITORING, name, value);
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private XmlElement monitoring() {
        List<XmlElement> uris = capabilities.uris().stream().map(uri -> leaf("capability", uri)).toList();
        List<XmlElement> datastores = new ArrayList<>();
        for (Datastores.Name name : Datastores.Name.values()) {
            if (name != Datastores.Name.STARTUP || settings.datastores().boot() == Datastores.Boot.STARTUP) {
                datastores.add(datastore(name));
            }
        }
        List<XmlElement> sessions = new ArrayList<>();
        SessionCounters sum = new SessionCounters(inRpcs.get(), inBadRpcs.get(), outRpcErrors.get(),
                outNotifications.get());
        for (Caller caller : settings.sessions().all()) {
            SessionCounters own = caller.counters();
            sum = new SessionCounters(sum.inRpcs() + own.inRpcs(), sum.inBadRpcs() + own.inBadRpcs(),
                    sum.outRpcErrors() + own.outRpcErrors(), sum.outNotifications() + own.outNotifications());
            sessions.add(session(caller, own));
        }
        return XmlElement.of(Ns.MONITORING, "netconf-state", XmlElement.of(Ns.MONITORING, "capabilities", uris),
                XmlElement.of(Ns.MONITORING, "datastores", datastores),
                XmlElement.of(Ns.MONITORING, "schemas", library.monitored()),
                XmlElement.of(Ns.MONITORING, "sessions", sessions), statistics(sum));
    }

    private XmlElement statistics(SessionCounters sum) {
        return XmlElement.of(Ns.MONITORING, "statistics", leaf("netconf-start-time", time(began)),
                count("in-bad-hellos", 0), count("in-sessions", inSessions.get()),
                count("dropped-sessions", droppedSessions.get()), count("in-rpcs", sum.inRpcs()),
                count("in-bad-rpcs", sum.inBadRpcs()), count("out-rpc-errors", sum.outRpcErrors()),
                count("out-notifications", sum.outNotifications()));
    }

    private XmlElement session(Caller caller, SessionCounters own) {
        List<XmlElement> content = new ArrayList<>();
        content.add(leaf("session-id", String.valueOf(caller.sessionId())));
        content.add(leaf("transport", caller.identity().transport()));
        content.add(leaf("username", caller.identity().user()));
        caller.identity().sourceHost().ifPresent(host -> content.add(leaf("source-host", host)));
        content.add(leaf("login-time", time(caller.loginTime())));
        content.add(count("in-rpcs", own.inRpcs()));
        content.add(count("in-bad-rpcs", own.inBadRpcs()));
        content.add(count("out-rpc-errors", own.outRpcErrors()));
        content.add(count("out-notifications", own.outNotifications()));
        return XmlElement.of(Ns.MONITORING, "session", content);
    }

    private XmlElement datastore(Datastores.Name name) {
        List<XmlElement> content = new ArrayList<>();
        content.add(leaf("name", name.name().toLowerCase(Locale.ROOT)));
        List<XmlElement> held = new ArrayList<>();
        locks.holder(name).ifPresent(lock -> held.add(XmlElement.of(Ns.MONITORING, "global-lock",
                leaf("locked-by-session", String.valueOf(lock.by().sessionId())),
                leaf("locked-time", time(lock.since())))));
        if (name == Datastores.Name.RUNNING && held.isEmpty()) {
            locks.partial().forEach(lock -> held.add(partial(lock)));
        }
        if (!held.isEmpty()) {
            content.add(XmlElement.of(Ns.MONITORING, "locks", held));
        }
        return XmlElement.of(Ns.MONITORING, "datastore", content);
    }

    private XmlElement partial(Locks.Partial lock) {
        List<XmlElement> content = new ArrayList<>();
        content.add(leaf("lock-id", String.valueOf(lock.id())));
        content.add(leaf("locked-by-session", String.valueOf(lock.by().sessionId())));
        content.add(leaf("locked-time", time(lock.since())));
        lock.select().forEach(select -> content.add(leaf("select", select)));
        return XmlElement.of(Ns.MONITORING, "partial-lock", content);
    }

    private XmlElement streams() {
        String namespace = Ns.NOTIFICATION_STREAMS;
        List<XmlElement> stream = new ArrayList<>();
        stream.add(XmlElement.leaf(namespace, "name", EventStream.NAME));
        stream.add(XmlElement.leaf(namespace, "description", WHAT_IS_TOLD));
        stream.add(XmlElement.leaf(namespace, "replaySupport", "true"));
        stream.add(XmlElement.leaf(namespace, "replayLogCreationTime", time(events.oldest())));
        return XmlElement.of(namespace, "netconf",
                XmlElement.of(namespace, "streams", XmlElement.of(namespace, "stream", stream)));
    }
}
