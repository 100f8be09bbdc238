package homeport.netconf.session;

import homeport.netconf.Caller;
import homeport.netconf.Capabilities;
import homeport.netconf.Identity;
import homeport.netconf.Limits;
import homeport.netconf.Ns;
import homeport.netconf.Rpc;
import homeport.netconf.RpcError;
import homeport.netconf.RpcErrorException;
import homeport.netconf.RpcHandler;
import homeport.netconf.RpcReply;
import homeport.netconf.Rule;
import homeport.netconf.ServerSessions;
import homeport.netconf.SessionCounters;
import homeport.netconf.SessionEnd;
import homeport.netconf.SessionError;
import homeport.netconf.SessionTime;
import homeport.netconf.link.ByteLink;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlElement;
import homeport.netconf.xml.XmlError;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;

/**
 * The server's end of a NETCONF session over a link.
 *
 * <p>The link's thread only takes frames apart. From the hello on one virtual thread parses the requests, calls the
 * handler and writes the replies, in order; another writes notifications, between replies. Both wait while the link's
 * backlog is over the limit, and the session ends when that takes too long. A peer that sends more requests than may wait
 * is not read from.
 */
public final class ServerSession implements Caller {
    private static final SessionEnd CLOSED = new SessionEnd(SessionEnd.Reason.CLOSED, "");

    private final ByteLink link;
    private final RpcHandler handler;
    private final ServerSessions sessions;
    private final Identity identity;
    private final Limits limits;
    private final SessionTime time;
    private final long sessionId;
    private final Instant loginTime;
    private final ServerMachine machine;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<byte[]> requests = new ArrayDeque<>();
    private final Queue<Event> events = new ArrayDeque<>();
    private final CompletableFuture<SessionEnd> ended = new CompletableFuture<>();
    private long requestBytes;
    private boolean stoppedReading;
    private boolean notifying;
    private boolean working;
    private @Nullable Hello peer;
    /** Why it ends once the last request that came is answered; absent while more may come. */
    private volatile @Nullable SessionEnd afterLast;
    /** The client asked for the end: it may hang up as soon as it has read the answer, before we do. */
    private volatile boolean closing;
    private @Nullable SessionEnd end;
    private @Nullable Future<?> helloTimer;

    /** Held while a message is written, so that replies and notifications do not mix. */
    private final ReentrantLock writing = new ReentrantLock();
    private boolean chunked;
    /** Of the session's own thread only. */
    private final Queue<Runnable> afterReply = new ArrayDeque<>();

    private final AtomicLong inRpcs = new AtomicLong();
    private final AtomicLong inBadRpcs = new AtomicLong();
    private final AtomicLong outRpcErrors = new AtomicLong();
    private final AtomicLong outNotifications = new AtomicLong();

    /** A notification that waits to be written. */
    private record Event(Instant time, RpcReply.Body content) {}

    private ServerSession(ByteLink link, Capabilities capabilities, RpcHandler handler, ServerSessions sessions,
            Identity identity, Limits limits, SessionTime time, Instant loginTime) {
        this.link = link;
        this.handler = handler;
        this.sessions = sessions;
        this.identity = identity;
        this.limits = limits;
        this.time = time;
        this.sessionId = sessions.newId();
        this.loginTime = loginTime;
        this.machine = new ServerMachine(new Hello(capabilities, Optional.of(sessionId)), limits,
                new ServerMachine.Events() {
                    @Override
                    public void opened(Hello hello, boolean useChunks) {
                        ServerSession.this.opened(hello, useChunks);
                    }

                    @Override
                    public void message(byte[] message) {
                        ServerSession.this.queued(message);
                    }
                }, time.nanos().getAsLong());
    }

    /**
     * Serves a session on a link.
     *
     * @param capabilities what the server announces, base versions included
     * @param loginTime when the transport let the user in
     */
    public static ServerSession serve(ByteLink link, Capabilities capabilities, RpcHandler handler,
            ServerSessions sessions, Identity identity, Limits limits, SessionTime time, Instant loginTime) {
        ServerSession session = new ServerSession(link, capabilities, handler, sessions, identity, limits, time,
                loginTime);
        session.start();
        return session;
    }

    private void start() {
        // From its hello on the peer knows the id, and may have another session kill this one.
        sessions.add(this);
        link.send(machine.hello());
        lock.lock();
        try {
            helloTimer = time.timers().schedule(this::helloDeadline, limits.helloDeadline().toNanos(),
                    TimeUnit.NANOSECONDS);
        } finally {
            lock.unlock();
        }
        link.open(new ByteLink.Receiver() {
            @Override
            public void received(ByteBuffer bytes) {
                ServerSession.this.received(bytes);
            }

            @Override
            public void drained() {
                lock.lock();
                try {
                    changed.signalAll();
                } finally {
                    lock.unlock();
                }
            }

            @Override
            public boolean inputEnded(String reason) {
                ServerSession.this.inputEnded(new SessionEnd(SessionEnd.Reason.DROPPED, reason));
                return true;
            }

            @Override
            public void closed(String reason) {
                end(new SessionEnd(SessionEnd.Reason.DROPPED, reason));
            }
        });
    }

    private void helloDeadline() {
        SessionError late = null;
        lock.lock();
        try {
            machine.tick(time.nanos().getAsLong());
        } catch (SessionError error) {
            late = error;
        } finally {
            lock.unlock();
        }
        if (late != null) {
            failed(late);
        }
    }

    // Caller

    @Override
    public long sessionId() {
        return sessionId;
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public Capabilities capabilities() {
        lock.lock();
        try {
            return peer == null ? Capabilities.of() : peer.capabilities();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Instant loginTime() {
        return loginTime;
    }

    @Override
    public SessionCounters counters() {
        return new SessionCounters(inRpcs.get(), inBadRpcs.get(), outRpcErrors.get(), outNotifications.get());
    }

    /** Completes with why, when the session is over and its handler has been told. Never fails. */
    public CompletableFuture<SessionEnd> ended() {
        return ended.copy();
    }

    @Override
    public boolean notify(Instant eventTime, RpcReply.Body content) {
        lock.lock();
        try {
            if (end != null || peer == null || events.size() >= limits.queuedNotifications()) {
                return false;
            }
            events.add(new Event(eventTime, content));
            if (!notifying) {
                notifying = true;
                Thread.ofVirtual().name("netconf-notify-" + sessionId).start(this::writeNotifications);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void afterReply(Runnable work) {
        afterReply.add(work);
    }

    @Override
    public void end(SessionEnd why) {
        end(why, true);
    }

    private void end(SessionEnd why, boolean now) {
        boolean tellHere;
        lock.lock();
        try {
            if (end != null) {
                return;
            }
            end = closing && why.reason() == SessionEnd.Reason.DROPPED ? CLOSED : why;
            machine.end(new SessionError(Rule.CLOSED, why.reason().wire()));
            requests.clear();
            requestBytes = 0;
            events.clear();
            if (helloTimer != null) {
                helloTimer.cancel(false);
            }
            tellHere = !working;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        sessions.remove(this);
        if (now) {
            link.abort();
        } else {
            link.close();
        }
        if (tellHere) {
            // The hellos were never exchanged: no handler knows of this session.
            ended.complete(why);
        }
    }

    /** A rule was broken: the session ends with it. */
    private void failed(SessionError why) {
        SessionEnd.Reason reason;
        lock.lock();
        try {
            reason = switch (why.rule()) {
                case HELLO_MISSING, PEER_NOT_READING -> SessionEnd.Reason.TIMEOUT;
                default -> peer == null ? SessionEnd.Reason.BAD_HELLO : SessionEnd.Reason.OTHER;
            };
        } finally {
            lock.unlock();
        }
        end(new SessionEnd(reason, String.valueOf(why.getMessage())));
    }

    // From the link's thread

    private void received(ByteBuffer bytes) {
        SessionError wrong = null;
        lock.lock();
        try {
            machine.receive(bytes);
        } catch (SessionError error) {
            wrong = error;
        } catch (RuntimeException bug) {
            end(new SessionEnd(SessionEnd.Reason.OTHER, "a fault of our own: " + bug));
            throw bug;
        } finally {
            lock.unlock();
        }
        if (wrong != null) {
            failed(wrong);
        }
    }

    /** What came before is still answered, and what is written still leaves. */
    private void inputEnded(SessionEnd why) {
        boolean hasRequests;
        lock.lock();
        try {
            afterLast = why;
            hasRequests = working;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (!hasRequests) {
            endAfterWriting(why);
        }
    }

    private void opened(Hello hello, boolean useChunks) {
        peer = hello;
        chunked = useChunks;
        working = true;
        if (helloTimer != null) {
            helloTimer.cancel(false);
        }
        Thread.ofVirtual().name("netconf-session-" + sessionId).start(this::work);
    }

    private void queued(byte[] message) {
        requests.add(message);
        requestBytes += message.length;
        applyReading();
        changed.signalAll();
    }

    private void applyReading() {
        boolean stop = requests.size() >= limits.pendingRequests() || requestBytes >= limits.rpcBytes();
        if (stop != stoppedReading) {
            stoppedReading = stop;
            link.reading(!stop);
        }
    }

    // The session's own thread

    private void work() {
        try {
            handler.opened(this);
            for (byte[] message = nextRequest(); message != null; message = nextRequest()) {
                answer(message);
            }
            SessionEnd noMore = afterLast;
            if (noMore != null) {
                endAfterWriting(noMore);
            }
        } catch (SessionError wrong) {
            failed(wrong);
        } finally {
            end(new SessionEnd(SessionEnd.Reason.OTHER, "the session's thread ended"));
            SessionEnd why = endedWith();
            try {
                handler.closed(this, why);
            } finally {
                ended.complete(why);
            }
        }
    }

    private SessionEnd endedWith() {
        lock.lock();
        try {
            return end == null ? new SessionEnd(SessionEnd.Reason.OTHER, "") : end;
        } finally {
            lock.unlock();
        }
    }

    private byte @Nullable [] nextRequest() {
        lock.lock();
        try {
            while (requests.isEmpty() && end == null && afterLast == null) {
                changed.awaitUninterruptibly();
            }
            byte[] next = end == null ? requests.poll() : null;
            if (next != null) {
                requestBytes -= next.length;
                applyReading();
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    private void answer(byte[] message) {
        XmlElement element;
        try {
            element = Xml.parse(message, 0, message.length, limits.xml());
        } catch (XmlError wrong) {
            inBadRpcs.incrementAndGet();
            SessionError why = SessionError.of(wrong);
            RpcError error = RpcError.of(RpcError.Type.RPC, RpcError.Tag.MALFORMED_MESSAGE, why.rule().sentence());
            write(Optional.empty(), new RpcReply.Errors(List.of(error)));
            endAfterWriting(new SessionEnd(SessionEnd.Reason.OTHER, String.valueOf(why.getMessage())));
            return;
        }
        Rpc rpc;
        try {
            rpc = RpcReader.read(element);
        } catch (RpcErrorException wrong) {
            inBadRpcs.incrementAndGet();
            write(Optional.of(element), new RpcReply.Errors(wrong.errors()));
            return;
        } catch (SessionError wrong) {
            inBadRpcs.incrementAndGet();
            throw wrong;
        }
        inRpcs.incrementAndGet();
        if (rpc.operation().is(Ns.BASE, "close-session")) {
            closing = true;
            write(Optional.of(element), RpcReply.ok());
            endAfterWriting(CLOSED);
            return;
        }
        write(Optional.of(element), handle(rpc));
        for (Runnable work = afterReply.poll(); work != null; work = afterReply.poll()) {
            try {
                work.run();
            } catch (RuntimeException failure) {
                handler.failed(this, rpc, failure);
            }
        }
    }

    private RpcReply handle(Rpc rpc) {
        try {
            return handler.handle(this, rpc);
        } catch (RpcErrorException errors) {
            return new RpcReply.Errors(errors.errors());
        } catch (RuntimeException failure) {
            handler.failed(this, rpc, failure);
            return failure();
        }
    }

    private static RpcReply failure() {
        return new RpcReply.Errors(List.of(RpcError.of(RpcError.Type.APPLICATION, RpcError.Tag.OPERATION_FAILED,
                "the server failed to do this; its log says why")));
    }

    /** Ends the session once what was written has left. */
    private void endAfterWriting(SessionEnd why) {
        end(why, false);
    }

    // Writing

    private void write(Optional<XmlElement> rpc, RpcReply reply) {
        writing.lock();
        try {
            FrameEncoder encoder = new FrameEncoder(chunked, this::send);
            RpcReply forPeer = reply instanceof RpcReply.Errors(List<RpcError> errors)
                    ? new RpcReply.Errors(errors.stream().map(error -> RpcReader.forPeer(error, chunked)).toList())
                    : reply;
            if (forPeer instanceof RpcReply.Errors) {
                outRpcErrors.incrementAndGet();
            }
            try {
                ReplyWriter.reply(rpc, forPeer, encoder);
            } catch (XMLStreamException | RuntimeException failure) {
                instead(rpc, encoder, failure);
            }
            encoder.endMessage();
        } finally {
            writing.unlock();
        }
    }

    /** A body failed: while nothing of it has gone out there is still an error to send. */
    private void instead(Optional<XmlElement> rpc, FrameEncoder encoder, Exception failure) {
        if (failure instanceof SessionError error && error.rule() != Rule.END_MARK_INSIDE) {
            throw error;
        }
        rpc.ifPresent(element -> handler.failed(this, new Rpc(element, element.children().getFirst()), failure));
        if (!encoder.untouched()) {
            throw new SessionError(Rule.CLOSED, "a reply failed half way: " + failure);
        }
        encoder.discard();
        outRpcErrors.incrementAndGet();
        RpcReply error = failure instanceof RpcErrorException known ? new RpcReply.Errors(known.errors()) : failure();
        try {
            ReplyWriter.reply(rpc, error, encoder);
        } catch (XMLStreamException twice) {
            throw new SessionError(Rule.CLOSED, "an error reply failed: " + twice);
        }
    }

    /** Sends framed bytes; waits while the peer is too far behind. */
    private void send(ByteBuffer framed) {
        lock.lock();
        try {
            long left = limits.sendDeadline().toNanos();
            while (end == null && link.backlog() > limits.sendBacklogBytes()) {
                if (left <= 0) {
                    throw new SessionError(Rule.PEER_NOT_READING, "for " + limits.sendDeadline());
                }
                left = changed.awaitNanos(left);
            }
            if (end != null) {
                throw new SessionError(Rule.CLOSED);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new SessionError(Rule.CLOSED, "interrupted");
        } finally {
            lock.unlock();
        }
        link.send(framed);
    }

    private void writeNotifications() {
        try {
            for (Event next = nextEvent(); next != null; next = nextEvent()) {
                writing.lock();
                try {
                    FrameEncoder encoder = new FrameEncoder(chunked, this::send);
                    ReplyWriter.notification(next.time(), next.content(), encoder);
                    encoder.endMessage();
                    outNotifications.incrementAndGet();
                } finally {
                    writing.unlock();
                }
            }
        } catch (SessionError wrong) {
            failed(wrong);
        } catch (XMLStreamException | RuntimeException broken) {
            failed(new SessionError(Rule.CLOSED, "a notification could not be written: " + broken));
        }
    }

    private @Nullable Event nextEvent() {
        lock.lock();
        try {
            Event next = end == null ? events.poll() : null;
            notifying = next != null;
            return next;
        } finally {
            lock.unlock();
        }
    }
}
