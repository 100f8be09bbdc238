package homeport.gateway.service;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** Carries one connection, until it is pulled: then both ends stay open, and nothing comes through any more. */
final class Cable implements AutoCloseable {
    private final ServerSocket listening;
    private final InetSocketAddress to;
    private final InetAddress from;
    private final AtomicBoolean pulled = new AtomicBoolean();
    private final CountDownLatch over = new CountDownLatch(1);

    private Cable(InetSocketAddress to, InetAddress from) throws IOException {
        this.to = to;
        this.from = from;
        listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::carry);
    }

    static Cable to(InetSocketAddress address) throws IOException {
        return new Cable(address, InetAddress.getLoopbackAddress());
    }

    /** @param from what the far end sees it come from */
    static Cable to(InetSocketAddress address, InetAddress from) throws IOException {
        return new Cable(address, from);
    }

    InetSocketAddress end() {
        return (InetSocketAddress) listening.getLocalSocketAddress();
    }

    void pull() {
        pulled.set(true);
    }

    private void carry() {
        try (var near = listening.accept(); var far = new Socket(to.getAddress(), to.getPort(), from, 0)) {
            var back = Thread.ofVirtual().start(() -> copy(far, near));
            copy(near, far);
            if (pulled.get()) {
                over.await();
            }
            back.interrupt();
        } catch (IOException | InterruptedException e) {
            over.countDown();
        }
    }

    private void copy(Socket from, Socket into) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = into.getOutputStream();
            byte[] buffer = new byte[8192];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (!pulled.get()) {
                    out.write(buffer, 0, count);
                }
            }
            if (!pulled.get()) {
                into.shutdownOutput();
            }
        } catch (IOException e) {
            over.countDown();
        }
    }

    @Override
    public void close() throws IOException {
        over.countDown();
        listening.close();
    }
}
