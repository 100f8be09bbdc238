package homeport.testkit.peers;

import java.io.IOException;
import java.net.InetSocketAddress;

/** A client peer that has started. */
public interface RunningClient extends AutoCloseable {
    /** Where it dialled to; where it waits for a connection, for one that accepts. */
    InetSocketAddress address();

    /**
     * Waits for the command's end.
     *
     * @throws IOException when the client did not get as far as an exit status, with what it said about it
     */
    ExecResult result() throws IOException, InterruptedException;

    /** Ends it, whatever it is doing. */
    @Override
    void close();
}
