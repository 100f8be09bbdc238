package homeport.gateway.live;

import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.ForwardingHandler;
import homeport.callhome.LinkChannel;

/** A channel's handler that gives the channel's place back when it is over. */
final class Counted extends ForwardingHandler {
    private final LiveDevice.Place place;

    Counted(ChannelHandler handler, LiveDevice.Place place) {
        super(handler);
        this.place = place;
    }

    @Override
    public void refused(LinkChannel channel, ChannelRefusal refusal) {
        place.close();
        super.refused(channel, refusal);
    }

    @Override
    public void closed(LinkChannel channel) {
        place.close();
        super.closed(channel);
    }
}
