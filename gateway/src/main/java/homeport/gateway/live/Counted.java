package homeport.gateway.live;

import homeport.callhome.ChannelHandler;
import homeport.callhome.LinkChannel;
import homeport.ssh.Question;
import homeport.ssh.wire.ChannelRequest;

/** A channel's handler that gives the channel's place back when it is over. */
record Counted(ChannelHandler handler, LiveDevice.Place place) implements ChannelHandler {
    @Override
    public void opened(LinkChannel channel) {
        handler.opened(channel);
    }

    @Override
    public void refused(LinkChannel channel, String reason) {
        place.close();
        handler.refused(channel, reason);
    }

    @Override
    public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
        handler.data(channel, dataType, array, offset, length);
    }

    @Override
    public void writable(LinkChannel channel) {
        handler.writable(channel);
    }

    @Override
    public void eof(LinkChannel channel) {
        handler.eof(channel);
    }

    @Override
    public void requested(LinkChannel channel, Question.ChannelRequested question) {
        handler.requested(channel, question);
    }

    @Override
    public void replied(LinkChannel channel, ChannelRequest request, boolean success) {
        handler.replied(channel, request, success);
    }

    @Override
    public void closed(LinkChannel channel) {
        place.close();
        handler.closed(channel);
    }
}
