package homeport.callhome;

import homeport.ssh.Environment;
import homeport.ssh.Event;
import homeport.ssh.Role;
import homeport.ssh.SshSettings;

/**
 * An SSH connection of ours inside a channel of another one: the handler of the channel that carries it. It lives on the
 * thread of the outer connection, whose machine must pass it {@link #tick} and ask for its {@link #deadline}.
 */
public final class InnerLink extends SshInChannel {
    private final Role role;
    private final SshSettings settings;
    private final Environment environment;
    private final SharedOutput output;
    private final Owner owner;
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
        var link = living();
        return link == null ? Long.MAX_VALUE : link.deadline();
    }

    public void tick() {
        var link = living();
        if (link != null) {
            link.tick();
        }
    }

    /** Ends it in good order, with a text for the peer. */
    public void close(Refusal refusal, String detail) {
        var link = living();
        if (link != null) {
            link.close(refusal, detail);
        }
    }

    @Override
    SshLink connection(ChannelSink to) {
        var inner = new SshLink[1];
        inner[0] = SshLink.as(role, settings, environment, output, to, event -> owner.on(inner[0], event));
        return inner[0];
    }

    @Override
    void notOpened(ChannelRefusal refusal) {
        ended();
    }

    @Override
    void ended() {
        if (!over) {
            over = true;
            owner.over(this);
        }
    }
}
