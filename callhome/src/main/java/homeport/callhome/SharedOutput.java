package homeport.callhome;

import homeport.ssh.wire.SshWriter;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * One buffer into which all connections of a thread write, so that a connection that says nothing has none.
 *
 * <p>A call into a connection happens inside {@link #run}. Calls nest: data that came for one device is sent to another
 * while the first one's call still runs. Whose turn it is then changes, and what was written before goes to its own sink
 * first; packets are always whole at that moment. What was written is sent on when the outermost call is over.
 */
public final class SharedOutput {
    /** One full packet and its neighbours. */
    private static final int USUAL_BYTES = 48 << 10;

    private final SshWriter writer = new SshWriter(USUAL_BYTES);
    private final ArrayList<Sink> touched = new ArrayList<>();
    private @Nullable Sink turn;
    private @Nullable SharedOutput nested;

    /** For one thread: an event loop, or a test. */
    public SharedOutput() {}

    /** What the connections of this thread are made with. */
    public SshWriter writer() {
        return writer;
    }

    /** The buffer for connections inside of connections, which must be another one. */
    public SharedOutput nested() {
        var inner = nested;
        if (inner == null) {
            inner = new SharedOutput();
            nested = inner;
        }
        return inner;
    }

    /** Runs a call into the connection that writes to {@code sink}. */
    public void run(Sink sink, Runnable call) {
        var before = turn;
        if (sink == before) {
            call.run();
            if (writer.size() >= USUAL_BYTES) {
                drain(sink); // so that the buffer stays as it is, and the sink knows what waits in it
            }
            return;
        }
        if (before != null) {
            drain(before);
        }
        turn = sink;
        try {
            call.run();
        } finally {
            drain(sink);
            turn = before;
            if (!touched.contains(sink)) {
                touched.add(sink);
            }
            if (before == null) {
                flush();
            }
        }
    }

    private void drain(Sink sink) {
        if (writer.size() > 0) {
            sink.write(writer.array(), 0, writer.size());
            writer.clear();
        }
    }

    /** A flush may cause further calls, and these further flushes. */
    private void flush() {
        while (!touched.isEmpty()) {
            touched.removeLast().flush();
        }
    }
}
