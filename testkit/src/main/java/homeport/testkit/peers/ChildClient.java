package homeport.testkit.peers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * A client that is a process: its exit status is the command's.
 *
 * @param failure the exit status by which it says that it failed itself
 */
record ChildClient(InetSocketAddress address, Child child, int failure, AutoCloseable with) implements RunningClient {
    /** Enough for 64 MiB through any cipher of any peer. */
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @Override
    public ExecResult result() throws IOException, InterruptedException {
        int status = child.await(PATIENCE);
        if (status == failure) {
            throw new IOException("ended with " + status + ": " + child.log());
        }
        return new ExecResult(status, child.output(), child.log());
    }

    @Override
    public void close() {
        child.close();
        try {
            with.close();
        } catch (Exception e) {
            throw new IllegalStateException("what carried the client did not close", e);
        }
    }
}
