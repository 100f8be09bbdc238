package homeport.netconf.link;

import java.nio.ByteBuffer;

/**
 * Bytes in both directions. No method blocks, and all may be called from any thread, also from inside a
 * {@link Receiver}.
 */
public interface ByteLink {
    /** What happens on the link. Calls come one at a time, {@link #drained} excepted. None may block. */
    interface Receiver {
        /** Bytes came. The buffer is the receiver's for the time of the call only. */
        void received(ByteBuffer bytes);

        /** What was sent has left: the backlog is small again. May come from any thread, and more often than needed. */
        void drained();

        /**
         * The peer sends no more, and may still read: so ends whoever pipes requests into {@code ssh}.
         *
         * @param reason for people
         * @return whether the link stays for what is still to be sent, and is ours to close
         */
        default boolean inputEnded(String reason) {
            return false;
        }

        /**
         * The link is over: the peer closed it, it failed, or we closed it. Called once; nothing follows.
         *
         * @param reason for people
         */
        void closed(String reason);
    }

    /** Begins to deliver. Called once; bytes that came before are kept. */
    void open(Receiver receiver);

    /** Sends bytes, in the order of the calls. The buffer and its content belong to the link from here on. */
    void send(ByteBuffer bytes);

    /** Bytes taken by {@link #send} that have not left. */
    long backlog();

    /** Stops or continues delivery; what is under way may still come, one buffer at most. */
    void reading(boolean on);

    /** Ends the link after what was sent has left. */
    void close();

    /** Ends the link now. */
    void abort();
}
