package homeport.netconf.session;

import homeport.netconf.Capabilities;
import homeport.netconf.Limits;
import homeport.netconf.Ns;
import homeport.netconf.Rule;
import homeport.netconf.SessionError;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlElement;
import homeport.netconf.xml.XmlError;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A client's session, sans-IO: takes the peer's bytes and the time, and says what came of them. Not safe for threads.
 *
 * <p>A reply must carry the message-id of the oldest request still open, since a server answers in order (RFC 6241
 * §4.5); any other is the peer's fault and ends the session. A request that timed out or was cancelled stays in its place
 * in the queue until its reply has come and been skipped.
 */
final class ClientMachine {
    /** What comes out, besides the replies that go to their {@link Exchange}. */
    interface Events {
        void opened(Hello hello);

        void notification(XmlElement notification);
    }

    /** Messages up to this size are parsed where they arrive; of larger ones only the root element is. */
    static final int INLINE_BYTES = 64 << 10;
    /** How much of a reply that nobody wants is read and dropped before the session is worth less: 1 GiB as limits come. */
    private static final int SKIPPED_REPLIES = 64;

    /** What the session is. */
    private sealed interface State {
        record AwaitingHello(long deadlineNanos) implements State {}

        record Open(Hello peer, boolean chunked) implements State {}

        record Over(SessionError why) implements State {}
    }

    /** What becomes of the bytes of the message that is arriving. */
    private sealed interface Course {
        /** Too little has come to say. */
        enum Unknown implements Course {
            UNKNOWN
        }

        record Reply(Exchange exchange) implements Course {}

        record Streaming(Exchange exchange, Exchange.Streamed to) implements Course {}

        /** Dropped as it comes; so many bytes were. */
        record Skipping(Exchange exchange, long bytes) implements Course {}

        enum Notification implements Course {
            NOTIFICATION
        }
    }

    private final Capabilities ours;
    private final Limits limits;
    private final Events events;
    private final FrameDecoder decoder = new FrameDecoder();
    private final Collector collector = new Collector();
    private final Deque<Exchange> open = new ArrayDeque<>();
    private final FrameDecoder.Sink sink = new FrameDecoder.Sink() {
        @Override
        public void data(ByteBuffer slice) {
            ClientMachine.this.data(slice);
        }

        @Override
        public void end() {
            ClientMachine.this.end();
        }
    };

    private State state;
    private Course course = Course.Unknown.UNKNOWN;
    private int abandoned;

    ClientMachine(Capabilities ours, Limits limits, Events events, long nowNanos) {
        this.ours = ours;
        this.limits = limits;
        this.events = events;
        this.state = new State.AwaitingHello(nowNanos + limits.helloDeadline().toNanos());
    }

    /** The bytes that open the session. */
    ByteBuffer hello() {
        return Messages.hello(new Hello(ours, Optional.empty()));
    }

    /** Whether both sides use chunks now. */
    boolean chunked() {
        return state instanceof State.Open(Hello _, boolean chunked) && chunked;
    }

    @Nullable
    SessionError over() {
        return state instanceof State.Over(SessionError why) ? why : null;
    }

    /** Requests whose replies are still to come, abandoned ones included. */
    int openRequests() {
        return open.size();
    }

    /**
     * A request is about to be sent; its place in the order of replies is now.
     *
     * @throws SessionError when the session does not take it
     */
    void sending(Exchange exchange) {
        switch (state) {
            case State.AwaitingHello _ -> throw new IllegalStateException("no request before the hellos");
            case State.Over(SessionError why) -> throw why;
            case State.Open _ -> {
                if (open.size() >= limits.pendingRequests()) {
                    throw new SessionError(Rule.TOO_MANY_REQUESTS, open.size() + " are open");
                }
                open.add(exchange);
            }
        }
    }

    /**
     * Nobody waits for this reply any more.
     *
     * @throws SessionError when too many replies are missing to believe that they will come
     */
    void abandon(Exchange exchange) {
        if (!exchange.abandoned && open.contains(exchange)) {
            exchange.abandoned = true;
            if (++abandoned > limits.lostReplies()) {
                throw new SessionError(Rule.PEER_SILENT, abandoned + " replies are missing");
            }
        }
    }

    /**
     * Takes the peer's bytes.
     *
     * @throws SessionError when the session cannot go on; the caller then ends it with {@link #end(SessionError)}
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

    /** The earliest time at which {@link #tick} has something to do. */
    long nextDeadlineNanos() {
        return switch (state) {
            case State.AwaitingHello(long deadlineNanos) -> deadlineNanos;
            case State.Over _ -> Long.MAX_VALUE;
            case State.Open _ -> {
                long next = Long.MAX_VALUE;
                for (Exchange exchange : open) {
                    if (!exchange.abandoned) {
                        next = Math.min(next, exchange.deadlineNanos);
                    }
                }
                yield next;
            }
        };
    }

    /**
     * Time passed: gives up what is overdue. A reply that is arriving as a stream keeps its own time.
     *
     * @throws SessionError when the session cannot go on
     */
    void tick(long nowNanos) {
        if (state instanceof State.AwaitingHello(long deadlineNanos) && nowNanos >= deadlineNanos) {
            throw new SessionError(Rule.HELLO_MISSING);
        }
        for (Exchange exchange : List.copyOf(open)) {
            if (!exchange.abandoned && nowNanos >= exchange.deadlineNanos) {
                exchange.waiting.failed(new SessionError(Rule.REPLY_TIMEOUT, "message-id " + exchange.id));
                abandon(exchange);
            }
        }
    }

    /** The session is over: everybody who waits is told. */
    void end(SessionError why) {
        if (state instanceof State.Over) {
            return;
        }
        state = new State.Over(why);
        collector.clear();
        List<Exchange> waiting = new ArrayList<>(open);
        open.clear();
        for (Exchange exchange : waiting) {
            if (!exchange.abandoned) {
                exchange.waiting.failed(why);
            }
        }
    }

    private void data(ByteBuffer slice) {
        switch (course) {
            case Course.Streaming(Exchange exchange, Exchange.Streamed to) -> {
                if (exchange.abandoned) {
                    course = new Course.Skipping(exchange, slice.remaining());
                } else {
                    to.bytes(slice);
                }
            }
            case Course.Skipping(Exchange exchange, long bytes) -> skip(exchange, bytes + slice.remaining());
            case Course.Reply(Exchange exchange) -> {
                if (collector.size() + slice.remaining() > limits.replyBytes()) {
                    tooLarge(exchange);
                } else {
                    collector.add(slice);
                }
            }
            case Course.Notification _ -> {
                if (collector.size() + slice.remaining() > limits.notificationBytes()) {
                    throw new SessionError(Rule.NOTIFICATION_TOO_LARGE, "more than " + limits.notificationBytes());
                }
                collector.add(slice);
            }
            case Course.Unknown _ -> unknown(slice);
        }
    }

    /** What is skipped has no reader to slow it down, and a reply without end would be skipped for ever. */
    private void skip(Exchange exchange, long bytes) {
        long limit = SKIPPED_REPLIES * (long) limits.replyBytes();
        if (bytes > limit) {
            throw new SessionError(Rule.REPLY_TOO_LARGE, "more than " + limit + " bytes that nobody waits for");
        }
        course = new Course.Skipping(exchange, bytes);
    }

    private void tooLarge(Exchange exchange) {
        collector.clear();
        course = new Course.Skipping(exchange, limits.replyBytes());
        if (!exchange.abandoned) {
            exchange.waiting
                    .failed(new SessionError(Rule.REPLY_TOO_LARGE, "more than " + limits.replyBytes() + " bytes"));
        }
    }

    private void unknown(ByteBuffer slice) {
        if (state instanceof State.AwaitingHello) {
            if (collector.size() + slice.remaining() > limits.helloBytes()) {
                throw new SessionError(Rule.HELLO_TOO_LARGE, "more than " + limits.helloBytes());
            }
            collector.add(slice);
            return;
        }
        int room = INLINE_BYTES - collector.size();
        if (slice.remaining() <= room) {
            collector.add(slice);
            return;
        }
        collector.add(slice.slice(slice.position(), room));
        slice.position(slice.position() + room);
        route();
        data(slice);
    }

    /** Says from the root element what a message is that is too large to wait for. */
    private void route() {
        XmlElement root = Xml.root(collector.bytes(), 0, collector.size(), limits.xml());
        if (root.is(Ns.NOTIFICATION, "notification")) {
            course = Course.Notification.NOTIFICATION;
            return;
        }
        Exchange exchange = answered(root);
        if (exchange.abandoned) {
            course = new Course.Skipping(exchange, collector.size());
            collector.clear();
            return;
        }
        switch (exchange.waiting) {
            case Exchange.Streamed to -> {
                course = new Course.Streaming(exchange, to);
                to.bytes(ByteBuffer.wrap(collector.take()));
            }
            case Exchange.Whole _ -> {
                course = new Course.Reply(exchange);
                if (collector.size() > limits.replyBytes()) {
                    tooLarge(exchange);
                }
            }
        }
    }

    private void end() {
        switch (course) {
            case Course.Streaming(Exchange exchange, Exchange.Streamed to) -> {
                closed(exchange);
                if (!exchange.abandoned) {
                    to.end();
                }
            }
            case Course.Skipping(Exchange exchange, long _) -> closed(exchange);
            case Course.Reply(Exchange exchange) -> {
                closed(exchange);
                byte[] reply = collector.take();
                if (!exchange.abandoned && exchange.waiting instanceof Exchange.Whole to) {
                    to.repliedLarge(reply);
                }
            }
            case Course.Notification _ -> {
                events.notification(Xml.parse(collector.bytes(), 0, collector.size(), limits.xml()));
                collector.clear();
            }
            case Course.Unknown _ -> endSmall();
        }
        course = Course.Unknown.UNKNOWN;
    }

    /** A message that came whole before its kind was known. */
    private void endSmall() {
        Exchange oldest = open.peek();
        boolean streamed = oldest != null && oldest.waiting instanceof Exchange.Streamed;
        XmlElement message = streamed
                ? Xml.root(collector.bytes(), 0, collector.size(), limits.xml())
                : whole();
        if (state instanceof State.AwaitingHello) {
            collector.clear();
            Hello hello = Hello.fromServer(message);
            boolean chunked = Hello.chunked(ours, hello.capabilities());
            if (chunked) {
                decoder.chunked();
            }
            state = new State.Open(hello, chunked);
            events.opened(hello);
            return;
        }
        if (message.is(Ns.NOTIFICATION, "notification")) {
            XmlElement whole = streamed ? whole() : message;
            collector.clear();
            events.notification(whole);
            return;
        }
        Exchange exchange = answered(streamed && message.attribute("message-id").isEmpty() ? whole() : message);
        closed(exchange);
        if (exchange.abandoned) {
            collector.clear();
            return;
        }
        switch (exchange.waiting) {
            case Exchange.Whole to -> {
                collector.clear();
                to.replied(message);
            }
            case Exchange.Streamed to -> {
                to.bytes(ByteBuffer.wrap(collector.take()));
                to.end();
            }
        }
    }

    private XmlElement whole() {
        return Xml.parse(collector.bytes(), 0, collector.size(), limits.xml());
    }

    /**
     * The request a reply belongs to: the oldest, or the session is over.
     *
     * <p>A server that could not read a request so far as to know its id answers with an error alone and without id (RFC
     * 6241 §4.3); since it answers in order, that too is about the oldest.
     */
    private Exchange answered(XmlElement root) {
        // As with hellos, some old devices put it in no namespace.
        if (!root.is(Ns.BASE, "rpc-reply") && !root.is("", "rpc-reply")) {
            throw new SessionError(root.local().equals("hello") ? Rule.HELLO_TWICE : Rule.UNEXPECTED_MESSAGE,
                    root.name().toString());
        }
        Exchange oldest = open.peek();
        if (oldest == null) {
            throw new SessionError(Rule.REPLY_UNASKED);
        }
        String id = root.attribute("message-id").orElse("");
        if (id.isEmpty() && Reply.onlyErrors(root)) {
            return oldest;
        }
        if (!id.equals(oldest.id)) {
            throw new SessionError(Rule.MESSAGE_ID,
                    (id.isEmpty() ? "none" : id.substring(0, Math.min(64, id.length()))) + " for " + oldest.id);
        }
        return oldest;
    }

    private void closed(Exchange exchange) {
        open.remove();
        if (exchange.abandoned) {
            abandoned--;
        }
    }
}
