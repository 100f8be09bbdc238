package homeport.netconf.server;

import homeport.netconf.Caller;
import homeport.netconf.Ns;
import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcError.Type;
import homeport.netconf.RpcErrorException;
import homeport.netconf.datastore.Changes.Change;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.xml.XmlElement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;

/** Who holds which datastore (RFC 6241 §7.5) or which parts of running (RFC 5717). */
final class Locks {
    /** A whole datastore, held by a session. */
    record Held(Caller by, Instant since) {}

    /** Parts of running, held by a session. */
    record Partial(long id, Caller by, Instant since, List<String> select, List<YangInstanceIdentifier> nodes) {
        Partial {
            select = List.copyOf(select);
            nodes = List.copyOf(nodes);
        }
    }

    /** More partial locks than an operator could keep apart. */
    private static final int MOST_PARTIAL = 1_000;

    private final Map<Datastores.Name, Held> held = new EnumMap<>(Datastores.Name.class);
    private final List<Partial> partial = new ArrayList<>();
    private long nextId = 1;

    /** {@code lock}. {@code modified} says that the candidate has changes that are nobody's yet. */
    synchronized void lock(Caller caller, Datastores.Name name, boolean modified, Instant now) {
        Held holder = held.get(name);
        if (holder != null) {
            throw denied(holder.by().sessionId(), "it is locked already");
        }
        if (name == Datastores.Name.RUNNING && !partial.isEmpty()) {
            throw denied(partial.getFirst().by().sessionId(), "parts of it are locked");
        }
        if (name == Datastores.Name.CANDIDATE && modified) {
            throw denied(0, "the candidate has changes that are not committed");
        }
        held.put(name, new Held(caller, now));
    }

    static RpcErrorException denied(long session, String message) {
        return new RpcErrorException(RpcError.of(Type.PROTOCOL, Tag.LOCK_DENIED, message)
                .withInfo(List.of(XmlElement.leaf(Ns.BASE, "session-id", String.valueOf(session)))));
    }

    synchronized void unlock(Caller caller, Datastores.Name name) {
        Held holder = held.get(name);
        if (holder == null || holder.by().sessionId() != caller.sessionId()) {
            throw Input.error(Tag.OPERATION_FAILED,
                    holder == null ? "it is not locked" : "another session holds the lock");
        }
        held.remove(name);
    }

    /** Whether a session may write a datastore at all. */
    synchronized void writable(Caller caller, Datastores.Name name) {
        Held holder = held.get(name);
        if (holder != null && holder.by().sessionId() != caller.sessionId()) {
            throw new RpcErrorException(RpcError.of(Type.PROTOCOL, Tag.IN_USE,
                    "session " + holder.by().sessionId() + " holds the lock"));
        }
    }

    /** Whether changes of running touch what others hold (RFC 5717 §2.1). */
    synchronized void writable(Caller caller, List<Change> changes) {
        for (Partial lock : partial) {
            if (lock.by().sessionId() == caller.sessionId()) {
                continue;
            }
            for (YangInstanceIdentifier node : lock.nodes()) {
                if (changes.stream().anyMatch(change -> overlap(change.path(), node))) {
                    throw new RpcErrorException(RpcError.of(Type.PROTOCOL, Tag.IN_USE,
                            "session " + lock.by().sessionId() + " holds a lock on a part of this"));
                }
            }
        }
    }

    private static boolean overlap(YangInstanceIdentifier a, YangInstanceIdentifier b) {
        return a.relativeTo(b).isPresent() || b.relativeTo(a).isPresent();
    }

    /** {@code partial-lock}; the lock's id. */
    synchronized long lockPartly(Caller caller, List<String> select, List<YangInstanceIdentifier> nodes, Instant now) {
        Held holder = held.get(Datastores.Name.RUNNING);
        if (holder != null && holder.by().sessionId() != caller.sessionId()) {
            throw denied(holder.by().sessionId(), "running is locked");
        }
        for (Partial lock : partial) {
            if (lock.by().sessionId() != caller.sessionId()
                    && lock.nodes().stream().anyMatch(node -> nodes.stream().anyMatch(other -> overlap(node, other)))) {
                throw denied(lock.by().sessionId(), "a part of it is locked already");
            }
        }
        if (partial.size() >= MOST_PARTIAL) {
            throw Input.error(Tag.RESOURCE_DENIED, "there are too many partial locks");
        }
        long id = nextId++;
        partial.add(new Partial(id, caller, now, select, nodes));
        return id;
    }

    synchronized void unlockPartly(Caller caller, long id) {
        if (!partial.removeIf(lock -> lock.id() == id && lock.by().sessionId() == caller.sessionId())) {
            throw Input.error(Tag.INVALID_VALUE, "this session holds no partial lock " + id);
        }
    }

    synchronized Optional<Held> holder(Datastores.Name name) {
        return Optional.ofNullable(held.get(name));
    }

    synchronized List<Partial> partial() {
        return List.copyOf(partial);
    }

    /** Drops all a session holds; the datastores it held whole. */
    synchronized Set<Datastores.Name> release(Caller caller) {
        partial.removeIf(lock -> lock.by().sessionId() == caller.sessionId());
        Set<Datastores.Name> released = new HashSet<>();
        held.entrySet().removeIf(entry -> {
            boolean own = entry.getValue().by().sessionId() == caller.sessionId();
            if (own) {
                released.add(entry.getKey());
            }
            return own;
        });
        return released;
    }
}
