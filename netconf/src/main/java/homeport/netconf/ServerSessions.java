package homeport.netconf;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The sessions of one server: hands out ids, and finds a session by its id. Safe for use by many threads. */
public final class ServerSessions {
    private static final long LARGEST_ID = 0xffff_ffffL;

    private final AtomicLong next = new AtomicLong(1);
    private final Map<Long, Caller> open = new ConcurrentHashMap<>();

    public ServerSessions() {}

    /** A session id in 1 to 4294967295 that no open session has (RFC 6241 §8.1). */
    public long newId() {
        while (true) {
            long id = next.getAndUpdate(last -> last == LARGEST_ID ? 1 : last + 1);
            if (!open.containsKey(id)) {
                return id;
            }
        }
    }

    public void add(Caller session) {
        open.put(session.sessionId(), session);
    }

    public void remove(Caller session) {
        open.remove(session.sessionId(), session);
    }

    /** The open sessions, in no order. */
    public List<Caller> all() {
        return List.copyOf(open.values());
    }

    public Optional<Caller> find(long id) {
        return Optional.ofNullable(open.get(id));
    }

    /**
     * Ends another session (RFC 6241 §7.9).
     *
     * @throws RpcErrorException {@code invalid-value} when it is the caller's own or does not exist
     */
    public void kill(Caller by, long id) {
        if (id == by.sessionId()) {
            throw new RpcErrorException(RpcError.Type.PROTOCOL, RpcError.Tag.INVALID_VALUE,
                    "a session cannot kill itself; use close-session");
        }
        Caller session = open.get(id);
        if (session == null) {
            throw new RpcErrorException(RpcError.Type.PROTOCOL, RpcError.Tag.INVALID_VALUE,
                    "there is no session " + id);
        }
        session.end(SessionEnd.killed(by.sessionId()));
    }
}
