package homeport.netconf.client;

import homeport.netconf.Ns;
import homeport.netconf.Rule;
import homeport.netconf.SessionError;
import homeport.netconf.session.Reply;
import homeport.netconf.xml.XmlElement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Dynamic subscriptions (RFC 8639) and YANG push (RFC 8641). What they bring comes as plain notifications of the session;
 * {@code push-update} and {@code push-change-update} name their subscription by id. Whether a server has them is in its
 * YANG library, not in its hello, so nothing is checked before sending.
 */
public final class Subscription {
    /** What is subscribed to. */
    public sealed interface Target {
        /** An event stream, such as {@code NETCONF}, and from when to replay it. */
        record Stream(String name, Optional<Filter> filter, Optional<Instant> replayFrom) implements Target {}

        /** The changes of a datastore. */
        record Push(Nmda.Store store, Optional<Filter> filter, Trigger trigger) implements Target {}
    }

    /** When a push comes. */
    public sealed interface Trigger {
        /** All that is selected, every so often: hundredths of a second, at least one. */
        record Periodic(Duration period, Optional<Instant> anchor) implements Trigger {}

        /** What changed, at least so far apart; all of it once at the start, unless told not to. */
        record OnChange(Optional<Duration> dampening, boolean syncOnStart) implements Trigger {}
    }

    private Subscription() {}

    /** {@code establish-subscription}; {@link #id} reads the reply. */
    public static Operation establish(Target target, Optional<Instant> stop) {
        List<XmlElement> content = new ArrayList<>(target(target));
        stop.ifPresent(time -> content.add(leaf("stop-time", time.toString())));
        if (target instanceof Target.Push push) {
            content.add(trigger(push.trigger()));
        }
        return Operation.of(XmlElement.of(Ns.SUBSCRIBED, "establish-subscription", content));
    }

    /** {@code modify-subscription}: another filter, period or end. A stream itself cannot be changed. */
    public static Operation modify(long id, Target target, Optional<Instant> stop) {
        List<XmlElement> content = new ArrayList<>();
        content.add(leaf("id", Long.toString(id)));
        switch (target) {
            case Target.Stream stream -> stream.filter().ifPresent(filter -> content.add(streamFilter(filter)));
            case Target.Push _ -> content.addAll(target(target));
        }
        stop.ifPresent(time -> content.add(leaf("stop-time", time.toString())));
        if (target instanceof Target.Push push) {
            content.add(trigger(push.trigger()));
        }
        return Operation.of(XmlElement.of(Ns.SUBSCRIBED, "modify-subscription", content));
    }

    /** {@code delete-subscription}: one of this session's own. */
    public static Operation delete(long id) {
        return Operation.of(XmlElement.of(Ns.SUBSCRIBED, "delete-subscription", leaf("id", Long.toString(id))));
    }

    /** {@code kill-subscription}: anybody's. */
    public static Operation kill(long id) {
        return Operation.of(XmlElement.of(Ns.SUBSCRIBED, "kill-subscription", leaf("id", Long.toString(id))));
    }

    /** The id that a reply to {@code establish-subscription} carries. */
    public static long id(Reply reply) {
        String text = reply.orThrow().content("id").text().strip();
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException wrong) {
            throw new SessionError(Rule.REPLY_CONTENT, "a subscription id that is no number");
        }
    }

    private static List<XmlElement> target(Target target) {
        List<XmlElement> content = new ArrayList<>();
        switch (target) {
            case Target.Stream(String name, Optional<Filter> filter, Optional<Instant> replayFrom) -> {
                filter.ifPresent(part -> content.add(streamFilter(part)));
                content.add(leaf("stream", name));
                replayFrom.ifPresent(time -> content.add(leaf("replay-start-time", time.toString())));
            }
            case Target.Push(Nmda.Store store, Optional<Filter> filter, Trigger _) -> {
                content.add(Nmda.datastore(Ns.YANG_PUSH, store));
                filter.ifPresent(part -> content
                        .add(part.toXml(Ns.YANG_PUSH, "datastore-subtree-filter", "datastore-xpath-filter")));
            }
        }
        return content;
    }

    private static XmlElement streamFilter(Filter filter) {
        return filter.toXml(Ns.SUBSCRIBED, "stream-subtree-filter", "stream-xpath-filter");
    }

    private static XmlElement trigger(Trigger trigger) {
        List<XmlElement> content = new ArrayList<>();
        return switch (trigger) {
            case Trigger.Periodic(Duration period, Optional<Instant> anchor) -> {
                content.add(XmlElement.leaf(Ns.YANG_PUSH, "period", hundredths(period)));
                anchor.ifPresent(
                        time -> content.add(XmlElement.leaf(Ns.YANG_PUSH, "anchor-time", time.toString())));
                yield XmlElement.of(Ns.YANG_PUSH, "periodic", content);
            }
            case Trigger.OnChange(Optional<Duration> dampening, boolean syncOnStart) -> {
                dampening.ifPresent(apart -> content
                        .add(XmlElement.leaf(Ns.YANG_PUSH, "dampening-period", hundredths(apart))));
                if (!syncOnStart) {
                    content.add(XmlElement.leaf(Ns.YANG_PUSH, "sync-on-start", "false"));
                }
                yield XmlElement.of(Ns.YANG_PUSH, "on-change", content);
            }
        };
    }

    private static String hundredths(Duration time) {
        return Long.toString(time.toMillis() / 10);
    }

    private static XmlElement leaf(String name, String value) {
        return XmlElement.leaf(Ns.SUBSCRIBED, name, value);
    }
}
