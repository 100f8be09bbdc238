package homeport.callhome;

import homeport.ssh.Channel;
import homeport.ssh.Environment;
import homeport.ssh.Event;
import homeport.ssh.Question;
import homeport.ssh.Role;
import homeport.ssh.SshConnection;
import homeport.ssh.SshSettings;
import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.Disconnect;
import java.util.ArrayList;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An SSH connection with its place in the world: what it writes reaches its sink, and what happens on its channels
 * reaches these channels' handlers. Everything else goes to its owner.
 */
public final class SshLink implements ByteMachine {
    private final SshConnection connection;
    private final Sink sink;
    private final Event.Handler owner;
    private final boolean greeted;
    private SharedOutput output;
    /** Channels that the sink held up. */
    private @Nullable ArrayList<LinkChannel> starved;

    private SshLink(Optional<Role> role, boolean greeted, SshSettings settings, Environment environment,
            SharedOutput output, Sink sink, Event.Handler owner) {
        this.output = output;
        this.sink = sink;
        this.owner = owner;
        this.greeted = greeted;
        this.connection = role.isPresent()
                ? SshConnection.as(role.get(), settings, environment, output.writer(), this::on)
                : SshConnection.undecided(settings, environment, output.writer(), this::on);
    }

    /** In a role that is known. */
    public static SshLink as(Role role, SshSettings settings, Environment environment, SharedOutput output, Sink sink,
            Event.Handler owner) {
        return new SshLink(Optional.of(role), false, settings, environment, output, sink, owner);
    }

    /** In a role that the peer's KEXINIT is going to show; the version line was sent before. */
    static SshLink undecided(SshSettings settings, Environment environment, SharedOutput output, Sink sink,
            Event.Handler owner) {
        return new SshLink(Optional.empty(), true, settings, environment, output, sink, owner);
    }

    /** For what this class does not wrap: change it only within {@link #run}. */
    public SshConnection connection() {
        return connection;
    }

    /** Runs something that may make the connection write. */
    public void run(Runnable call) {
        output.run(sink, call);
    }

    /** From now on it lives on another thread, whose output this is. Not within {@link #run}. */
    public void moveTo(SharedOutput other) {
        output = other;
        connection.moveTo(other.writer());
    }

    @Override
    public void start() {
        run(greeted ? connection::startGreeted : connection::start);
    }

    @Override
    public void receive(byte[] array, int offset, int length) {
        run(() -> connection.receive(array, offset, length));
    }

    @Override
    public void endOfStream() {
        run(connection::endOfStream);
    }

    @Override
    public boolean wantsInput() {
        return connection.wantsInput();
    }

    @Override
    public long deadline() {
        return connection.deadline();
    }

    @Override
    public void tick() {
        run(connection::tick);
    }

    @Override
    public void close(Refusal refusal, String detail) {
        run(() -> connection.disconnect(code(refusal), detail.isEmpty() ? refusal.sentence() : detail));
    }

    private static int code(Refusal refusal) {
        return switch (refusal) {
            case HOST_KEY -> Disconnect.HOST_KEY_NOT_VERIFIABLE;
            case TOO_MANY, TOO_MANY_FROM_ADDRESS, PENALTY -> Disconnect.TOO_MANY_CONNECTIONS;
            case REFUSED, HELD, DESIGN_OFF -> Disconnect.HOST_NOT_ALLOWED_TO_CONNECT;
            case LOGIN_FAILED -> Disconnect.NO_MORE_AUTH_METHODS_AVAILABLE;
            case NOT_SSH, NO_PROXY_HEADER, PROXY_HEADER, HTTP, TLS, CONTRADICTION, BAD_MESSAGE, BAD_IDENTITY,
                    PREFACE_TOO_LONG, OUTPUT_BACKLOG ->
                Disconnect.PROTOCOL_ERROR;
            case SILENT, PROBED, SLOW, NOTHING_OFFERED, DISPLACED, CLOSED, LOST, DRAINING -> Disconnect.BY_APPLICATION;
        };
    }

    @Override
    public boolean isClosed() {
        return connection.closed().isPresent();
    }

    @Override
    public void outputWritable() {
        var waiting = starved;
        if (waiting == null) {
            return;
        }
        starved = null;
        run(() -> waiting.forEach(LinkChannel::sinkWritable));
    }

    // ---- Channels

    /** Opens a channel. What becomes of it, the handler is told. */
    public LinkChannel open(ChannelType type, Optional<SessionStart> start, int window, ChannelHandler handler) {
        var channel = new LinkChannel(handler, start);
        open(channel, type, window);
        return channel;
    }

    /** Opens a channel for one that was waiting. */
    void open(LinkChannel channel, ChannelType type, int window) {
        if (channel.isOver()) {
            return;
        }
        if (isClosed() || !connection.isAuthenticated()) {
            channel.refused(
                    ChannelRefusal.notReached("the connection is " + (isClosed() ? "closed" : "not logged in")));
            return;
        }
        run(() -> {
            try {
                channel.opening(this, connection.openChannel(type, window));
            } catch (IllegalStateException tooMany) {
                channel.refused(ChannelRefusal.full("too many channels are open on this connection"));
            }
        });
    }

    /** Lets the peer open its channel. Where the time for that is over, the handler hears that it was refused. */
    public LinkChannel accept(Question.OpenRequested question, int window, ChannelHandler handler) {
        var channel = new LinkChannel(handler, Optional.empty());
        run(() -> {
            connection.accept(question, window);
            if (question.channel().isOpen()) {
                channel.accepted(this, question.channel());
            } else {
                channel.refused(ChannelRefusal.notReached("the answer came too late"));
            }
        });
        return channel;
    }

    /** Does not let the peer open its channel. */
    public void refuse(Question.OpenRequested question, ChannelRefusal refusal) {
        run(() -> connection.refuse(question, refusal.failure(), refusal.text()));
    }

    boolean sinkWritable() {
        return sink.writable();
    }

    void starve(LinkChannel channel) {
        var list = starved;
        if (list == null) {
            list = new ArrayList<>(2);
            starved = list;
        }
        list.add(channel);
    }

    int send(Channel channel, int dataType, byte[] array, int offset, int length) {
        var taken = new int[1];
        run(() -> taken[0] = dataType == 0
                ? channel.send(array, offset, length)
                : channel.sendExtended(dataType, array, offset, length));
        return taken[0];
    }

    // ---- What the connection tells

    private void on(Event event) {
        switch (event) {
            case Event.ChannelOpened e -> pass(e.channel(), e);
            case Event.ChannelRefused e -> pass(e.channel(), e);
            case Event.Data e -> {
                if (!pass(e.channel(), e)) {
                    e.channel().consumed(e.length());
                }
            }
            case Event.Writable e -> pass(e.channel(), e);
            case Event.Eof e -> pass(e.channel(), e);
            case Event.ChannelClosed e -> pass(e.channel(), e);
            case Event.ChannelReply e -> pass(e.channel(), e);
            case Question.ChannelRequested e -> {
                if (!pass(e.channel(), e)) {
                    connection.decide(e, false);
                }
            }
            case Event.Closed e -> {
                sink.end();
                owner.on(e);
            }
            case Event other -> owner.on(other);
        }
    }

    private static boolean pass(Channel channel, Event event) {
        if (channel.attachment() instanceof LinkChannel to) {
            to.on(event);
            return true;
        }
        return false;
    }

    @Override
    public String toString() {
        return "SshLink[" + connection + "]";
    }
}
