package homeport.netconf.session;

import homeport.netconf.SessionError;
import homeport.netconf.xml.XmlElement;
import java.nio.ByteBuffer;

/** One request and its reply, as the machine sees it: who waits, and how. */
final class Exchange {
    /** What becomes of the reply. */
    sealed interface Waiting permits Whole, Streamed {
        void failed(SessionError error);
    }

    /** The reply is collected in memory. */
    non-sealed interface Whole extends Waiting {
        void replied(XmlElement reply);

        /** A reply too large to be read on the link's thread: it is to be parsed elsewhere. */
        void repliedLarge(byte[] reply);
    }

    /** The reply is passed on as it comes. */
    non-sealed interface Streamed extends Waiting {
        void bytes(ByteBuffer slice);

        void end();
    }

    final String id;
    final Waiting waiting;
    /** Monotonic time; {@link Long#MAX_VALUE} for never. */
    final long deadlineNanos;
    /** Nobody waits any more: the reply, when it comes, is skipped. */
    boolean abandoned;

    Exchange(String id, Waiting waiting, long deadlineNanos) {
        this.id = id;
        this.waiting = waiting;
        this.deadlineNanos = deadlineNanos;
    }
}
