package homeport.net;

import homeport.callhome.SharedOutput;
import homeport.ssh.Environment;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * One event loop with what its connections share: the buffer they read into, the one they write to, the clock, and the
 * sweep that looks after everybody's deadlines, in place of a timer for each.
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

    Loop(EventLoop eventLoop, Loops loops) {
        this.eventLoop = eventLoop;
        this.loops = loops;
        var sweep = eventLoop.scheduleWithFixedDelay(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
        sweep.addListener(done -> {
            if (done.cause() != null && !done.isCancelled()) {
                Connection.LOG.error("a loop's sweep has died", done.cause());
            }
        });
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

    private void sweep() {
        long now = environment.nanoTime().getAsLong();
        // From the end: what leaves during its tick is replaced by one that was looked at.
        for (int i = connections.size() - 1; i >= 0; i--) {
            if (i < connections.size()) {
                connections.get(i).sweep(now);
            }
        }
    }

    /** A copy, for a drain. */
    List<Connection> connections() {
        return List.copyOf(connections);
    }
}
