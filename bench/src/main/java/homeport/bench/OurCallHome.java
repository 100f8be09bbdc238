package homeport.bench;

import homeport.callhome.Admission;
import homeport.callhome.ArrivalEvent;
import homeport.callhome.ArrivalSettings;
import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.Credentials;
import homeport.callhome.DeviceLink;
import homeport.callhome.LinkChannel;
import homeport.callhome.Refusal;
import homeport.callhome.SessionStart;
import homeport.net.Connection;
import homeport.net.DevicePort;
import homeport.net.Gate;
import homeport.net.GateLimits;
import homeport.net.Loops;
import homeport.ssh.KeepAlive;
import homeport.ssh.SshSettings;
import homeport.ssh.key.Signer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/** Our device port with its default limits: whoever shows a key is admitted under it. */
final class OurCallHome implements CallHomeGateway {
    private static final int PATIENCE_SECONDS = 120;
    private static final int WINDOW = 1 << 20;

    /** A device and its loop. */
    private record Device(Connection connection, DeviceLink link) {}

    private final Map<Connection, Device> devices = new ConcurrentHashMap<>();
    private final LongAdder admitted = new LongAdder();
    private final Credentials login;
    private final DevicePort port;
    private volatile boolean holding = true;

    private OurCallHome(Signer host, Signer user) throws IOException {
        login = Credentials.byKey("admin", user);
        var ssh = SshSettings.builder().algorithms(DeviceSettings.ALGORITHMS).hostKeys(List.of(host))
                .keepAlive(KeepAlive.DEFAULT).build();
        port = DevicePort.open(Loops.open(2), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), false,
                new Gate(GateLimits.DEFAULT), new ArrivalSettings(ssh), (connection, arrival, event) -> {
                    switch (event) {
                        case ArrivalEvent.AdmissionAsked asked ->
                            arrival.decide(asked, new Admission.Admit(asked.evidence().name(), login));
                        case ArrivalEvent.Linked linked -> linked(new Device(connection, linked.link()));
                        case ArrivalEvent.Closed closed -> devices.remove(connection);
                    }
                });
    }

    static OurCallHome start(Path host, Path user) throws IOException {
        return new OurCallHome(End.key(host), End.key(user));
    }

    private void linked(Device device) {
        admitted.increment();
        if (holding) {
            devices.put(device.connection(), device);
        } else {
            var unused = netconf(device).whenComplete(
                    (channel, failure) -> device.link().close(Refusal.CLOSED, "that was all"));
        }
    }

    /** @return completes with the channel when the device's first byte is there */
    private static CompletableFuture<LinkChannel> netconf(Device device) {
        var first = new First();
        device.link().open(new SessionStart.Subsystem("netconf"), first);
        return first.came;
    }

    @Override
    public int port() {
        return port.address().getPort();
    }

    @Override
    public int linked() {
        return port.linked();
    }

    @Override
    public long admitted() {
        return admitted.sum();
    }

    @Override
    public String refusals() {
        return port.counters().entrySet().stream()
                .filter(e -> !e.getKey().equals("ssh-end-of-stream") && !e.getKey().equals("closed"))
                .map(e -> e.getKey() + "=" + e.getValue()).collect(Collectors.joining(","));
    }

    @Override
    public void mode(String mode) {
        holding = mode.equals("hold");
        devices.clear();
    }

    @Override
    public void openAll() throws Exception {
        for (var device : devices.values()) {
            var open = new CompletableFuture<LinkChannel>();
            device.connection().loop().execute(() -> {
                var unused = netconf(device).whenComplete((channel, failure) -> {
                    if (failure == null) {
                        open.complete(channel);
                    } else {
                        open.completeExceptionally(failure);
                    }
                });
            });
            open.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Override
    public void carry(long bytes) throws Exception {
        var device = devices.values().iterator().next();
        var all = new All();
        device.connection().loop()
                .execute(() -> device.link().open(new SessionStart.Exec("flood " + bytes), WINDOW, all));
        long came = all.done.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (came != bytes) {
            throw new IOException(came + " bytes came, not " + bytes);
        }
    }

    /** Waits for a channel's first byte. */
    private static final class First implements ChannelHandler {
        private final CompletableFuture<LinkChannel> came = new CompletableFuture<>();

        @Override
        public void opened(LinkChannel channel) {}

        @Override
        public void refused(LinkChannel channel, ChannelRefusal refusal) {
            came.completeExceptionally(new IOException(refusal.text()));
        }

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            channel.consumed(length);
            came.complete(channel);
        }

        @Override
        public void closed(LinkChannel channel) {
            came.completeExceptionally(new IOException("closed before its first byte"));
        }
    }

    /** Counts what comes until the end. */
    private static final class All implements ChannelHandler {
        private final CompletableFuture<Long> done = new CompletableFuture<>();
        private long count;

        @Override
        public void opened(LinkChannel channel) {}

        @Override
        public void refused(LinkChannel channel, ChannelRefusal refusal) {
            done.completeExceptionally(new IOException(refusal.text()));
        }

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            count += length;
            channel.consumed(length);
        }

        @Override
        public void closed(LinkChannel channel) {
            done.complete(count);
        }
    }
}
