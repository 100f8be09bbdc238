package homeport.gateway.http;

import static homeport.gateway.http.ServedGateway.LOCAL;
import static homeport.gateway.http.ServedGateway.PUBLIC_KEY;
import static homeport.gateway.http.ServedGateway.key;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.gateway.inventory.AlarmKind;
import homeport.gateway.inventory.Change;
import homeport.gateway.inventory.DeviceState;
import homeport.gateway.inventory.LoginWay;
import homeport.gateway.inventory.PinState;
import homeport.gateway.inventory.Role;
import homeport.gateway.inventory.Sighting;
import homeport.gateway.inventory.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the API does with devices. Every answer is held to the contract by {@link ServedGateway}. */
class DeviceApiTest {
    @TempDir
    private Path directory;
    private ServedGateway gateway;

    @BeforeEach
    void open() throws Exception {
        gateway = new ServedGateway(directory, HttpLimits.DEFAULT, database());
    }

    TestDatabase database() {
        return TestDatabase.SQLITE;
    }

    @AfterEach
    void close() {
        gateway.close();
    }

    private static List<String> ids(JsonObject page) {
        return page.getJsonArray("items").stream().map(item -> ((JsonObject) item).getString("id")).toList();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    // ---- Adding

    @Test
    void aKeyThatIsAnotherDevicesIsRefusedAndThatOneNamedToWhoMaySeeIt() throws Exception {
        var key = ",\"fingerprint\":\"" + key("r1") + "\"}";
        gateway.post(LOCAL, "/devices", "{\"id\":\"r1\",\"labels\":{\"site\":\"north\"}" + key).is(201);
        var refused = gateway.post(LOCAL, "/devices", "{\"id\":\"r2\"" + key).problem(409, "conflict");
        assertTrue(refused.json().getString("detail").contains("is device r1's: "), refused.body());
        gateway.get(LOCAL, "/devices/r2").problem(404, "not-found");
        // Whose devices are others' hears that there is one, and not which.
        var south = gateway.token("sue", Role.OPERATOR, Map.of("site", Set.of("south")));
        var hidden = gateway.post(south, "/devices", "{\"id\":\"r2\"" + key);
        assertFalse(hidden.body().contains("r1"), hidden.body());
        gateway.delete(LOCAL, "/devices/r1").is(204);
        gateway.post(LOCAL, "/devices", "{\"id\":\"r2\"" + key).is(201);
    }

    // ---- Seeing

    @Test
    void aDeviceIsTheLineOfTheListing() throws Exception {
        gateway.pending(List.of("r1"), "192.0.2.1");
        var line = gateway.get(LOCAL, "/devices").is(200).json().getJsonArray("items").getJsonObject(0);
        assertEquals(List.of("id", "state", "online", "design", "identity", "address", "software", "since",
                "lastSeen", "labels", "reason"), List.copyOf(line.fieldNames()));
        assertEquals("pending", line.getString("state"));
        assertEquals(new JsonObject().put("kind", "fingerprint").put("fingerprint", key("r1").toString()),
                line.getJsonObject("identity"));
        assertEquals("2026-01-31T12:00:00Z", line.getString("since"));
        var shown = gateway.get(LOCAL, "/devices/r1").is(200);
        assertEquals("\"" + shown.json().getInteger("version") + "\"", shown.header("ETag"));
        assertEquals("waiting", shown.json().getJsonArray("keys").getJsonObject(0).getString("state"));
        gateway.get(LOCAL, "/devices/r2").problem(404, "not-found");
    }

    @Test
    void filtersAreAllMeant() throws Exception {
        gateway.pending(List.of("p1", "p2"), "192.0.2.1");
        gateway.admitted(List.of("a1", "a2"));
        gateway.saw(List.of("a1"), "192.0.2.9", "tunnel");
        gateway.patch(LOCAL, "/devices/a1", "{\"labels\":{\"site\":\"n&o=100%\",\"kind\":\"x\"}}").is(200);
        gateway.patch(LOCAL, "/devices/a2", "{\"labels\":{\"site\":\"south\"}}").is(200);
        assertEquals(List.of("p1", "p2"), ids(gateway.get(LOCAL, "/devices?state=pending").json()));
        assertEquals(List.of("a2", "p1", "p2"), ids(gateway.get(LOCAL, "/devices?online=false").json()));
        assertEquals(List.of("a1"), ids(gateway.get(LOCAL, "/devices?design=tunnel&online=true").json()));
        var label = "/devices?label=" + encoded("site=n&o=100%");
        assertEquals(List.of("a1"), ids(gateway.get(LOCAL, label).json()));
        assertEquals(List.of("a1", "a2"), ids(gateway.get(LOCAL, label + "&label=site%3Dsouth").json()));
        assertEquals(List.of("a1"), ids(gateway.get(LOCAL, label + "&label=kind%3Dx").json()));
        assertEquals(List.of(), ids(gateway.get(LOCAL, label + "&label=kind%3Dy").json()));
        for (var wrong : List.of("state=gone", "online=yes", "design=none", "limit=0", "limit=1001", "limit=1e2",
                "limit=", "label=nothing", "label==x", "sort=id", "state=pending&state=refused", "cursor=!",
                "cursor=")) {
            gateway.get(LOCAL, "/devices?" + wrong).problem(400, "invalid");
        }
    }

    @Test
    void anOpenAlarmComesFirstInTheListing() throws Exception {
        gateway.admitted(List.of("r1"));
        gateway.inventory.alarms().raise(new Change.RaiseAlarm(AlarmKind.NEW_KEY, "r1", key("x").toString(),
                "another key than its own"));
        var line = gateway.get(LOCAL, "/devices").json().getJsonArray("items").getJsonObject(0);
        assertEquals("alarm new-key: another key than its own", line.getString("reason"));
        assertEquals(1, gateway.get(LOCAL, "/devices/r1").json().getJsonArray("alarms").size());
    }

    @Test
    void twoThousandDevicesComeInPagesOfFiftyMilliseconds() throws Exception {
        var all = IntStream.range(0, 2000).mapToObj("device-%04d"::formatted).toList();
        gateway.admitted(all);
        gateway.saw(all, "192.0.2.1", "call-home");
        // The first pages pay for class loading and compilation, which is the start's and not the listing's.
        for (int i = 0; i < 5; i++) {
            gateway.get(LOCAL, "/devices?limit=100").is(200);
        }
        var seen = new ArrayList<String>();
        var times = new ArrayList<Long>();
        var cursor = "";
        do {
            // Not by the client that checks schemas, which takes longer than the page.
            var request = gateway.request(LOCAL, "/api/v1/devices?limit=100" + cursor).build();
            long begun = System.nanoTime();
            var body = gateway.client.send(request, HttpResponse.BodyHandlers.ofString()).body();
            times.add(Duration.ofNanos(System.nanoTime() - begun).toMillis());
            var page = new JsonObject(body);
            seen.addAll(ids(page));
            cursor = page.containsKey("next") ? "&cursor=" + page.getString("next") : "";
        } while (!cursor.isEmpty());
        assertEquals(all, seen);
        times.sort(null);
        System.out.println("pages of 100 of 2000 devices: median " + times.get(times.size() / 2) + " ms, worst "
                + times.getLast() + " ms");
        assertTrue(times.get(times.size() / 2) <= 50, () -> "milliseconds: " + times);
    }

    // ---- Adding

    @Test
    void aDeviceIsAddedWithItsKeySecretAndLogin() throws Exception {
        var added = gateway.post(LOCAL, "/devices", new JsonObject().put("id", "r1").put("publicKey", PUBLIC_KEY)
                .put("secret", "correct horse battery").put("claim", true).put("sha256Required", true)
                .put("login", new JsonObject().put("user", "admin").put("password", "hunter2hunter2"))
                .put("labels", new JsonObject().put("site", "north")).encode()).is(201);
        assertEquals("/api/v1/devices/r1", added.header("Location"));
        var body = added.json();
        assertEquals("admitted", body.getString("state"));
        assertEquals(new JsonObject().put("by", "password").put("user", "admin"), body.getJsonObject("login"));
        assertTrue(body.getBoolean("hasSecret") && body.getBoolean("sha256Required"));
        assertEquals("active", body.getJsonArray("keys").getJsonObject(0).getString("state"));
        var token = body.getJsonObject("claim").getString("token");
        assertEquals("hunter2hunter2", new String(gateway.inventory.devices().login("r1").orElseThrow(),
                StandardCharsets.UTF_8));
        assertEquals(List.of("device r1"), gateway.told);
        for (var path : List.of("/devices", "/devices/r1", "/audit", "/attempts")) {
            var shown = gateway.get(LOCAL, path).is(200).body();
            for (var secret : List.of(token, "hunter2", "correct horse")) {
                assertFalse(shown.contains(secret), path);
            }
        }
        gateway.post(LOCAL, "/devices", "{\"id\":\"r1\"}").problem(409, "conflict");
        var fingerprint = key("r2").toString();
        gateway.post(LOCAL, "/devices", "{\"id\":\"r2\",\"fingerprint\":\"" + fingerprint + "\"}").is(201);
        assertTrue(gateway.inventory.devices().find("r2").orElseThrow().isPinned(key("r2")));
    }

    @Test
    void whatIsNotAsTheContractSaysIsNotAdded() throws Exception {
        for (var wrong : List.of("{}", "[]", "null", "{", "{\"id\":1}", "{\"id\":\"\"}", "{\"id\":\" r\"}",
                "{\"id\":\"a\\u0000b\"}", "{\"id\":\"a\\u202eb\"}", "{\"id\":\"" + "x".repeat(256) + "\"}",
                "{\"id\":\"r\",\"admin\":true}", "{\"id\":\"r\",\"fingerprint\":\"MD5:00\"}",
                "{\"id\":\"r\",\"publicKey\":\"ssh-ed25519 AAAA\"}", "{\"id\":\"r\",\"secret\":\"short\"}",
                "{\"id\":\"r\",\"labels\":{\"a b\":\"c\"}}", "{\"id\":\"r\",\"labels\":{\"a\":1}}",
                "{\"id\":\"r\",\"labels\":{\"../x\":\"c\"}}", "{\"id\":\"r\",\"labels\":{\"a\":\"\\n\"}}",
                "{\"id\":\"r\",\"login\":{\"by\":\"password\"}}", "{\"id\":\"r\",\"login\":{\"key\":\"no key\"}}",
                "{\"id\":\"r\",\"login\":{\"by\":\"key\",\"password\":\"x\"}}",
                "{\"id\":\"r\",\"claim\":true,\"claimSeconds\":1}")) {
            gateway.post(LOCAL, "/devices", wrong).problem(400, "invalid");
        }
        assertEquals(List.of(), ids(gateway.get(LOCAL, "/devices").json()));
        var xml = gateway.request(LOCAL, "/api/v1/devices").header("Content-Type", "application/xml")
                .POST(HttpRequest.BodyPublishers.ofString("<id/>")).build();
        gateway.send(xml).problem(415, "media-type");
        var utf16 = gateway.request(LOCAL, "/api/v1/devices").header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray("{\"id\":\"é\"}".getBytes(StandardCharsets.UTF_16)))
                .build();
        gateway.send(utf16).problem(400, "invalid");
    }

    @Test
    void idsWithAnyCharactersAreReachedByTheirPath() throws Exception {
        for (var id : List.of("a/b", "..", "../../etc/passwd", "ü∂😀", "50%", "a+b", "a b", "%2F", "approve", "x?y#z",
                "'; DROP TABLE device; --", "\"<script>\"", "SHA256:abc/+")) {
            var added = gateway.post(LOCAL, "/devices", new JsonObject().put("id", id).encode()).is(201);
            var path = added.header("Location").substring("/api/v1".length());
            assertEquals(id, gateway.get(LOCAL, path).is(200).json().getString("id"));
            assertEquals(id, gateway.patch(LOCAL, path, "{\"legacyAllowed\":true}").is(200).json().getString("id"));
            gateway.delete(LOCAL, "/devices/" + encoded(id)).is(204);
            gateway.get(LOCAL, path).problem(404, "not-found");
        }
    }

    @Test
    void charactersThatNoTextHasAreRefusedBeforeTheDatabaseSeesThem() throws Exception {
        gateway.admitted(List.of("r1"));
        for (var path : List.of("/devices/a%00", "/devices?label=a=%00", "/devices?label=a%0A=b",
                "/attempts?device=%00",
                "/audit?device=x%1b", "/devices?cursor=AGE")) {
            var detail = gateway.get(LOCAL, path).problem(400, "invalid").json().getString("detail");
            assertTrue(detail.contains("control characters"), detail);
        }
        var zero = "\\u0000";
        for (var body : List.of("{\"id\":\"r2\",\"labels\":{\"a\":\"" + zero + "\"}}",
                "{\"id\":\"r2\",\"labels\":{\"a" + zero + "\":\"b\"}}", "{\"id\":\"r2\",\"secret\":\"" + zero + "\"}",
                "{\"id\":\"\\ud800\"}", "{\"id\":\"r2\",\"login\":{\"user\":\"" + zero + "\"}}")) {
            var detail = gateway.post(LOCAL, "/devices", body).problem(400, "invalid").json().getString("detail");
            assertTrue(detail.contains("U+0000"), detail);
        }
        var detail = gateway.post(LOCAL, "/operators",
                "{\"name\":\"a\",\"role\":\"viewer\",\"selectors\":{\"site\":[\"" + zero + "\"]}}")
                .problem(400, "invalid")
                .json().getString("detail");
        assertTrue(detail.contains("U+0000"), detail);
        gateway.post(LOCAL, "/devices", "{\"id\":\"r2\",\"login\":{\"user\":\"a\\nb\"}}").problem(400, "invalid");
        gateway.post(LOCAL, "/devices/r1/refuse", "{\"reason\":\"a\\u001b[2J\"}").problem(400, "invalid");
        for (var selectors : List.of("{\"site\":[\"a\\nb\"]}", "{\"si\\nte\":[\"a\"]}")) {
            gateway.post(LOCAL, "/operators", "{\"name\":\"a\",\"role\":\"viewer\",\"selectors\":" + selectors + "}")
                    .problem(400, "invalid");
        }
        gateway.post(LOCAL, "/devices/r1/refuse", "{\"reason\":\"müde 😀\"}").is(200);
    }

    @Test
    void aRepeatedRequestIsAnsweredAsTheFirst() throws Exception {
        var body = "{\"id\":\"r1\",\"claim\":true}";
        var first = gateway.post(LOCAL, "/devices", body, "Idempotency-Key", "k1").is(201);
        var second = gateway.post(LOCAL, "/devices", body, "Idempotency-Key", "k1").is(201);
        assertEquals(first.body(), second.body());
        assertEquals("true", second.header("Idempotency-Replayed"));
        assertEquals(first.header("ETag"), second.header("ETag"));
        gateway.post(LOCAL, "/devices", "{\"id\":\"r2\"}", "Idempotency-Key", "k1").problem(409, "conflict");
        gateway.post(LOCAL, "/devices", body, "Idempotency-Key", "k2").problem(409, "conflict");
        // Another operator's key is another key.
        var other = gateway.token("olga", Role.OPERATOR, Map.of());
        gateway.post(other, "/devices", "{\"id\":\"r3\"}", "Idempotency-Key", "k1").is(201);
        // What failed may be tried again, and an hour later a key is new.
        gateway.post(LOCAL, "/devices/r9/approve", "", "Idempotency-Key", "k3").problem(404, "not-found");
        gateway.pending(List.of("r9"), "192.0.2.1");
        gateway.post(LOCAL, "/devices/r9/approve", "", "Idempotency-Key", "k3").is(200);
        gateway.now.set(gateway.now.get().plus(Duration.ofMinutes(61)));
        gateway.post(LOCAL, "/devices", "{\"id\":\"r4\"}", "Idempotency-Key", "k1").is(201);
    }

    // ---- Changing

    @Test
    void aChangeIsForTheVersionThatWasRead() throws Exception {
        gateway.admitted(List.of("r1"));
        var read = gateway.get(LOCAL, "/devices/r1").header("ETag");
        var changed = gateway.patch(LOCAL, "/devices/r1", "{\"labels\":{\"site\":\"north\"}}", "If-Match", read)
                .is(200);
        assertNotEquals(read, changed.header("ETag"));
        assertEquals("north", changed.json().getJsonObject("labels").getString("site"));
        gateway.patch(LOCAL, "/devices/r1", "{\"labels\":{\"site\":\"south\"}}", "If-Match", read).problem(412,
                "precondition-failed");
        gateway.delete(LOCAL, "/devices/r1", "If-Match", read).problem(412, "precondition-failed");
        gateway.patch(LOCAL, "/devices/r1", "{\"legacyAllowed\":true}", "If-Match", "W/\"1\"").problem(400, "invalid");
        gateway.patch(LOCAL, "/devices/r1", "{\"labels\":{\"site\":\"\"}}", "If-Match", "*").is(200);
        gateway.patch(LOCAL, "/devices/r1", "{}").problem(400, "invalid");
        gateway.patch(LOCAL, "/devices/r2", "{\"legacyAllowed\":true}").problem(404, "not-found");
        gateway.delete(LOCAL, "/devices/r1", "If-Match", gateway.get(LOCAL, "/devices/r1").header("ETag")).is(204);
        gateway.delete(LOCAL, "/devices/r1").problem(404, "not-found");
    }

    // ---- Deciding

    @Test
    void aPendingDeviceIsApprovedAndAnotherRefused() throws Exception {
        gateway.pending(List.of("r1", "r2"), "192.0.2.1");
        assertEquals("admitted", gateway.post(LOCAL, "/devices/r1/approve", "").is(200).json().getString("state"));
        assertTrue(gateway.inventory.devices().find("r1").orElseThrow().isPinned(key("r1")));
        gateway.post(LOCAL, "/devices/r1/approve", "").is(200);
        var refused = gateway.post(LOCAL, "/devices/r2/refuse", "{\"reason\":\"not ours\"}").is(200).json();
        assertEquals("refused", refused.getString("state"));
        assertTrue(refused.getString("reason").startsWith("not ours"));
        assertEquals(List.of("device r1", "device r2"), gateway.told);
        var actions = gateway.get(LOCAL, "/audit?device=r2").is(200).json().getJsonArray("items");
        assertEquals("device.refuse", actions.getJsonObject(actions.size() - 1).getString("action"));
        assertEquals("local", actions.getJsonObject(actions.size() - 1).getString("actor"));
    }

    @Test
    void whereSeveralKeysWaitOneIsNamed() throws Exception {
        gateway.pending(List.of("r1"), "192.0.2.1");
        var second = key("second");
        gateway.inventory.devices()
                .apply(List.of(new Change.PinKey("r1", second, Optional.empty(), PinState.WAITING, "held")));
        gateway.post(LOCAL, "/devices/r1/approve", "").problem(409, "conflict");
        gateway.post(LOCAL, "/devices/r1/approve", "{\"fingerprint\":\"" + key("third") + "\"}").problem(409,
                "conflict");
        gateway.post(LOCAL, "/devices/r1/approve", "{\"fingerprint\":\"" + second + "\"}").is(200);
        var left = gateway.post(LOCAL, "/devices/r1/refuse", "{\"fingerprint\":\"" + key("r1") + "\"}").is(200).json();
        assertEquals("admitted", left.getString("state"));
        assertEquals(1, left.getJsonArray("keys").size());
        gateway.post(LOCAL, "/devices/r1/refuse", "{\"fingerprint\":\"" + second + "\"}").is(200);
        assertEquals(List.of(), gateway.inventory.devices().find("r1").orElseThrow().pins());
    }

    @Test
    void aThousandAreApprovedInOneCall() throws Exception {
        var office = IntStream.range(0, 1000).mapToObj("office-%04d"::formatted).toList();
        gateway.pending(office, "198.51.100.7");
        gateway.pending(List.of("elsewhere"), "203.0.113.1");
        gateway.pending(List.of("six"), "2001:db8::7");
        long begun = System.nanoTime();
        var came = gateway.post(LOCAL, "/devices/approve",
                "{\"pending\":true,\"from\":\"198.51.100.0/24\",\"design\":\"call-home\"}").is(200).json();
        System.out.println("approval of 1000: " + Duration.ofNanos(System.nanoTime() - begun).toMillis() + " ms");
        assertEquals(office, came.getJsonArray("approved").getList());
        assertEquals(0, came.getJsonArray("skipped").size());
        assertEquals(1000L, gateway.inventory.devices().counts().get(DeviceState.ADMITTED));
        assertEquals(new TreeSet<>(office),
                new TreeSet<>(gateway.told.stream().map(text -> text.substring(7)).toList()));
        assertEquals(List.of("elsewhere", "six"), ids(gateway.get(LOCAL, "/devices?state=pending").json()));
        var none = gateway.post(LOCAL, "/devices/approve", "{\"pending\":true,\"design\":\"tunnel\"}").is(200).json();
        assertEquals(0, none.getJsonArray("approved").size());
        assertEquals(List.of("six"), gateway.post(LOCAL, "/devices/approve",
                "{\"pending\":true,\"from\":\"2001:db8::/32\"}").json().getJsonArray("approved").getList());
        for (var wrong : List.of("{}", "{\"pending\":false}", "{\"pending\":true,\"from\":\"example.org/8\"}",
                "{\"pending\":true,\"from\":\"10.0.0.0/33\"}", "{\"pending\":true,\"limit\":1001}")) {
            gateway.post(LOCAL, "/devices/approve", wrong).problem(400, "invalid");
        }
    }

    @Test
    void bulkApprovalKeepsToItsLimitAndPassesOverWhatIsNotClear() throws Exception {
        gateway.pending(List.of("r1", "r2", "r3", "r4"), "192.0.2.1");
        gateway.inventory.devices()
                .apply(List.of(new Change.PinKey("r1", key("other"), Optional.empty(), PinState.WAITING, "held")));
        var came = gateway.post(LOCAL, "/devices/approve", "{\"pending\":true,\"limit\":2}").is(200).json();
        // What is passed over takes nobody's place: else who waits with two keys under early names would hold up all others.
        assertEquals(List.of("r2", "r3"), came.getJsonArray("approved").getList());
        assertEquals("r1", came.getJsonArray("skipped").getJsonObject(0).getString("id"));
        assertTrue(came.getBoolean("more"));
        var rest = gateway.post(LOCAL, "/devices/approve", "{\"pending\":true,\"limit\":2}").is(200).json();
        assertEquals(List.of("r4"), rest.getJsonArray("approved").getList());
        assertFalse(rest.getBoolean("more"));
    }

    @Test
    void allThatWaitGetTheLoginThatIsSaid() throws Exception {
        gateway.pending(List.of("r1", "r2"), "192.0.2.1");
        gateway.inventory.devices()
                .apply(List.of(new Change.PinKey("r2", key("other"), Optional.empty(), PinState.WAITING, "held")));
        gateway.post(LOCAL, "/devices/approve",
                "{\"pending\":true,\"login\":{\"user\":\"admin\",\"password\":\"s3cret of all\"}}").is(200);
        var r1 = gateway.inventory.devices().find("r1").orElseThrow();
        assertEquals(Optional.of("admin"), r1.loginUser());
        assertEquals(LoginWay.PASSWORD, r1.loginWay());
        // Who is not let in is not told a password either.
        var r2 = gateway.inventory.devices().find("r2").orElseThrow();
        assertEquals(Optional.empty(), r2.loginUser());
        assertEquals(LoginWay.GATEWAY_KEY, r2.loginWay());
        gateway.post(LOCAL, "/devices/approve",
                "{\"pending\":true,\"login\":{\"by\":\"gateway-key\",\"password\":\"x\"}}").problem(400, "invalid");
    }

    /** Somebody elsewhere claimed the id of a device that has no key of its own: his key waits, and the device came last. */
    @Test
    void approvalByPlaceLetsInNoKeyThatCameFromAnother() throws Exception {
        gateway.pending(List.of("r1", "r2"), "192.0.2.1");
        gateway.inventory.devices()
                .apply(List.of(new Change.PinKey("r1", key("other"), Optional.empty(), PinState.WAITING, "held")));
        gateway.inventory.devices().heard(List.of(new Sighting("r2", false, "call-home", "keyId", "r2", "192.0.2.9",
                "SSH-2.0-device", Instant.now(), Instant.now(), "")));
        var came = gateway.post(LOCAL, "/devices/approve", "{\"pending\":true,\"from\":\"192.0.2.0/24\"}").is(200)
                .json();
        assertEquals(0, came.getJsonArray("approved").size());
        assertEquals(2, came.getJsonArray("skipped").size());
        assertEquals(2L, gateway.inventory.devices().counts().get(DeviceState.PENDING));
    }

    // ---- Connections

    @Test
    void aDeviceIsDisconnected() throws Exception {
        gateway.admitted(List.of("r1"));
        gateway.connected.add("r1");
        gateway.post(LOCAL, "/devices/r1/disconnect", "").is(204);
        assertFalse(gateway.connected.contains("r1"));
        gateway.post(LOCAL, "/devices/r1/disconnect", "").problem(409, "offline");
        gateway.post(LOCAL, "/devices/r2/disconnect", "").problem(404, "not-found");
    }

    @Test
    void rpcsGoInAndOutAsTheyCame() throws Exception {
        gateway.admitted(List.of("r1", "r2"));
        gateway.connected.add("r1");
        var json = gateway.post(LOCAL, "/devices/r1/rpc", "{\"rpc\":\"<get/>\"}").is(200).json();
        assertEquals("<rpc-reply><data>6</data></rpc-reply>", json.getString("reply"));
        var xml = gateway.send(gateway.request(LOCAL, "/api/v1/devices/r1/rpc?timeout=5")
                .header("Content-Type", "application/xml; charset=utf-8")
                .POST(HttpRequest.BodyPublishers.ofString("<nc:rpc message-id=\"1\"><nc:edit-config/></nc:rpc>"))
                .build()).is(200);
        assertEquals("application/xml", xml.header("Content-Type"));
        assertTrue(xml.body().startsWith("<rpc-reply>"));
        // More than other bodies may have.
        gateway.post(LOCAL, "/devices/r1/rpc",
                new JsonObject().put("rpc", "<x>" + "y".repeat(2 << 20) + "</x>").encode())
                .is(200);
        gateway.post(LOCAL, "/devices/r1/rpc", "{\"rpc\":\"<slow/>\"}").problem(504, "timeout");
        gateway.post(LOCAL, "/devices/r1/rpc", "{\"rpc\":\"<dead/>\"}").problem(502, "device-failed");
        gateway.post(LOCAL, "/devices/r2/rpc", "{\"rpc\":\"<get/>\"}").problem(409, "offline");
        gateway.post(LOCAL, "/devices/r1/rpc", "{\"rpc\":\"\"}").problem(400, "invalid");
        gateway.post(LOCAL, "/devices/r1/rpc", "").problem(400, "invalid");
        gateway.post(LOCAL, "/devices/r1/rpc?timeout=601", "{\"rpc\":\"<get/>\"}").problem(400, "invalid");
        var trail = gateway.inventory.audit().list(0, Optional.of("r1"), Instant.EPOCH, 100).stream()
                .filter(entry -> entry.action().equals("device.rpc")).map(entry -> entry.detail()).toList();
        assertEquals(List.of("get", "edit-config", "x", "slow", "dead"), trail);
    }

    // ---- Who may

    @Test
    void rolesAndSelectorsSayWhoMayWhat() throws Exception {
        gateway.admitted(List.of("n1", "s1"));
        gateway.patch(LOCAL, "/devices/n1", "{\"labels\":{\"site\":\"north\"}}").is(200);
        gateway.patch(LOCAL, "/devices/s1", "{\"labels\":{\"site\":\"south\"}}").is(200);
        gateway.connected.addAll(List.of("n1", "s1"));
        gateway.pending(List.of("p1"), "192.0.2.1");
        var viewer = gateway.token("vera", Role.VIEWER, Map.of());
        var operator = gateway.token("olga", Role.OPERATOR, Map.of());
        var north = gateway.token("nora", Role.OPERATOR, Map.of("site", Set.of("north")));

        assertEquals(List.of("n1", "p1", "s1"), ids(gateway.get(viewer, "/devices").json()));
        for (var path : List.of("/devices/n1/approve", "/devices/n1/refuse", "/devices/n1/disconnect")) {
            gateway.post(viewer, path, "").problem(403, "not-allowed");
        }
        gateway.post(viewer, "/devices/n1/rpc", "{\"rpc\":\"<get/>\"}").problem(403, "not-allowed");
        gateway.post(viewer, "/devices", "{\"id\":\"x\"}").problem(403, "not-allowed");
        gateway.post(viewer, "/devices/approve", "{\"pending\":true}").problem(403, "not-allowed");
        gateway.patch(viewer, "/devices/n1", "{\"legacyAllowed\":true}").problem(403, "not-allowed");
        gateway.delete(viewer, "/devices/n1").problem(403, "not-allowed");

        gateway.patch(operator, "/devices/n1", "{\"legacyAllowed\":true}").is(200);
        gateway.patch(operator, "/devices/n1", "{\"labels\":{\"site\":\"south\"}}").problem(403, "not-allowed");
        gateway.post(operator, "/devices", "{\"id\":\"x\",\"labels\":{\"a\":\"b\"}}").problem(403, "not-allowed");
        gateway.post(operator, "/devices", "{\"id\":\"x\"}").is(201);

        assertEquals(List.of("n1"), ids(gateway.get(north, "/devices").json()));
        assertEquals(List.of(), ids(gateway.get(north, "/devices?label=site%3Dsouth").json()));
        gateway.post(north, "/devices/n1/rpc", "{\"rpc\":\"<get/>\"}").is(200);
        // Out of reach and not there are the same answer.
        assertEquals(gateway.get(north, "/devices/s2").body().replace("s2", "s1"),
                gateway.get(north, "/devices/s1").problem(404, "not-found").body());
        gateway.post(north, "/devices/s1/rpc", "{\"rpc\":\"<get/>\"}").problem(404, "not-found");
        gateway.post(north, "/devices/s1/disconnect", "").problem(404, "not-found");
        gateway.patch(north, "/devices/s1", "{\"legacyAllowed\":true}").problem(404, "not-found");
        gateway.delete(north, "/devices/s1").problem(404, "not-found");
        gateway.post(north, "/devices", "{\"id\":\"y\"}").problem(403, "not-allowed");
        var came = gateway.post(north, "/devices/approve", "{\"pending\":true}").is(200).json();
        assertEquals(0, came.getJsonArray("approved").size());
        assertTrue(gateway.connected.contains("s1"));
    }
}
