package homeport.netconf.server;

import homeport.netconf.Caller;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.SessionTime;
import homeport.netconf.datastore.Changes.Change;
import homeport.netconf.datastore.Datastores;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code commit} and {@code cancel-commit} with confirmation (RFC 6241 §8.4): what is not confirmed in time, or loses
 * the session it depends on, is undone.
 */
final class Commits {
    /** What happens to a confirmed commit, in RFC 6470's words. */
    enum Event {
        START,
        CANCEL,
        TIMEOUT,
        EXTEND,
        COMPLETE
    }

    /** Told of everything that changes running without an operation's reply, and of confirmations. */
    interface Listener {
        /** @param by the session that did it; empty when time did */
        void confirmation(Event event, Optional<Caller> by, long timeoutSeconds);

        void rolledBack(List<Change> changes, Optional<Caller> by);
    }

    /** @param serial which commit it is, so that a timer cannot undo another one */
    private record Pending(long serial, Caller by, Optional<String> persist, Future<?> timer) {}

    /** RFC 6241 §8.4.5.1. */
    private static final long DEFAULT_TIMEOUT_SECONDS = 600;

    private final Datastores datastores;
    private final SessionTime time;
    private final Listener listener;
    private @Nullable Pending pending;
    private long lastSerial;

    Commits(Datastores datastores, SessionTime time, Listener listener) {
        this.datastores = datastores;
        this.time = time;
        this.listener = listener;
    }

    /** The session whose commit waits to be confirmed. */
    synchronized Optional<Caller> waiting() {
        Pending now = pending;
        return now == null ? Optional.empty() : Optional.of(now.by());
    }

    /** {@code commit}: what changed. */
    synchronized List<Change> commit(Input input, Datastores.Guard guard) {
        boolean confirmed = input.flag("confirmed");
        Optional<String> persist = input.text("persist");
        if (!confirmed && (persist.isPresent() || input.flag("confirm-timeout"))) {
            throw Input.element(Tag.BAD_ELEMENT, persist.isPresent() ? "persist" : "confirm-timeout",
                    "only a confirmed commit has this");
        }
        long timeout = input.number("confirm-timeout", 1, 0xffff_ffffL).orElse(DEFAULT_TIMEOUT_SECONDS);
        Pending before = pending;
        belongs(input, before);
        List<Change> changes = datastores.commit(confirmed, guard).changes();
        if (before != null) {
            before.timer().cancel(false);
        }
        if (confirmed) {
            long serial = ++lastSerial;
            pending = new Pending(serial, input.caller(), persist, startTimer(serial, timeout));
            listener.confirmation(before == null ? Event.START : Event.EXTEND, Optional.of(input.caller()), timeout);
        } else {
            pending = null;
            if (before != null) {
                listener.confirmation(Event.COMPLETE, Optional.of(input.caller()), 0);
            }
        }
        return changes;
    }

    /** Undoing writes to disk, which is nothing for the timers' own thread. */
    private Future<?> startTimer(long serial, long seconds) {
        return time.timers().schedule(
                () -> Thread.ofVirtual().name("confirmed-commit").start(() -> timedOut(serial)), seconds,
                TimeUnit.SECONDS);
    }

    /** A commit that persists is anybody's who knows its id; any other is its session's alone. */
    private static void belongs(Input input, @Nullable Pending pending) {
        Optional<String> id = input.text("persist-id");
        if (pending == null || pending.persist().isEmpty()) {
            if (id.isPresent()) {
                throw Input.element(Tag.INVALID_VALUE, "persist-id", "no commit waits under this id");
            }
            if (pending != null && pending.by().sessionId() != input.caller().sessionId()) {
                throw Input.error(Tag.IN_USE,
                        "session " + pending.by().sessionId() + " has a commit that waits to be confirmed");
            }
        } else if (!id.equals(pending.persist())) {
            throw Input.element(Tag.INVALID_VALUE, "persist-id",
                    id.isEmpty() ? "the commit that waits needs its persist-id" : "no commit waits under this id");
        }
    }

    /** {@code cancel-commit}. */
    synchronized void cancel(Input input) {
        Pending now = pending;
        belongs(input, now);
        if (now == null) {
            throw Input.error(Tag.OPERATION_FAILED, "no commit waits to be confirmed");
        }
        undo(now, Event.CANCEL, Optional.of(input.caller()));
    }

    /** The session is over: what depended on it is undone. */
    synchronized void closed(Caller caller) {
        Pending now = pending;
        if (now != null && now.persist().isEmpty() && now.by().sessionId() == caller.sessionId()) {
            undo(now, Event.CANCEL, Optional.of(caller));
        }
    }

    private synchronized void timedOut(long serial) {
        Pending now = pending;
        if (now != null && now.serial() == serial) {
            undo(now, Event.TIMEOUT, Optional.empty());
        }
    }

    private void undo(Pending now, Event event, Optional<Caller> by) {
        now.timer().cancel(false);
        List<Change> changes = datastores.rollBack();
        pending = null;
        listener.rolledBack(changes, by);
        listener.confirmation(event, by, 0);
    }

    /** A plain change of running does not confirm; but nothing is left to undo when the server goes. */
    synchronized void close() {
        Pending now = pending;
        if (now != null) {
            now.timer().cancel(false);
        }
    }
}
