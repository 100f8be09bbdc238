package homeport.cli;

import homeport.callhome.BootstrapMessage;
import homeport.callhome.Credentials;
import homeport.callhome.Departure;
import homeport.callhome.DepartureEvent;
import homeport.callhome.DepartureSettings;
import homeport.callhome.Design;
import homeport.gateway.event.GatewayEvent;
import homeport.gateway.inventory.NewDevice;
import homeport.net.ChannelStreams;
import homeport.net.Dialler;
import homeport.net.Loop;
import homeport.net.Loops;
import homeport.netconf.Caller;
import homeport.netconf.Capabilities;
import homeport.netconf.Identity;
import homeport.netconf.Limits;
import homeport.netconf.Ns;
import homeport.netconf.Rpc;
import homeport.netconf.RpcError;
import homeport.netconf.RpcErrorException;
import homeport.netconf.RpcHandler;
import homeport.netconf.RpcReply;
import homeport.netconf.ServerSessions;
import homeport.netconf.SessionTime;
import homeport.netconf.link.StreamLink;
import homeport.netconf.session.ServerSession;
import homeport.netconf.xml.XmlElement;
import homeport.ssh.Algorithms;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.SshSettings;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.SshPublicKey;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Many devices in little room: real connections with real keys to the one port, the four designs in turn, and behind each
 * a NETCONF server that knows its own name. They share their event loops with nobody.
 */
final class SimulatedDevices implements AutoCloseable {
    /** Connections that are under way at once, below what the gateway takes from one address. */
    static final int UNDER_WAY = 100;
    private static final int READERS = 16;
    private static final Duration DIAL_PATIENCE = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration PATIENCE_EACH = Duration.ofMillis(100);
    private static final int WINDOW = 64 << 10;
    private static final Capabilities SPOKEN = Capabilities.of(Capabilities.BASE_1_0, Capabilities.BASE_1_1);

    private final DemoGateway gateway;
    private final SshPublicKey login;
    private final SshPublicKey host;
    private final SecureRandom random;
    private final Loops loops = Loops.open(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    private final Instant begun = Instant.now();
    private final Semaphore underWay = new Semaphore(UNDER_WAY);
    /** The first thing that went wrong; empty while nothing has. */
    private volatile String trouble = "";

    SimulatedDevices(DemoGateway gateway, SecureRandom random) {
        this.gateway = gateway;
        this.login = gateway.gateway().keys().user().publicKey();
        this.host = gateway.gateway().keys().host().publicKey();
        this.random = random;
    }

    /** What came of it. */
    record Outcome(int devices, TreeMap<String, Integer> byDesign, Duration time) {
        JsonObject toJson() {
            var designs = new JsonObject();
            byDesign.forEach(designs::put);
            return new JsonObject().put("devices", devices).put("designs", designs).put("seconds",
                    time.toMillis() / 1000.0);
        }

        @Override
        public String toString() {
            var seconds = time.toMillis() / 1000.0;
            return "%d simulated devices (%s) dialled, were admitted and told their names by NETCONF in %.1f s: %.0f a second"
                    .formatted(devices, String.join(", ", byDesign.entrySet().stream()
                            .map(each -> each.getValue() + " " + each.getKey()).toList()), seconds, devices / seconds);
        }
    }

    /**
     * Lets them all dial, and asks each for its name.
     *
     * @throws IOException with the first thing that is not as it should be
     */
    Outcome run(int count, Progress progress) throws IOException, InterruptedException {
        long start = System.nanoTime();
        var arrived = new LinkedBlockingQueue<GatewayEvent>();
        gateway.follow(event -> {
            if (event.device().startsWith("sim-")) {
                arrived.add(event);
            }
        });
        var dialling = Thread.ofVirtual().name("demo-dialling").start(() -> dialAll(count));
        var byDesign = new TreeMap<String, Integer>();
        var asked = new CountDownLatch(count);
        var readers = new Semaphore(READERS);
        long deadline = start + PATIENCE.plus(PATIENCE_EACH.multipliedBy(count)).toNanos();
        try {
            for (int i = 0; i < count; i++) {
                var event = next(arrived, deadline, count - i);
                byDesign.merge(event.data().getOrDefault("design", "?"), 1, Integer::sum);
                readers.acquire();
                Thread.ofVirtual().name("demo-asking").start(() -> {
                    try {
                        ask(event.device());
                        progress.step();
                    } finally {
                        readers.release();
                        asked.countDown();
                    }
                });
            }
            if (!asked.await(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                throw new IOException(asked.getCount() + " simulated devices did not answer in time");
            }
        } finally {
            dialling.interrupt();
        }
        throwTrouble();
        int online = gateway.gateway().live().size();
        if (online < count) {
            throw new IOException("only " + online + " of " + count + " devices stayed");
        }
        return new Outcome(count, byDesign, Duration.ofNanos(System.nanoTime() - start));
    }

    private GatewayEvent next(LinkedBlockingQueue<GatewayEvent> arrived, long deadline, int missing)
            throws IOException, InterruptedException {
        while (System.nanoTime() < deadline) {
            var event = arrived.poll(1, TimeUnit.SECONDS);
            throwTrouble();
            if (event != null && event.type() == GatewayEvent.Type.DEVICE_ONLINE) {
                underWay.release();
                return event;
            }
            if (event != null) {
                throw new IOException(event.device() + " was held, and is on record");
            }
        }
        throw new IOException(missing + " simulated devices did not come in time");
    }

    private void throwTrouble() throws IOException {
        var first = trouble;
        if (!first.isEmpty()) {
            throw new IOException(first);
        }
    }

    private synchronized void fail(String what) {
        if (trouble.isEmpty()) {
            trouble = what;
        }
    }

    private void ask(String name) {
        var live = gateway.gateway().live().find(name);
        try {
            if (live.isEmpty()) {
                throw new IOException("it is gone again");
            }
            try (var client = DemoVisit.netconf(live.get(), () -> {})) {
                var told = DemoVisit.told(client);
                if (!told.hostname().equals(Optional.of(name))) {
                    throw new IOException("it calls itself " + told.hostname());
                }
            }
        } catch (IOException | RuntimeException e) {
            fail(name + " did not tell its name: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail("interrupted");
        }
    }

    // ---- The devices' side

    private void dialAll(int count) {
        try {
            for (int i = 1; i <= count; i++) {
                var name = "sim-%04d".formatted(i);
                var settings = enrol(name, Design.values()[i % Design.values().length]);
                underWay.acquire();
                var loop = loops.next();
                var unused = Dialler.dial(loop, gateway.devices(), DIAL_PATIENCE,
                        connection -> new Departure(settings, loop.environment(), loop.output(), connection,
                                (departure, event) -> on(loop, name, departure, event)))
                        .whenComplete((connection, failure) -> {
                            if (failure != null) {
                                fail(name + " cannot dial: " + failure.getMessage());
                            }
                        });
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the demo ends
        } catch (RuntimeException e) {
            fail("a device cannot be made: " + e.getMessage());
        }
    }

    private DepartureSettings enrol(String name, Design design) {
        var key = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, random);
        var pin = new NewDevice(name, List.of(new NewDevice.KnownKey(key.publicKey().fingerprint(), Optional.empty())),
                Optional.empty(), false, java.util.Map.of());
        OurDevices.add(gateway.gateway(), pin);
        return switch (design) {
            case BOOTSTRAP -> DepartureSettings.bootstrap(BootstrapMessage.claim(name), server(key));
            case CALL_HOME -> DepartureSettings.callHome(server(key));
            case SERVER_CHANNELS ->
                DepartureSettings.serverChannels(SshSettings.client(), Credentials.byKey(name, key));
            case TUNNEL ->
                DepartureSettings.tunnel(SshSettings.client(), Credentials.byKey(name, key), server(key));
        };
    }

    private static SshSettings server(PlainSigner hostKey) {
        return SshSettings.builder().algorithms(Algorithms.MODERN.withDeviceKeys()).hostKeys(List.of(hostKey)).build();
    }

    private void on(Loop loop, String name, Departure departure, DepartureEvent event) {
        switch (event) {
            case DepartureEvent.GatewayKeyAsked asked -> departure.decide(asked, same(asked.key(), host)
                    ? new HostKeyDecision.Accept()
                    : new HostKeyDecision.Refuse("not the gateway"));
            case DepartureEvent.LoginAsked asked -> departure.decide(asked,
                    asked.question().credential() instanceof Question.Credential.Key key && same(key.key(), login)
                            ? new LoginDecision.Accept()
                            : new LoginDecision.Refuse(List.of("publickey")));
            case DepartureEvent.ChannelAsked asked -> {
                if (asked.type() instanceof ChannelType.Session) {
                    departure.accept(asked, WINDOW, netconfOnly(loop, name));
                } else {
                    departure.refuse(asked, "sessions only");
                }
            }
            case DepartureEvent.StreamAsked asked -> departure.refuse(asked, "no stream");
            case DepartureEvent.Registered registered -> {
            }
            case DepartureEvent.Closed closed -> fail(name + " lost its connection: " + closed.ended().text());
        }
    }

    private static boolean same(SshPublicKey one, SshPublicKey other) {
        return MessageDigest.isEqual(one.blob(), other.blob());
    }

    // ---- A device's NETCONF server

    private ChannelStreams netconfOnly(Loop loop, String name) {
        var itself = new AtomicReference<ChannelStreams>();
        var streams = new ChannelStreams(loop, (channel, question) -> {
            boolean netconf = question.request() instanceof ChannelRequest.Subsystem subsystem
                    && subsystem.name().equals("netconf");
            channel.decide(question, netconf);
            if (netconf) {
                serve(Objects.requireNonNull(itself.get()), name);
            }
        });
        itself.set(streams);
        return streams;
    }

    private void serve(ChannelStreams streams, String name) {
        var unused = ServerSession.serve(new StreamLink(streams.input(), streams.output(), streams), SPOKEN,
                new OwnName(name, begun), new ServerSessions(), Identity.ssh("gateway"), Limits.DEFAULT,
                SessionTime.system(), Instant.now());
    }

    /** Answers {@code get} with its name and age, whatever the filter, and nothing else. */
    private record OwnName(String name, Instant begun) implements RpcHandler {
        @Override
        public RpcReply handle(Caller caller, Rpc rpc) {
            if (!rpc.operation().is(Ns.BASE, "get")) {
                throw new RpcErrorException(RpcError.Type.PROTOCOL, RpcError.Tag.OPERATION_NOT_SUPPORTED,
                        "this device is simulated and only tells its name");
            }
            var uptime = Duration.between(begun, Instant.now()).toSeconds();
            return RpcReply.of(XmlElement.of(Ns.BASE, "data",
                    XmlElement.of(DemoVisit.DEVICE, "device", XmlElement.leaf(DemoVisit.DEVICE, "hostname", name),
                            XmlElement.leaf(DemoVisit.DEVICE, "uptime", Long.toString(uptime)))));
        }
    }

    @Override
    public void close() {
        loops.close();
    }
}
