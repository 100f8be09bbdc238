package homeport.netconf;

import java.util.Locale;
import java.util.Optional;

/**
 * Why a session is over.
 *
 * @param killedBy the id of the session that asked for it; 0 when an operator did by other means
 * @param detail for our own journal
 */
public record SessionEnd(Reason reason, Optional<Long> killedBy, String detail) {
    /** The termination reasons of RFC 6470, in its order. */
    public enum Reason {
        CLOSED,
        KILLED,
        DROPPED,
        TIMEOUT,
        BAD_HELLO,
        OTHER;

        /** As written in {@code termination-reason}. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public SessionEnd(Reason reason, String detail) {
        this(reason, Optional.empty(), detail);
    }

    public static SessionEnd killed(long by) {
        return new SessionEnd(Reason.KILLED, Optional.of(by), "");
    }
}
