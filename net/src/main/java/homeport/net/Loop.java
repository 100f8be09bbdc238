package homeport.net;

import homeport.callhome.SharedOutput;
import homeport.ssh.Environment;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One event loop with what its connections share: the buffer they read into, the one they write to, the clock, and the
 * sweep that looks after everybody's deadlines, in place of a timer for each. It comes when the first of them is due: a
 * loop on which nothing is due does nothing.
 */
public final class Loop implements Executor {
    /** How late a deadline may be noticed. */
    static final long SWEEP_MILLIS = 100;
    /** What a machine is given in one call at most. */
    static final int READ_BYTES = 64 << 10;

    private final EventLoop eventLoop;
    private final Loops loops;
    private final Environment environment = Loops.environment();
    private final SharedOutput output = Loops.output();
    private final byte[] readBuffer = new byte[READ_BYTES];
    /** Each knows its place here, so that leaving costs nothing. */
    private final ArrayList<Connection> connections = new ArrayList<>();
    /** The next sweep; absent while nothing is due. */
    private @Nullable Future<?> sweeping;
    private long sweepAt;
    private boolean inSweep;

    Loop(EventLoop eventLoop, Loops loops) {
        this.eventLoop = eventLoop;
        this.loops = loops;
    }

    public Environment environment() {
        return environment;
    }

    public SharedOutput output() {
        return output;
    }

    Loops loops() {
        return loops;
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    byte[] readBuffer() {
        return readBuffer;
    }

    /** Runs it on the loop's thread, at once when this is it. */
    @Override
    public void execute(Runnable command) {
        if (eventLoop.inEventLoop()) {
            command.run();
        } else {
            eventLoop.execute(command);
        }
    }

    public boolean isCurrent() {
        return eventLoop.inEventLoop();
    }

    void add(Connection connection) {
        connection.place(connections.size());
        connections.add(connection);
    }

    void remove(Connection connection) {
        int place = connection.place();
        if (place < 0) {
            return;
        }
        connection.place(-1);
        var last = connections.removeLast();
        if (place < connections.size()) {
            connections.set(place, last);
            last.place(place);
        }
    }

    /** A connection has this deadline now: the sweep comes no later. On the loop. */
    void sweepBy(long deadline) {
        if (deadline == Long.MAX_VALUE || inSweep || (sweeping != null && deadline - sweepAt >= 0)
                || eventLoop.isShuttingDown()) {
            return;
        }
        long now = environment.nanoTime().getAsLong();
        long soonest = now + TimeUnit.MILLISECONDS.toNanos(SWEEP_MILLIS);
        long at = deadline - soonest < 0 ? soonest : deadline;
        var planned = sweeping;
        if (planned != null) {
            if (at - sweepAt >= 0) {
                return;
            }
            planned.cancel(false);
        }
        sweepAt = at;
        sweeping = eventLoop.schedule(this::sweep, at - now, TimeUnit.NANOSECONDS);
    }

    private void sweep() {
        sweeping = null;
        inSweep = true;
        try {
            long now = environment.nanoTime().getAsLong();
            // From the end: what leaves during its tick is replaced by one that was looked at.
            for (int i = connections.size() - 1; i >= 0; i--) {
                if (i < connections.size()) {
                    connections.get(i).sweep(now);
                }
            }
        } catch (RuntimeException e) {
            Connection.LOG.error("a sweep did not come to its end", e);
        } finally {
            inSweep = false;
            sweepBy(earliest());
        }
    }

    private long earliest() {
        long earliest = Long.MAX_VALUE;
        for (var connection : connections) {
            long deadline = connection.deadline();
            if (deadline != Long.MAX_VALUE && (earliest == Long.MAX_VALUE || deadline - earliest < 0)) {
                earliest = deadline;
            }
        }
        return earliest;
    }

    /** A copy, for a drain. */
    List<Connection> connections() {
        return List.copyOf(connections);
    }
}
