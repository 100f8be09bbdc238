package homeport.agent;

import homeport.callhome.Admission;
import homeport.callhome.Arrival;
import homeport.callhome.ArrivalEvent;
import homeport.callhome.ArrivalSettings;
import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.Credentials;
import homeport.callhome.DeviceLink;
import homeport.callhome.Ended;
import homeport.callhome.LinkChannel;
import homeport.callhome.Proof;
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

/** A gateway's device port that admits every device and logs in by its host key. */
final class TestGateway implements AutoCloseable {
    static final int PATIENCE_SECONDS = 30;

    final PlainSigner key;
    final BlockingQueue<Linked> linked = new LinkedBlockingQueue<>();
    final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();
    final BlockingQueue<ArrivalEvent.AdmissionAsked> asked = new LinkedBlockingQueue<>();
    /** What a device whose host key is an HMAC is to hold. */
    volatile byte[] secret = {};
    private final Loops loops = Loops.open(1);
    private final DevicePort port;

    record Linked(Connection connection, DeviceLink link) {
        Result exec(String command) throws Exception {
            return run(handler -> link.open(new SessionStart.Exec(command), handler), "");
        }

        Result run(Function<ChannelHandler, LinkChannel> open, String input) throws Exception {
            var collector = new Collector(input);
            connection.loop().execute(() -> open.apply(collector));
            return collector.result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    record Result(String text, int exit) {}

    private static final class Collector implements ChannelHandler {
        final CompletableFuture<Result> result = new CompletableFuture<>();
        private final ByteArrayOutputStream output = new ByteArrayOutputStream();
        private final byte[] input;
        private int exit = -1;

        Collector(String input) {
            this.input = input.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public void opened(LinkChannel channel) {
            channel.send(input, 0, input.length);
            if (input.length == 0) {
                channel.sendEof(); // a NETCONF session ends where its input does, answered or not
            }
        }

        @Override
        public void refused(LinkChannel channel, ChannelRefusal refusal) {
            result.completeExceptionally(new IOException(refusal.text()));
        }

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            output.write(array, offset, length);
            channel.consumed(length);
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

    TestGateway() throws IOException {
        this(PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, new SecureRandom()), 0);
    }

    TestGateway(PlainSigner key, int onPort) throws IOException {
        this.key = key;
        var login = Credentials.byKey(System.getProperty("user.name"), key);
        var ssh = SshSettings.builder().algorithms(Algorithms.MODERN.withDeviceKeys()).hostKeys(List.of(key)).build();
        port = DevicePort.open(loops, new InetSocketAddress(InetAddress.getLoopbackAddress(), onPort), false,
                new Gate(GateLimits.DEFAULT), new ArrivalSettings(ssh), new DevicePort.Owner() {
                    @Override
                    public void on(Connection connection, Arrival arrival, ArrivalEvent event) {
                        switch (event) {
                            case ArrivalEvent.AdmissionAsked question -> {
                                asked.add(question);
                                arrival.decide(question, question.evidence().proof() instanceof Proof.SecretToCheck
                                        ? new Admission.AdmitWithSecret("device", secret.clone(), login)
                                        : new Admission.Admit("device", login));
                            }
                            case ArrivalEvent.Linked device -> linked.add(new Linked(connection, device.link()));
                            case ArrivalEvent.Closed closed -> ended.add(closed.ended());
                        }
                    }
                });
    }

    int portNumber() {
        return port.address().getPort();
    }

    Linked await() throws InterruptedException {
        var device = linked.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (device == null) {
            throw new AssertionError("the device did not come; ended: " + ended);
        }
        return device;
    }

    @Override
    public void close() {
        port.close();
        loops.close();
    }
}
