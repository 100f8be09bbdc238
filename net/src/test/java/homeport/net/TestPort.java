package homeport.net;

import homeport.callhome.Admission;
import homeport.callhome.ArrivalEvent;
import homeport.callhome.ArrivalSettings;
import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.Credentials;
import homeport.callhome.Departure;
import homeport.callhome.DepartureEvent;
import homeport.callhome.DepartureSettings;
import homeport.callhome.DeviceLink;
import homeport.callhome.Ended;
import homeport.callhome.LinkChannel;
import homeport.callhome.SessionStart;
import homeport.ssh.Algorithms;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.KeepAlive;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.SshSettings;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** A device port and devices of ours that dial it over loopback, for tests that wait. */
final class TestPort implements AutoCloseable {
    static final int PATIENCE_SECONDS = 30;
    static final SecureRandom RANDOM = new SecureRandom();
    static final PlainSigner KEY = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);
    static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    final Loops loops = Loops.open(2);
    final BlockingQueue<Linked> linked = new LinkedBlockingQueue<>();
    final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();
    final Gate gate;
    final DevicePort port;
    Function<ArrivalEvent.AdmissionAsked, Admission> policy = asked -> new Admission.Admit(asked.evidence().name(),
            Credentials.byKey("admin", KEY));
    /** What a device does with a stream through its tunnel. */
    BiConsumer<Departure, DepartureEvent.StreamAsked> stream = (device, asked) -> device.refuse(asked, "no stream");

    /** What a device does with a session. */
    BiConsumer<Departure, DepartureEvent.ChannelAsked> session = (device, asked) -> device.accept(asked, 1 << 16,
            new Session());

    record Linked(Connection connection, DeviceLink link) {
        /** What comes of a session: its output and its end. */
        String exec(String command) throws Exception {
            var seen = new Collector();
            connection.loop().execute(() -> link.open(new SessionStart.Exec(command), seen));
            return seen.result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Collects a channel's output until its end. */
    static class Collector implements ChannelHandler {
        final CompletableFuture<String> result = new CompletableFuture<>();
        final CompletableFuture<LinkChannel> opened = new CompletableFuture<>();
        final StringBuffer text = new StringBuffer();

        @Override
        public void opened(LinkChannel channel) {
            opened.complete(channel);
        }

        @Override
        public void refused(LinkChannel channel, ChannelRefusal refusal) {
            result.complete("refused: " + refusal.text());
        }

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            text.append(new String(array, offset, length, StandardCharsets.UTF_8));
            channel.consumed(length);
        }

        @Override
        public void requested(LinkChannel channel, Question.ChannelRequested question) {
            if (question.request() instanceof ChannelRequest.ExitStatus exit) {
                text.append(" exit ").append(exit.status());
            }
            channel.decide(question, false);
        }

        @Override
        public void closed(LinkChannel channel) {
            result.complete(text.toString());
        }
    }

    /** A session at the device: a command is answered with its name, {@code flood N} with N bytes. */
    private static class Session implements ChannelHandler {
        private static final byte[] CHUNK = "x".repeat(32 << 10).getBytes(StandardCharsets.UTF_8);
        /** What is sent, CHUNK again and again, and how much of it is left. */
        private byte[] answer = CHUNK;
        private long left;

        @Override
        public void opened(LinkChannel channel) {}

        @Override
        public void refused(LinkChannel channel, ChannelRefusal refusal) {}

        @Override
        public void requested(LinkChannel channel, Question.ChannelRequested question) {
            boolean exec = question.request() instanceof ChannelRequest.Exec;
            channel.decide(question, exec || question.request() instanceof ChannelRequest.Shell);
            if (question.request() instanceof ChannelRequest.Exec command) {
                if (command.text().startsWith("flood ")) {
                    left = Long.parseLong(command.text().substring(6));
                } else {
                    answer = ("ran " + command.text()).getBytes(StandardCharsets.UTF_8);
                    left = answer.length;
                }
                writable(channel);
            }
        }

        private static void finish(LinkChannel channel) {
            channel.request(new ChannelRequest.ExitStatus(7), false);
            channel.sendEof();
            channel.close();
        }

        @Override
        public void writable(LinkChannel channel) {
            while (left > 0) {
                int count = (int) Math.min(left, answer.length);
                int sent = channel.send(answer, answer == CHUNK ? 0 : answer.length - count, count);
                left -= sent;
                if (sent < count) {
                    return;
                }
            }
            finish(channel);
        }

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            channel.consumed(length);
        }

        @Override
        public void closed(LinkChannel channel) {}
    }

    TestPort(GateLimits limits, boolean proxyProtocol, Function<ArrivalSettings, ArrivalSettings> change)
            throws IOException {
        gate = new Gate(limits);
        var ssh = SshSettings.builder().algorithms(Algorithms.MODERN.withDeviceKeys()).hostKeys(List.of(KEY))
                .keepAlive(new KeepAlive(Duration.ofSeconds(1), 2)).build();
        port = DevicePort.open(loops, ANY_PORT, proxyProtocol, gate, change.apply(new ArrivalSettings(ssh)),
                (connection, arrival, event) -> {
                    switch (event) {
                        case ArrivalEvent.AdmissionAsked asked -> {
                            var answer = policy.apply(asked);
                            if (answer != null) {
                                arrival.decide(asked, answer);
                            }
                        }
                        case ArrivalEvent.Linked device -> linked.add(new Linked(connection, device.link()));
                        case ArrivalEvent.Closed closed -> ended.add(closed.ended());
                    }
                });
    }

    TestPort() throws IOException {
        this(GateLimits.DEFAULT, false, settings -> settings);
    }

    static SshSettings server() {
        return SshSettings.server(List.of(KEY));
    }

    static List<DepartureSettings> designs(String id) {
        var login = Credentials.byKey(id, KEY);
        return List.of(
                DepartureSettings.bootstrap(
                        homeport.callhome.BootstrapMessage.signed(id, KEY.publicKey(), new byte[20]), server()),
                DepartureSettings.callHome(server()), DepartureSettings.serverChannels(SshSettings.client(), login),
                DepartureSettings.tunnel(SshSettings.client(), login, server()));
    }

    /** Dials with a device of ours. */
    Connection dial(DepartureSettings settings) throws Exception {
        return dial(settings, port.address());
    }

    Connection dial(DepartureSettings settings, InetSocketAddress to) throws Exception {
        return Dialler.dial(loops.next(), to, Duration.ofSeconds(5),
                connection -> new Departure(settings, connection.loop().environment(), connection.loop().output(),
                        connection, this::onDevice))
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void onDevice(Departure device, DepartureEvent event) {
        switch (event) {
            case DepartureEvent.GatewayKeyAsked asked -> device.decide(asked, new HostKeyDecision.Accept());
            case DepartureEvent.LoginAsked asked -> device.decide(asked, new LoginDecision.Accept());
            case DepartureEvent.ChannelAsked asked -> {
                switch (asked.type()) {
                    case ChannelType.Session plain -> session.accept(device, asked);
                    case ChannelType.DirectTcpip tcp -> relay(device, asked, tcp);
                    default -> device.refuse(asked, "sessions only");
                }
            }
            case DepartureEvent.StreamAsked asked -> stream.accept(device, asked);
            case DepartureEvent.Registered registered -> {
            }
            case DepartureEvent.Closed closed -> {
            }
        }
    }

    private void relay(Departure device, DepartureEvent.ChannelAsked asked, ChannelType.DirectTcpip tcp) {
        ChannelRelay.connect(currentLoop(), new InetSocketAddress(tcp.host(), (int) tcp.port()), Duration.ofSeconds(5))
                .whenComplete((relay, failure) -> {
                    if (failure == null) {
                        device.accept(asked, 1 << 16, relay);
                    } else {
                        device.refuse(asked, "not reached");
                    }
                });
    }

    /** The loop that this runs on. */
    Loop currentLoop() {
        for (int i = 0; i < loops.count(); i++) {
            var loop = loops.next();
            if (loop.isCurrent()) {
                return loop;
            }
        }
        throw new IllegalStateException("not on a loop");
    }

    Linked awaitLinked() throws InterruptedException {
        var device = linked.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (device == null) {
            throw new AssertionError("no device came; ended: " + ended);
        }
        return device;
    }

    Ended awaitEnd() throws InterruptedException {
        var end = ended.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (end == null) {
            throw new AssertionError("nothing ended");
        }
        return end;
    }

    /** Waits for something that another thread is about to do. */
    static void until(java.util.function.BooleanSupplier holds) {
        long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("it did not come about in " + PATIENCE_SECONDS + " s");
            }
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
    }

    Socket connect() throws IOException {
        return connect("127.0.0.1");
    }

    /** From one of the many addresses of loopback. */
    Socket connect(String from) throws IOException {
        var socket = new Socket(port.address().getAddress(), port.address().getPort(), InetAddress.getByName(from), 0);
        socket.setSoTimeout(PATIENCE_SECONDS * 1000);
        return socket;
    }

    /** Everything up to the end of the stream, or to its reset. */
    static String drain(Socket socket) {
        var all = new StringBuilder();
        try {
            for (int next = socket.getInputStream().read(); next >= 0; next = socket.getInputStream().read()) {
                all.append((char) next);
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("the connection is still open", e);
        } catch (IOException e) {
            all.append("(reset)");
        }
        return all.toString();
    }

    @Override
    public void close() {
        port.close();
        loops.close();
    }
}
