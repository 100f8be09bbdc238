package homeport.callhome;

import homeport.ssh.Channel;
import homeport.ssh.Event;
import homeport.ssh.Question;
import homeport.ssh.wire.ChannelRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A channel of a link, the same whichever way the device came and whoever opened it. To be used by the link's thread
 * only.
 *
 * <p>Data is never queued here: {@link #send} takes what the peer's window and the stream below allow now, and {@link
 * ChannelHandler#writable} says when there is room again. What came in counts against our window until {@link #consumed}.
 */
public final class LinkChannel {
    private enum State {
        /** There is no channel yet: the way to the device is still being made. */
        WAITING,
        OPENING,
        STARTING,
        OPEN,
        OVER
    }

    private final ChannelHandler handler;
    private final Optional<SessionStart> start;
    private @Nullable SshLink link;
    private @Nullable Channel channel;
    private State state = State.WAITING;
    private boolean starved;
    private @Nullable Object attachment;

    LinkChannel(ChannelHandler handler, Optional<SessionStart> start) {
        this.handler = handler;
        this.start = start;
    }

    /** The channel is being opened by us. */
    void opening(SshLink on, Channel opened) {
        link = on;
        channel = opened;
        state = State.OPENING;
        opened.attach(this);
    }

    /** The peer opened it, and we let it. */
    void accepted(SshLink on, Channel opened) {
        opening(on, opened);
        state = State.OPEN;
        handler.opened(this);
    }

    // ---- What its owner does

    /**
     * Sends as much of {@code array[offset .. offset + length)} as may be sent now.
     *
     * @return how many bytes were taken; when fewer than {@code length}, {@link ChannelHandler#writable} follows
     */
    public int send(byte[] array, int offset, int length) {
        return send(0, array, offset, length);
    }

    /** As {@link #send(byte[], int, int)}, on another data type (RFC 4254 §5.2). */
    public int send(int dataType, byte[] array, int offset, int length) {
        var on = link;
        var to = channel;
        if (on == null || to == null || state != State.OPEN || length == 0) {
            return 0;
        }
        if (!on.sinkWritable()) {
            starve(on);
            return 0;
        }
        return on.send(to, dataType, array, offset, length);
    }

    /** Makes calls to it whose output goes out at once, in as few writes as can be. */
    public void together(Runnable calls) {
        var on = link;
        if (on == null) {
            calls.run();
        } else {
            on.run(calls);
        }
    }

    private void starve(SshLink on) {
        if (!starved) {
            starved = true;
            on.starve(this);
        }
    }

    /** How many bytes {@link #send} would take now. */
    public int sendable() {
        var on = link;
        var to = channel;
        return on == null || to == null || state != State.OPEN || !on.sinkWritable() ? 0 : to.sendable();
    }

    /** Says that {@code bytes} of the data handed out are dealt with, so that the peer may send as many more. */
    public void consumed(int bytes) {
        perform(to -> to.consumed(bytes));
    }

    /** Says that no more data follows; the other direction stays open. */
    public void sendEof() {
        perform(Channel::sendEof);
    }

    /** Sends a request; with {@code wantReply}, {@link ChannelHandler#replied} follows. */
    public void request(ChannelRequest request, boolean wantReply) {
        perform(to -> to.request(request, wantReply));
    }

    /** Answers a request of the peer. */
    public void decide(Question.ChannelRequested question, boolean success) {
        perform(to -> to.connection().decide(question, success));
    }

    /** Closes it. {@link ChannelHandler#closed} follows once the peer has closed too, or {@code refused} before. */
    public void close() {
        if (state == State.WAITING) {
            refused(ChannelRefusal.notReached("closed before it was open"));
        } else {
            perform(Channel::close);
        }
    }

    public boolean isOpen() {
        return state == State.OPEN;
    }

    /** Whether nothing happens on it any more. */
    public boolean isOver() {
        return state == State.OVER;
    }

    /** Whether the connection that it is in has ended, and it therefore. */
    public boolean isCut() {
        var on = link;
        return on != null && on.isClosed();
    }

    /** What the owner keeps beside it. */
    public @Nullable Object attachment() {
        return attachment;
    }

    public void attach(@Nullable Object value) {
        attachment = value;
    }

    private void perform(java.util.function.Consumer<Channel> command) {
        var on = link;
        var to = channel;
        if (on != null && to != null && state != State.OVER) {
            on.run(() -> command.accept(to));
        }
    }

    // ---- What happens to it

    void refused(ChannelRefusal refusal) {
        if (state != State.OVER) {
            state = State.OVER;
            handler.refused(this, refusal);
        }
    }

    /** The stream below takes more again. */
    void sinkWritable() {
        starved = false;
        if (state == State.OPEN) {
            handler.writable(this);
        }
    }

    /** Takes an event of its channel. */
    void on(Event event) {
        switch (event) {
            case Event.ChannelOpened opened -> begin();
            case Event.ChannelRefused refused -> refused(ChannelRefusal.by(refused));
            case Event.Data data -> data(data);
            case Event.Writable writable when state == State.OPEN -> handler.writable(this);
            case Event.Eof eof when state == State.OPEN -> handler.eof(this);
            case Event.ChannelReply reply -> reply(reply.request(), reply.success());
            case Question.ChannelRequested asked -> {
                if (state == State.OPEN) {
                    handler.requested(this, asked);
                } else {
                    decide(asked, false);
                }
            }
            case Event.ChannelClosed closed -> over();
            case Event other -> {
                // Of the connection, or of no meaning in this state.
            }
        }
    }

    private void data(Event.Data data) {
        if (state == State.OPEN) {
            handler.data(this, data.dataType(), data.array(), data.offset(), data.length());
        } else {
            consumed(data.length()); // before what was asked for has begun, or after we closed
        }
    }

    private void over() {
        var before = state;
        if (before == State.OVER) {
            return;
        }
        if (before != State.OPEN) {
            refused(ChannelRefusal.notReached("the channel was closed before it was open"));
            return;
        }
        state = State.OVER;
        handler.closed(this);
    }

    private void begin() {
        if (start.isEmpty() || start.get() instanceof SessionStart.Bare) {
            state = State.OPEN;
            handler.opened(this);
            return;
        }
        state = State.STARTING;
        switch (start.get()) {
            case SessionStart.Bare bare -> state = State.OPEN;
            case SessionStart.Shell shell -> {
                shell.terminal().ifPresent(pty -> request(pty, false));
                request(new ChannelRequest.Shell(), true);
            }
            case SessionStart.Exec exec -> {
                exec.terminal().ifPresent(pty -> request(pty, false));
                request(exec.command(), true);
            }
            case SessionStart.Subsystem subsystem -> request(new ChannelRequest.Subsystem(subsystem.name()), true);
        }
    }

    private void reply(ChannelRequest request, boolean success) {
        if (state != State.STARTING) {
            if (state == State.OPEN) {
                handler.replied(this, request, success);
            }
        } else if (success) {
            state = State.OPEN;
            handler.opened(this);
        } else {
            var on = link;
            var to = channel;
            refused(ChannelRefusal.notReached("the device refuses the " + request.type()));
            if (on != null && to != null) {
                on.run(to::close);
            }
        }
    }

    @Override
    public String toString() {
        return "LinkChannel[" + state + ", " + channel + "]";
    }
}
