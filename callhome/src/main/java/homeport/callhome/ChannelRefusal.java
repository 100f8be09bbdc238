package homeport.callhome;

import homeport.ssh.Event;
import homeport.ssh.wire.OpenFailure;

/**
 * Why a channel does not open.
 *
 * @param failure what another peer is told, where the channel was opened for it
 * @param text for people
 */
public record ChannelRefusal(OpenFailure failure, String text) {
    /** Whoever asks may not have it. */
    public static ChannelRefusal prohibited(String text) {
        return new ChannelRefusal(OpenFailure.ADMINISTRATIVELY_PROHIBITED, text);
    }

    /** What it was to lead to is not reached. */
    public static ChannelRefusal notReached(String text) {
        return new ChannelRefusal(OpenFailure.CONNECT_FAILED, text);
    }

    /** A limit is reached. */
    public static ChannelRefusal full(String text) {
        return new ChannelRefusal(OpenFailure.RESOURCE_SHORTAGE, text);
    }

    /** The device's own, in its words and with the reason's. A reason that the RFC does not know is passed on as the second. */
    static ChannelRefusal by(Event.ChannelRefused refused) {
        var known = OpenFailure.of(refused.reasonCode());
        var words = known.map(OpenFailure::words).orElse("reason " + refused.reasonCode());
        return new ChannelRefusal(known.orElse(OpenFailure.CONNECT_FAILED), "the device refuses the channel"
                + (refused.text().isEmpty() ? "" : ": " + refused.text()) + " (" + words + ")");
    }
}
