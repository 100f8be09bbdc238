package homeport.gateway.http;

import homeport.gateway.desk.Desk;
import homeport.gateway.event.Events;
import homeport.gateway.event.GatewayEvent;
import homeport.gateway.inventory.InventoryError;
import homeport.gateway.inventory.Operator;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Operators who watch events: each a response that goes on (HTML Living Standard, server-sent events). */
final class EventStreams implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventStreams.class);
    /** All that is kept for resuming must fit; an entry is a reference, so this is 80 KiB a watcher at most. */
    private static final int MOST_QUEUED = 10_000;

    private final Events events;
    private final Doorkeeper doorkeeper;
    private final HttpLimits limits;
    private final Executor mayBlock;
    /** Of this run: numbers of another one mean nothing here. */
    private final String run;
    private final Set<Stream> streams = ConcurrentHashMap.newKeySet();
    /** Places that are taken, by operator. */
    private final Shares<String> places;

    EventStreams(Events events, Doorkeeper doorkeeper, HttpLimits limits, Executor mayBlock, String run) {
        this.events = events;
        this.doorkeeper = doorkeeper;
        this.limits = limits;
        this.places = new Shares<>(limits.watchers());
        this.mayBlock = mayBlock;
        this.run = run;
    }

    int size() {
        return streams.size();
    }

    /** Events that wait for watchers to read. */
    int queued() {
        return streams.stream().mapToInt(Stream::queued).sum();
    }

    /**
     * Takes a place for a watcher, which {@link #open} must follow. An operator has a quarter of them at most, so that no
     * one has them all.
     *
     * @throws Problem when there is none
     */
    void take(Operator operator) {
        if (!places.take(operator.name(), 1)) {
            throw new Problem(Problem.Type.RATE_LIMITED, operator.name() + " watches as often as one may, or all "
                    + limits.watchers() + " places are taken: end other streams first, or try again later",
                    Map.of("Retry-After", "10"));
        }
    }

    /** Begins a stream in a place that was taken. Called where it may block. */
    void open(Context loop, HttpServerResponse response, Operator operator, byte[] token, Optional<String> last) {
        var stream = new Stream(loop, response, operator, token);
        streams.add(stream);
        var after = last.flatMap(this::number);
        var watch = last.isPresent() && after.isEmpty() ? Optional.<Events.Watch>empty() : events.watch(after, stream);
        while (watch.isEmpty()) {
            // From a number on that the watcher is told, so that nothing falls between the two.
            long from = events.last();
            stream.reset(from);
            watch = events.watch(Optional.of(from), stream);
        }
        stream.watching(watch.get());
        // Last, so that whoever has the answer's head misses nothing from then on.
        loop.runOnContext(nothing -> stream.begin());
    }

    private Optional<Long> number(String id) {
        return id.matches("\\Q" + run + "\\E-[0-9]{1,18}")
                ? Optional.of(Long.parseLong(id.substring(run.length() + 1)))
                : Optional.empty();
    }

    /** Looks anew at whether those who watch may. Every few seconds, for tokens expire; at once for a named operator. */
    void recheck(Optional<String> operator) {
        streams.stream().filter(stream -> operator.isEmpty() || stream.operator.name().equals(operator.get()))
                .forEach(stream -> mayBlock.execute(stream::recheck));
    }

    @Override
    public void close() {
        streams.forEach(Stream::close);
    }

    /** One watcher. */
    private final class Stream implements java.util.function.Consumer<GatewayEvent> {
        private final Context loop;
        private final HttpServerResponse response;
        private final byte[] token;
        private final ReentrantLock lock = new ReentrantLock();
        // Below: under the lock.
        private final ArrayDeque<GatewayEvent> queue = new ArrayDeque<>();
        private Optional<Events.Watch> watch = Optional.empty();
        private boolean flushing;
        /** Whether the answer's head is written; only on the loop. */
        private boolean begun;
        /** After which number to go on after a reset; negative for none. */
        private long resetFrom = -1;
        private boolean closed;
        private volatile Operator operator;
        private final String name;

        Stream(Context loop, HttpServerResponse response, Operator operator, byte[] token) {
            this.loop = loop;
            this.response = response;
            this.operator = operator;
            this.name = operator.name();
            this.token = token;
        }

        int queued() {
            lock.lock();
            try {
                return queue.size();
            } finally {
                lock.unlock();
            }
        }

        void begin() {
            if (response.ended()) {
                return; // closed before it began
            }
            response.setChunked(true).putHeader("Content-Type", "text/event-stream").putHeader("Cache-Control",
                    "no-store").putHeader("X-Content-Type-Options", "nosniff");
            response.closeHandler(nothing -> close());
            response.exceptionHandler(failure -> close());
            response.drainHandler(nothing -> flush());
            if (response.closed()) {
                close(); // the peer left before the handlers were there to hear of it
                return;
            }
            begun = true;
            write(": homeport\nretry: 1000\n\n");
            flush();
        }

        void watching(Events.Watch now) {
            lock.lock();
            try {
                if (!closed) {
                    watch = Optional.of(now);
                    return;
                }
            } finally {
                lock.unlock();
            }
            now.close();
        }

        void reset(long from) {
            lock.lock();
            try {
                resetFrom = from;
            } finally {
                lock.unlock();
            }
            loop.runOnContext(nothing -> flush());
        }

        /** With the events' lock held: hands over, and no more. */
        @Override
        public void accept(GatewayEvent event) {
            if (!Desk.hears(operator, event)) {
                return;
            }
            boolean wake;
            boolean full;
            lock.lock();
            try {
                full = queue.size() >= MOST_QUEUED;
                if (!full && !closed) {
                    queue.add(event);
                }
                wake = !flushing;
                flushing = true;
            } finally {
                lock.unlock();
            }
            if (full) {
                LOG.info("{} reads events too slowly, and is cut off", operator.name());
                // Not ended but reset: an end would wait behind what is not read.
                loop.runOnContext(nothing -> response.reset());
            } else if (wake) {
                loop.runOnContext(nothing -> flush());
            }
        }

        /** On the loop. */
        private void flush() {
            if (!begun) {
                return; // it is called again then
            }
            var text = new StringBuilder();
            lock.lock();
            try {
                flushing = false;
                if (resetFrom >= 0) {
                    text.append("event: reset\nid: ").append(run).append('-').append(resetFrom)
                            .append("\ndata: {}\n\n");
                    resetFrom = -1;
                }
                while (!queue.isEmpty() && text.length() < 64 << 10 && !response.writeQueueFull()) {
                    var event = queue.remove();
                    text.append("id: ").append(run).append('-').append(event.number()).append("\nevent: ")
                            .append(event.type().text()).append("\ndata: ")
                            .append(Rendering.event(event).encode()).append("\n\n");
                }
                if (!queue.isEmpty() && !response.writeQueueFull()) {
                    flushing = true;
                    loop.runOnContext(nothing -> flush());
                }
            } finally {
                lock.unlock();
            }
            if (!text.isEmpty()) {
                write(text.toString());
            }
        }

        private void write(String text) {
            if (begun && !response.ended() && !response.closed()) {
                response.write(text);
            }
        }

        /** Also keeps what is between us from taking the connection for dead. */
        void recheck() {
            try {
                var now = doorkeeper.who(token);
                if (now.isEmpty()) {
                    LOG.info("{} may not watch events any more", operator.name());
                    loop.runOnContext(nothing -> close());
                } else {
                    operator = now.get();
                    loop.runOnContext(nothing -> write(":\n\n"));
                }
            } catch (InventoryError e) {
                // Who cannot be looked up is not let go on.
                LOG.warn("events end for {}: {}", operator.name(), e.getMessage());
                loop.runOnContext(nothing -> close());
            }
        }

        private void close() {
            Optional<Events.Watch> was;
            lock.lock();
            try {
                closed = true;
                was = watch;
                watch = Optional.empty();
                queue.clear();
            } finally {
                lock.unlock();
            }
            was.ifPresent(Events.Watch::close);
            if (streams.remove(this)) {
                places.give(name, 1);
                if (!response.ended() && !response.closed()) {
                    response.end();
                }
            }
        }
    }
}
