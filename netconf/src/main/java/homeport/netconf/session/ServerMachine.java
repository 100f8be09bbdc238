package homeport.netconf.session;

import homeport.netconf.Capabilities;
import homeport.netconf.Limits;
import homeport.netconf.Rule;
import homeport.netconf.SessionError;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlError;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A server's session, sans-IO: takes the peer's bytes and the time, gives out its hello and its requests, unparsed. Not
 * safe for threads.
 */
final class ServerMachine {
    /** What comes out. */
    interface Events {
        void opened(Hello peer, boolean chunked);

        /** A whole message after the hello; nobody has looked at it. */
        void message(byte[] message);
    }

    private sealed interface State {
        record AwaitingHello(long deadlineNanos) implements State {}

        record Open() implements State {}

        record Over(SessionError why) implements State {}
    }

    private final Hello ours;
    private final Limits limits;
    private final Events events;
    private final FrameDecoder decoder = new FrameDecoder();
    private final Collector collector = new Collector();
    private final FrameDecoder.Sink sink = new FrameDecoder.Sink() {
        @Override
        public void data(ByteBuffer slice) {
            ServerMachine.this.data(slice);
        }

        @Override
        public void end() {
            ServerMachine.this.end();
        }
    };

    private State state;

    ServerMachine(Hello ours, Limits limits, Events events, long nowNanos) {
        this.ours = ours;
        this.limits = limits;
        this.events = events;
        this.state = new State.AwaitingHello(nowNanos + limits.helloDeadline().toNanos());
    }

    /** The bytes that open the session. */
    ByteBuffer hello() {
        return Messages.hello(ours);
    }

    Capabilities capabilities() {
        return ours.capabilities();
    }

    @Nullable
    SessionError over() {
        return state instanceof State.Over(SessionError why) ? why : null;
    }

    /**
     * Takes the peer's bytes.
     *
     * @throws SessionError when the session cannot go on; the caller then ends it
     */
    void receive(ByteBuffer bytes) {
        if (state instanceof State.Over) {
            return;
        }
        try {
            decoder.receive(bytes, sink);
        } catch (XmlError wrong) {
            throw SessionError.of(wrong);
        }
    }

    /** The time at which {@link #tick} has something to do. */
    long nextDeadlineNanos() {
        return state instanceof State.AwaitingHello(long deadlineNanos) ? deadlineNanos : Long.MAX_VALUE;
    }

    /** Time passed. */
    void tick(long nowNanos) {
        if (state instanceof State.AwaitingHello(long deadlineNanos) && nowNanos >= deadlineNanos) {
            throw new SessionError(Rule.HELLO_MISSING);
        }
    }

    /** The session is over; what comes now is dropped. */
    void end(SessionError why) {
        if (!(state instanceof State.Over)) {
            state = new State.Over(why);
            collector.clear();
        }
    }

    private void data(ByteBuffer slice) {
        switch (state) {
            case State.AwaitingHello _ -> collect(slice, limits.helloBytes(), Rule.HELLO_TOO_LARGE);
            case State.Open _ -> collect(slice, limits.rpcBytes(), Rule.RPC_TOO_LARGE);
            case State.Over _ -> {
            }
        }
    }

    private void collect(ByteBuffer slice, int limit, Rule rule) {
        if (collector.size() + slice.remaining() > limit) {
            throw new SessionError(rule, "more than " + limit + " bytes");
        }
        collector.add(slice);
    }

    private void end() {
        switch (state) {
            case State.AwaitingHello _ -> {
                Hello peer = Hello.fromClient(Xml.parse(collector.bytes(), 0, collector.size(), limits.xml()));
                collector.clear();
                boolean chunked = Hello.chunked(ours.capabilities(), peer.capabilities());
                if (chunked) {
                    decoder.chunked();
                }
                state = new State.Open();
                events.opened(peer, chunked);
            }
            case State.Open _ -> events.message(collector.take());
            case State.Over _ -> {
            }
        }
    }
}
