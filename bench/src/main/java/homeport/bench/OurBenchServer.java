package homeport.bench;

import homeport.ssh.Role;
import homeport.ssh.SshSettings;
import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.Signer;
import homeport.ssh.key.SshPublicKey;
import homeport.ssh.wire.SshWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;

/** Our engine behind one selector loop: the least that a server needs around it. */
final class OurBenchServer implements ServerWorker.Server {
    private final ServerSocketChannel listener;
    private final Selector selector = Selector.open();
    private final SshSettings settings;
    private final Signer user;
    private final AtomicInteger authenticated = new AtomicInteger();
    private final ByteBuffer in = ByteBuffer.allocate(64 * 1024);
    private final SshWriter out = new SshWriter(64 * 1024);

    private OurBenchServer(SshSettings settings, Signer user) throws IOException {
        this.settings = settings;
        this.user = user;
        listener = ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    static OurBenchServer start(Path hostKey, Path authorizedKey) throws IOException {
        var settings = End.serverSettings(End.key(hostKey), CipherAlgorithm.AES128_GCM);
        var server = new OurBenchServer(settings, new Authorized(authorizedKey(authorizedKey)));
        Thread.ofPlatform().daemon().name("loop").start(server::loop);
        return server;
    }

    private static SshPublicKey authorizedKey(Path file) throws IOException {
        var line = Files.readString(file).strip();
        int start = line.indexOf(' ') + 1;
        return PlainKey.parse(Base64.getDecoder().decode(line.substring(start, line.indexOf(' ', start))));
    }

    /** The user's key, as a server knows it. */
    private record Authorized(SshPublicKey publicKey) implements Signer {
        @Override
        public byte[] sign(KeyAlgorithm algorithm, byte[] data) {
            throw new IllegalStateException("a server has no private key of its users");
        }
    }

    @Override
    public int port() {
        return listener.socket().getLocalPort();
    }

    @Override
    public int sessions() {
        return authenticated.get();
    }

    private void loop() {
        try {
            while (true) {
                selector.select(key -> {
                    if (key.isAcceptable()) {
                        accept();
                    } else {
                        read(key);
                    }
                });
            }
        } catch (IOException e) {
            throw new IllegalStateException("the selector broke", e);
        }
    }

    private void accept() {
        try {
            for (var channel = listener.accept(); channel != null; channel = listener.accept()) {
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                var end = new End(Role.SERVER, settings, out, user, End.Sink.DISCARD);
                channel.register(selector, SelectionKey.OP_READ, end);
                end.connection().start();
                write(channel);
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot accept", e);
        }
    }

    private void read(SelectionKey key) {
        var channel = (SocketChannel) key.channel();
        var end = (End) key.attachment();
        try {
            boolean before = end.connection().isAuthenticated();
            int count = channel.read(in.clear());
            if (count < 0) {
                end.connection().endOfStream();
            } else {
                end.connection().receive(in.array(), 0, count);
                write(channel);
            }
            if (!before && end.connection().isAuthenticated()) {
                authenticated.incrementAndGet();
            }
            if (end.closed()) {
                authenticated.decrementAndGet();
                channel.close();
            }
        } catch (IOException e) {
            key.cancel();
        }
    }

    /** Handshakes and idle sessions never fill a socket's buffer: what does not fit is a mistake of the benchmark's. */
    private void write(SocketChannel channel) throws IOException {
        if (out.size() > 0) {
            int written = channel.write(ByteBuffer.wrap(out.array(), 0, out.size()));
            if (written < out.size()) {
                throw new IllegalStateException("a socket's buffer is full");
            }
            out.clear();
        }
    }
}
