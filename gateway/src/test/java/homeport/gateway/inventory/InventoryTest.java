package homeport.gateway.inventory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.gateway.inventory.Devices.Addition;
import homeport.gateway.inventory.Devices.Applied;
import homeport.gateway.inventory.Devices.Changed;
import homeport.gateway.inventory.InventoryError.Problem;
import homeport.ssh.key.Fingerprint;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.PublicKeyFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the inventory keeps, on both databases. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
class InventoryTest {
    private static final Fingerprint KEY = Fingerprint.ofBlob(new byte[]{1});
    private static final Fingerprint OTHER_KEY = Fingerprint.ofBlob(new byte[]{2});
    private static final byte[] SECRET = "a secret of some length".getBytes(StandardCharsets.UTF_8);
    private static final InventoryLimits LIMITS = new InventoryLimits(5, 2, 10, Duration.ofDays(1));

    private final TestDatabase kind;
    private Instant now = Instant.parse("2026-11-23T12:00:00Z");
    private DatabaseSettings settings;
    private Sealer sealer;
    private Inventory inventory;
    private Devices devices;

    @TempDir
    Path directory;

    InventoryTest(TestDatabase kind) {
        this.kind = kind;
    }

    @BeforeEach
    void open() throws IOException {
        settings = kind.fresh(directory);
        sealer = Sealer.open(directory.resolve("secrets.key"), TestDatabase.RANDOM);
        inventory = Inventory.open(settings, sealer, LIMITS, () -> now);
        devices = inventory.devices();
    }

    @AfterEach
    void close() {
        if (inventory != null) {
            inventory.close();
        }
    }

    private void reopen() {
        inventory.close();
        inventory = Inventory.open(settings, sealer, LIMITS, () -> now);
        devices = inventory.devices();
    }

    private static Change stranger(String id) {
        return new Change.AddDevice(id, DeviceState.PENDING, "new", Optional.empty(), Optional.empty());
    }

    private static Change waits(String id, Fingerprint key) {
        return new Change.PinKey(id, key, Optional.empty(), PinState.WAITING, "dialled in");
    }

    private static Change.RaiseAlarm alarm(String id) {
        return new Change.RaiseAlarm(AlarmKind.NEW_KEY, id, OTHER_KEY.toString(), "another key");
    }

    // ---- Devices

    @Test
    void anAddedDeviceIsThereAfterARestartWithAllItHas() {
        assertTrue(devices.add(new NewDevice("r1", List.of(new NewDevice.KnownKey(KEY, Optional.of("ssh-ed25519 AA"))),
                Optional.of(SECRET), true, Map.of("site", "north", "rack", "7")), "alice"));
        reopen();
        var device = devices.find("r1").orElseThrow();
        assertEquals(DeviceState.ADMITTED, device.state());
        assertTrue(device.isPinned(KEY));
        assertEquals(Optional.of("ssh-ed25519 AA"), device.pins().getFirst().keyLine());
        assertEquals(Map.of("site", "north", "rack", "7"), device.labels());
        assertTrue(device.hasSecret() && device.sha256Required() && !device.legacyAllowed());
        assertEquals(now, device.added());
        assertFalse(device.sighting().ever());
        try (var known = devices.known(Optional.of("r1"), Optional.empty())) {
            assertArrayEquals(SECRET, known.secret().orElseThrow());
        }
    }

    @Test
    void anIdIsTakenOnceByDevicesAndGroupsTogether() {
        assertTrue(devices.add(NewDevice.expected("r1"), "alice"));
        assertFalse(devices.add(NewDevice.expected("r1"), "alice"));
        assertFalse(inventory.groups().add("r1", false, false, Optional.empty(), "alice"));
        assertTrue(inventory.groups().add("org", false, false, Optional.empty(), "alice"));
        assertFalse(inventory.groups().add("org", true, false, Optional.empty(), "alice"));
        assertFalse(devices.add(NewDevice.expected("org"), "alice"));
        assertEquals(Applied.DONE, devices.apply(List.of(stranger("org"))));
        assertTrue(devices.find("org").isEmpty());
    }

    @Test
    void idsThatDoNotShowAreRefused() {
        for (var id : List.of("", " r1", "r\n1", "r\u202e1", "r\u0000", "x".repeat(256), "r\ufffd")) {
            assertFalse(Device.isId(id), id);
            assertThrows(IllegalArgumentException.class, () -> NewDevice.expected(id));
        }
        assertTrue(Device.isId("org/" + KEY) && Device.isId("Gerät 7"));
    }

    @Test
    void quotesAndWildcardsInIdsAreNothingButText() {
        var id = "r'; DROP TABLE device; --%_\"<x>:y?";
        assertTrue(devices.add(new NewDevice(id, List.of(), Optional.empty(), false, Map.of("l", "<ids>:o'b?%")),
                "a'l:x"));
        assertEquals(id, devices.list(DeviceQuery.ALL.withLabels(Map.of("l", Set.of("<ids>:o'b?%")))).getFirst().id());
        assertEquals(List.of(), devices.list(DeviceQuery.ALL.withLabels(Map.of("l", Set.of("%")))));
        assertTrue(devices.find("r%").isEmpty());
    }

    @Test
    void pagesFollowEachOtherInTheOrderOfIds() {
        for (int i = 0; i < 7; i++) {
            devices.add(NewDevice.expected("r" + i), "alice");
        }
        var first = devices.list(DeviceQuery.ALL.page(Optional.empty(), 3));
        var second = devices.list(DeviceQuery.ALL.page(Optional.of(first.getLast().id()), 3));
        var third = devices.list(DeviceQuery.ALL.page(Optional.of(second.getLast().id()), 3));
        assertEquals(List.of("r0", "r1", "r2"), first.stream().map(Device::id).toList());
        assertEquals(List.of("r3", "r4", "r5"), second.stream().map(Device::id).toList());
        assertEquals(List.of("r6"), third.stream().map(Device::id).toList());
    }

    @Test
    void listsAreFilteredByLabelsStateAndPresence() {
        devices.add(new NewDevice("a", List.of(), Optional.empty(), false, Map.of("site", "n", "kind", "x")), "alice");
        devices.add(new NewDevice("b", List.of(), Optional.empty(), false, Map.of("site", "s", "kind", "x")), "alice");
        devices.add(new NewDevice("c", List.of(), Optional.empty(), false, Map.of("site", "n", "kind", "y")), "alice");
        devices.apply(List.of(stranger("d")));
        devices.saw(List.of(sighting("b", true)));
        assertEquals(List.of("a", "b"), ids(DeviceQuery.ALL.withLabels(Map.of("kind", Set.of("x")))));
        assertEquals(List.of("a"), ids(DeviceQuery.ALL.withLabels(Map.of("kind", Set.of("x"), "site", Set.of("n")))));
        assertEquals(List.of("a", "b", "c"), ids(DeviceQuery.ALL.withLabels(Map.of("site", Set.of("n", "s")))));
        assertEquals(List.of(), ids(DeviceQuery.ALL.withLabels(Map.of("site", Set.of()))));
        assertEquals(List.of("d"), ids(DeviceQuery.ALL.withState(DeviceState.PENDING)));
        assertEquals(List.of("b"), ids(DeviceQuery.ALL.withOnline(true)));
        assertEquals(List.of("a", "c", "d"), ids(DeviceQuery.ALL.withOnline(false)));
        assertEquals(Map.of(DeviceState.ADMITTED, 3L, DeviceState.PENDING, 1L), devices.counts());
    }

    private List<String> ids(DeviceQuery query) {
        return devices.list(query).stream().map(Device::id).toList();
    }

    @Test
    void aChangeOfAnOldVersionIsNotMade() {
        devices.add(NewDevice.expected("r1"), "alice");
        long version = devices.find("r1").orElseThrow().version();
        var change = DeviceChange.NOTHING.withLabels(Map.of("site", "n"));
        assertEquals(Changed.DONE, devices.change("r1", change, Optional.of(version), "alice"));
        assertEquals(Changed.VERSION_DIFFERS, devices.change("r1", DeviceChange.NOTHING.withLabels(Map.of("site", "s")),
                Optional.of(version), "bob"));
        assertEquals(Changed.NO_SUCH_DEVICE, devices.change("r2", change, Optional.empty(), "alice"));
        assertEquals(Map.of("site", "n"), devices.find("r1").orElseThrow().labels());
        devices.change("r1", DeviceChange.NOTHING.withLabels(Map.of("site", "")), Optional.empty(), "alice");
        assertEquals(Map.of(), devices.find("r1").orElseThrow().labels());
    }

    // ---- Secrets

    @Test
    void secretsAreNowhereInTheDatabaseInTheClear() throws SQLException {
        devices.add(NewDevice.withSecret("r1", SECRET), "alice");
        devices.change("r1", DeviceChange.NOTHING.withPassword("admin", SECRET), Optional.empty(), "alice");
        assertArrayEquals(SECRET, devices.login("r1").orElseThrow());
        try (var connection = TestDatabase.connect(settings);
                var rows = connection.createStatement()
                        .executeQuery("SELECT sealed_secret, sealed_login FROM device")) {
            assertTrue(rows.next());
            for (byte[] sealed : List.of(rows.getBytes(1), rows.getBytes(2))) {
                assertFalse(new String(sealed, StandardCharsets.ISO_8859_1).contains("secret"));
            }
        }
        assertFalse(inventory.audit().list(0, Optional.empty(), Instant.EPOCH, 100).toString().contains("a secret of"));
    }

    @Test
    void aSealedSecretMovedToAnotherDeviceDoesNotOpen() {
        devices.add(NewDevice.withSecret("r1", SECRET), "alice");
        devices.add(NewDevice.withSecret("r2", SECRET), "alice");
        TestDatabase.execute(settings,
                "UPDATE device SET sealed_secret = (SELECT sealed_secret FROM device WHERE id = 'r1') WHERE id = 'r2'");
        var error = assertThrows(InventoryError.class, () -> devices.known(Optional.of("r2"), Optional.empty()));
        assertEquals(Problem.DAMAGED, error.problem());
        assertFalse(error.toString().contains("a secret of some"));
    }

    @Test
    void anotherKeyFileOpensNothingAndSaysSo() {
        devices.add(NewDevice.withSecret("r1", SECRET), "alice");
        sealer = Sealer.open(directory.resolve("another.key"), TestDatabase.RANDOM);
        reopen();
        assertEquals(Problem.KEY_FILE, assertThrows(InventoryError.class,
                () -> devices.known(Optional.of("r1"), Optional.empty())).problem());
        assertTrue(devices.find("r1").orElseThrow().hasSecret());
    }

    @Test
    void aRenamedDeviceKeepsKeysSecretsLabelsAndAlarms() {
        devices.add(new NewDevice("r1", List.of(new NewDevice.KnownKey(KEY, Optional.empty())), Optional.of(SECRET),
                false, Map.of("site", "n")), "alice");
        devices.change("r1", DeviceChange.NOTHING.withPassword("admin", SECRET), Optional.empty(), "alice");
        inventory.alarms().raise(alarm("r1"));
        devices.add(NewDevice.expected("taken"), "alice");
        assertFalse(devices.rename("r1", "taken", "alice"));
        assertTrue(devices.rename("r1", "edge-1", "alice"));
        assertTrue(devices.find("r1").isEmpty());
        var device = devices.find("edge-1").orElseThrow();
        assertTrue(device.isPinned(KEY));
        assertEquals(Map.of("site", "n"), device.labels());
        assertArrayEquals(SECRET, devices.login("edge-1").orElseThrow());
        assertArrayEquals(SECRET,
                devices.known(Optional.of("edge-1"), Optional.empty()).secret().orElseThrow());
        assertEquals(1, inventory.alarms().open(Optional.of("edge-1")).size());
    }

    // ---- Admission's writes

    @Test
    void aNewKeyWaitsBesideTheOldOneUntilItIsApproved() {
        devices.add(NewDevice.pinned("r1", KEY), "alice");
        assertEquals(Applied.DONE, devices.apply(List.of(waits("r1", OTHER_KEY), alarm("r1"))));
        var device = devices.find("r1").orElseThrow();
        assertTrue(device.isPinned(KEY));
        assertFalse(device.isPinned(OTHER_KEY));
        assertEquals(List.of(OTHER_KEY), device.pins(PinState.WAITING).stream().map(Pin::fingerprint).toList());
        assertEquals(Approval.APPROVED, devices.approve("r1", Optional.empty(), "alice"));
        device = devices.find("r1").orElseThrow();
        assertTrue(device.isPinned(KEY) && device.isPinned(OTHER_KEY));
        assertEquals(List.of(), inventory.alarms().open(Optional.of("r1")));
        assertTrue(devices.unpin("r1", KEY, "alice"));
        assertFalse(devices.unpin("r1", KEY, "alice"));
        assertFalse(devices.find("r1").orElseThrow().isPinned(KEY));
    }

    @Test
    void aWaitingKeyNeverPushesOutAnActiveOne() {
        devices.add(NewDevice.pinned("r1", KEY), "alice");
        devices.apply(List.of(waits("r1", KEY)));
        for (int i = 10; i < 20; i++) {
            devices.apply(List.of(waits("r1", Fingerprint.ofBlob(new byte[]{(byte) i}))));
        }
        var device = devices.find("r1").orElseThrow();
        assertEquals(List.of(KEY), device.pins(PinState.ACTIVE).stream().map(Pin::fingerprint).toList());
        assertEquals(LIMITS.waitingKeys(), device.pins(PinState.WAITING).size());
    }

    @Test
    void twoKeysUnderOnePendingIdMustBeToldApart() {
        devices.apply(List.of(stranger("r1"), waits("r1", KEY)));
        devices.apply(List.of(stranger("r1"), waits("r1", OTHER_KEY)));
        assertEquals(Approval.SEVERAL_KEYS, devices.approve("r1", Optional.empty(), "alice"));
        assertEquals(Map.of("r1", Approval.SEVERAL_KEYS, "r9", Approval.NO_SUCH_DEVICE),
                devices.approve(List.of("r1", "r9"), DeviceChange.NOTHING, "alice"));
        assertEquals(DeviceState.PENDING, devices.find("r1").orElseThrow().state());
        assertEquals(Approval.NO_SUCH_KEY,
                devices.approve("r1", Optional.of(Fingerprint.ofBlob(new byte[]{9})), "alice"));
        assertEquals(Approval.APPROVED, devices.approve("r1", Optional.of(KEY), "alice"));
        assertTrue(devices.find("r1").orElseThrow().isPinned(KEY));
        assertFalse(devices.find("r1").orElseThrow().isPinned(OTHER_KEY));
        assertTrue(devices.refuseKey("r1", OTHER_KEY, "alice"));
        assertEquals(Approval.NOTHING_WAITS, devices.approve("r1", Optional.empty(), "alice"));
    }

    @Test
    void aThousandAreApprovedInOneCall() {
        var many = new InventoryLimits(1000, 2, 10, Duration.ofDays(1));
        inventory.close();
        inventory = Inventory.open(settings, sealer, many, () -> now);
        var changes = new ArrayList<Change>();
        var ids = IntStream.range(0, 1000).mapToObj(i -> "d" + i).toList();
        for (int i = 0; i < 1000; i++) {
            changes.add(stranger(ids.get(i)));
            changes.add(waits(ids.get(i), Fingerprint.ofBlob(new byte[]{3, (byte) i, (byte) (i >> 8)})));
        }
        assertEquals(Applied.DONE, inventory.devices().apply(changes));
        var results = inventory.devices().approve(ids, DeviceChange.NOTHING, "alice");
        assertEquals(Set.of(Approval.APPROVED), Set.copyOf(results.values()));
        assertEquals(Map.of(DeviceState.ADMITTED, 1000L), inventory.devices().counts());
        assertEquals(1000, inventory.devices().list(DeviceQuery.ALL).size());
        assertEquals(OptionalLong.empty(), inventory.audit().firstBroken());
    }

    @Test
    void strangersFillTheListOnlyToItsLimit() {
        for (int i = 0; i < LIMITS.pendingDevices(); i++) {
            assertEquals(Applied.DONE, devices.apply(List.of(stranger("s" + i))));
        }
        assertEquals(Applied.TOO_MANY_PENDING, devices.apply(List.of(stranger("one more"), alarm("one more"))));
        assertTrue(devices.find("one more").isEmpty());
        assertEquals(List.of(), inventory.alarms().open(Optional.empty()));
        assertEquals(Applied.DONE, devices.apply(List.of(stranger("s0"))));
        assertTrue(devices.add(NewDevice.expected("an operator's"), "alice"));
    }

    /** Else one peer with keys enough would keep every new device off the list for good. */
    @Test
    void strangersThatDoNotComeBackMakeRoom() {
        for (int i = 0; i < LIMITS.pendingDevices(); i++) {
            assertEquals(Applied.DONE, devices.apply(List.of(stranger("s" + i))));
        }
        var nothing = DeviceChange.NOTHING;
        devices.change("s0",
                new DeviceChange(nothing.loginUser(), nothing.loginWay(), nothing.login(), nothing.secret(),
                        nothing.sha256Required(), nothing.legacyAllowed(), Map.of("site", "rome")),
                Optional.empty(), "alice");
        now = now.plus(Duration.ofMinutes(14));
        devices.heard(List.of(new Sighting("s1", false, "call-home", "fingerprint", KEY.toString(), "192.0.2.1",
                "SSH-2.0-x", now, now, "")));
        assertEquals(Applied.TOO_MANY_PENDING, devices.apply(List.of(stranger("too early"))));
        now = now.plus(Duration.ofMinutes(2));
        assertEquals(Applied.DONE, devices.apply(List.of(stranger("new"))));
        assertEquals(List.of("new", "s0", "s1"), devices.list(DeviceQuery.ALL).stream().map(Device::id).toList());
    }

    @Test
    void aTokenIsGoodOnce() throws Exception {
        devices.add(NewDevice.expected("r1"), "alice");
        var token = devices.issueToken("r1", Duration.ofHours(1), TestDatabase.RANDOM, "alice").orElseThrow();
        var hash = devices.known(Optional.of("r1"), Optional.empty()).tokens().getFirst().hash();
        assertEquals(Tokens.hash(token), hash);
        assertFalse(token.equals(hash));
        List<Change> use = List.of(new Change.UseToken(hash),
                new Change.PinKey("r1", KEY, Optional.empty(), PinState.ACTIVE, "token"));
        List<Change> race = List.of(new Change.UseToken(hash),
                new Change.PinKey("r1", OTHER_KEY, Optional.empty(), PinState.ACTIVE, "token"));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Applied>> both = List.of(() -> devices.apply(use), () -> devices.apply(race));
            var results = new ArrayList<Applied>();
            for (var result : threads.invokeAll(both)) {
                results.add(result.get());
            }
            assertEquals(Set.of(Applied.DONE, Applied.TOKEN_USED), Set.copyOf(results));
        }
        assertEquals(1, devices.find("r1").orElseThrow().pins().size());
    }

    @Test
    void anExpiredOrReplacedTokenIsNotUsed() {
        devices.add(NewDevice.expected("r1"), "alice");
        var old = devices.issueToken("r1", Duration.ofHours(1), TestDatabase.RANDOM, "alice").orElseThrow();
        var token = devices.issueToken("r1", Duration.ofHours(1), TestDatabase.RANDOM, "alice").orElseThrow();
        assertEquals(Applied.TOKEN_USED, devices.apply(List.of(new Change.UseToken(Tokens.hash(old)))));
        now = now.plus(Duration.ofHours(1));
        assertEquals(Applied.TOKEN_USED, devices.apply(List.of(new Change.UseToken(Tokens.hash(token)))));
        assertTrue(devices.issueToken("nobody", Duration.ofHours(1), TestDatabase.RANDOM, "alice").isEmpty());
    }

    @Test
    void aKeyFindsItsDevicesAndAGroupItsMembers() {
        devices.add(NewDevice.pinned("r1", KEY), "alice");
        assertEquals("r1", devices.known(Optional.empty(), Optional.of(KEY)).device().orElseThrow().id());
        devices.add(NewDevice.pinned("r2", KEY), "alice");
        var both = devices.known(Optional.empty(), Optional.of(KEY));
        assertEquals(List.of("r1", "r2"), both.devicesWithKey());
        assertTrue(both.device().isEmpty());
        inventory.groups().add("org", true, true, Optional.of(SECRET), "alice");
        var member = "org/" + OTHER_KEY;
        devices.apply(List.of(
                new Change.AddDevice(member, DeviceState.ADMITTED, "member", Optional.empty(), Optional.of("org")),
                new Change.PinKey(member, OTHER_KEY, Optional.empty(), PinState.ACTIVE, "group")));
        var known = devices.known(Optional.of("org"), Optional.of(OTHER_KEY));
        assertEquals(member, known.device().orElseThrow().id());
        assertArrayEquals(SECRET, known.groupSecret().orElseThrow());
        assertTrue(known.group().orElseThrow().admits());
        devices.rename(member, "edge-9", "alice");
        assertEquals("edge-9", devices.known(Optional.of("org"), Optional.of(OTHER_KEY)).device().orElseThrow().id());
        assertTrue(devices.known(Optional.of("org"), Optional.of(KEY)).device().isEmpty());
        assertTrue(inventory.groups().remove("org", "alice"));
        assertTrue(devices.find("edge-9").orElseThrow().group().isEmpty());
    }

    @Test
    void aRefusedDeviceKeepsItsKeysAndARemovedOneNone() {
        devices.add(NewDevice.pinned("r1", KEY), "alice");
        devices.apply(List.of(waits("r1", OTHER_KEY)));
        assertTrue(devices.refuse("r1", "lost", "alice"));
        var device = devices.find("r1").orElseThrow();
        assertEquals(DeviceState.REFUSED, device.state());
        assertEquals("lost", device.reason());
        assertTrue(device.isPinned(KEY) && device.pins().size() == 1);
        assertTrue(devices.remove("r1", "alice"));
        assertFalse(devices.remove("r1", "alice"));
        assertFalse(devices.refuse("r1", "", "alice"));
        assertEquals(List.of(), devices.known(Optional.empty(), Optional.of(KEY)).devicesWithKey());
    }

    private Sighting sighting(String id, boolean online) {
        return new Sighting(id, online, "tunnel", "fingerprint", KEY.toString(), "192.0.2.1:5", "SSH-2.0-x", now, now,
                online ? "" : "gone");
    }

    @Test
    void sightingsOfRemovedDevicesDoNotFailTheOthers() {
        devices.add(NewDevice.expected("r1"), "alice");
        long version = devices.find("r1").orElseThrow().version();
        devices.saw(List.of(sighting("nobody", true), sighting("r1", false), sighting("r1", true)));
        var device = devices.find("r1").orElseThrow();
        assertEquals(sighting("r1", true), device.sighting());
        assertEquals(version, device.version());
        now = now.plusSeconds(60);
        devices.allOffline("the gateway was restarted");
        device = devices.find("r1").orElseThrow();
        assertFalse(device.sighting().online());
        assertEquals("the gateway was restarted", device.sighting().reason());
        assertEquals(now, device.sighting().since());
    }

    // ---- Operators and authorities

    private static PublicKeyFile publicKey() {
        return new PublicKeyFile(PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, TestDatabase.RANDOM).publicKey(), "me");
    }

    @Test
    void operatorsHaveKeysRolesAndSelectors() {
        var operators = inventory.operators();
        assertTrue(operators.none());
        var key = publicKey();
        var selectors = Map.of("site", Set.of("n", "s"));
        assertTrue(operators.add("alice", Role.OPERATOR, List.of(key), selectors, "first start"));
        assertFalse(operators.add("alice", Role.ADMIN, List.of(), Map.of(), "x"));
        assertFalse(operators.add("mallory", Role.ADMIN, List.of(key), Map.of(), "x"));
        assertTrue(operators.find("mallory").isEmpty());
        var alice = operators.find("alice").orElseThrow();
        assertEquals(Role.OPERATOR, alice.role());
        assertEquals(selectors, alice.selectors());
        assertEquals(key.write().strip(), alice.keys().get(key.key().fingerprint()));
        assertEquals(Operators.Changed.DONE,
                operators.change("alice", OperatorChange.rights(Role.VIEWER, Map.of()), "root"));
        assertEquals(Role.VIEWER, operators.list().getFirst().role());
        assertEquals(Map.of(), operators.list().getFirst().selectors());
        assertThrows(IllegalArgumentException.class,
                () -> operators.add("a+b", Role.VIEWER, List.of(), Map.of(), "x"));
    }

    @Test
    void aTokenIsItsOperatorsUntilItExpiresOrTheOperatorGoes() {
        var operators = inventory.operators();
        operators.add("alice", Role.ADMIN, List.of(publicKey()), Map.of(), "first start");
        var token = operators.issueToken("alice", Duration.ofDays(1), TestDatabase.RANDOM, "alice").orElseThrow();
        byte[] bytes = token.getBytes(StandardCharsets.US_ASCII);
        assertEquals("alice", operators.byToken(bytes).orElseThrow().name());
        assertTrue(operators.byToken("x".getBytes(StandardCharsets.US_ASCII)).isEmpty());
        now = now.plus(Duration.ofDays(1));
        assertTrue(operators.byToken(bytes).isEmpty());
        now = now.minus(Duration.ofHours(1));
        assertTrue(operators.remove("alice", "root"));
        assertTrue(operators.byToken(bytes).isEmpty());
        assertTrue(operators.issueToken("alice", Duration.ofDays(1), TestDatabase.RANDOM, "root").isEmpty());
    }

    @Test
    void authoritiesKeepTheirListsAndADeviceStaysBoundToARemovedOne() {
        var anchor = new TrustAnchor("acme", TrustAnchor.Kind.X509, TrustAnchor.Purpose.DEVICES, "PEM",
                IdFrom.SERIAL_NUMBER, false, Set.of("S1", "S2"), "");
        assertTrue(inventory.anchors().add(anchor, "alice"));
        assertFalse(inventory.anchors().add(anchor, "alice"));
        assertEquals(List.of(anchor), inventory.anchors().list());
        assertTrue(inventory.anchors().setListed("acme", Set.of("S3"), "alice"));
        assertTrue(inventory.anchors().setRevocations("acme", "CRL", "alice"));
        assertEquals(Set.of("S3"), inventory.anchors().list().getFirst().listed());
        assertEquals("CRL", inventory.anchors().list().getFirst().revocations());
        devices.add(NewDevice.expected("S3"), "alice");
        devices.apply(List.of(new Change.BindAnchor("S3", "acme"), new Change.BindAnchor("S3", "evil")));
        assertTrue(inventory.anchors().remove("acme", "alice"));
        assertFalse(inventory.anchors().setListed("acme", Set.of(), "alice"));
        assertEquals(Optional.of("acme"), devices.find("S3").orElseThrow().anchor());
    }

    // ---- Audit, alarms, journal

    @Test
    void theAuditTrailIsOneChainAndAppendOnly() throws SQLException {
        devices.add(NewDevice.expected("r1"), "alice");
        devices.remove("r1", "bob");
        inventory.audit().add("alice", "session.open", "r2", "shell");
        var entries = inventory.audit().list(0, Optional.empty(), Instant.EPOCH, 100);
        assertEquals(List.of("alice device.add r1", "bob device.remove r1", "alice session.open r2"), entries.stream()
                .map(entry -> entry.actor() + " " + entry.action() + " " + entry.device()).toList());
        assertEquals(List.of(1L, 2L, 3L), entries.stream().map(AuditEntry::number).toList());
        assertEquals(1, inventory.audit().list(0, Optional.of("r2"), Instant.EPOCH, 100).size());
        assertEquals(OptionalLong.empty(), inventory.audit().firstBroken());
        try (var connection = TestDatabase.connect(settings); var statement = connection.createStatement()) {
            assertThrows(SQLException.class, () -> statement.execute("UPDATE audit SET actor = 'eve'"));
            assertThrows(SQLException.class, () -> statement.execute("DELETE FROM audit"));
        }
    }

    @Test
    void aForgedAuditEntryShows() {
        kind.spoil();
        for (int i = 0; i < 4; i++) {
            inventory.audit().add("alice", "session.open", "r" + i, "shell");
        }
        switch (kind) {
            case SQLITE -> TestDatabase.execute(settings, "DROP TRIGGER audit_is_not_changed");
            case POSTGRESQL -> TestDatabase.execute(settings, "DROP TRIGGER audit_is_append_only ON audit");
        }
        TestDatabase.execute(settings, "UPDATE audit SET actor = 'eve' WHERE seq = 3");
        assertEquals(OptionalLong.of(3), inventory.audit().firstBroken());
    }

    @Test
    void concurrentWritersMakeOneChain() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var result : threads.invokeAll(IntStream.range(0, 40).<Callable<Boolean>>mapToObj(
                    i -> () -> devices.add(NewDevice.expected("c" + i), "alice")).toList())) {
                assertTrue(result.get());
            }
        }
        assertEquals(OptionalLong.empty(), inventory.audit().firstBroken());
        assertEquals(40, inventory.audit().list(0, Optional.empty(), Instant.EPOCH, 100).size());
    }

    @Test
    void whatRepeatsIsOneAlarmWithACount() {
        assertTrue(inventory.alarms().raise(alarm("r1")));
        assertFalse(inventory.alarms().raise(alarm("r1")));
        assertEquals(1, inventory.alarms().open(Optional.empty()).getFirst().times());
        now = now.plusSeconds(60);
        assertFalse(inventory.alarms().raise(alarm("r1")));
        var open = inventory.alarms().open(Optional.of("r1")).getFirst();
        assertEquals(2, open.times());
        assertEquals(now, open.last());
        assertTrue(inventory.alarms().clear(open.number(), "alice"));
        assertFalse(inventory.alarms().clear(open.number(), "alice"));
        assertTrue(inventory.alarms().raise(alarm("r1")));
    }

    private Attempt attempt(String device, Instant at) {
        return new Attempt(0, at, "192.0.2.1", "tunnel", device, KEY.toString(), AttemptStage.IDENTITY,
                AttemptOutcome.HELD, "unknown-device", "held");
    }

    @Test
    void theJournalIsBoundedByCountAndAge() {
        var attempts = inventory.attempts();
        attempts.add(List.of(attempt("old", now.minus(Duration.ofDays(2)))));
        attempts.add(IntStream.range(0, 15).mapToObj(i -> attempt("r" + i, now)).toList());
        assertEquals(1 + 5, attempts.trim(now));
        assertEquals(0, attempts.trim(now));
        var left = attempts.list(Set.of(), Long.MAX_VALUE, 100);
        assertEquals(10, left.size());
        assertEquals("r14", left.getFirst().device());
        assertEquals("r5", left.getLast().device());
        assertEquals(1, attempts.list(Set.of("r7"), Long.MAX_VALUE, 100).size());
        assertEquals(10, attempts.list(Set.of("192.0.2.1"), Long.MAX_VALUE, 100).size());
        assertEquals(3, attempts.list(Set.of(KEY.toString()), left.get(6).number(), 100).size());
    }

    private Attempt from(String address, String device) {
        return new Attempt(0, now, address, "call-home", device, "", AttemptStage.IDENTITY, AttemptOutcome.HELD,
                "unknown-device", "");
    }

    private List<String> left(String about) {
        return inventory.attempts().list(Set.of(about), Long.MAX_VALUE, 1000).stream().map(Attempt::device).toList();
    }

    @Test
    void whoFloodsTheJournalPushesOutNobodyElse() {
        var attempts = inventory.attempts();
        attempts.add(List.of(from("192.0.2.1", "r1"), from("192.0.2.2", "r2"), from("2001:db8:1::1", "r3")));
        // Under a new name each time, and from a new address of its network.
        for (int i = 0; i < 5; i++) {
            int round = i;
            attempts.add(IntStream.range(0, 10)
                    .mapToObj(j -> from("2001:db8:2::" + (10 * round + j + 1), "x" + (10 * round + j))).toList());
            attempts.trim(now);
        }
        var all = attempts.list(Set.of(), Long.MAX_VALUE, 100).stream().map(Attempt::device).toList();
        assertEquals(List.of("x49", "x48", "x47", "x46", "x45", "x44", "x43", "r3", "r2", "r1"), all);
    }

    @Test
    void aDeviceThatFlapsPushesOutNothingOfItsNeighboursBehindOneAddress() {
        inventory.close();
        inventory = Inventory.open(settings, sealer, new InventoryLimits(5, 2, 300, Duration.ofDays(1)), () -> now);
        var attempts = inventory.attempts();
        attempts.add(IntStream.range(0, 50).mapToObj(i -> from("192.0.2.1", "quiet" + i)).toList());
        for (int i = 0; i < 10; i++) {
            attempts.add(java.util.Collections.nCopies(100, from("192.0.2.1", "flaps")));
            attempts.trim(now);
        }
        assertEquals(50, left("192.0.2.1").stream().filter(device -> device.startsWith("quiet")).count());
        // With some room for the next entries.
        assertEquals(300 - 300 / 20 - 50, left("flaps").size());
    }

    @Test
    void anAddressIsFoundHoweverItIsTypedAndHoweverItWasWritten() {
        for (var written : List.of("2001:db8:0:0:0:0:0:9", "2001:db8::9", "192.0.2.1")) { // the first by an older version
            inventory.attempts().add(List.of(new Attempt(0, now, written, "", "", "", AttemptStage.CONNECTED,
                    AttemptOutcome.REFUSED, "penalty", "")));
        }
        for (var typed : List.of("2001:db8::9", "2001:DB8:0:0:0:0:0:9", "2001:0db8::0009")) {
            assertEquals(List.of("2001:db8::9", "2001:db8::9"), inventory.attempts().list(Set.of(typed),
                    Long.MAX_VALUE, 100).stream().map(Attempt::address).toList());
        }
        assertEquals(1, inventory.attempts().list(Set.of("::ffff:192.0.2.1"), Long.MAX_VALUE, 100).size());
        assertEquals(3, inventory.attempts().list(Set.of("::ffff:192.0.2.1", "2001:db8::9"), Long.MAX_VALUE, 100)
                .size());
    }

    // ---- What fails

    @Test
    void theCheckLeavesNothingBehind() throws SQLException {
        inventory.check();
        inventory.check();
        try (var connection = TestDatabase.connect(settings);
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT COUNT(*) FROM kept_answer")) {
            assertTrue(rows.next());
            assertEquals(0, rows.getLong(1));
        }
    }

    @Test
    void aLostKeyFileIsMadeAnewOnlyWhileNothingIsSealedWithIt() {
        var lost = directory.resolve("lost.key");
        assertFalse(inventory.inUse());
        assertTrue(devices.add(NewDevice.expected("r1"), "alice"));
        assertTrue(inventory.inUse());
        inventory.close();
        Inventory.open(settings, lost, TestDatabase.RANDOM, LIMITS, () -> now).close();
        assertTrue(Files.exists(lost));

        reopen();
        devices.change("r1", DeviceChange.NOTHING.withPassword("admin", SECRET), Optional.empty(), "alice");
        inventory.close();
        for (int i = 0; i < 2; i++) {
            var error = assertThrows(InventoryError.class, () -> Inventory.open(settings,
                    directory.resolve("other.key"), TestDatabase.RANDOM, LIMITS, () -> now));
            assertEquals(Problem.KEY_LOST, error.problem());
            assertTrue(error.getMessage().contains("other.key"), error::getMessage);
        }
        Inventory.open(settings, directory.resolve("secrets.key"), TestDatabase.RANDOM, LIMITS, () -> now).close();
    }

    @Test
    void aDeviceIsAddedWithItsLoginAndClaimOrNotAtAll() {
        var login = DeviceChange.NOTHING.withPassword("admin", SECRET);
        var life = Optional.of(Duration.ofHours(1));
        // The claim is written last, and this one's end is no time that can be kept.
        assertThrows(InventoryError.class, () -> devices.add(NewDevice.expected("r1"), login,
                Optional.of(Duration.ofSeconds(Long.MAX_VALUE)), TestDatabase.RANDOM, "alice"));
        assertTrue(devices.find("r1").isEmpty());
        assertEquals(List.of(), inventory.audit().list(0, Optional.empty(), Instant.EPOCH, 10));

        var added = assertInstanceOf(Addition.Added.class,
                devices.add(NewDevice.expected("r1"), login, life, TestDatabase.RANDOM, "alice"));
        assertEquals(Optional.of("admin"), devices.find("r1").orElseThrow().loginUser());
        assertArrayEquals(SECRET, devices.login("r1").orElseThrow());
        try (var known = devices.known(Optional.of("r1"), Optional.empty())) {
            assertEquals(Tokens.hash(added.token().orElseThrow()), known.tokens().getFirst().hash());
        }
        assertInstanceOf(Addition.IdTaken.class,
                devices.add(NewDevice.expected("r1"), login, life, TestDatabase.RANDOM, "alice"));
    }

    @Test
    void aKeyThatIsAnotherDevicesIsNotAddedASecondTime() {
        assertTrue(devices.add(NewDevice.pinned("r1", KEY), "alice"));
        assertEquals(new Addition.KeyTaken(KEY, "r1"), devices.add(NewDevice.pinned("r2", KEY), DeviceChange.NOTHING,
                Optional.empty(), TestDatabase.RANDOM, "alice"));
        assertTrue(devices.find("r2").isEmpty());
        // A key that only waits is nobody's yet: this is how an operator gives a stranger its name.
        assertEquals(Applied.DONE, devices.apply(List.of(stranger("r3"), waits("r3", OTHER_KEY))));
        assertInstanceOf(Addition.Added.class, devices.add(NewDevice.pinned("r2", OTHER_KEY), DeviceChange.NOTHING,
                Optional.empty(), TestDatabase.RANDOM, "alice"));
    }

    @Test
    void aLockedDatabaseIsAnErrorThatSaysSoAndNothingIsWritten() throws SQLException {
        try (var connection = TestDatabase.connect(settings); var statement = connection.createStatement()) {
            switch (kind) {
                case SQLITE -> statement.execute("BEGIN IMMEDIATE");
                case POSTGRESQL -> {
                    connection.setAutoCommit(false);
                    statement.execute("LOCK TABLE device, device_group IN ACCESS EXCLUSIVE MODE");
                }
            }
            var error = assertThrows(InventoryError.class, () -> devices.add(NewDevice.expected("r1"), "alice"));
            assertEquals(Problem.LOCKED, error.problem());
            assertTrue(error.getMessage().contains("locked"), error::getMessage);
            assertEquals(Problem.LOCKED, assertThrows(InventoryError.class, inventory::check).problem());
        }
        inventory.check();
        assertTrue(devices.find("r1").isEmpty());
        assertTrue(devices.add(NewDevice.expected("r1"), "alice"));
    }

    @Test
    void tablesOfANewerVersionAreLeftAlone() {
        kind.spoil();
        inventory.close();
        TestDatabase.execute(settings, "INSERT INTO migration (installed_rank, version, description, type, script,"
                + " checksum, installed_by, installed_on, execution_time, success)"
                + " VALUES (99, '99', 'future', 'SQL', 'V99__future.sql', 1, 'x', CURRENT_TIMESTAMP, 1, TRUE)");
        var error = assertThrows(InventoryError.class,
                () -> Inventory.open(settings, sealer, LIMITS, Instant::now));
        assertEquals(Problem.NEWER, error.problem());
    }

    @Test
    void anEmptyDatabaseGetsItsTablesOnce() {
        var empty = kind.empty(directory);
        for (int i = 0; i < 2; i++) {
            try (var opened = Inventory.open(empty, sealer, LIMITS, Instant::now)) {
                opened.check();
                assertEquals(i == 0, opened.devices().add(NewDevice.expected("r1"), "alice"));
            }
        }
    }
}
