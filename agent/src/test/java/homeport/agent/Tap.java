package homeport.agent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Carries one connection to a port, and keeps every byte that the side which dialled has sent. */
final class Tap implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> whole = new CompletableFuture<>();

    Tap(int to) throws IOException {
        Thread.ofVirtual().start(() -> {
            try (var near = listening.accept(); var far = new Socket(InetAddress.getLoopbackAddress(), to)) {
                var back = Thread.ofVirtual().start(() -> copy(far, near, OutputStream.nullOutputStream()));
                copy(near, far, sent);
                back.join();
                whole.complete(sent.toByteArray());
            } catch (IOException | InterruptedException e) {
                whole.completeExceptionally(e);
            }
        });
    }

    int port() {
        return listening.getLocalPort();
    }

    /** All that the dialling side sent, once the connection is over. */
    byte[] sent() throws Exception {
        return whole.get(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static void copy(Socket from, Socket into, OutputStream also) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = into.getOutputStream();
            byte[] buffer = new byte[8192];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                also.write(buffer, 0, count);
                out.write(buffer, 0, count);
            }
            into.shutdownOutput();
        } catch (IOException e) {
            // The other direction ends by itself; what was sent until then is what the test looks at.
            closeQuietly(from);
            closeQuietly(into);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException("a socket did not close", e);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
