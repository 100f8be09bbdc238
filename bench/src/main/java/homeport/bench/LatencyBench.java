package homeport.bench;

import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginAttempt;
import homeport.ssh.Question;
import homeport.ssh.SshSettings;
import homeport.ssh.blocking.Answers;
import homeport.ssh.blocking.BlockingChannel;
import homeport.ssh.blocking.Link;
import homeport.ssh.blocking.SshClient;
import homeport.ssh.key.Signer;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** What the gateway adds to the time of an rpc: the same client at the same device, through the gateway and straight. */
final class LatencyBench implements Benchmark {
    private static final int WARM_UP = 5_000;
    private static final int ROUNDS = 10;
    private static final int PER_ROUND = 500;
    private static final double LIMIT_MILLIS = 1;
    private static final byte[] RPC = """
            <rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><get/></rpc>]]>]]>"""
            .getBytes(StandardCharsets.UTF_8);

    @Override
    public String name() {
        return "latency";
    }

    @Override
    public void run(Options options, Consumer<Row> table) throws Exception {
        var keys = Keys.make(options.directory());
        try (var gateway = GatewayProcess.start(options.directory(), List.of(), GatewayProcess.MANY_DEVICES,
                "--operator", "bench=" + keys.authorized()); var devices = DevicesWorker.launch()) {
            GatewayHeapBench.join(gateway, devices, 1);
            int port = Integer.parseInt(devices.ask("listen"));
            var device = gateway.devices("").keySet().iterator().next();
            var user = End.key(keys.user());
            try (var straight = connect(port, "bench", user);
                    var through = connect(gateway.operatorsPort(), "bench+" + device, user)) {
                var direct = netconf(straight);
                var spliced = netconf(through);
                rpcs(direct, new double[WARM_UP], 0, WARM_UP);
                rpcs(spliced, new double[WARM_UP], 0, WARM_UP);
                var floor = new double[ROUNDS * PER_ROUND];
                var ours = new double[ROUNDS * PER_ROUND];
                for (int round = 0; round < ROUNDS; round++) {
                    rpcs(direct, floor, round * PER_ROUND, PER_ROUND);
                    rpcs(spliced, ours, round * PER_ROUND, PER_ROUND);
                }
                Arrays.sort(floor);
                Arrays.sort(ours);
                table.accept(row("an rpc at p50; floor: straight to the device", percentile(ours, 50), //
                        percentile(floor, 50)));
                table.accept(row("an rpc at p99", percentile(ours, 99), percentile(floor, 99)));
                table.accept(Row.of(name(), "added by the gateway at p50", "ms")
                        .ours(Samples.of(percentile(ours, 50) - percentile(floor, 50)))
                        .target(Row.Against.NOTHING, LIMIT_MILLIS, true));
                table.accept(Row.of(name(), "added by the gateway at p99", "ms")
                        .ours(Samples.of(percentile(ours, 99) - percentile(floor, 99))));
            }
        }
    }

    private Row row(String metric, double ours, double floor) {
        return Row.of(name(), metric, "ms").ours(Samples.of(ours)).floor(Samples.of(floor));
    }

    private static double percentile(double[] sorted, int percent) {
        return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
    }

    private static SshClient connect(int port, String name, Signer user) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        return SshClient.connect(Link.of(socket), SshSettings.client(), new Answers() {
            @Override
            public HostKeyDecision hostKey(Question.HostKeyAsked question) {
                return new HostKeyDecision.Accept();
            }

            @Override
            public LoginAttempt login(Question.LoginAsked question) {
                return new LoginAttempt.Key(name, user);
            }
        });
    }

    private static BlockingChannel netconf(SshClient ssh) throws IOException {
        var channel = ssh.connection().open(new ChannelType.Session());
        if (!channel.request(new ChannelRequest.Subsystem("netconf"))) {
            throw new IOException("no netconf");
        }
        message(channel.input());
        channel.output().write(DeviceSession.HELLO);
        channel.output().flush();
        return channel;
    }

    private static void rpcs(BlockingChannel channel, double[] millis, int from, int count) throws IOException {
        for (int i = from; i < from + count; i++) {
            long start = System.nanoTime();
            channel.output().write(RPC);
            channel.output().flush();
            message(channel.input());
            millis[i] = (System.nanoTime() - start) / 1e6;
        }
    }

    /** Reads one message; nothing follows it before the next request. */
    private static void message(InputStream in) throws IOException {
        var buffer = new byte[4096];
        int length = 0;
        while (length < DeviceSession.END.length || !Arrays.equals(buffer, length - DeviceSession.END.length, length,
                DeviceSession.END, 0, DeviceSession.END.length)) {
            int count = in.read(buffer, length, buffer.length - length);
            if (count <= 0) {
                throw new IOException("the session ended");
            }
            length += count;
        }
    }
}
