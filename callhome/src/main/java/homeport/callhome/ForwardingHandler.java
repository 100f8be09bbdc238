package homeport.callhome;

import homeport.ssh.Question;
import homeport.ssh.wire.ChannelRequest;

/** Passes on to another handler all that happens on a channel, for who watches some of it. */
public abstract class ForwardingHandler implements ChannelHandler {
    private final ChannelHandler to;

    /** @param to hears of everything that is not overridden */
    protected ForwardingHandler(ChannelHandler to) {
        this.to = to;
    }

    @Override
    public void opened(LinkChannel channel) {
        to.opened(channel);
    }

    @Override
    public void refused(LinkChannel channel, ChannelRefusal refusal) {
        to.refused(channel, refusal);
    }

    @Override
    public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
        to.data(channel, dataType, array, offset, length);
    }

    @Override
    public void writable(LinkChannel channel) {
        to.writable(channel);
    }

    @Override
    public void eof(LinkChannel channel) {
        to.eof(channel);
    }

    @Override
    public void requested(LinkChannel channel, Question.ChannelRequested question) {
        to.requested(channel, question);
    }

    @Override
    public void replied(LinkChannel channel, ChannelRequest request, boolean success) {
        to.replied(channel, request, success);
    }

    @Override
    public void closed(LinkChannel channel) {
        to.closed(channel);
    }
}
