package homeport.callhome;

import org.jspecify.annotations.Nullable;

/**
 * An SSH connection of ours inside a channel of another one: what the channel brings is its input, and its output goes into
 * the channel. It lives on the thread of the outer connection.
 */
abstract class SshInChannel implements ChannelHandler {
    private @Nullable SshLink inner;
    private @Nullable ChannelSink sink;

    /** Makes the connection, which is not started yet. */
    abstract SshLink connection(ChannelSink output);

    /** It does not come about: the channel is not going to open. */
    abstract void notOpened(ChannelRefusal refusal);

    /** The channel is over, and the connection has heard of it. */
    abstract void ended();

    /** Null until the channel is open. */
    final @Nullable SshLink inner() {
        return inner;
    }

    /** Where it is open, and not over. */
    final @Nullable SshLink living() {
        var link = inner;
        return link == null || link.isClosed() ? null : link;
    }

    @Override
    public final void opened(LinkChannel channel) {
        var output = new ChannelSink(channel);
        var link = connection(output);
        output.feeds(link);
        sink = output;
        inner = link;
        link.start();
    }

    @Override
    public final void refused(LinkChannel channel, ChannelRefusal refusal) {
        notOpened(refusal);
    }

    @Override
    public final void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
        channel.consumed(length);
        var link = living();
        if (link != null && dataType == 0) {
            link.receive(array, offset, length);
        }
    }

    @Override
    public final void writable(LinkChannel channel) {
        if (sink != null) {
            sink.channelWritable();
        }
    }

    @Override
    public final void eof(LinkChannel channel) {
        endOfStream();
    }

    @Override
    public final void closed(LinkChannel channel) {
        endOfStream();
        ended();
    }

    private void endOfStream() {
        var link = living();
        if (link != null) {
            link.endOfStream();
        }
    }
}
