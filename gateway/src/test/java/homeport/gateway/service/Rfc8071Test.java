package homeport.gateway.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Departure;
import homeport.callhome.DepartureEvent;
import homeport.callhome.DepartureSettings;
import homeport.callhome.SessionStart;
import homeport.gateway.admission.Manufacturer;
import homeport.gateway.config.ConfigReader;
import homeport.gateway.event.GatewayEvent;
import homeport.gateway.inventory.Attempt;
import homeport.gateway.inventory.IdFrom;
import homeport.gateway.inventory.NewDevice;
import homeport.net.ChannelStreams;
import homeport.net.Dialler;
import homeport.net.Loops;
import homeport.ssh.Algorithms;
import homeport.ssh.LoginDecision;
import homeport.ssh.SshSettings;
import homeport.ssh.key.CertifiedSigner;
import homeport.ssh.key.Signer;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The listener's steps of RFC 8071 §3.1, by their names there. TLS is not offered: C1's ports 4335 and 4336 and the heartbeat
 * of C4 are left out, and what begins TLS on our port is told so.
 */
@Timeout(120)
class Rfc8071Test {
    private static final int SECONDS = 20;

    @TempDir
    private Path directory;
    private Gateway gateway;
    private Loops deviceLoops;
    private final BlockingQueue<GatewayEvent> events = new LinkedBlockingQueue<>();
    /** Every user name that the gateway tried to log in as, at any device. */
    private final BlockingQueue<String> logins = new LinkedBlockingQueue<>();

    @BeforeEach
    void open() throws IOException {
        deviceLoops = Loops.open(1);
        var config = ConfigReader.read(Optional.empty(), Map.of(),
                Map.of("data", directory.resolve("data").toString(), "devices.listen", "127.0.0.1:0", "http.listen",
                        "127.0.0.1:0", "operators.listen", "127.0.0.1:0"));
        gateway = Gateway.open(config, Optional.empty(), InstantSource.system());
        assertTrue(gateway.events().watch(Optional.empty(), events::add).isPresent());
    }

    @AfterEach
    void close() throws IOException {
        gateway.close();
        deviceLoops.close();
    }

    private GatewayEvent next(GatewayEvent.Type type) throws InterruptedException {
        for (int i = 0; i < 100; i++) {
            var event = events.poll(SECONDS, TimeUnit.SECONDS);
            if (event == null) {
                break;
            }
            if (event.type() == type) {
                return event;
            }
        }
        throw new AssertionError("no " + type);
    }

    private Socket raw() throws IOException {
        var socket = new Socket(gateway.devicesAddress().getAddress(), gateway.devicesAddress().getPort());
        socket.setSoTimeout(SECONDS * 1000);
        return socket;
    }

    /** The peer may know that it is over before the journal does. */
    private String whyNot(String about) {
        OperatedGateway.until(() -> !attempts(about).isEmpty(), "nothing in the journal about " + about);
        return attempts(about).getFirst().code();
    }

    private List<Attempt> attempts(String about) {
        return gateway.inventory().attempts().list(Set.of(about), Long.MAX_VALUE, 100);
    }

    /** A device that counts who wants to log in, and lets nobody. Completes at its end. */
    private CompletableFuture<Void> watchful(Signer key) throws Exception {
        var ended = new CompletableFuture<Void>();
        var server = SshSettings.builder().algorithms(Algorithms.MODERN.withDeviceKeys()).hostKeys(List.of(key))
                .build();
        Dialler.dial(deviceLoops.next(), gateway.devicesAddress(), Duration.ofSeconds(SECONDS),
                dialled -> new Departure(DepartureSettings.callHome(server), dialled.loop().environment(),
                        dialled.loop().output(), dialled, (departure, event) -> {
                            if (event instanceof DepartureEvent.LoginAsked asked) {
                                logins.add(asked.question().user());
                                departure.decide(asked, new LoginDecision.Refuse(List.of("publickey")));
                            } else if (event instanceof DepartureEvent.Closed) {
                                ended.complete(null);
                            }
                        }))
                .get(SECONDS, TimeUnit.SECONDS);
        return ended;
    }

    @Test
    void c1ListensOnTheIanaPortUnlessAnotherIsConfigured() {
        var standard = ConfigReader.read(Optional.empty(), Map.of(), Map.of("data", directory.toString()));
        assertEquals(4334, standard.devices().listen().port());
        assertTrue(gateway.devicesAddress().getPort() > 0 && gateway.devicesAddress().getPort() != 4334);
    }

    /** C2 and C3: accepts, and begins the SSH client's side at once, without having heard a byte. */
    @Test
    void c2AndC3AcceptAndStartSshAtOnce() throws Exception {
        try (var socket = raw()) {
            var line = new String(socket.getInputStream().readNBytes(8), StandardCharsets.US_ASCII);
            assertEquals("SSH-2.0-", line);
        }
    }

    @Test
    void c4TlsIsNotOfferedAndTheDeviceIsToldSo() throws Exception {
        try (var socket = raw()) {
            socket.getOutputStream().write(new byte[]{0x16, 3, 1, 0, 4, 1, 0, 0, 0});
            socket.getInputStream().readAllBytes();
        }
        assertEquals("tls", whyNot("127.0.0.1"));
    }

    @Test
    void c5HostKeyIsValidatedAgainstThePinnedOne() throws Exception {
        var pinned = TestDevice.key();
        gateway.inventory().devices().add(NewDevice.pinned("router", pinned.publicKey().fingerprint()), "alice");
        try (var device = TestDevice.callHome(deviceLoops, gateway.devicesAddress(), pinned)) {
            assertEquals("router", next(GatewayEvent.Type.DEVICE_ONLINE).device());
            assertFalse(device.ended.isDone());
        }
        var stranger = TestDevice.key();
        try (var device = TestDevice.callHome(deviceLoops, gateway.devicesAddress(), stranger)) {
            assertEquals(stranger.publicKey().fingerprint().toString(),
                    next(GatewayEvent.Type.DEVICE_PENDING).device());
            assertFalse(device.registered.isDone());
        }
    }

    @Test
    void c5RevokedCertificateIsClosedAtOnce() throws Exception {
        var manufacturer = new Manufacturer("Acme", Instant.now());
        var anchors = gateway.inventory().anchors();
        assertTrue(anchors.add(manufacturer.anchor("acme", IdFrom.SERIAL_NUMBER, false, Set.of("SN1"),
                manufacturer.revocationOfItsFirst()), "alice"));
        gateway.watchers().trustChanged();
        var key = TestDevice.key();
        watchful(new CertifiedSigner(key, manufacturer.issue(key, "serialNumber=SN1,CN=router")))
                .get(SECONDS, TimeUnit.SECONDS);
        assertTrue(logins.isEmpty());
        assertEquals(Optional.empty(), gateway.live().find("SN1"));
        assertTrue(whyNot("127.0.0.1").contains("revoked"), whyNot("127.0.0.1"));
    }

    /** C6: the issuer is preconfigured, and the identifier in the certificate was known before the device dialled. */
    @Test
    void c6PathNeedsAnIssuerAndAnIdentifierThatWereKnownBefore() throws Exception {
        var manufacturer = new Manufacturer("Acme", Instant.now());
        var other = new Manufacturer("Acme", Instant.now());
        assertTrue(gateway.inventory().anchors()
                .add(manufacturer.anchor("acme", IdFrom.SERIAL_NUMBER, false, Set.of("SN1"), ""), "alice"));
        gateway.watchers().trustChanged();
        var key = TestDevice.key();
        try (var known = TestDevice.callHome(deviceLoops, gateway.devicesAddress(),
                new CertifiedSigner(key, manufacturer.issue(key, "serialNumber=SN1,CN=router")))) {
            assertEquals("SN1", next(GatewayEvent.Type.DEVICE_ONLINE).device());
            assertFalse(known.ended.isDone());
        }
        var unlisted = TestDevice.key();
        try (var device = TestDevice.callHome(deviceLoops, gateway.devicesAddress(),
                new CertifiedSigner(unlisted, manufacturer.issue(unlisted, "serialNumber=SN2,CN=router")))) {
            assertEquals("SN2", next(GatewayEvent.Type.DEVICE_PENDING).device());
            assertFalse(device.registered.isDone());
        }
        var forged = TestDevice.key();
        watchful(new CertifiedSigner(forged, other.issue(forged, "serialNumber=SN1,CN=router")));
        assertTrue(logins.isEmpty(), "the name of the issuer is not its key");
    }

    /** C7: no credential goes out for an address, or to a key that is not the record's. */
    @Test
    void c7CredentialsGoOnlyToTheKeyTheyAreFor() throws Exception {
        var pinned = TestDevice.key();
        gateway.inventory().devices().add(NewDevice.pinned("router", pinned.publicKey().fingerprint()), "alice");
        watchful(TestDevice.key());
        next(GatewayEvent.Type.DEVICE_PENDING);
        assertTrue(logins.isEmpty(), "from the same address, with another key");
        watchful(pinned).get(SECONDS, TimeUnit.SECONDS);
        assertFalse(logins.isEmpty(), "to its own key it logs in");
    }

    @Test
    void c8StartsNetconfOnceLoggedIn() throws Exception {
        var pinned = TestDevice.key();
        gateway.inventory().devices().add(NewDevice.pinned("router", pinned.publicKey().fingerprint()), "alice");
        try (var device = TestDevice.callHome(deviceLoops, gateway.devicesAddress(), pinned)) {
            next(GatewayEvent.Type.DEVICE_ONLINE);
            var live = gateway.live().find("router").orElseThrow();
            var streams = new ChannelStreams(live.loop());
            live.open(new SessionStart.Subsystem("netconf"), 1 << 16, streams);
            streams.opened().get(SECONDS, TimeUnit.SECONDS);
            assertEquals("<hello netconf/>",
                    new String(streams.input().readNBytes(16), StandardCharsets.UTF_8));
            streams.close();
            assertFalse(device.ended.isDone());
        }
    }
}
