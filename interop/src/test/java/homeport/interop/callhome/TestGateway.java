package homeport.interop.callhome;

import homeport.callhome.Admission;
import homeport.callhome.Arrival;
import homeport.callhome.ArrivalEvent;
import homeport.callhome.ArrivalSettings;
import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.DeviceLink;
import homeport.callhome.Ended;
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
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.Signer;
import homeport.ssh.wire.ChannelRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A gateway's device port for tests that wait: what comes is admitted by one function, and used by blocking calls. */
final class TestGateway implements AutoCloseable {
    static final int PATIENCE_SECONDS = 30;
    private static final List<Signer> FURTHER_HOST_KEYS = List.of(
            PrivateKeys.generate(KeyAlgorithm.ECDSA_P384, new SecureRandom()),
            PrivateKeys.generate(KeyAlgorithm.RSA_SHA2_512, new SecureRandom()));

    final PlainSigner hostKey = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, new SecureRandom());
    final PlainSigner ecdsaHostKey = PrivateKeys.generate(KeyAlgorithm.ECDSA_P256, new SecureRandom());
    final BlockingQueue<Linked> linked = new LinkedBlockingQueue<>();
    final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();
    private final Loops loops = Loops.open(2);
    private final DevicePort port;

    /** A device that is there, and the connection it came by. */
    record Linked(Connection connection, DeviceLink link) {

        /** What a command wrote and how it ended: {@code output exit}. */
        Result exec(String command) throws Exception {
            return run(handler -> link.open(new SessionStart.Exec(command), handler));
        }

        /** The first {@code count} bytes that come on a channel. */
        String first(Function<ChannelHandler, LinkChannel> open, int count) throws Exception {
            var collector = new Collector(count);
            connection.loop().execute(() -> open.apply(collector));
            return collector.result.get(PATIENCE_SECONDS, TimeUnit.SECONDS).text();
        }

        Result run(Function<ChannelHandler, LinkChannel> open) throws Exception {
            var collector = new Collector(Integer.MAX_VALUE);
            connection.loop().execute(() -> open.apply(collector));
            return collector.result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    record Result(String text, int exit) {}

    private static final class Collector implements ChannelHandler {
        final CompletableFuture<Result> result = new CompletableFuture<>();
        private final ByteArrayOutputStream output = new ByteArrayOutputStream();
        private final int enough;
        private int exit = -1;

        Collector(int enough) {
            this.enough = enough;
        }

        @Override
        public void opened(LinkChannel channel) {}

        @Override
        public void refused(LinkChannel channel, ChannelRefusal refusal) {
            result.completeExceptionally(new IOException(refusal.text()));
        }

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            output.write(array, offset, length);
            channel.consumed(length);
            if (output.size() >= enough) {
                closed(channel);
                channel.close();
            }
        }

        @Override
        public void requested(LinkChannel channel, Question.ChannelRequested question) {
            if (question.request() instanceof ChannelRequest.ExitStatus status) {
                exit = status.status();
            }
            channel.decide(question, false);
        }

        @Override
        public void closed(LinkChannel channel) {
            result.complete(new Result(output.toString(StandardCharsets.UTF_8), exit));
        }
    }

    TestGateway(Function<ArrivalEvent.AdmissionAsked, Admission> policy) throws IOException {
        this(policy, GateLimits.DEFAULT);
    }

    TestGateway(Function<ArrivalEvent.AdmissionAsked, Admission> policy, GateLimits limits) throws IOException {
        var ssh = SshSettings.builder().algorithms(Algorithms.MODERN.withDeviceKeys())
                .hostKeys(List.of(hostKey, ecdsaHostKey)).furtherHostKeys(FURTHER_HOST_KEYS).build();
        port = DevicePort.open(loops, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), false,
                new Gate(limits), new ArrivalSettings(ssh), new DevicePort.Owner() {
                    @Override
                    public void on(Connection connection, Arrival arrival, ArrivalEvent event) {
                        switch (event) {
                            case ArrivalEvent.AdmissionAsked asked -> arrival.decide(asked, policy.apply(asked));
                            case ArrivalEvent.Linked device -> linked.add(new Linked(connection, device.link()));
                            case ArrivalEvent.Closed closed -> ended.add(closed.ended());
                        }
                    }
                });
    }

    InetSocketAddress address() {
        return port.address();
    }

    Loops loops() {
        return loops;
    }

    Linked await(String what) throws InterruptedException {
        var device = linked.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (device == null) {
            throw new AssertionError(what + " did not come; ended: " + ended);
        }
        return device;
    }

    Ended awaitEnd(String what) throws InterruptedException {
        var end = ended.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (end == null) {
            throw new AssertionError(what + " did not end; linked: " + linked);
        }
        return end;
    }

    @Override
    public void close() {
        port.close();
        loops.close();
    }
}
