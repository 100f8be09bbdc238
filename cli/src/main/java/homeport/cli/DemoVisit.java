package homeport.cli;

import homeport.callhome.ChannelHandler;
import homeport.callhome.ForwardingHandler;
import homeport.callhome.LinkChannel;
import homeport.callhome.SessionStart;
import homeport.gateway.event.GatewayEvent;
import homeport.gateway.live.LiveDevice;
import homeport.net.ChannelStreams;
import homeport.netconf.Limits;
import homeport.netconf.RpcErrorException;
import homeport.netconf.SessionError;
import homeport.netconf.SessionTime;
import homeport.netconf.client.Confirm;
import homeport.netconf.client.Datastore;
import homeport.netconf.client.EditConfig;
import homeport.netconf.client.Filter;
import homeport.netconf.client.NetconfClient;
import homeport.netconf.link.StreamLink;
import homeport.netconf.session.ClientSession;
import homeport.netconf.xml.XmlElement;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What the demo saw of one device.
 *
 * @param design as the gateway found out
 * @param identity what it showed: a key's fingerprint, a certificate's subject, a key id
 * @param grounds on which the gateway let it in
 * @param roundTrips on the wire until the first byte of NETCONF, or of the answer of a device without
 * @param firstByte the same as time, from the device's dialling
 * @param hostname empty where the device has none
 */
record DemoVisit(DemoDevice device, String design, String identity, String grounds, int roundTrips, Duration firstByte,
        Optional<String> hostname, Duration uptime, String software) {
    static final String DEVICE = "urn:homeport:device";
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration CONFIRM_TIME = Duration.ofSeconds(30);
    private static final int WINDOW = 256 << 10;
    private static final String COMMAND = "uname -n && cut -d' ' -f1 /proc/uptime";

    /**
     * Asks a device that has come for its name and how long it runs, and checks that it is the one it should be.
     *
     * @throws IOException when it is not, or does not answer
     */
    static DemoVisit of(DemoDevice device, GatewayEvent online, LiveDevice live, Wire wire)
            throws IOException, InterruptedException {
        var first = new FirstByte(wire);
        var told = device.netconf() ? byNetconf(live, first) : byCommand(live, first);
        var data = online.data();
        var visit = new DemoVisit(device, data.getOrDefault("design", ""), data.getOrDefault("identity", ""),
                data.getOrDefault("grounds", ""), first.roundTrips, Duration.ofNanos(first.nanos), told.hostname(),
                told.uptime(), live.software());
        visit.check();
        return visit;
    }

    /** What a device says of itself. */
    record Told(Optional<String> hostname, Duration uptime) {}

    /** The table says what was found out; that has to be what the device is. */
    private void check() throws IOException {
        if (!design.equals(device.design().text())) {
            throw new IOException(device.name() + " dialled as " + device.design().text() + " and was taken for "
                    + design);
        }
        if (!device.grounds().isEmpty() && !grounds.equals(device.grounds())) {
            throw new IOException(device.name() + " was let in by " + grounds + " where " + device.grounds()
                    + " was due");
        }
        if (roundTrips < 1 || !firstByte.isPositive()) {
            throw new IOException("nothing was counted on the wire of " + device.name());
        }
    }

    JsonObject toJson() {
        return new JsonObject().put("device", device.name()).put("design", design)
                .put("identified", device.identified())
                .put("identity", identity).put("admitted", grounds).put("roundTrips", roundTrips)
                .put("firstByteMillis", firstByte.toNanos() / 1e6).put("netconf", device.netconf())
                .put("hostname", hostname.orElse(null)).put("uptimeSeconds", uptime.toSeconds())
                .put("software", software);
    }

    // ---- By NETCONF

    /** Keeps what the wire says when the device's first byte is there. */
    private static final class FirstByte {
        private final Wire wire;
        private int roundTrips;
        private long nanos;

        FirstByte(Wire wire) {
            this.wire = wire;
        }

        /** On the loop; who reads the figures has waited for data that came after. */
        void came() {
            if (nanos == 0) {
                var call = wire.latest().orElseThrow();
                roundTrips = call.roundTrips();
                nanos = System.nanoTime() - call.begunNanos();
            }
        }
    }

    private static Told byNetconf(LiveDevice live, FirstByte first) throws IOException, InterruptedException {
        try (var client = netconf(live, first::came)) {
            return told(client);
        } catch (RpcErrorException | SessionError e) {
            throw new IOException(live.id() + " did not answer by NETCONF: " + e.getMessage(), e);
        }
    }

    /** What a device says of itself by NETCONF. */
    static Told told(NetconfClient client) throws IOException {
        var device = client.get(Filter.subtree(XmlElement.of(DEVICE, "device"))).child(DEVICE, "device")
                .orElseThrow(() -> new IOException("the device says nothing of itself"));
        var uptime = device.child(DEVICE, "uptime")
                .orElseThrow(() -> new IOException("the device does not say how long it runs")).text();
        return new Told(device.child(DEVICE, "hostname").map(XmlElement::text),
                Duration.ofSeconds(Long.parseLong(uptime)));
    }

    /** @param first told, on the loop, of every piece of data */
    static NetconfClient netconf(LiveDevice live, Runnable first) throws IOException, InterruptedException {
        var streams = open(live, new SessionStart.Subsystem("netconf"), first);
        streams.dropErrors();
        try {
            return new NetconfClient(ClientSession.await(ClientSession.open(
                    new StreamLink(streams.input(), streams.output(), streams), Limits.DEFAULT, SessionTime.system())),
                    PATIENCE);
        } catch (SessionError e) {
            streams.close();
            throw new IOException(live.id() + " opens no NETCONF session: " + e.getMessage(), e);
        }
    }

    /** Changes the device's location by a confirmed commit, confirms it, and looks whether it has come to stay. */
    static void relocate(LiveDevice live, String location) throws IOException, InterruptedException {
        try (var client = netconf(live, () -> {})) {
            client.editConfig(EditConfig.of(Datastore.CANDIDATE, XmlElement.of(DEVICE, "device",
                    XmlElement.leaf(DEVICE, "location", location))));
            client.commit(Confirm.within(CONFIRM_TIME));
            require(client, live, location);
            client.commit();
            require(client, live, location);
        } catch (RpcErrorException | SessionError e) {
            throw new IOException(live.id() + " did not take the change: " + e.getMessage(), e);
        }
    }

    private static void require(NetconfClient client, LiveDevice live, String location) throws IOException {
        var now = client.getConfig(Datastore.RUNNING, Filter.subtree(XmlElement.of(DEVICE, "device")))
                .child(DEVICE, "device").flatMap(device -> device.child(DEVICE, "location")).map(XmlElement::text);
        if (!now.equals(Optional.of(location))) {
            throw new IOException(live.id() + " has the location " + now + ", not the one that was committed");
        }
    }

    // ---- By a command

    private static Told byCommand(LiveDevice live, FirstByte first) throws IOException, InterruptedException {
        var streams = open(live, new SessionStart.Exec(COMMAND), first::came);
        streams.dropErrors();
        var said = new String(streams.input().readAllBytes(), StandardCharsets.UTF_8).strip();
        streams.close();
        List<String> lines = said.lines().toList();
        if (lines.size() != 2 || !lines.getLast().matches("\\d+(\\.\\d+)?")) {
            throw new IOException(live.id() + " answered " + Table.shown(said) + " to: " + COMMAND);
        }
        return new Told(Optional.of(lines.getFirst()),
                Duration.ofMillis((long) (Double.parseDouble(lines.getLast()) * 1000)));
    }

    private static ChannelStreams open(LiveDevice live, SessionStart start, Runnable first)
            throws IOException, InterruptedException {
        var streams = new ChannelStreams(live.loop());
        live.open(start, WINDOW, new Noticed(streams, first));
        try {
            return streams.opened().get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            streams.close();
            throw new IOException(live.id() + " opened no session: " + e.getMessage(), e);
        }
    }

    /** Tells of data before it is read. */
    private static final class Noticed extends ForwardingHandler {
        private final Runnable first;

        Noticed(ChannelHandler to, Runnable first) {
            super(to);
            this.first = first;
        }

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            first.run();
            super.data(channel, dataType, array, offset, length);
        }
    }
}
