package homeport.netconf.server;

import homeport.netconf.Caller;
import homeport.netconf.Ns;
import homeport.netconf.RpcReply;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.Filter;
import homeport.netconf.datastore.Patch;
import homeport.netconf.datastore.Schemas;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.XmlElement;
import homeport.netconf.xml.XmlName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.opendaylight.yangtools.yang.data.api.schema.ContainerNode;

/**
 * What one subscription to a datastore pushes, and when (RFC 8641 §3.1): all that is selected every so often, or what
 * changed of it. What its user may not read is not selected, as of each push. Reading and comparing happen on virtual
 * threads, one at a time.
 */
final class Push {
    /** When a push comes. */
    sealed interface Trigger {
        /** At whole multiples of the period from the anchor on. */
        record Periodic(Duration period, Optional<Instant> anchor) implements Trigger {}

        /**
         * When something changed.
         *
         * @param dampening at least so long after the one before
         * @param excluded operations of edits that are not told
         */
        record OnChange(Duration dampening, boolean syncOnStart, Set<String> excluded) implements Trigger {}
    }

    private final ServerSettings settings;
    private final Schemas schemas;
    private final long id;
    private final Caller caller;
    private final Function<Filter, ContainerNode> source;
    private final Predicate<XmlName> permitted;
    private final Runnable lost;
    private final Instant began;
    private Filter filter;
    private Trigger trigger;
    private ContainerNode last = Datastores.nothing();
    private long patches;
    private Instant quietUntil = Instant.MIN;
    private @Nullable Future<?> timer;
    private boolean ended;

    /**
     * @param source what a filter selects for the caller now
     * @param permitted whether the caller may receive a notification of that name now
     * @param lost called when a push was not taken: nothing more comes
     */
    Push(ServerSettings settings, long id, Caller caller, Function<Filter, ContainerNode> source, Filter filter,
            Trigger trigger, Predicate<XmlName> permitted, Runnable lost) {
        this.settings = settings;
        this.schemas = settings.datastores().schemas();
        this.id = id;
        this.caller = caller;
        this.source = source;
        this.filter = filter;
        this.trigger = trigger;
        this.permitted = permitted;
        this.lost = lost;
        this.began = settings.clock().instant();
    }

    /** Begins; on the thread of the request that asked for it, when that is answered. */
    synchronized void start() {
        switch (trigger) {
            case Trigger.Periodic(Duration _, Optional<Instant> anchor) -> {
                if (anchor.isEmpty()) {
                    pushAll();
                }
                nextPeriod();
            }
            case Trigger.OnChange onChange -> {
                if (onChange.syncOnStart()) {
                    pushAll();
                } else {
                    last = source.apply(filter);
                }
            }
        }
    }

    /** Another filter and other times from here on. */
    synchronized void modify(Optional<Filter> newFilter, Optional<Trigger> newTrigger) {
        newFilter.ifPresent(part -> filter = part);
        newTrigger.ifPresent(when -> trigger = when);
        cancel();
        start();
    }

    /** Everything once more, for a receiver that is not sure of what it has. */
    synchronized void resync() {
        pushAll();
    }

    boolean isOnChange() {
        return trigger() instanceof Trigger.OnChange;
    }

    private synchronized Trigger trigger() {
        return trigger;
    }

    /** Something may have changed. */
    synchronized void changed() {
        if (ended || timer != null || !(trigger instanceof Trigger.OnChange)) {
            return;
        }
        Instant now = settings.clock().instant();
        if (now.isBefore(quietUntil)) {
            after(Duration.between(now, quietUntil), this::pushChanges);
        } else {
            background(this::pushChanges);
        }
    }

    synchronized void end() {
        ended = true;
        cancel();
    }

    private void cancel() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /** Reading a datastore is nothing for the timers' own thread. */
    private void background(Runnable work) {
        Thread.ofVirtual().name("yang-push-" + id).start(work);
    }

    private void after(Duration delay, Runnable work) {
        timer = settings.time().timers().schedule(() -> background(work), delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void nextPeriod() {
        if (ended || !(trigger instanceof Trigger.Periodic(Duration period, Optional<Instant> anchor))) {
            return;
        }
        long since = Duration.between(anchor.orElse(began), settings.clock().instant()).toMillis();
        after(Duration.ofMillis(period.toMillis() - Math.floorMod(since, period.toMillis())), this::period);
    }

    private synchronized void period() {
        if (!ended && trigger instanceof Trigger.Periodic) {
            pushAll();
            nextPeriod();
        }
    }

    private void pushAll() {
        last = source.apply(filter);
        ContainerNode all = last;
        send("push-update", writer -> {
            writer.writeStartElement("", "datastore-contents", Ns.YANG_PUSH);
            schemas.write(all, schemas.root(), writer);
            writer.writeEndElement();
        });
    }

    private synchronized void pushChanges() {
        timer = null;
        if (ended || !(trigger instanceof Trigger.OnChange onChange)) {
            return;
        }
        ContainerNode now = source.apply(filter);
        Optional<List<XmlElement>> edits = Patch.between(schemas, last, now, Ns.YANG_PUSH, onChange.excluded());
        if (edits.isEmpty()) {
            pushAll();
            return;
        }
        last = now;
        if (!edits.get().isEmpty()) {
            List<XmlElement> patch = new ArrayList<>();
            patch.add(XmlElement.leaf(Ns.YANG_PUSH, "patch-id", String.valueOf(patches++)));
            patch.addAll(edits.get());
            XmlElement changes = XmlElement.of(Ns.YANG_PUSH, "datastore-changes",
                    XmlElement.of(Ns.YANG_PUSH, "yang-patch", patch));
            send("push-change-update", writer -> changes.writeTo(writer, Namespaces.UNKNOWN));
        }
    }

    private void send(String name, RpcReply.Body content) {
        if (!permitted.test(new XmlName(Ns.YANG_PUSH, name))) {
            return;
        }
        Instant now = settings.clock().instant();
        if (trigger instanceof Trigger.OnChange onChange) {
            quietUntil = now.plus(onChange.dampening());
        }
        boolean taken = caller.notify(now, writer -> {
            writer.writeStartElement("", name, Ns.YANG_PUSH);
            writer.writeDefaultNamespace(Ns.YANG_PUSH);
            XmlElement.leaf(Ns.YANG_PUSH, "id", String.valueOf(id)).writeTo(writer, Namespaces.UNKNOWN);
            content.writeTo(writer);
            writer.writeEndElement();
        });
        if (!taken) {
            end();
            // Beside this object's lock: who is told has one of its own.
            background(lost);
        }
    }
}
