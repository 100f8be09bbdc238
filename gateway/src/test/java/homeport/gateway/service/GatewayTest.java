package homeport.gateway.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Credentials;
import homeport.callhome.SessionStart;
import homeport.gateway.admission.Manufacturer;
import homeport.gateway.config.ConfigReader;
import homeport.gateway.event.GatewayEvent;
import homeport.gateway.inventory.AlarmKind;
import homeport.gateway.inventory.Approval;
import homeport.gateway.inventory.Attempt;
import homeport.gateway.inventory.AttemptOutcome;
import homeport.gateway.inventory.AttemptStage;
import homeport.gateway.inventory.DeviceState;
import homeport.gateway.inventory.IdFrom;
import homeport.gateway.inventory.NewDevice;
import homeport.gateway.inventory.PinState;
import homeport.net.ChannelStreams;
import homeport.net.Loops;
import homeport.ssh.key.CertifiedSigner;
import homeport.ssh.key.Fingerprint;
import homeport.ssh.key.HmacKeyId;
import homeport.ssh.key.HmacSigner;
import homeport.ssh.key.KeyAlgorithm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole gateway on loopback, and devices of ours that dial it. */
class GatewayTest {
    private static final int SECONDS = 20;

    @TempDir
    private Path directory;
    private Gateway gateway;
    private Loops deviceLoops;
    private final BlockingQueue<GatewayEvent> events = new LinkedBlockingQueue<>();

    @BeforeEach
    void open() throws IOException {
        deviceLoops = Loops.open(1);
        gateway = start();
    }

    private Gateway start() throws IOException {
        var config = ConfigReader.read(Optional.empty(), Map.of(),
                Map.of("data", directory.resolve("data").toString(), "devices.listen", "127.0.0.1:0", "http.listen",
                        "127.0.0.1:0",
                        "operators.listen", "127.0.0.1:0"));
        var opened = Gateway.open(config, Optional.empty(), InstantSource.system());
        assertTrue(opened.events().watch(Optional.empty(), events::add).isPresent());
        return opened;
    }

    @AfterEach
    void close() throws IOException {
        gateway.close();
        deviceLoops.close();
    }

    /** The next event of a type; others are passed over. */
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

    private String exec(String id) throws Exception {
        var device = gateway.live().find(id).orElseThrow();
        var streams = new ChannelStreams(device.loop());
        device.open(new SessionStart.Exec("who"), 1 << 16, streams);
        streams.opened().get(SECONDS, TimeUnit.SECONDS);
        var text = new String(streams.input().readAllBytes(), StandardCharsets.UTF_8);
        streams.close();
        streams.ended().get(SECONDS, TimeUnit.SECONDS);
        return text;
    }

    private List<Attempt> journal(String about) throws InterruptedException {
        assertTrue(gateway.door().flush(Duration.ofSeconds(SECONDS)));
        return gateway.inventory().attempts().list(Set.of(about), Long.MAX_VALUE, 100);
    }

    @Test
    void anUnknownDeviceIsHeldAndServesOnTheSameConnectionOnceApproved() throws Exception {
        var key = TestDevice.key();
        var id = key.publicKey().fingerprint().toString();
        try (var device = TestDevice.callHome(deviceLoops, gateway.devicesAddress(), key)) {
            assertEquals(id, next(GatewayEvent.Type.DEVICE_PENDING).device());
            assertEquals(DeviceState.PENDING, gateway.inventory().devices().find(id).orElseThrow().state());
            assertFalse(device.registered.isDone());

            assertEquals(Approval.APPROVED, gateway.inventory().devices().approve(id, Optional.empty(), "alice"));
            gateway.watchers().deviceChanged(id);

            assertEquals(id, next(GatewayEvent.Type.DEVICE_ONLINE).device());
            device.registered.get(SECONDS, TimeUnit.SECONDS);
            assertEquals("home", exec(id));
            assertFalse(device.ended.isDone());
        }
        assertEquals(id, next(GatewayEvent.Type.DEVICE_OFFLINE).device());
        var journal = journal(id);
        assertEquals(List.of(AttemptOutcome.FAILED, AttemptOutcome.JOINED, AttemptOutcome.HELD),
                journal.stream().map(Attempt::outcome).toList(), "the latest first: it left, was let in, was held");
        assertFalse(gateway.inventory().devices().find(id).orElseThrow().sighting().online());
    }

    /** What an operator approves by: {@code device approve --pending --from 127.0.0.0/8 --design call-home}. */
    @Test
    void aDeviceThatWaitsIsListedWithWhereItCameFromAndHow() throws Exception {
        var key = TestDevice.key();
        var id = key.publicKey().fingerprint().toString();
        try (var device = TestDevice.callHome(deviceLoops, gateway.devicesAddress(), key)) {
            assertEquals(id, next(GatewayEvent.Type.DEVICE_PENDING).device());
            assertTrue(gateway.door().flush(Duration.ofSeconds(SECONDS)));
            var heard = gateway.inventory().devices().find(id).orElseThrow().sighting();
            assertTrue(heard.ever());
            assertFalse(heard.online());
            assertEquals(List.of("127.0.0.1", "call-home", id),
                    List.of(heard.address(), heard.design(), heard.identity()));
            assertTrue(heard.software().startsWith("SSH-2.0-"), heard.software());
            assertFalse(device.registered.isDone());
        }
    }

    @Test
    void whoOnlyClaimsAnAdmittedIdDoesNotChangeWhereItWasSeen() throws Exception {
        gateway.inventory().devices().add(new NewDevice("router1", List.of(), Optional.empty(), false, Map.of()),
                "alice");
        try (var device = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(),
                Credentials.byKey("router1", TestDevice.key()))) {
            assertEquals("router1", next(GatewayEvent.Type.DEVICE_PENDING).device());
            assertTrue(gateway.door().flush(Duration.ofSeconds(SECONDS)));
            assertFalse(gateway.inventory().devices().find("router1").orElseThrow().sighting().ever());
            assertFalse(device.registered.isDone());
        }
    }

    @Test
    void aKnownIdWithAnotherKeyIsRefusedAndRaisesAnAlarmAndThePinStays() throws Exception {
        var pinned = TestDevice.key();
        var other = TestDevice.key();
        gateway.inventory().devices().add(NewDevice.pinned("router1", pinned.publicKey().fingerprint()), "alice");
        try (var device = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(),
                Credentials.byKey("router1", other))) {
            device.ended.get(SECONDS, TimeUnit.SECONDS);
        }
        var alarm = next(GatewayEvent.Type.ALARM);
        assertEquals("router1", alarm.device());
        assertEquals(AlarmKind.NEW_KEY.text(), alarm.data().get("kind"));
        var record = gateway.inventory().devices().find("router1").orElseThrow();
        assertEquals(List.of(pinned.publicKey().fingerprint()), fingerprints(record.pins(PinState.ACTIVE)));
        assertEquals(List.of(other.publicKey().fingerprint()), fingerprints(record.pins(PinState.WAITING)));
        assertEquals(Optional.empty(), gateway.live().find("router1"));
        var last = journal("router1").getFirst();
        assertEquals(AttemptOutcome.REFUSED, last.outcome());
        assertEquals("other-key", last.code());
    }

    private static List<Fingerprint> fingerprints(List<homeport.gateway.inventory.Pin> pins) {
        return pins.stream().map(homeport.gateway.inventory.Pin::fingerprint).toList();
    }

    @Test
    void everyDesignJoinsByItsOwnEvidence() throws Exception {
        var devices = gateway.inventory().devices();
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        devices.add(NewDevice.withSecret("boot", secret.clone()), "alice");
        var channelKey = TestDevice.key();
        devices.add(NewDevice.pinned("chan", channelKey.publicKey().fingerprint()), "alice");
        var tunnelKey = TestDevice.key();
        devices.add(NewDevice.pinned("tunnel", tunnelKey.publicKey().fingerprint()), "alice");
        try (var boot = TestDevice.bootstrap(deviceLoops, gateway.devicesAddress(), "boot", TestDevice.key(), secret);
                var chan = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(),
                        Credentials.byKey("chan", channelKey));
                var tunnel = TestDevice.tunnel(deviceLoops, gateway.devicesAddress(),
                        Credentials.byKey("tunnel", tunnelKey), TestDevice.key())) {
            for (int i = 0; i < 3; i++) {
                next(GatewayEvent.Type.DEVICE_ONLINE);
            }
            for (var id : List.of("boot", "chan", "tunnel")) {
                assertEquals(id, exec(id));
            }
        }
    }

    @Test
    void aBootstrapMessageWithAWrongSecretIsRefused() throws Exception {
        gateway.inventory().devices().add(NewDevice.withSecret("boot", new byte[32]), "alice");
        byte[] wrong = new byte[32];
        wrong[0] = 1;
        try (var device = TestDevice.bootstrap(deviceLoops, gateway.devicesAddress(), "boot", TestDevice.key(),
                wrong)) {
            device.ended.get(SECONDS, TimeUnit.SECONDS);
            assertFalse(device.registered.isDone());
        }
        assertEquals("hmac-wrong", journal("boot").getFirst().code());
    }

    @Test
    void aClaimTokenLetsItsDeviceInOnceAndPinsTheKeyThatCameWithIt() throws Exception {
        var devices = gateway.inventory().devices();
        devices.add(NewDevice.expected("new1"), "alice");
        var token = devices.issueToken("new1", Duration.ofMinutes(5), new SecureRandom(), "alice").orElseThrow();
        var key = TestDevice.key();
        var login = new Credentials("new1", List.of(key), Optional.of(token.getBytes(StandardCharsets.US_ASCII)));
        try (var device = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(), login)) {
            assertEquals("new1", next(GatewayEvent.Type.DEVICE_ONLINE).device());
            assertEquals("new1", exec("new1"));
        }
        assertTrue(devices.find("new1").orElseThrow().isPinned(key.publicKey().fingerprint()));
        next(GatewayEvent.Type.DEVICE_OFFLINE);
        var thief = new Credentials("new1", List.of(TestDevice.key()),
                Optional.of(token.getBytes(StandardCharsets.US_ASCII)));
        try (var device = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(), thief)) {
            device.ended.get(SECONDS, TimeUnit.SECONDS);
            assertFalse(device.registered.isDone());
        }
        assertEquals(Optional.empty(), gateway.live().find("new1"));
    }

    /** {@code ssh -R} with the wrong key asks for a password next, and sends what somebody types or nothing. */
    @Test
    void aPasswordAfterAWrongKeyDoesNotHideThatTheKeyWasWrong() throws Exception {
        gateway.inventory().devices().add(NewDevice.pinned("chan", TestDevice.key().publicKey().fingerprint()),
                "alice");
        var wrong = TestDevice.key();
        for (var login : List.of(Credentials.byKey("chan", wrong),
                new Credentials("chan", List.of(wrong), Optional.of(new byte[0])),
                new Credentials("chan", List.of(wrong), Optional.of("hunter2".getBytes(StandardCharsets.US_ASCII))))) {
            try (var device = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(), login)) {
                device.ended.get(SECONDS, TimeUnit.SECONDS);
                assertFalse(device.registered.isDone());
            }
        }
        assertEquals(List.of("other-key", "other-key", "other-key"),
                journal("chan").stream().map(Attempt::code).toList());
        var alone = new Credentials("chan", List.of(), Optional.of("hunter2".getBytes(StandardCharsets.US_ASCII)));
        try (var device = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(), alone)) {
            device.ended.get(SECONDS, TimeUnit.SECONDS);
        }
        assertEquals("no-token", journal("chan").getFirst().code());
    }

    @Test
    void refusingADeviceCutsItAtOnce() throws Exception {
        var key = TestDevice.key();
        gateway.inventory().devices().add(NewDevice.pinned("chan", key.publicKey().fingerprint()), "alice");
        try (var device = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(),
                Credentials.byKey("chan", key))) {
            next(GatewayEvent.Type.DEVICE_ONLINE);
            assertTrue(gateway.inventory().devices().refuse("chan", "stolen", "alice"));
            gateway.watchers().deviceChanged("chan");
            device.ended.get(SECONDS, TimeUnit.SECONDS);
            assertEquals("chan", next(GatewayEvent.Type.DEVICE_OFFLINE).device());
        }
        try (var device = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(),
                Credentials.byKey("chan", key))) {
            device.ended.get(SECONDS, TimeUnit.SECONDS);
            assertFalse(device.registered.isDone());
        }
    }

    @Test
    void aDeviceThatProvesItselfAgainDisplacesItsOldConnection() throws Exception {
        var key = TestDevice.key();
        gateway.inventory().devices().add(NewDevice.pinned("chan", key.publicKey().fingerprint()), "alice");
        try (var first = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(),
                Credentials.byKey("chan", key))) {
            next(GatewayEvent.Type.DEVICE_ONLINE);
            try (var second = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(),
                    Credentials.byKey("chan", key))) {
                next(GatewayEvent.Type.DEVICE_ONLINE);
                first.ended.get(SECONDS, TimeUnit.SECONDS);
                assertEquals("chan", exec("chan"));
                assertFalse(second.ended.isDone());
            }
        }
    }

    @Test
    void aRestartFindsEverythingAndNobodyOnline() throws Exception {
        var key = TestDevice.key();
        gateway.inventory().devices().add(NewDevice.pinned("chan", key.publicKey().fingerprint()), "alice");
        try (var device = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(),
                Credentials.byKey("chan", key))) {
            next(GatewayEvent.Type.DEVICE_ONLINE);
            var hostKey = gateway.keys().host().publicKey();
            gateway.close();
            assertTrue(gateway.firstStart());
            gateway = start();
            assertFalse(gateway.firstStart());
            assertEquals(hostKey, gateway.keys().host().publicKey());
            var record = gateway.inventory().devices().find("chan").orElseThrow();
            assertFalse(record.sighting().online());
            assertTrue(record.isPinned(key.publicKey().fingerprint()));
        }
        try (var device = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(),
                Credentials.byKey("chan", key))) {
            next(GatewayEvent.Type.DEVICE_ONLINE);
            assertEquals(AttemptStage.LINKED, journal("chan").getFirst().stage());
        }
    }

    @Test
    void theChannelBudgetEndsWithAClearText() throws Exception {
        var key = TestDevice.key();
        gateway.inventory().devices().add(NewDevice.pinned("chan", key.publicKey().fingerprint()), "alice");
        try (var device = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(),
                Credentials.byKey("chan", key))) {
            next(GatewayEvent.Type.DEVICE_ONLINE);
            var live = gateway.live().find("chan").orElseThrow();
            var places = java.util.stream.IntStream.range(0, 64).mapToObj(i -> live.takePlace().orElseThrow()).toList();
            var streams = new ChannelStreams(live.loop());
            live.open(new SessionStart.Exec("who"), 1 << 16, streams);
            var refused = assertThrows(java.util.concurrent.ExecutionException.class,
                    () -> streams.opened().get(SECONDS, TimeUnit.SECONDS));
            assertTrue(String.valueOf(refused.getMessage()).contains("all 64 channels of chan are in use"));
            places.forEach(homeport.gateway.live.LiveDevice.Place::close);
            assertEquals("chan", exec("chan"));
            assertEquals(0, live.channels());
        }
    }

    @Test
    void aDeviceThatIsSoonDisplacedFromAnotherAddressRaisesAnAlarm() throws Exception {
        var key = TestDevice.key();
        gateway.inventory().devices().add(NewDevice.pinned("chan", key.publicKey().fingerprint()), "alice");
        try (var elsewhere = Cable.to(gateway.devicesAddress(), InetAddress.ofLiteral("127.0.0.2"));
                var first = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(),
                        Credentials.byKey("chan", key))) {
            next(GatewayEvent.Type.DEVICE_ONLINE);
            try (var second = TestDevice.serverChannels(deviceLoops, elsewhere.end(), Credentials.byKey("chan", key))) {
                var alarm = next(GatewayEvent.Type.ALARM);
                assertEquals(AlarmKind.KEY_IN_TWO_PLACES.text(), alarm.data().get("kind"));
                assertEquals("127.0.0.1 and 127.0.0.2", alarm.data().get("detail"));
                assertEquals(1, gateway.inventory().alarms().open(Optional.of("chan")).size());
                first.ended.get(SECONDS, TimeUnit.SECONDS);
                assertFalse(second.ended.isDone());
            }
        }
    }

    @Test
    void aKeyIdIsProvedByItsSecret() throws Exception {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        gateway.inventory().devices().add(NewDevice.withSecret("home2", secret.clone()), "alice");
        var id = HmacKeyId.of(KeyAlgorithm.HMAC_SHA2_256, "home2");
        try (var liar = TestDevice.callHome(deviceLoops, gateway.devicesAddress(), new HmacSigner(id, new byte[32]))) {
            liar.ended.get(SECONDS, TimeUnit.SECONDS);
            assertFalse(liar.registered.isDone());
        }
        try (var device = TestDevice.callHome(deviceLoops, gateway.devicesAddress(), new HmacSigner(id, secret))) {
            assertEquals("home2", next(GatewayEvent.Type.DEVICE_ONLINE).device());
            assertEquals("home", exec("home2"));
            assertFalse(device.ended.isDone());
        }
    }

    // ---- What is changed while devices are in

    @Test
    void takingADevicesKeyFromTheRecordCutsIt() throws Exception {
        var key = TestDevice.key();
        gateway.inventory().devices().add(NewDevice.pinned("chan", key.publicKey().fingerprint()), "alice");
        try (var device = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(),
                Credentials.byKey("chan", key))) {
            next(GatewayEvent.Type.DEVICE_ONLINE);
            assertTrue(gateway.inventory().devices().unpin("chan", key.publicKey().fingerprint(), "alice"));
            gateway.watchers().deviceChanged("chan");
            device.ended.get(SECONDS, TimeUnit.SECONDS);
            assertEquals("chan", next(GatewayEvent.Type.DEVICE_OFFLINE).device());
        }
    }

    @Test
    void aManufacturersListLetsItsDevicesInAndRemovingTheManufacturerCutsThem() throws Exception {
        var manufacturer = new Manufacturer("Acme", Instant.now());
        var anchors = gateway.inventory().anchors();
        assertTrue(anchors.add(manufacturer.anchor("acme", IdFrom.SERIAL_NUMBER, false, Set.of("SN1"), ""), "alice"));
        gateway.watchers().trustChanged();
        var key = TestDevice.key();
        var unlistedKey = TestDevice.key();
        var listed = new CertifiedSigner(key, manufacturer.issue(key, "serialNumber=SN1,CN=router"));
        var unlisted = new CertifiedSigner(unlistedKey, manufacturer.issue(unlistedKey, "serialNumber=SN2,CN=router"));
        try (var first = TestDevice.callHome(deviceLoops, gateway.devicesAddress(), listed)) {
            assertEquals("SN1", next(GatewayEvent.Type.DEVICE_ONLINE).device());
            assertEquals("home", exec("SN1"));
            try (var second = TestDevice.callHome(deviceLoops, gateway.devicesAddress(), unlisted)) {
                assertEquals("SN2", next(GatewayEvent.Type.DEVICE_PENDING).device());
                assertFalse(second.registered.isDone());
                // Put on the list while it waits: it is in without a reconnect.
                assertTrue(anchors.setListed("acme", Set.of("SN1", "SN2"), "alice"));
                gateway.watchers().trustChanged();
                assertEquals("SN2", next(GatewayEvent.Type.DEVICE_ONLINE).device());
                assertFalse(first.ended.isDone());

                assertTrue(anchors.remove("acme", "alice"));
                gateway.watchers().trustChanged();
                first.ended.get(SECONDS, TimeUnit.SECONDS);
                second.ended.get(SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void theKeyBehindATunnelIsGoodForTheTunnelOnly() throws Exception {
        var outer = TestDevice.key();
        var inner = TestDevice.key();
        var devices = gateway.inventory().devices();
        devices.add(NewDevice.pinned("tunnel", outer.publicKey().fingerprint()), "alice");
        try (var device = TestDevice.tunnel(deviceLoops, gateway.devicesAddress(), Credentials.byKey("tunnel", outer),
                inner)) {
            next(GatewayEvent.Type.DEVICE_ONLINE);
            assertEquals("tunnel", exec("tunnel"));
            assertTrue(devices.find("tunnel").orElseThrow().isPinned(inner.publicKey().fingerprint()));
            try (var other = TestDevice.callHome(deviceLoops, gateway.devicesAddress(), inner)) {
                other.ended.get(SECONDS, TimeUnit.SECONDS);
                assertFalse(other.registered.isDone());
            }
            assertFalse(device.ended.isDone());
        }
    }

    @Test
    void aTunnelThatLeadsToAnotherDeviceIsRefusedWithAnAlarm() throws Exception {
        var outer = TestDevice.key();
        var others = TestDevice.key();
        var devices = gateway.inventory().devices();
        devices.add(NewDevice.pinned("tunnel", outer.publicKey().fingerprint()), "alice");
        devices.add(NewDevice.pinned("router1", others.publicKey().fingerprint()), "alice");
        try (var device = TestDevice.tunnel(deviceLoops, gateway.devicesAddress(), Credentials.byKey("tunnel", outer),
                others)) {
            next(GatewayEvent.Type.DEVICE_ONLINE);
            assertThrows(java.util.concurrent.ExecutionException.class, () -> exec("tunnel"));
            var alarm = next(GatewayEvent.Type.ALARM);
            assertEquals("router1", alarm.device());
            assertEquals(AlarmKind.KEY_ON_MANY_DEVICES.text(), alarm.data().get("kind"));
            assertFalse(devices.find("tunnel").orElseThrow().isPinned(others.publicKey().fingerprint()));
        }
    }

    private List<String> reload(Map<String, String> changed) {
        var flags = new HashMap<>(Map.of("data", directory.resolve("data").toString(), "devices.listen", "127.0.0.1:0",
                "http.listen", "127.0.0.1:0", "operators.listen", "127.0.0.1:0"));
        flags.putAll(changed);
        return gateway.reload(ConfigReader.read(Optional.empty(), Map.of(), flags));
    }

    /** Else {@code homeport why ADDRESS} would say that nothing from there has reached this gateway. */
    @Test
    void whoIsKeptOutIsInTheJournalOnceAnHour() throws Exception {
        reload(Map.of("limits.per-address", "1"));
        var port = gateway.devicesAddress();
        try (var silent = new Socket(port.getAddress(), port.getPort())) {
            // Its greeting shows that it was counted.
            assertEquals('S', silent.getInputStream().read());
            for (int i = 0; i < 3; i++) {
                try (var keptOut = new Socket(port.getAddress(), port.getPort())) {
                    assertEquals(-1, keptOut.getInputStream().read());
                }
            }
            var entry = journal("127.0.0.1").getFirst();
            assertEquals(1, journal("127.0.0.1").size());
            assertEquals("too-many-from-address", entry.code());
            assertEquals(AttemptOutcome.REFUSED, entry.outcome());
            assertEquals(3L, gateway.door().port().counters().get("too-many-from-address"));
        }
    }

    @Test
    void designsAndLimitsChangeWhileItRuns() throws Exception {
        var key = TestDevice.key();
        gateway.inventory().devices().add(NewDevice.pinned("chan", key.publicKey().fingerprint()), "alice");
        assertEquals(List.of(), reload(Map.of("devices.designs", "call-home", "limits.channels", "1")));
        try (var device = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(),
                Credentials.byKey("chan", key))) {
            device.ended.get(SECONDS, TimeUnit.SECONDS);
        }
        assertEquals(List.of("operators"),
                reload(Map.of("operators.listen", "127.0.0.1:1", "limits.channels", "1")));
        try (var device = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(),
                Credentials.byKey("chan", key))) {
            next(GatewayEvent.Type.DEVICE_ONLINE);
            var live = gateway.live().find("chan").orElseThrow();
            try (var place = live.takePlace().orElseThrow()) {
                assertEquals(Optional.empty(), live.takePlace());
            }
            assertFalse(device.ended.isDone());
        }
    }

    // ---- What fails

    @Test
    void aDeviceThatVanishesIsOfflineWithinTheKeepAliveAndBackAtOnce() throws Exception {
        reload(Map.of("limits.keep-alive", "200ms", "limits.missed", "2"));
        var key = TestDevice.key();
        gateway.inventory().devices().add(NewDevice.pinned("chan", key.publicKey().fingerprint()), "alice");
        try (var cable = Cable.to(gateway.devicesAddress());
                var device = TestDevice.serverChannels(deviceLoops, cable.end(), Credentials.byKey("chan", key))) {
            next(GatewayEvent.Type.DEVICE_ONLINE);
            assertEquals("chan", exec("chan"));
            cable.pull();
            long pulled = System.nanoTime();
            var live = gateway.live().find("chan").orElseThrow();
            var waiting = new ChannelStreams(live.loop());
            live.open(new SessionStart.Exec("who"), 1 << 16, waiting);
            assertEquals("chan", next(GatewayEvent.Type.DEVICE_OFFLINE).device());
            assertThrows(java.util.concurrent.ExecutionException.class,
                    () -> waiting.opened().get(SECONDS, TimeUnit.SECONDS));
            // (1 + missed) intervals, and room for a slow machine.
            assertTrue(System.nanoTime() - pulled < Duration.ofSeconds(5).toNanos());
            assertFalse(device.ended.isDone());
        }
        try (var device = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(),
                Credentials.byKey("chan", key))) {
            next(GatewayEvent.Type.DEVICE_ONLINE);
            assertEquals("chan", exec("chan"));
            assertFalse(device.ended.isDone());
        }
    }

    @Test
    void whileTheDatabaseTakesNoWritesStrangersAreRefusedAndDevicesStay() throws Exception {
        var key = TestDevice.key();
        gateway.inventory().devices().add(NewDevice.pinned("chan", key.publicKey().fingerprint()), "alice");
        var file = directory.resolve("data").resolve("inventory.db");
        var stranger = TestDevice.key();
        try (var device = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(),
                Credentials.byKey("chan", key))) {
            next(GatewayEvent.Type.DEVICE_ONLINE);
            assertTrue(gateway.door().flush(Duration.ofSeconds(SECONDS)));
            try (var other = DriverManager.getConnection("jdbc:sqlite:" + file);
                    var lock = other.createStatement()) {
                lock.execute("BEGIN IMMEDIATE");
                try (var unknown = TestDevice.callHome(deviceLoops, gateway.devicesAddress(), stranger)) {
                    unknown.ended.get(SECONDS, TimeUnit.SECONDS);
                    assertFalse(unknown.registered.isDone());
                }
                assertEquals("chan", exec("chan"));
                assertFalse(device.ended.isDone());
                lock.execute("ROLLBACK");
            }
            try (var unknown = TestDevice.callHome(deviceLoops, gateway.devicesAddress(), stranger)) {
                assertEquals(stranger.publicKey().fingerprint().toString(),
                        next(GatewayEvent.Type.DEVICE_PENDING).device());
                assertFalse(unknown.registered.isDone());
            }
            // What could not be written meanwhile was kept.
            assertTrue(journal(stranger.publicKey().fingerprint().toString()).stream()
                    .anyMatch(attempt -> attempt.detail().contains("inventory does not answer")));
        }
    }

    @Test
    void aLostKeyIsNotReplacedWhileDevicesKnowIt() throws IOException {
        var key = directory.resolve("data/keys/host_ed25519");
        gateway.close();
        Files.delete(key);
        // Nobody knows it yet.
        gateway = start();
        gateway.inventory().devices().add(NewDevice.expected("r1"), "test");
        gateway.close();
        var kept = Files.move(key, directory.resolve("backup"));
        for (int i = 0; i < 2; i++) {
            var error = assertThrows(IllegalStateException.class, this::start);
            assertTrue(error.getMessage().contains("host_ed25519"), error::getMessage);
            assertTrue(error.getMessage().contains("backup"), error::getMessage);
        }
        Files.move(kept, key);
        gateway = start();
    }

    @Test
    void aTokenThatCannotBeWrittenIsNamedWithWhatToDo() throws Exception {
        gateway.close();
        var token = directory.resolve("data").resolve("local-token");
        Files.createDirectory(token);
        var failed = assertThrows(IOException.class, this::start);
        assertTrue(failed.getMessage().contains(token + " (") && failed.getMessage().contains("make room"),
                failed::getMessage);
        gateway = start();
    }

    @Test
    void theDataDirectoryIsOursAloneAndOneGatewaysOnly() throws Exception {
        var data = directory.resolve("data");
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(data)));
        for (var file : List.of("local-token", "secrets.key", "keys/host_ed25519")) {
            assertEquals("rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve(file))), file);
        }
        assertTrue(String.valueOf(assertThrows(IOException.class, this::start).getMessage())
                .contains("another gateway runs"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-x---"));
        gateway.close();
        assertTrue(String.valueOf(assertThrows(IOException.class, this::start).getMessage()).contains("chmod 700"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        gateway = start();
    }
}
