package homeport.cli;

import homeport.callhome.Admission;
import homeport.callhome.Arrival;
import homeport.callhome.ArrivalEvent;
import homeport.callhome.ArrivalSettings;
import homeport.callhome.ChannelHandler;
import homeport.callhome.Credentials;
import homeport.callhome.DeviceLink;
import homeport.callhome.LinkChannel;
import homeport.callhome.SessionStart;
import homeport.net.Connection;
import homeport.net.DevicePort;
import homeport.net.Gate;
import homeport.net.GateLimits;
import homeport.net.Loops;
import homeport.ssh.Algorithms;
import homeport.ssh.Question;
import homeport.ssh.SshSettings;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.SshPublicKey;
import homeport.ssh.wire.ChannelRequest;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The gateway's side of the demo: one port, on which every design is understood, and what is done with a device. */
final class DemoGateway implements Closeable, DevicePort.Owner {
    private static final int WAIT_SECONDS = 15;
    private static final String LOGIN = System.getProperty("user.name");

    private final List<DemoDevice> devices;
    private final Credentials login;
    private final SshPublicKey hostKey;
    private final Loops loops = Loops.open(1);
    private final DevicePort port;
    private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();

    private sealed interface Outcome {}

    private record Linked(Connection connection, DeviceLink link) implements Outcome {}

    private record Ended(String reason) implements Outcome {}

    /** What came of one connection. */
    record Visit(DeviceLink link, String output, Duration time) {}

    private DemoGateway(List<DemoDevice> devices, PlainSigner key) throws IOException {
        this.devices = devices;
        this.login = Credentials.byKey(LOGIN, key);
        this.hostKey = key.publicKey();
        var ssh = SshSettings.builder().algorithms(Algorithms.MODERN.withDeviceKeys()).hostKeys(List.of(key)).build();
        port = DevicePort.open(loops, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), false,
                new Gate(GateLimits.DEFAULT), new ArrivalSettings(ssh), this);
    }

    /** Listens on a free port of the loopback address; {@code key} is its host key and what it logs in by. */
    static DemoGateway listen(List<DemoDevice> devices, PlainSigner key) throws IOException {
        return new DemoGateway(devices, key);
    }

    InetSocketAddress address() {
        return port.address();
    }

    SshPublicKey hostKey() {
        return hostKey;
    }

    Loops loops() {
        return loops;
    }

    @Override
    public void on(Connection connection, Arrival arrival, ArrivalEvent event) {
        switch (event) {
            case ArrivalEvent.AdmissionAsked asked -> arrival.decide(asked, decide(asked));
            case ArrivalEvent.Linked linked -> outcomes.add(new Linked(connection, linked.link()));
            case ArrivalEvent.Closed closed -> outcomes.add(new Ended(closed.ended().text()));
        }
    }

    private Admission decide(ArrivalEvent.AdmissionAsked asked) {
        for (var device : devices) {
            var decision = device.record().admit(asked.evidence(), asked.inner(), login);
            if (decision.isPresent()) {
                return decision.get();
            }
        }
        return new Admission.Refuse("no record fits " + asked.evidence().name());
    }

    /** Lets one device dial in, runs {@code command} on it, and waits until it has hung up. */
    Visit visit(DemoDevice device, String command) throws IOException {
        long start = System.nanoTime();
        try {
            Visit visit;
            try (var _ = device.dialler().dial(address())) {
                visit = switch (next(device)) {
                    case Linked linked -> visit(linked, command, start);
                    case Ended ended -> throw new IOException(device.name() + " did not get in: " + ended.reason());
                };
            }
            if (next(device) instanceof Linked) {
                throw new IOException(device.name() + " came twice");
            }
            return visit;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private Outcome next(DemoDevice device) throws IOException, InterruptedException {
        var outcome = outcomes.poll(WAIT_SECONDS, TimeUnit.SECONDS);
        if (outcome == null) {
            throw new IOException(device.name() + " did nothing for " + WAIT_SECONDS + " s");
        }
        return outcome;
    }

    private static Visit visit(Linked linked, String command, long start) throws IOException, InterruptedException {
        var session = new Session();
        linked.connection().loop().execute(() -> linked.link().open(new SessionStart.Exec(command), session));
        try {
            var output = session.result.get(WAIT_SECONDS, TimeUnit.SECONDS);
            return new Visit(linked.link(), output, Duration.ofNanos(System.nanoTime() - start));
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(linked.link().deviceId() + " did not run the command: " + e.getMessage(), e);
        }
    }

    /** Collects what a command writes, until its exit status has come. */
    private static final class Session implements ChannelHandler {
        private final CompletableFuture<String> result = new CompletableFuture<>();
        private final ByteArrayOutputStream output = new ByteArrayOutputStream();
        private int status = -1;

        @Override
        public void opened(LinkChannel channel) {}

        @Override
        public void refused(LinkChannel channel, String reason) {
            result.completeExceptionally(new IOException(reason));
        }

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            output.write(array, offset, length);
            channel.consumed(length);
        }

        @Override
        public void requested(LinkChannel channel, Question.ChannelRequested question) {
            if (question.request() instanceof ChannelRequest.ExitStatus exit) {
                status = exit.status();
            }
            channel.decide(question, false);
        }

        @Override
        public void closed(LinkChannel channel) {
            if (status == 0) {
                result.complete(output.toString(StandardCharsets.UTF_8));
            } else {
                result.completeExceptionally(new IOException("the exit status was " + status));
            }
        }
    }

    @Override
    public void close() {
        port.close();
        loops.close();
    }
}
