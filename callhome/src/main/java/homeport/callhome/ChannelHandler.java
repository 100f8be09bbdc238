package homeport.callhome;

import homeport.ssh.Question;
import homeport.ssh.wire.ChannelRequest;

/**
 * What happens on a {@link LinkChannel}. First either {@link #opened} or {@link #refused}; after {@code opened}, one day,
 * {@link #closed}; nothing after {@code refused} or {@code closed}.
 */
public interface ChannelHandler {
    /** It is open, and what was asked of it runs. */
    void opened(LinkChannel channel);

    /** It is not going to open. */
    void refused(LinkChannel channel, ChannelRefusal refusal);

    /**
     * Data came, in {@code array[offset .. offset + length)}: valid during this call only. The peer may send as much again
     * once {@link LinkChannel#consumed} has said so.
     *
     * @param dataType 0, or {@link homeport.ssh.Channel#STDERR}
     */
    void data(LinkChannel channel, int dataType, byte[] array, int offset, int length);

    /** {@link LinkChannel#send} took less than it was given, and takes more now. */
    default void writable(LinkChannel channel) {}

    /** The peer sends no more data. */
    default void eof(LinkChannel channel) {}

    /** The peer requests something: answer with {@link LinkChannel#decide}, now or later. */
    default void requested(LinkChannel channel, Question.ChannelRequested question) {
        channel.decide(question, false);
    }

    /** The answer to {@link LinkChannel#request}. */
    default void replied(LinkChannel channel, ChannelRequest request, boolean success) {}

    /** Both sides have closed it, or the connection ended. */
    void closed(LinkChannel channel);
}
