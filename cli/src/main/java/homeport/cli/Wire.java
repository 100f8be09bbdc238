package homeport.cli;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cable between one device and the gateway, on which is counted: every byte passes through here and none is changed.
 *
 * <p>A flight is what one end sends while it hears nothing new: whatever is sent counts one more than the highest count
 * that had arrived at its sender. Two flights are a round trip.
 */
final class Wire implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(Wire.class);
    private static final int READ_BYTES = 64 << 10;

    private final InetSocketAddress gateway;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Call> latest = new AtomicReference<>();

    private Wire(InetSocketAddress gateway) throws IOException {
        this.gateway = gateway;
        this.listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("demo-wire").start(this::accept);
    }

    static Wire to(InetSocketAddress gateway) throws IOException {
        return new Wire(gateway);
    }

    /** Where the device dials. */
    InetSocketAddress address() {
        return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
    }

    /** The device's last connection; empty while it has not dialled. */
    Optional<Call> latest() {
        return Optional.ofNullable(latest.get());
    }

    /** One connection, from the moment that the device dialled. */
    static final class Call {
        private final long begunNanos = System.nanoTime();
        private int atGateway;
        private int atDevice;

        private synchronized int sent(boolean byDevice) {
            return (byDevice ? atDevice : atGateway) + 1;
        }

        private synchronized void arrived(boolean byDevice, int flight) {
            if (byDevice) {
                atGateway = Math.max(atGateway, flight);
            } else {
                atDevice = Math.max(atDevice, flight);
            }
        }

        /** So far; half a round trip counts as one. */
        synchronized int roundTrips() {
            return (Math.max(atGateway, atDevice) + 1) / 2;
        }

        long begunNanos() {
            return begunNanos;
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                var device = open(listener.accept());
                var call = new Call();
                latest.set(call);
                var far = far(device);
                Thread.ofVirtual().name("demo-wire-up").start(() -> carry(device, far, call, true));
                Thread.ofVirtual().name("demo-wire-down").start(() -> carry(far, device, call, false));
            } catch (IOException e) {
                LOG.debug("a wire takes no more calls: {}", e.getMessage());
            }
        }
    }

    private Socket far(Socket device) throws IOException {
        try {
            return open(new Socket(gateway.getAddress(), gateway.getPort()));
        } catch (IOException e) {
            device.close();
            throw e;
        }
    }

    private Socket open(Socket socket) throws IOException {
        sockets.add(socket);
        socket.setTcpNoDelay(true);
        if (listener.isClosed()) {
            socket.close();
        }
        return socket;
    }

    private void carry(Socket from, Socket to, Call call, boolean byDevice) {
        var buffer = new byte[READ_BYTES];
        try (from; to) {
            var in = from.getInputStream();
            var out = to.getOutputStream();
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                int flight = call.sent(byDevice);
                // Counted first: the answer may come before this thread has its turn again.
                call.arrived(byDevice, flight);
                out.write(buffer, 0, length);
            }
        } catch (IOException e) {
            LOG.debug("a call ended: {}", e.getMessage());
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (var socket : sockets) {
            socket.close();
        }
    }
}
