package homeport.testkit.peers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * Carries bytes between two TCP connections, so that either peer can be the end that opened its own: two ends that both
 * dial meet at two listening ports, two that both listen are both dialled.
 */
public final class Relay implements AutoCloseable {
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final InetSocketAddress left;
    private final InetSocketAddress right;

    private Relay(InetSocketAddress left, InetSocketAddress right) {
        this.left = left;
        this.right = right;
    }

    /** Two ports; the first connection to {@link #left()} is joined to the first to {@link #right()}. */
    public static Relay meeting() throws IOException {
        var left = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var right = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var relay = new Relay(Peers.loopback(left.getLocalPort()), Peers.loopback(right.getLocalPort()));
        relay.own(left);
        relay.own(right);
        Thread.ofVirtual().start(() -> {
            try {
                relay.join(left.accept(), right.accept());
            } catch (IOException e) {
                // Closed before both came: whoever did come sees the end of its connection.
                relay.close();
            }
        });
        return relay;
    }

    /** Dials both, and joins them. */
    public static Relay between(InetSocketAddress left, InetSocketAddress right) throws IOException {
        var relay = new Relay(left, right);
        relay.join(new Socket(left.getAddress(), left.getPort()), new Socket(right.getAddress(), right.getPort()));
        return relay;
    }

    public InetSocketAddress left() {
        return left;
    }

    public InetSocketAddress right() {
        return right;
    }

    private void join(Socket left, Socket right) throws IOException {
        own(left);
        own(right);
        left.setTcpNoDelay(true);
        right.setTcpNoDelay(true);
        Thread.ofVirtual().start(() -> pump(left, right));
        Thread.ofVirtual().start(() -> pump(right, left));
    }

    private static void pump(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private synchronized void own(AutoCloseable part) {
        parts.add(part);
    }

    @Override
    public synchronized void close() {
        parts.forEach(Relay::closeQuietly);
    }

    private static void closeQuietly(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            throw new IllegalStateException("a socket did not close", e);
        }
    }
}
