package homeport.netconf.session;

import homeport.netconf.Capabilities;
import homeport.netconf.Limits;
import homeport.netconf.Notification;
import homeport.netconf.Ns;
import homeport.netconf.Rule;
import homeport.netconf.SessionError;
import homeport.netconf.SessionTime;
import homeport.netconf.link.ByteLink;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlElement;
import homeport.netconf.xml.XmlError;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of a NETCONF session over a link. Safe for use by many threads; requests of several are pipelined.
 *
 * <p>A reply that is small is parsed on the link's thread, a larger one on a virtual thread. Futures complete on either,
 * so what depends on one without {@code Async} must be short. Notifications go to their listener on a virtual thread of
 * the session, in order; while it falls behind by more than the limit the session reads nothing, replies included, so a
 * listener must not wait for a reply of the same session.
 */
public final class ClientSession {
    private static final Capabilities OURS = Capabilities.of(Capabilities.BASE_1_0, Capabilities.BASE_1_1);

    private final ByteLink link;
    private final Limits limits;
    private final SessionTime time;
    private final ClientMachine machine;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicLong lastId = new AtomicLong(100);
    private final CompletableFuture<ClientSession> opened = new CompletableFuture<>();
    private final CompletableFuture<SessionError> closed = new CompletableFuture<>();
    /** What the machine brought about under the lock, to be told after it. */
    private final Queue<Runnable> told = new ArrayDeque<>();
    private final Queue<Notification> notifications = new ArrayDeque<>();

    private @Nullable Hello peer;
    private @Nullable Consumer<Notification> listener;
    private boolean listening;
    private int fullPipes;
    private boolean stoppedReading;
    private long timerAtNanos = Long.MAX_VALUE;
    private @Nullable Future<?> timer;

    private ClientSession(ByteLink link, Capabilities ours, Limits limits, SessionTime time) {
        this.link = link;
        this.limits = limits;
        this.time = time;
        this.machine = new ClientMachine(ours, limits, new ClientMachine.Events() {
            @Override
            public void opened(Hello hello) {
                peer = hello;
                told.add(() -> opened.complete(ClientSession.this));
            }

            @Override
            public void notification(XmlElement notification) {
                arrived(Notification.of(notification));
            }
        }, time.nanos().getAsLong());
    }

    /** Begins a session that speaks both base versions. The future fails with {@link SessionError}. */
    public static CompletableFuture<ClientSession> open(ByteLink link, Limits limits, SessionTime time) {
        return open(link, OURS, limits, time);
    }

    /** Begins a session with other capabilities of ours. The future fails with {@link SessionError}. */
    public static CompletableFuture<ClientSession> open(ByteLink link, Capabilities ours, Limits limits,
            SessionTime time) {
        ClientSession session = new ClientSession(link, ours, limits, time);
        session.start();
        return session.opened;
    }

    /**
     * Opens a session and waits for the peer's hello.
     *
     * @throws SessionError when it did not come to be
     */
    public static ClientSession connect(ByteLink link, Limits limits, SessionTime time) {
        return await(open(link, limits, time));
    }

    private void start() {
        link.send(machine.hello());
        link.open(new ByteLink.Receiver() {
            @Override
            public void received(ByteBuffer bytes) {
                underLock(() -> machine.receive(bytes));
            }

            @Override
            public void drained() {
                // A request that the link has no room for is refused, so nothing waits for the link.
            }

            @Override
            public void closed(String reason) {
                fail(new SessionError(Rule.LINK_CLOSED, reason));
            }
        });
        underLock(() -> {});
    }

    /** The server's id for this session. */
    public long sessionId() {
        return hello().sessionId().orElse(0L);
    }

    /** What the server announced. */
    public Capabilities capabilities() {
        return hello().capabilities();
    }

    private Hello hello() {
        Hello known = peer;
        if (known == null) {
            throw new IllegalStateException("the session is not open yet");
        }
        return known;
    }

    public Limits limits() {
        return limits;
    }

    /** Completes with why, when the session is over. Never fails. */
    public CompletableFuture<SessionError> closed() {
        return closed.copy();
    }

    public boolean isOpen() {
        return !closed.isDone();
    }

    /** Whoever wants the notifications from here on; without one they are dropped. */
    public void onNotification(Consumer<Notification> newListener) {
        underLock(() -> listener = newListener);
    }

    // Requests

    /**
     * Sends a request; others may be open. Cancelling the future gives the reply up: it is skipped when it comes.
     *
     * <p>The future fails with {@link SessionError}, of a rule about this request or about the session. It does not look
     * for errors in the reply.
     */
    public CompletableFuture<Reply> send(XmlElement operation, Duration timeout) {
        PendingReply reply = new PendingReply();
        Exchange exchange = exchange(new Exchange.Whole() {
            @Override
            public void replied(XmlElement element) {
                told.add(() -> reply.complete(Reply.of(element)));
            }

            @Override
            public void repliedLarge(byte[] bytes) {
                told.add(() -> Thread.ofVirtual().name("netconf-parse").start(() -> parse(bytes, reply)));
            }

            @Override
            public void failed(SessionError error) {
                told.add(() -> reply.completeExceptionally(error));
            }
        }, timeout);
        reply.exchange = exchange;
        try {
            send(exchange, operation);
        } catch (SessionError refused) {
            reply.completeExceptionally(refused);
        }
        return reply;
    }

    /** A reply that can be given up. */
    private final class PendingReply extends CompletableFuture<Reply> {
        private volatile @Nullable Exchange exchange;

        @Override
        public boolean cancel(boolean mayInterrupt) {
            boolean cancelled = super.cancel(mayInterrupt);
            Exchange sent = exchange;
            if (cancelled && sent != null) {
                underLock(() -> machine.abandon(sent));
            }
            return cancelled;
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new CompletableFuture<>();
        }
    }

    /**
     * Sends a request and waits for its reply. Interrupting the waiting thread cancels.
     *
     * @throws SessionError as {@link #send} fails
     */
    public Reply call(XmlElement operation, Duration timeout) {
        return await(send(operation, timeout));
    }

    /**
     * Sends a request whose reply is read as it comes, in bounded memory. The caller must read to the end, or close.
     *
     * @param patience how long a reader waits for the next bytes
     */
    public ReplyStream stream(XmlElement operation, Duration patience) {
        ReplyPipe pipe = new ReplyPipe(full -> underLock(() -> {
            fullPipes += full ? 1 : -1;
            applyReading();
        }), patience);
        // The pipe's own patience is this request's deadline.
        Exchange exchange = new Exchange(Long.toString(lastId.incrementAndGet()), pipe, Long.MAX_VALUE);
        send(exchange, operation);
        return new ReplyStream(pipe, limits, () -> underLock(() -> machine.abandon(exchange)), this::fail);
    }

    private Exchange exchange(Exchange.Waiting waiting, Duration timeout) {
        return new Exchange(Long.toString(lastId.incrementAndGet()), waiting,
                time.nanos().getAsLong() + timeout.toNanos());
    }

    private void send(Exchange exchange, XmlElement operation) {
        List<ByteBuffer> pieces = Messages.rpc(exchange.id, operation, chunkedOrThrow(), limits);
        SessionError[] refused = new SessionError[1];
        underLock(() -> {
            try {
                if (link.backlog() > limits.requestBytes()) {
                    throw new SessionError(Rule.TOO_MANY_REQUESTS, link.backlog() + " bytes wait for the peer to read");
                }
                machine.sending(exchange);
                pieces.forEach(link::send);
            } catch (SessionError wrong) {
                refused[0] = wrong;
            }
        });
        if (refused[0] != null) {
            throw refused[0];
        }
    }

    private boolean chunkedOrThrow() {
        lock.lock();
        try {
            SessionError over = machine.over();
            if (over != null) {
                throw over;
            }
            return machine.chunked();
        } finally {
            lock.unlock();
        }
    }

    private void parse(byte[] bytes, CompletableFuture<Reply> reply) {
        try {
            reply.complete(Reply.of(Xml.parse(bytes, 0, bytes.length, limits.xml())));
        } catch (XmlError wrong) {
            SessionError error = SessionError.of(wrong);
            reply.completeExceptionally(error);
            fail(error);
        }
    }

    /** Waits for a future of this session, and gives what it failed with as it is. */
    public static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get();
        } catch (InterruptedException interrupted) {
            future.cancel(false);
            Thread.currentThread().interrupt();
            throw new SessionError(Rule.CANCELLED, "interrupted");
        } catch (CancellationException cancelled) {
            throw new SessionError(Rule.CANCELLED);
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof RuntimeException known) {
                throw known;
            }
            throw new CompletionException(cause);
        }
    }

    // The end

    /** Says close-session, waits for its answer that long, and closes the link, answered or not. */
    public void close(Duration timeout) {
        try {
            call(XmlElement.of(Ns.BASE, "close-session"), timeout);
        } catch (SessionError unanswered) {
            fail(new SessionError(Rule.CLOSED, String.valueOf(unanswered.getMessage())));
            return;
        }
        end(new SessionError(Rule.CLOSED), false);
    }

    /** Ends the session without a word. */
    public void abort() {
        fail(new SessionError(Rule.CLOSED));
    }

    private void fail(SessionError why) {
        end(why, true);
    }

    private void end(SessionError why, boolean now) {
        lock.lock();
        try {
            ending(why, now);
        } finally {
            lock.unlock();
        }
        tellAll();
    }

    private void ending(SessionError why, boolean now) {
        if (machine.over() != null) {
            return;
        }
        machine.end(why);
        told.add(() -> {
            opened.completeExceptionally(why);
            closed.complete(why);
            if (now) {
                link.abort();
            } else {
                link.close();
            }
        });
    }

    // The machine and its lock

    /** Does something with the machine, then tells what came of it without the lock. */
    private void underLock(Runnable step) {
        lock.lock();
        try {
            step.run();
            schedule();
        } catch (SessionError wrong) {
            ending(wrong, true);
        } catch (RuntimeException bug) {
            ending(new SessionError(Rule.CLOSED, "a fault of our own: " + bug), true);
            throw bug;
        } finally {
            lock.unlock();
            tellAll();
        }
    }

    private void tellAll() {
        if (lock.isHeldByCurrentThread()) {
            return;
        }
        while (true) {
            Runnable next;
            lock.lock();
            try {
                next = told.poll();
            } finally {
                lock.unlock();
            }
            if (next == null) {
                return;
            }
            next.run();
        }
    }

    /** One timer, for the earliest deadline; a request that is answered in time costs none. */
    private void schedule() {
        long next = machine.nextDeadlineNanos();
        if (next >= timerAtNanos || next == Long.MAX_VALUE) {
            return;
        }
        if (timer != null) {
            timer.cancel(false);
        }
        timerAtNanos = next;
        timer = time.timers().schedule(this::deadline, next - time.nanos().getAsLong(), TimeUnit.NANOSECONDS);
    }

    private void deadline() {
        underLock(() -> {
            timerAtNanos = Long.MAX_VALUE;
            timer = null;
            if (machine.over() == null) {
                machine.tick(time.nanos().getAsLong());
            }
        });
    }

    private void applyReading() {
        boolean stop = fullPipes > 0 || notifications.size() >= limits.queuedNotifications();
        if (stop != stoppedReading) {
            stoppedReading = stop;
            link.reading(!stop);
        }
    }

    // Notifications

    private void arrived(Notification notification) {
        if (listener == null) {
            return;
        }
        notifications.add(notification);
        applyReading();
        if (!listening) {
            listening = true;
            told.add(() -> Thread.ofVirtual().name("netconf-notifications").start(this::deliver));
        }
    }

    /** Hands the waiting notifications over, and ends when there are none. */
    private void deliver() {
        while (true) {
            Notification next;
            Consumer<Notification> to;
            lock.lock();
            try {
                next = notifications.poll();
                to = listener;
                if (next == null || to == null) {
                    listening = false;
                    return;
                }
                if (stoppedReading && notifications.size() <= limits.queuedNotifications() / 2) {
                    applyReading();
                }
            } finally {
                lock.unlock();
            }
            try {
                to.accept(next);
            } catch (RuntimeException failed) {
                fail(new SessionError(Rule.CONSUMER_FAILED, "the notification listener threw " + failed));
                return;
            }
        }
    }

    /** The peer's hello, once it came. */
    public Optional<Hello> peer() {
        return Optional.ofNullable(peer);
    }
}
