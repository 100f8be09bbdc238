package homeport.ssh.blocking;

import homeport.ssh.Channel;
import homeport.ssh.CloseReason;
import homeport.ssh.Environment;
import homeport.ssh.Event;
import homeport.ssh.Question;
import homeport.ssh.Role;
import homeport.ssh.SshConnection;
import homeport.ssh.SshSettings;
import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.GlobalRequest;
import homeport.ssh.wire.SshWriter;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One connection in either role over a {@link Link}; any thread may use it. */
public final class BlockingConnection implements Closeable {
    /** Most that one write hands to the engine before it looks at the backlog again. */
    static final int WRITE_BYTES = 64 << 10;
    /** A writer waits while this much is on its way to the link. */
    private static final int BACKLOG_BYTES = 256 << 10;
    private static final int READ_BYTES = 64 << 10;
    /**
     * Nothing is read while this much is on its way to the link: what a peer makes us answer (pings, requests) and does not
     * take must not pile up. Above what writers leave behind, so that two ends that both write never wait for each other.
     */
    private static final int REPLIES_BYTES = BACKLOG_BYTES + 2 * WRITE_BYTES + (512 << 10);

    private final Link link;
    private final Answers answers;
    private final Environment environment;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Condition toWrite = lock.newCondition();
    private final Condition written = lock.newCondition();
    private final Condition dueSooner = lock.newCondition();
    private final ArrayDeque<Asked> asked = new ArrayDeque<>();
    private final SshWriter out = new SshWriter(8 << 10);
    private final SshConnection engine;
    private @Nullable CloseReason closed;
    private boolean writing;
    private long keyExchanges;
    private long rekeysBegunHere;

    /** A global request that waits for its answer; whoever sent it holds it, as answers come in the order of requests. */
    private static final class Asked {
        private boolean answered;
        private Optional<byte[]> data = Optional.empty();
    }

    private BlockingConnection(Link link, Role role, SshSettings settings, Environment environment, Answers answers) {
        this.link = link;
        this.answers = answers;
        this.environment = environment;
        this.engine = SshConnection.as(role, settings, environment, out, this::on);
    }

    /** Starts a connection; returns at once. */
    public static BlockingConnection start(Link link, Role role, SshSettings settings, Answers answers) {
        var connection = new BlockingConnection(link, role, settings, Environment.system(), answers);
        connection.begin();
        return connection;
    }

    private void begin() {
        lock.lock();
        try {
            engine.start();
        } finally {
            lock.unlock();
        }
        Thread.ofVirtual().name("ssh-reader").start(this::readAll);
        Thread.ofVirtual().name("ssh-writer").start(this::writeAll);
        Thread.ofVirtual().name("ssh-clock").start(this::keepTime);
    }

    /** Waits for the end of the login. @throws IOException with the reason when the connection ends instead */
    public BlockingConnection awaitLogin() throws IOException {
        return locked(() -> {
            await(engine::isAuthenticated);
            return this;
        });
    }

    /** Opens a channel and waits for the peer's consent. */
    public BlockingChannel open(ChannelType type) throws IOException {
        var channel = locked(() -> {
            await(engine::isAuthenticated);
            return attach(engine.openChannel(type, SshConnection.DEFAULT_WINDOW));
        });
        channel.awaitOpen();
        return channel;
    }

    /** Sends a global request and waits for the answer: its data, or empty when it is refused. */
    public Optional<byte[]> request(GlobalRequest request) throws IOException {
        return locked(() -> {
            await(engine::isAuthenticated);
            var mine = new Asked();
            asked.add(mine);
            engine.request(request, true);
            await(() -> mine.answered);
            return mine.data;
        });
    }

    /** Begins an exchange of keys, unless one runs; waits for the login, before which there is nothing to renew. */
    public void rekey() throws IOException {
        command(() -> {
            await(engine::isAuthenticated);
            engine.rekey();
        });
    }

    /** Waits until the connection has ended. */
    public CloseReason awaitClose() throws IOException {
        lock.lock();
        try {
            while (closed == null) {
                changed.await();
            }
            return closed;
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed != null;
        } finally {
            lock.unlock();
        }
    }

    /** Key exchanges that were completed. */
    public long keyExchanges() {
        lock.lock();
        try {
            return keyExchanges;
        } finally {
            lock.unlock();
        }
    }

    /** Of the key exchanges after the first, those that this side began; the others the peer did. */
    public long rekeysBegunHere() {
        lock.lock();
        try {
            return rekeysBegunHere;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until {@code count} key exchanges are complete. @throws IOException when the connection ends before */
    public void awaitKeyExchanges(long count) throws IOException {
        command(() -> await(() -> keyExchanges >= count));
    }

    /** The engine, for looking at; not for commands. */
    public <T> T look(Look<T> look) {
        lock.lock();
        try {
            return look.at(engine);
        } finally {
            lock.unlock();
        }
    }

    /** What {@link #look} is for. */
    public interface Look<T> {
        T at(SshConnection connection);
    }

    /** Disconnects in good order; what was written before is sent first. */
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            engine.disconnect("closed");
            flush();
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
            while ((out.size() > 0 || writing) && until - System.nanoTime() > 0) {
                written.awaitNanos(until - System.nanoTime());
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            lock.unlock();
        }
        link.close().close();
    }

    // ---- For channels

    /** What runs with the lock held. */
    interface Step<T> {
        T run() throws IOException;
    }

    <T> T locked(Step<T> step) throws IOException {
        lock.lock();
        try {
            return step.run();
        } finally {
            flush();
            lock.unlock();
        }
    }

    /** As {@link Step}, for what has no result. */
    interface Command {
        void run() throws IOException;
    }

    void command(Command command) throws IOException {
        locked(() -> {
            command.run();
            return true;
        });
    }

    /** Waits, with the lock given up meanwhile. @throws IOException when the connection ends without it */
    void await(BooleanSupplier condition) throws IOException {
        try {
            flush();
            while (!condition.getAsBoolean()) {
                if (closed != null) {
                    throw new IOException("the connection ended: " + closed.text());
                }
                changed.await();
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Something that is waited for has changed, without an event to tell it. */
    void wake() {
        changed.signalAll();
    }

    void awaitRoom() throws IOException {
        try {
            while (out.size() > BACKLOG_BYTES && closed == null) {
                flush();
                written.await();
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IOException("interrupted", e);
    }

    private void flush() {
        if (out.size() > 0) {
            toWrite.signal();
        }
        dueSooner.signal();
    }

    // ---- The three threads

    private void readAll() {
        var buffer = new byte[READ_BYTES];
        try {
            while (true) {
                int count = link.input().read(buffer);
                lock.lock();
                try {
                    if (count < 0) {
                        engine.endOfStream();
                        return;
                    }
                    // While a decision is pending nothing more is read than is kept.
                    engine.receive(buffer, 0, count);
                    flush();
                    while (!engine.wantsInput() && closed == null) {
                        changed.await();
                    }
                    while (out.size() > REPLIES_BYTES && closed == null) {
                        written.await();
                    }
                } finally {
                    lock.unlock();
                }
            }
        } catch (IOException | InterruptedException e) {
            lock.lock();
            try {
                engine.endOfStream();
            } finally {
                lock.unlock();
            }
        }
    }

    private void writeAll() {
        byte[] buffer = new byte[0];
        while (true) {
            int count;
            lock.lock();
            try {
                writing = false;
                written.signalAll();
                while (out.size() == 0) {
                    if (closed != null) {
                        link.close().close();
                        return;
                    }
                    toWrite.await();
                }
                count = out.size();
                if (buffer.length < count) {
                    buffer = new byte[Math.max(count, BACKLOG_BYTES)];
                }
                System.arraycopy(out.array(), 0, buffer, 0, count);
                out.clear();
                writing = true;
                written.signalAll();
            } catch (InterruptedException | IOException e) {
                return; // nobody interrupts this thread, and a link that cannot be closed is gone
            } finally {
                lock.unlock();
            }
            try {
                link.output().write(buffer, 0, count);
                link.output().flush();
            } catch (IOException e) {
                lock.lock();
                try {
                    out.clear();
                    engine.endOfStream();
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    private void keepTime() {
        lock.lock();
        try {
            while (closed == null) {
                long wait = engine.deadline() - environment.nanoTime().getAsLong();
                if (wait > 0) {
                    dueSooner.awaitNanos(Math.min(wait, TimeUnit.HOURS.toNanos(1)));
                } else {
                    engine.tick();
                    flush();
                }
            }
        } catch (InterruptedException e) {
            engine.disconnect("interrupted");
        } finally {
            lock.unlock();
        }
    }

    // ---- Events, with the lock held

    private BlockingChannel attach(Channel channel) {
        var blocking = new BlockingChannel(this, channel);
        channel.attach(blocking);
        return blocking;
    }

    private static @Nullable BlockingChannel of(Channel channel) {
        return (BlockingChannel) channel.attachment();
    }

    private void on(Event event) {
        switch (event) {
            case Event.Data data -> with(data.channel(),
                    channel -> channel.data(data.dataType(), data.array(), data.offset(), data.length()));
            case Event.ChannelOpened opened -> with(opened.channel(), BlockingChannel::opened);
            case Event.ChannelRefused refused -> with(refused.channel(), channel -> channel.refused(refused.text()));
            case Event.ChannelReply reply -> with(reply.channel(), channel -> channel.reply(reply.success()));
            case Event.Eof eof -> with(eof.channel(), BlockingChannel::eof);
            case Event.ChannelClosed end -> with(end.channel(), BlockingChannel::closed);
            case Event.GlobalReply reply -> {
                var first = asked.remove();
                first.answered = true;
                first.data = reply.success() ? Optional.of(reply.data()) : Optional.empty();
            }
            case Event.Closed end -> {
                closed = end.reason();
                toWrite.signal();
                written.signalAll();
                dueSooner.signal();
            }
            case Question.ChannelRequested asked -> with(asked.channel(), channel -> channel.request(asked));
            case Question question -> Thread.ofVirtual().name("ssh-answer").start(() -> answer(question));
            case Event.VersionReceived e -> {
            }
            case Event.KeysExchanged exchanged -> {
                keyExchanges++;
                rekeysBegunHere += exchanged.begunHere() && !exchanged.first() ? 1 : 0;
            }
            case Event.Banner e -> {
            }
            case Event.Authenticated e -> {
            }
            case Event.Writable e -> {
            }
            case Event.HostKeysProven e -> {
            }
            case Event.Pong e -> {
            }
        }
        changed.signalAll();
    }

    private static void with(Channel channel, java.util.function.Consumer<BlockingChannel> action) {
        var blocking = of(channel);
        if (blocking != null) {
            action.accept(blocking);
        }
    }

    /** Asks the program, without the lock, and gives its answer to the engine. */
    private void answer(Question question) {
        switch (question) {
            case Question.HostKeyAsked asked -> {
                var decision = answers.hostKey(asked);
                decide(() -> engine.decide(asked, decision));
            }
            case Question.LoginAsked asked -> {
                var attempt = answers.login(asked);
                decide(() -> engine.decide(asked, attempt));
            }
            case Question.PromptsAsked asked -> {
                var texts = answers.prompts(asked);
                decide(() -> engine.decide(asked, texts));
            }
            case Question.LoginRequested asked -> {
                var decision = answers.login(asked);
                decide(() -> engine.decide(asked, decision));
            }
            case Question.GlobalRequested asked -> {
                var data = answers.global(asked.request());
                decide(() -> engine.decide(asked, data.isPresent(), data.orElseGet(() -> new byte[0])));
            }
            case Question.OpenRequested asked -> {
                var program = answers.open(asked.type());
                if (program.isEmpty()) {
                    decide(() -> engine.refuse(asked, "not served here"));
                    return;
                }
                var served = attach(asked.channel());
                decide(() -> engine.accept(asked, SshConnection.DEFAULT_WINDOW));
                serve(program.get(), served);
            }
            case Question.RoleAsked asked -> throw new IllegalStateException("the role is always given here");
            case Question.ChannelRequested asked -> throw new IllegalStateException("channels take their requests");
        }
    }

    private void decide(Runnable decision) {
        lock.lock();
        try {
            decision.run();
            changed.signalAll();
            flush();
        } finally {
            lock.unlock();
        }
    }

    private static void serve(Answers.ChannelProgram program, BlockingChannel channel) {
        try (channel) {
            program.run(channel);
        } catch (IOException e) {
            // The peer went away in the middle, which is its right; the channel is closed either way.
            return;
        }
    }
}
