package homeport.callhome;

import homeport.ssh.Environment;
import homeport.ssh.Event;
import homeport.ssh.Role;
import homeport.ssh.SshSettings;
import org.jspecify.annotations.Nullable;

/**
 * An SSH connection of ours inside a channel of another one: the handler of the channel that carries it. It lives on the
 * thread of the outer connection, whose machine must pass it {@link #tick} and ask for its {@link #deadline}.
 */
public final class InnerLink implements ChannelHandler {
    private final Role role;
    private final SshSettings settings;
    private final Environment environment;
    private final SharedOutput output;
    private final Owner owner;
    private @Nullable SshLink link;
    private @Nullable ChannelSink sink;
    private boolean over;

    /** Takes what happens on it. */
    public interface Owner {
        /** An event of the connection inside. */
        void on(SshLink inner, Event event);

        /** It is gone, or never came about; told once, and last. */
        void over(InnerLink inner);
    }

    /** @param output of the thread; what is inside writes to its nested one */
    public InnerLink(Role role, SshSettings settings, Environment environment, SharedOutput output, Owner owner) {
        this.role = role;
        this.settings = settings;
        this.environment = environment;
        this.output = output.nested();
        this.owner = owner;
    }

    /** When {@link #tick} is due; {@link Long#MAX_VALUE} for never. */
    public long deadline() {
        var inner = link;
        return inner == null || inner.isClosed() ? Long.MAX_VALUE : inner.deadline();
    }

    public void tick() {
        var inner = link;
        if (inner != null && !inner.isClosed()) {
            inner.tick();
        }
    }

    /** Ends it in good order, with a text for the peer. */
    public void close(Refusal refusal, String detail) {
        var inner = link;
        if (inner != null && !inner.isClosed()) {
            inner.close(refusal, detail);
        }
    }

    @Override
    public void opened(LinkChannel channel) {
        var to = new ChannelSink(channel);
        var inner = new SshLink[1];
        inner[0] = SshLink.as(role, settings, environment, output, to, event -> owner.on(inner[0], event));
        to.feeds(inner[0]);
        sink = to;
        link = inner[0];
        inner[0].start();
    }

    @Override
    public void refused(LinkChannel channel, ChannelRefusal refusal) {
        gone();
    }

    @Override
    public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
        channel.consumed(length);
        var inner = link;
        if (inner != null && dataType == 0 && !inner.isClosed()) {
            inner.receive(array, offset, length);
        }
    }

    @Override
    public void writable(LinkChannel channel) {
        if (sink != null) {
            sink.channelWritable();
        }
    }

    @Override
    public void eof(LinkChannel channel) {
        endOfStream();
    }

    @Override
    public void closed(LinkChannel channel) {
        endOfStream();
        gone();
    }

    private void endOfStream() {
        var inner = link;
        if (inner != null && !inner.isClosed()) {
            inner.endOfStream();
        }
    }

    private void gone() {
        if (!over) {
            over = true;
            owner.over(this);
        }
    }
}
