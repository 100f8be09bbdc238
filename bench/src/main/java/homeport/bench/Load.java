package homeport.bench;

import homeport.ssh.Role;
import homeport.ssh.SshSettings;
import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.key.Signer;
import homeport.ssh.wire.SshWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Clients for every server under test: our engine over a blocking socket, the cheapest at hand. */
final class Load {
    /** MINA's server waits 40 ms for an acknowledgement in each login, as it leaves Nagle's algorithm on. */
    private static final int AT_ONCE = 16;
    private static final int PATIENCE_MILLIS = 30_000;

    private final Signer user;
    private final SshSettings settings = End.clientSettings(CipherAlgorithm.AES128_GCM);

    Load(Keys keys) throws IOException {
        user = End.key(keys.user());
    }

    /** Logs in and closes, {@code times} times, some at a time. */
    void handshakes(int port, int times) throws InterruptedException, ExecutionException {
        inParallel(times, () -> {
            var session = login(port);
            session.end().connection().disconnect("done");
            session.flush();
            session.socket().close();
            return session;
        });
    }

    /** Logs in {@code count} times. @return the sessions, open and idle */
    List<Session> sessions(int port, int count) throws InterruptedException, ExecutionException {
        return inParallel(count, () -> login(port));
    }

    private Session login(int port) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        var session = new Session(socket, new End(Role.CLIENT, settings, new SshWriter(4096), user, End.Sink.DISCARD));
        session.end().connection().start();
        var buffer = new byte[16 * 1024];
        while (!session.end().connection().isAuthenticated()) {
            session.flush();
            int count = socket.getInputStream().read(buffer);
            if (count < 0 || session.end().closed()) {
                throw new IOException("no login: " + session.end().connection().closed());
            }
            session.end().connection().receive(buffer, 0, count);
        }
        return session;
    }

    record Session(Socket socket, End end) {
        void flush() throws IOException {
            socket.getOutputStream().write(end.out().array(), 0, end.out().size());
            end.out().clear();
        }
    }

    private static <T> List<T> inParallel(int times, Callable<T> task) throws InterruptedException,
            ExecutionException {
        try (var executor = Executors.newFixedThreadPool(AT_ONCE)) {
            var futures = new ArrayList<Future<T>>();
            for (int i = 0; i < times; i++) {
                futures.add(executor.submit(task));
            }
            var results = new ArrayList<T>();
            for (var future : futures) {
                results.add(future.get());
            }
            return results;
        }
    }
}
