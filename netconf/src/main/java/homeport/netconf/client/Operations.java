package homeport.netconf.client;

import homeport.netconf.Capabilities;
import homeport.netconf.Ns;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.XmlElement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The operations of RFC 6241, 5277, 5717 and 6022, each with what it takes of the server. */
public final class Operations {
    private Operations() {}

    /** {@code get}: configuration and state (RFC 6241 §7.7). */
    public static Operation get(Optional<Filter> filter, Optional<WithDefaults> defaults) {
        return read("get", List.of(), List.of(), filter, defaults);
    }

    /** {@code get-config} (RFC 6241 §7.1). */
    public static Operation getConfig(Datastore source, Optional<Filter> filter, Optional<WithDefaults> defaults) {
        return read("get-config", List.of(XmlElement.of(Ns.BASE, "source", source.toXml())), Datastore.source(source),
                filter, defaults);
    }

    private static Operation read(String name, List<XmlElement> before, List<Need> needed, Optional<Filter> filter,
            Optional<WithDefaults> defaults) {
        List<XmlElement> content = new ArrayList<>(before);
        List<Need> needs = new ArrayList<>(needed);
        filter.ifPresent(part -> {
            content.add(part.toXml());
            needs.addAll(Filter.needs(part));
        });
        defaults.ifPresent(mode -> {
            content.add(mode.toXml());
            needs.add(mode.need());
        });
        return new Operation(XmlElement.of(Ns.BASE, name, content), needs);
    }

    /** {@code edit-config} (RFC 6241 §7.2). */
    public static Operation editConfig(EditConfig edit) {
        return edit.operation();
    }

    /** {@code copy-config} (RFC 6241 §7.3). */
    public static Operation copyConfig(Datastore source, Datastore target, Optional<WithDefaults> defaults) {
        List<Need> needs = new ArrayList<>(Datastore.source(source));
        needs.addAll(Datastore.target(target));
        List<XmlElement> content = new ArrayList<>();
        content.add(XmlElement.of(Ns.BASE, "target", target.toXml()));
        content.add(XmlElement.of(Ns.BASE, "source", source.toXml()));
        defaults.ifPresent(mode -> {
            content.add(mode.toXml());
            needs.add(mode.need());
        });
        return new Operation(XmlElement.of(Ns.BASE, "copy-config", content), needs);
    }

    /** {@code delete-config} (RFC 6241 §7.4): startup or a file. */
    public static Operation deleteConfig(Datastore target) {
        if (target == Datastore.RUNNING || target == Datastore.CANDIDATE) {
            throw new IllegalArgumentException("delete-config takes startup or a URL");
        }
        return new Operation(XmlElement.of(Ns.BASE, "delete-config", XmlElement.of(Ns.BASE, "target", target.toXml())),
                Datastore.target(target));
    }

    /** {@code lock} (RFC 6241 §7.5). */
    public static Operation lock(Datastore.Named target) {
        return new Operation(XmlElement.of(Ns.BASE, "lock", XmlElement.of(Ns.BASE, "target", target.toXml())),
                Datastore.source(target));
    }

    /** {@code unlock} (RFC 6241 §7.6). */
    public static Operation unlock(Datastore.Named target) {
        return new Operation(XmlElement.of(Ns.BASE, "unlock", XmlElement.of(Ns.BASE, "target", target.toXml())),
                Datastore.source(target));
    }

    /** {@code partial-lock} of running (RFC 5717 §2.4.1): XPath expressions that select what to lock. */
    public static Operation partialLock(List<String> selects, Namespaces namespaces) {
        return new Operation(XmlElement.of(Ns.PARTIAL_LOCK, "partial-lock",
                selects.stream()
                        .map(select -> XmlElement.leaf(Ns.PARTIAL_LOCK, "select", select).declaring(namespaces))
                        .toList()),
                List.of(Need.capability(Capabilities.PARTIAL_LOCK)));
    }

    /** {@code partial-unlock} (RFC 5717 §2.4.2). */
    public static Operation partialUnlock(long lockId) {
        return new Operation(
                XmlElement.of(Ns.PARTIAL_LOCK, "partial-unlock",
                        XmlElement.leaf(Ns.PARTIAL_LOCK, "lock-id", Long.toString(lockId))),
                List.of(Need.capability(Capabilities.PARTIAL_LOCK)));
    }

    /** {@code validate} (RFC 6241 §8.6.4). */
    public static Operation validate(Datastore source) {
        List<Need> needs = new ArrayList<>(Datastore.source(source));
        needs.add(Need.anyOf(Capabilities.VALIDATE_1_0, Capabilities.VALIDATE_1_1));
        return new Operation(XmlElement.of(Ns.BASE, "validate", XmlElement.of(Ns.BASE, "source", source.toXml())),
                needs);
    }

    /** {@code commit} at once; or the confirmation of a confirmed commit of this session (RFC 6241 §8.3.4). */
    public static Operation commit() {
        return new Operation(XmlElement.of(Ns.BASE, "commit"), List.of(Need.capability(Capabilities.CANDIDATE)));
    }

    /** {@code commit} that confirms the confirmed commit of that token, from any session. */
    public static Operation confirmingCommit(String persistId) {
        return new Operation(
                XmlElement.of(Ns.BASE, "commit", XmlElement.leaf(Ns.BASE, "persist-id", persistId)),
                List.of(Need.capability(Capabilities.CANDIDATE), Need.capability(Capabilities.CONFIRMED_COMMIT_1_1)));
    }

    /** {@code commit} that is undone unless confirmed (RFC 6241 §8.4). */
    public static Operation commit(Confirm confirm) {
        boolean needs11 = confirm.persist().isPresent() || confirm.persistId().isPresent();
        List<XmlElement> content = new ArrayList<>();
        content.add(XmlElement.of(Ns.BASE, "confirmed"));
        confirm.timeout().ifPresent(timeout -> content
                .add(XmlElement.leaf(Ns.BASE, "confirm-timeout", Long.toString(timeout.toSeconds()))));
        confirm.persist().ifPresent(token -> content.add(XmlElement.leaf(Ns.BASE, "persist", token)));
        confirm.persistId().ifPresent(token -> content.add(XmlElement.leaf(Ns.BASE, "persist-id", token)));
        return new Operation(XmlElement.of(Ns.BASE, "commit", content),
                List.of(Need.capability(Capabilities.CANDIDATE),
                        needs11
                                ? Need.capability(Capabilities.CONFIRMED_COMMIT_1_1)
                                : Need.anyOf(Capabilities.CONFIRMED_COMMIT_1_0, Capabilities.CONFIRMED_COMMIT_1_1)));
    }

    /** {@code cancel-commit} of this session's confirmed commit, or of the one of that token (RFC 6241 §8.4.4). */
    public static Operation cancelCommit(Optional<String> persistId) {
        return new Operation(
                XmlElement.of(Ns.BASE, "cancel-commit",
                        persistId.map(token -> XmlElement.leaf(Ns.BASE, "persist-id", token)).stream().toList()),
                List.of(Need.capability(Capabilities.CONFIRMED_COMMIT_1_1)));
    }

    /** {@code discard-changes} (RFC 6241 §8.3.4). */
    public static Operation discardChanges() {
        return new Operation(XmlElement.of(Ns.BASE, "discard-changes"),
                List.of(Need.capability(Capabilities.CANDIDATE)));
    }

    /** {@code kill-session} (RFC 6241 §7.9). */
    public static Operation killSession(long sessionId) {
        return Operation.of(XmlElement.of(Ns.BASE, "kill-session",
                XmlElement.leaf(Ns.BASE, "session-id", Long.toString(sessionId))));
    }

    /**
     * {@code create-subscription} (RFC 5277 §2.1.1).
     *
     * @param start replays what was logged from then on
     * @param stop ends the subscription then; only with a start
     */
    public static Operation createSubscription(Optional<String> stream, Optional<Filter> filter,
            Optional<Instant> start, Optional<Instant> stop) {
        if (stop.isPresent() && start.isEmpty()) {
            throw new IllegalArgumentException("a stop time needs a start time");
        }
        List<Need> needs = new ArrayList<>();
        needs.add(Need.capability(Capabilities.NOTIFICATION));
        List<XmlElement> content = new ArrayList<>();
        stream.ifPresent(name -> content.add(XmlElement.leaf(Ns.NOTIFICATION, "stream", name)));
        filter.ifPresent(part -> {
            needs.addAll(Filter.needs(part));
            content.add(inNotification(part));
        });
        start.ifPresent(time -> content.add(XmlElement.leaf(Ns.NOTIFICATION, "startTime", time.toString())));
        stop.ifPresent(time -> content.add(XmlElement.leaf(Ns.NOTIFICATION, "stopTime", time.toString())));
        return new Operation(XmlElement.of(Ns.NOTIFICATION, "create-subscription", content), needs);
    }

    private static XmlElement inNotification(Filter filter) {
        XmlElement base = filter.toXml();
        XmlElement moved = XmlElement.of(Ns.NOTIFICATION, "filter", base.content()).declaring(base.namespaces());
        for (var attribute : base.attributes()) {
            moved = moved.with(attribute.name().local(), attribute.value());
        }
        return moved;
    }

    /** {@code get-schema} (RFC 6022 §3.1): the source text of a module, YANG unless the server has another default. */
    public static Operation getSchema(String identifier, Optional<String> version, Optional<String> format) {
        List<XmlElement> content = new ArrayList<>();
        content.add(XmlElement.leaf(Ns.MONITORING, "identifier", identifier));
        version.ifPresent(text -> content.add(XmlElement.leaf(Ns.MONITORING, "version", text)));
        format.ifPresent(text -> content.add(XmlElement.leaf(Ns.MONITORING, "format", text)));
        return new Operation(XmlElement.of(Ns.MONITORING, "get-schema", content),
                List.of(Need.module(Ns.MONITORING, "ietf-netconf-monitoring")));
    }
}
