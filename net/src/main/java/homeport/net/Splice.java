package homeport.net;

import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.LinkChannel;
import homeport.callhome.SshLink;
import homeport.ssh.Question;
import homeport.ssh.wire.ChannelRequest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Two channels joined, which may live on different loops: data, windows, end of data, requests and their answers, and the
 * close pass through in their order.
 *
 * <p>What came on one side is said to be consumed there only when the other side has taken it. So what waits in between
 * is bounded by the window of the side that it came from, whatever the peers do.
 *
 * <pre>
 *  operator ──▶ north side ══ loop to loop ══▶ south side ──▶ device
 *           ◀──            ◀══             ══              ◀──
 * </pre>
 */
public final class Splice {
    /** Learns what became of it. On the northern loop. */
    public interface Watcher {
        /** Both channels are open. */
        default void opened(Splice splice) {}

        /** The device's side did not open; the northern one was refused for the same reason, or told {@link #instead}. */
        default void refused(Splice splice, ChannelRefusal refusal) {}

        /** What the northern channel is opened for all the same, such as to say the reason; empty to refuse it. */
        default Optional<ChannelHandler> instead(ChannelRefusal refusal) {
            return Optional.empty();
        }

        /** What to tell the northern peer, whose channel the device has neither opened nor refused in all this time. */
        default String silent(Duration time) {
            return "the device has not answered within " + time.toSeconds() + " s";
        }

        /** The northern peer requests something. @return whether it is passed on; else it is refused */
        default boolean requested(Splice splice, ChannelRequest request) {
            return true;
        }

        /**
         * The device has not answered a request of the northern peer in all this time. What is not answered here is
         * answered with failure.
         */
        default void unanswered(Splice splice, LinkChannel north, Question.ChannelRequested question, Duration time) {}

        /**
         * The device's connection ended under an open channel, and the device had not said how what ran on it ended.
         *
         * @param north is about to be closed
         */
        default void cut(LinkChannel north) {}

        /** It is over. */
        default void closed(Splice splice) {}
    }

    /** Opens the southern channel. */
    public interface Opener {
        void open(ChannelHandler handler);
    }

    /** How often per window a side hears at most of what the other one has taken. */
    private static final int CREDITS_A_WINDOW = 4;

    private final Loop northLoop;
    private final Loop southLoop;
    private final SshLink northLink;
    private final Question.OpenRequested asked;
    private final int window;
    private final Watcher watcher;
    private final PacketArrays arrays;
    private final Side north;
    private final Side south;
    private final LongAdder northBytes = new LongAdder();
    private final LongAdder southBytes = new LongAdder();
    /** Whether the device has said how what ran there ended. Only the northern side's loop looks. */
    private boolean ended;
    /** Whether the northern peer has been told that it is not going to open. Only on the northern loop. */
    private boolean refused;

    private Splice(Loop northLoop, SshLink northLink, Question.OpenRequested asked, Loop southLoop, int window,
            Watcher watcher) {
        this.northLoop = northLoop;
        this.northLink = northLink;
        this.asked = asked;
        this.southLoop = southLoop;
        this.window = window;
        this.watcher = watcher;
        this.arrays = northLoop.loops().arrays();
        north = new Side(northLoop, northBytes);
        south = new Side(southLoop, southBytes);
        north.other = south;
        south.other = north;
    }

    /**
     * Opens a channel in the south for one that was asked for in the north, and joins the two. The northern peer hears
     * that its channel is open once the southern one is, or why it is not.
     *
     * @param opener opens the southern channel with the handler it is given; called on the southern loop
     * @param window what either peer may send before the other one has taken it, in bytes
     */
    public static Splice join(Loop northLoop, SshLink northLink, Question.OpenRequested asked, Loop southLoop,
            Opener opener, int window, Watcher watcher) {
        var splice = new Splice(northLoop, northLink, asked, southLoop, window, watcher);
        asked.whenOverdue(splice::giveUp);
        southLoop.execute(() -> opener.open(splice.south));
        return splice;
    }

    /** Bytes that went towards the north, to the operator. */
    public long northBytes() {
        return northBytes.sum();
    }

    /** Bytes that went towards the south, to the device. */
    public long southBytes() {
        return southBytes.sum();
    }

    /** Ends it: both channels are closed. */
    public void close() {
        northLoop.execute(north::closeNow);
        southLoop.execute(south::closeNow);
    }

    private void acceptNorth() {
        if (north.over || northLink.isClosed()) {
            southLoop.execute(south::closeNow);
            return;
        }
        northLink.accept(asked, window, north);
        if (north.over) {
            // The peer has had a refusal, as the time for an answer was over before the two were joined.
            southLoop.execute(south::closeNow);
            watcher.refused(this, ChannelRefusal.notReached("the device's side took too long to open"));
            return;
        }
        watcher.opened(this);
    }

    /** Whoever waits in the north has waited long enough; should the device's side open yet, it is closed again. */
    private void giveUp(Duration waited) {
        refuseNorth(ChannelRefusal.notReached(watcher.silent(waited)));
    }

    private void refuseNorth(ChannelRefusal refusal) {
        if (refused) {
            return; // it was given up before
        }
        refused = true;
        if (!north.over && !northLink.isClosed()) {
            north.over = true;
            var instead = watcher.instead(refusal);
            if (instead.isPresent()) {
                northLink.accept(asked, window, instead.get());
            } else {
                northLink.refuse(asked, refusal);
            }
        }
        watcher.refused(this, refusal);
    }

    /** What is to be done on a side, in order. */
    private sealed interface Item {}

    /** @param bytes from {@link PacketArrays}, of which the first {@code length} count */
    private record Data(int type, byte[] bytes, int length) implements Item {}

    /** @param answers where the answer goes, on the other side; null when none is wanted */
    private record Request(ChannelRequest request, Question.@Nullable ChannelRequested answers) implements Item {}

    private record Eof() implements Item {}

    /** @param cut the connection it was in has ended */
    private record Close(boolean cut) implements Item {}

    private final class Side implements ChannelHandler {
        private final Loop loop;
        private final LongAdder bytes;
        private @Nullable Side other;
        private @Nullable LinkChannel channel;
        /** Not sent yet: the channel has no room, or is not open. */
        private final ArrayDeque<Item> queue = new ArrayDeque<>(2);
        /** Of the first item, when that is data. */
        private int sent;
        /** Requests that were sent, whose answers come in this order. */
        private final ArrayDeque<Request> unanswered = new ArrayDeque<>(2);
        /** What the other side's loop has passed on, and this one has not seen yet. */
        private final Queue<Item> passed = new ConcurrentLinkedQueue<>();
        /** Whether this loop is to look at it. */
        private final AtomicBoolean woken = new AtomicBoolean();
        /** Bytes that the other side has taken, and this one has not said so yet. */
        private final AtomicInteger credits = new AtomicInteger();
        /** From here on nothing touches the channel: its connection may have moved to another loop. */
        private boolean over;
        private boolean pumping;

        Side(Loop loop, LongAdder bytes) {
            this.loop = loop;
            this.bytes = bytes;
        }

        private Side other() {
            return java.util.Objects.requireNonNull(other);
        }

        // ---- What the channel says, on this side's loop

        @Override
        public void opened(LinkChannel opened) {
            channel = opened;
            if (this == south) {
                northLoop.execute(Splice.this::acceptNorth);
            }
            pump();
        }

        @Override
        public void refused(LinkChannel refused, ChannelRefusal refusal) {
            over = true;
            if (this == south) {
                northLoop.execute(() -> refuseNorth(refusal));
            }
        }

        @Override
        public void data(LinkChannel from, int dataType, byte[] array, int offset, int length) {
            var to = other();
            if (to.loop == loop && to.queue.isEmpty() && to.passed.isEmpty() && to.channel != null) {
                int taken = to.channel.send(dataType, array, offset, length);
                to.bytes.add(taken);
                if (taken > 0) {
                    from.consumed(taken);
                }
                if (taken == length) {
                    return;
                }
                offset += taken;
                length -= taken;
            }
            byte[] copy = arrays.take(length);
            System.arraycopy(array, offset, copy, 0, length);
            pass(new Data(dataType, copy, length));
        }

        @Override
        public void eof(LinkChannel from) {
            pass(new Eof());
        }

        @Override
        public void requested(LinkChannel from, Question.ChannelRequested question) {
            if (this == north && !watcher.requested(Splice.this, question.request())) {
                from.decide(question, false);
                return;
            }
            if (this == north && question.wantReply()) {
                question.whenOverdue(time -> watcher.unanswered(Splice.this, from, question, time));
            }
            pass(new Request(question.request(), question.wantReply() ? question : null));
        }

        @Override
        public void replied(LinkChannel from, ChannelRequest request, boolean success) {
            var first = unanswered.poll();
            var question = first == null ? null : first.answers();
            if (question != null) {
                var to = other();
                to.loop.execute(() -> {
                    if (to.channel != null && !to.over) {
                        to.channel.decide(question, success);
                    }
                });
            }
        }

        @Override
        public void writable(LinkChannel to) {
            pump();
        }

        @Override
        public void closed(LinkChannel gone) {
            over = true;
            queue.clear();
            pass(new Close(gone.isCut()));
            if (this == north) {
                watcher.closed(Splice.this);
            }
        }

        private void pass(Item item) {
            var to = other();
            to.passed.add(item);
            // One wake-up for all that comes until then.
            if (to.woken.compareAndSet(false, true)) {
                to.loop.execute(to::take);
            }
        }

        // ---- What the other side passes on, on this side's loop

        private void take() {
            woken.set(false);
            for (var item = passed.poll(); item != null; item = passed.poll()) {
                if (!over) {
                    queue.add(item);
                } else if (item instanceof Data data) {
                    // Nobody wants it any more: the sender need not wait for room.
                    other().credit(data.length());
                    arrays.give(data.bytes());
                }
            }
            pump();
        }

        /**
         * The other side has taken so many bytes of what came here. On the other side's loop, which wakes this one only
         * for a part of the window that is worth it; the rest is never so much that the peer has to wait for it.
         */
        private void credit(int count) {
            int all = credits.addAndGet(count);
            int worth = window / CREDITS_A_WINDOW;
            if (all >= worth && all - count < worth) {
                loop.execute(() -> {
                    int taken = credits.getAndSet(0);
                    if (channel != null && !over) {
                        channel.consumed(taken);
                    }
                });
            }
        }

        private void pump() {
            if (pumping) {
                return; // what is sent may wake the channel while it is being sent
            }
            var to = channel;
            if (to == null || queue.isEmpty()) {
                return;
            }
            to.together(() -> {
                pumping = true;
                try {
                    sendQueued(to);
                } finally {
                    pumping = false; // before it goes out, which may make room for more
                }
            });
        }

        private void sendQueued(LinkChannel to) {
            while (!queue.isEmpty() && !over) {
                switch (queue.element()) {
                    case Data data -> {
                        int taken = to.send(data.type(), data.bytes(), sent, data.length() - sent);
                        bytes.add(taken);
                        sent += taken;
                        if (taken > 0) {
                            other().credit(taken);
                        }
                        if (sent < data.length()) {
                            return;
                        }
                        sent = 0;
                        arrays.give(data.bytes());
                    }
                    case Request request -> {
                        if (request.answers() != null) {
                            unanswered.add(request);
                        }
                        ended |= this == north && (request.request() instanceof ChannelRequest.ExitStatus
                                || request.request() instanceof ChannelRequest.ExitSignal);
                        to.request(request.request(), request.answers() != null);
                    }
                    case Eof eof -> to.sendEof();
                    case Close close -> {
                        if (close.cut() && this == north && !ended) {
                            watcher.cut(to);
                        }
                        to.close();
                    }
                }
                queue.poll();
            }
        }

        void closeNow() {
            var to = channel;
            if (to != null && !over) {
                to.close();
            } else {
                over = true;
            }
        }
    }
}
