package homeport.ssh;

import homeport.ssh.key.SshPublicKey;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.GlobalRequest;
import java.util.List;

/** What a connection tells its owner. Handed over while the owner's own call into the connection runs. */
public sealed interface Event {

    /** Takes a connection's events. */
    interface Handler {
        void on(Event event);
    }

    /** The peer's identification, without the line end (RFC 4253 §4.2). */
    record VersionReceived(String identification) implements Event {}

    /**
     * New keys are in force in both directions.
     *
     * @param begunHere whether our KEXINIT went out before the peer's came
     */
    record KeysExchanged(Negotiated algorithms, boolean first, boolean begunHere) implements Event {}

    /** Text that the server wants shown before the login (RFC 4252 §5.4). Not to be trusted: it may hold anything. */
    record Banner(String text) implements Event {}

    /** Authentication is complete; channels may be opened by either side. */
    record Authenticated(String user) implements Event {}

    /** The peer confirmed a channel that we opened. */
    record ChannelOpened(Channel channel) implements Event {}

    /** The peer refused a channel that we opened (RFC 4254 §5.1). */
    record ChannelRefused(Channel channel, long reasonCode, String text) implements Event {}

    /**
     * Data, in {@code array[offset .. offset + length)}: valid during this call only.
     *
     * @param dataType 0, or the type of extended data such as {@link Channel#STDERR}
     */
    record Data(Channel channel, int dataType, byte[] array, int offset, int length) implements Event {
        @Override
        public String toString() {
            return "Data[" + channel + ", type " + dataType + ", " + length + " bytes]";
        }
    }

    /** A channel on which {@link Channel#send} took less than it was given takes more now. */
    record Writable(Channel channel) implements Event {}

    /** The peer sends no more data on this channel. */
    record Eof(Channel channel) implements Event {}

    /** Both sides have closed the channel; its number may be used again. */
    record ChannelClosed(Channel channel) implements Event {}

    /** The answer to {@link Channel#request}; in the order of the requests. */
    record ChannelReply(Channel channel, ChannelRequest request, boolean success) implements Event {}

    /** The answer to {@link SshConnection#request}; in the order of the requests. */
    record GlobalReply(GlobalRequest request, boolean success, byte[] data) implements Event {}

    /** The server showed its other host keys and proved to have them: good to be remembered. */
    record HostKeysProven(List<SshPublicKey> keys) implements Event {}

    /** The answer to {@link SshConnection#ping}. */
    record Pong(byte[] data) implements Event {}

    /** The connection has ended; nothing follows. */
    record Closed(CloseReason reason) implements Event {}

    /** Something that waits for the owner's decision. */
    sealed interface Asked extends Event permits Question {}
}
