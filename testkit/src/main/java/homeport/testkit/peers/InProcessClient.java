package homeport.testkit.peers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A client that is a library: it runs in a thread of its own, and closing it interrupts that. */
final class InProcessClient implements RunningClient {
    private static final long PATIENCE_SECONDS = 120;
    private final InetSocketAddress address;
    private final FutureTask<ExecResult> task;
    private final Thread thread;
    private final AutoCloseable with;

    InProcessClient(InetSocketAddress address, Callable<ExecResult> exec, AutoCloseable with) {
        this.address = address;
        this.task = new FutureTask<>(exec);
        this.with = with;
        this.thread = Thread.ofPlatform().daemon().name("peer-client").start(task);
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public ExecResult result() throws IOException, InterruptedException {
        try {
            return task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("still running after " + PATIENCE_SECONDS + " s", e);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            with.close();
        } catch (Exception e) {
            throw new IllegalStateException("what carried the client did not close", e);
        }
    }
}
