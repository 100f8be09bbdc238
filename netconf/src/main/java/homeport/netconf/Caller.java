package homeport.netconf;

import java.time.Instant;

/** The session a request came by, as its handler sees it. Safe to use from any thread, and after the session's end. */
public interface Caller {
    /** Between 1 and 4294967295. */
    long sessionId();

    Identity identity();

    /** What the client announced in its hello. */
    Capabilities capabilities();

    Instant loginTime();

    /** The counters of {@code ietf-netconf-monitoring} as they stand. */
    SessionCounters counters();

    /**
     * Sends a notification (RFC 5277 §4) between replies, without waiting for the peer to read it.
     *
     * @return false when it was not taken: the session is over, or its queue is full. Nothing was sent then, and a
     *     subscription that must not have gaps has to end.
     */
    boolean notify(Instant eventTime, RpcReply.Body content);

    /**
     * Does something when the reply to the request under way has been written, and not at all when none is. A handler
     * calls this on the thread that it was called on: what a request sets off must not overtake its reply.
     */
    void afterReply(Runnable work);

    /** Ends the session now: what was not yet written is dropped. */
    void end(SessionEnd why);
}
