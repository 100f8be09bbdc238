package homeport.testkit.peers;

import java.net.InetSocketAddress;
import java.util.OptionalLong;

/** A server peer that has started. */
public interface RunningServer extends AutoCloseable {
    /** Where it listens; where it dialled to, for one that dials. */
    InetSocketAddress address();

    /** Its process, for one that has its own. */
    default OptionalLong pid() {
        return OptionalLong.empty();
    }

    /** What it said so far, for the message of a test that fails. */
    String log();

    /** Ends it, and the sessions it still has. */
    @Override
    void close();
}
