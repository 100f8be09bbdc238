package homeport.gateway.http;

import static homeport.gateway.http.ServedGateway.LOCAL;
import static homeport.gateway.http.ServedGateway.PUBLIC_KEY;
import static homeport.gateway.http.ServedGateway.key;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.gateway.inventory.AlarmKind;
import homeport.gateway.inventory.Attempt;
import homeport.gateway.inventory.AttemptOutcome;
import homeport.gateway.inventory.AttemptStage;
import homeport.gateway.inventory.Change;
import homeport.gateway.inventory.OperatorChange;
import homeport.gateway.inventory.Operators;
import homeport.gateway.inventory.PinState;
import homeport.gateway.inventory.Role;
import homeport.gateway.inventory.TestDatabase;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.PublicKeyFile;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the API does with the gateway itself. */
class GatewayApiTest {
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

    // ---- Operators

    @Test
    void anOperatorComesGetsATokenAndGoes() throws Exception {
        var added = gateway.post(LOCAL, "/operators", new JsonObject().put("name", "alice").put("role", "operator")
                .put("publicKeys", new JsonArray().add(PUBLIC_KEY + " alice@desk"))
                .put("selectors", new JsonObject().put("site", new JsonArray().add("north").add("south"))).encode())
                .is(201).json();
        assertEquals(PUBLIC_KEY + " alice@desk", added.getJsonArray("keys").getJsonObject(0).getString("line"));
        var token = gateway.post(LOCAL, "/operators/alice/token", "{\"seconds\":3600}").is(201).json();
        assertEquals("2026-01-31T13:00:00Z", token.getString("expires"));
        var alice = token.getString("token");
        var version = gateway.get(alice, "/version").is(200).json();
        assertEquals(List.of("1.2.3", "alice", "operator"), List.of(version.getString("version"),
                version.getString("operator"), version.getString("role")));
        var listed = gateway.get(LOCAL, "/operators").is(200);
        assertEquals(new JsonArray().add("north").add("south"), listed.json().getJsonArray("items").getJsonObject(0)
                .getJsonObject("selectors").getJsonArray("site"));
        assertFalse(listed.body().contains(alice));
        assertFalse(gateway.get(LOCAL, "/audit").body().contains(alice));

        gateway.post(LOCAL, "/operators", "{\"name\":\"alice\",\"role\":\"viewer\"}").problem(409, "conflict");
        gateway.post(LOCAL, "/operators", new JsonObject().put("name", "bob").put("role", "viewer")
                .put("publicKeys", new JsonArray().add(PUBLIC_KEY)).encode()).problem(409, "conflict");
        gateway.delete(LOCAL, "/operators/alice").is(204);
        gateway.get(alice, "/version").problem(401, "no-token");
        gateway.delete(LOCAL, "/operators/alice").problem(404, "not-found");
        gateway.post(LOCAL, "/operators/alice/token", "").problem(404, "not-found");
        assertEquals(List.of("operator alice", "operator alice"), gateway.told);
    }

    @Test
    void namesThatMeanSomethingElseAreNoOperators() throws Exception {
        for (var name : List.of("local", "gateway", "Alice", "a b", "../x", "a+b", "-a", "")) {
            gateway.post(LOCAL, "/operators", new JsonObject().put("name", name).put("role", "admin").encode())
                    .problem(400, "invalid");
        }
        for (var wrong : List.of("{\"name\":\"a\"}", "{\"name\":\"a\",\"role\":\"root\"}",
                "{\"name\":\"a\",\"role\":\"viewer\",\"publicKeys\":[\"x\"]}",
                "{\"name\":\"a\",\"role\":\"viewer\",\"selectors\":{\"site\":[]}}")) {
            gateway.post(LOCAL, "/operators", wrong).problem(400, "invalid");
        }
    }

    @Test
    void onlyAdminsOfAllDevicesDecideAboutTheGateway() throws Exception {
        var tokens = List.of(gateway.token("vera", Role.VIEWER, Map.of()),
                gateway.token("olga", Role.OPERATOR, Map.of()),
                gateway.token("nora", Role.ADMIN, Map.of("site", Set.of("north"))));
        for (var token : tokens) {
            for (var path : List.of("/operators", "/trust", "/audit")) {
                gateway.get(token, path).problem(403, "not-allowed");
            }
            gateway.post(token, "/operators", "{\"name\":\"x\",\"role\":\"admin\"}").problem(403, "not-allowed");
            gateway.post(token, "/operators/vera/token", "").problem(403, "not-allowed");
            gateway.delete(token, "/operators/vera").problem(403, "not-allowed");
            gateway.delete(token, "/trust/x").problem(403, "not-allowed");
            gateway.get(token, "/keys").is(200);
        }
        var admin = gateway.token("ada", Role.ADMIN, Map.of());
        gateway.get(admin, "/operators").is(200);
        gateway.get(admin, "/audit").is(200);
    }

    @Test
    void anAnswerIsRepeatedOnlyToWhoGotItAndStillMay() throws Exception {
        var operators = gateway.inventory.operators();
        gateway.token("vic", Role.VIEWER, Map.of());
        var admin = gateway.token("re", Role.ADMIN, Map.of());
        var issued = gateway.post(admin, "/operators/vic/token", "", "Idempotency-Key", "q").is(201);
        assertEquals(issued.body(),
                gateway.post(admin, "/operators/vic/token", "", "Idempotency-Key", "q").is(201).body());
        // Another token, other rights: nothing is told, and nothing done.
        var second = operators.issueToken("re", Duration.ofHours(1), ServedGateway.RANDOM, "test").orElseThrow();
        gateway.post(second, "/operators/vic/token", "", "Idempotency-Key", "q").problem(409, "conflict");
        for (var role : List.of(Role.VIEWER, Role.ADMIN)) {
            assertEquals(Operators.Changed.DONE, operators.change("re",
                    OperatorChange.rights(role, Map.of("site", Set.of("north"))), "test"));
            gateway.post(admin, "/operators/vic/token", "", "Idempotency-Key", "q").problem(409, "conflict");
        }
        // Somebody else of that name.
        gateway.delete(LOCAL, "/operators/re").is(204);
        var viewer = gateway.token("re", Role.VIEWER, Map.of());
        gateway.post(viewer, "/operators/vic/token", "", "Idempotency-Key", "q").problem(403, "not-allowed");
    }

    /** Nobody has to go, with all tokens, to come back with a new laptop. */
    @Test
    void anOperatorsKeysRoleAndSelectorsAreChanged() throws Exception {
        var old = line();
        var next = line();
        gateway.post(LOCAL, "/operators", new JsonObject().put("name", "ann").put("role", "operator")
                .put("publicKeys", List.of(old)).put("selectors", new JsonObject().put("site", List.of("rome")))
                .encode())
                .is(201);
        gateway.post(LOCAL, "/operators", "{\"name\":\"ben\",\"role\":\"viewer\"}").is(201);
        var both = gateway.patch(LOCAL, "/operators/ann",
                new JsonObject().put("publicKeys", List.of(old, next)).encode()).is(200).json();
        assertEquals(2, both.getJsonArray("keys").size());
        assertEquals("operator", both.getString("role"));
        assertEquals(new JsonObject().put("site", List.of("rome")), both.getJsonObject("selectors"));
        var admin = gateway.patch(LOCAL, "/operators/ann", "{\"role\":\"admin\",\"selectors\":{}}").is(200).json();
        assertEquals("admin", admin.getString("role"));
        assertEquals(0, admin.getJsonObject("selectors").size());
        // A key that is another's, among keys that are nobody's: all stays as it was.
        gateway.patch(LOCAL, "/operators/ben", new JsonObject().put("role", "admin")
                .put("publicKeys", List.of(line(), old)).encode()).problem(409, "conflict");
        var ben = gateway.inventory.operators().find("ben").orElseThrow();
        assertEquals(Role.VIEWER, ben.role());
        assertEquals(0, ben.keys().size());
        gateway.patch(LOCAL, "/operators/ann", "{\"publicKeys\":[]}").is(200);
        gateway.patch(LOCAL, "/operators/ben", new JsonObject().put("publicKeys", List.of(old)).encode()).is(200);
        gateway.patch(LOCAL, "/operators/nobody", "{\"role\":\"viewer\"}").problem(404, "not-found");
        gateway.patch(LOCAL, "/operators/ann", "{}").problem(400, "invalid");
        gateway.patch(LOCAL, "/operators/ann", "{\"name\":\"x\"}").problem(400, "invalid");
        var viewer = gateway.token("vera", Role.VIEWER, Map.of());
        gateway.patch(viewer, "/operators/vera", "{\"role\":\"admin\"}").problem(403, "not-allowed");
    }

    private static String line() {
        return new PublicKeyFile(PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, ServedGateway.RANDOM).publicKey(), "me")
                .write().strip();
    }

    // ---- Authorities and keys

    @Test
    void anAuthorityComesAndGoes() throws Exception {
        var authority = new JsonObject().put("name", "acme").put("kind", "openssh").put("purpose", "devices")
                .put("material", PUBLIC_KEY).put("admitsUnknown", true)
                .put("listed", new JsonArray().add("r1"));
        gateway.post(LOCAL, "/trust", authority.encode()).is(201);
        gateway.post(LOCAL, "/trust", authority.encode()).problem(409, "conflict");
        var listed = gateway.get(LOCAL, "/trust").is(200).json().getJsonArray("items").getJsonObject(0);
        assertEquals("acme", listed.getString("name"));
        assertEquals(List.of("r1"), listed.getJsonArray("listed").getList());
        for (var kind : List.of("openssh", "x509")) {
            gateway.post(LOCAL, "/trust", authority.copy().put("name", "b").put("kind", kind)
                    .put("material", "no certificate").encode()).problem(400, "invalid");
        }
        gateway.post(LOCAL, "/trust", authority.copy().put("name", "../b").encode()).problem(400, "invalid");
        gateway.delete(LOCAL, "/trust/acme").is(204);
        gateway.delete(LOCAL, "/trust/acme").problem(404, "not-found");
        assertEquals(List.of("trust", "trust"), gateway.told);
    }

    @Test
    void keysAreThePublicOnes() throws Exception {
        var keys = gateway.get(LOCAL, "/keys").is(200).json();
        assertEquals(ServedGateway.KEYS,
                new PublicKeys(keys.getString("host"), List.of(keys.getJsonArray("furtherHosts").getString(0)),
                        keys.getString("user"), keys.getString("authority")));
    }

    // ---- Journal, trail, alarms

    private void attempt(String device, String address) {
        gateway.inventory.attempts().add(List.of(new Attempt(0, gateway.now.get(), address, "call-home", device,
                key(device).toString(), AttemptStage.IDENTITY, AttemptOutcome.HELD, "unknown-key", "")));
    }

    @Test
    void whatIsFiledUnderADevicesKeyIsFoundUnderTheDevice() throws Exception {
        gateway.admitted(List.of("n1", "s1"));
        gateway.patch(LOCAL, "/devices/n1", "{\"labels\":{\"site\":\"north\"}}").is(200);
        gateway.inventory.devices().apply(List.of(new Change.PinKey("n1", key("n1"), Optional.empty(), PinState.ACTIVE,
                "alice")));
        var fingerprint = key("n1").toString();
        gateway.inventory.attempts().add(List.of(new Attempt(0, gateway.now.get(), "192.0.2.1", "call-home",
                fingerprint, fingerprint, AttemptStage.IDENTITY, AttemptOutcome.REFUSED, "key-on-several-devices",
                "n1, s9")));
        var found = gateway.get(LOCAL, "/attempts?device=n1").is(200).json().getJsonArray("items");
        assertEquals(1, found.size());
        assertTrue(found.getJsonObject(0).getString("sentence").contains("n1, s9"), found::encode);
        assertEquals(0, gateway.get(LOCAL, "/attempts?device=s1").json().getJsonArray("items").size());
        // Who sees only some devices is not told what the others are called.
        var north = gateway.token("nora", Role.OPERATOR, Map.of("site", Set.of("north")));
        found = gateway.get(north, "/attempts?device=n1").is(200).json().getJsonArray("items");
        assertEquals(1, found.size());
        assertFalse(found.encode().contains("s9"), found::encode);
        var south = gateway.token("sue", Role.OPERATOR, Map.of("site", Set.of("south")));
        assertEquals(0, gateway.get(south, "/attempts?device=n1").json().getJsonArray("items").size());
    }

    @Test
    void attemptsSayWhatHappenedAndWhatToDo() throws Exception {
        gateway.admitted(List.of("n1", "s1"));
        gateway.patch(LOCAL, "/devices/n1", "{\"labels\":{\"site\":\"north\"}}").is(200);
        for (int i = 0; i < 3; i++) {
            attempt("n1", "192.0.2.1");
            attempt("s1", "192.0.2.2");
            attempt("stranger", "192.0.2.3");
        }
        var all = gateway.get(LOCAL, "/attempts").is(200).json().getJsonArray("items");
        assertEquals(9, all.size());
        assertEquals("stranger", all.getJsonObject(0).getString("device"));
        assertTrue(all.getJsonObject(0).getString("sentence").length() > 5
                && all.getJsonObject(0).getString("remedy").length() > 5);
        assertEquals(3, gateway.get(LOCAL, "/attempts?device=s1").json().getJsonArray("items").size());
        assertEquals(3, gateway.get(LOCAL, "/attempts?address=192.0.2.1").json().getJsonArray("items").size());
        assertEquals(3, gateway.get(LOCAL, "/attempts?fingerprint=" + key("n1").toString().replace("+", "%2B"))
                .json().getJsonArray("items").size());
        gateway.get(LOCAL, "/attempts?device=s1&address=192.0.2.1").problem(400, "invalid");
        gateway.get(LOCAL, "/attempts?cursor=x").problem(400, "invalid");
        // Those who see only some devices see only those devices' attempts, and no strangers.
        var north = gateway.token("nora", Role.OPERATOR, Map.of("site", Set.of("north")));
        var first = gateway.get(north, "/attempts?limit=2").json();
        assertEquals(2, first.getJsonArray("items").size());
        var second = gateway.get(north, "/attempts?limit=2&cursor=" + first.getString("next")).json();
        assertEquals(1, second.getJsonArray("items").size());
        assertFalse(second.containsKey("next"));
        assertEquals(0, gateway.get(north, "/attempts?device=s1").json().getJsonArray("items").size());
    }

    @Test
    void theTrailComesInPages() throws Exception {
        IntStream.range(0, 5).forEach(i -> gateway.inventory.audit().add("test", "session.open", "r" + i, ""));
        gateway.now.set(gateway.now.get().plus(Duration.ofHours(1)));
        gateway.inventory.audit().add("test", "session.close", "r1", "");
        var seen = new ArrayList<Integer>();
        var cursor = "";
        do {
            var page = gateway.get(LOCAL, "/audit?limit=4" + cursor).is(200).json();
            page.getJsonArray("items").forEach(item -> seen.add(((JsonObject) item).getInteger("number")));
            cursor = page.containsKey("next") ? "&cursor=" + page.getString("next") : "";
        } while (!cursor.isEmpty());
        assertEquals(List.of(1, 2, 3, 4, 5, 6), seen);
        assertEquals(2, gateway.get(LOCAL, "/audit?device=r1").json().getJsonArray("items").size());
        assertEquals(1, gateway.get(LOCAL, "/audit?since=2026-01-31T14:30:00%2B02:00").json().getJsonArray("items")
                .size());
        gateway.get(LOCAL, "/audit?since=yesterday").problem(400, "invalid");
    }

    @Test
    void alarmsAreThoseOfDevicesOneMaySee() throws Exception {
        gateway.admitted(List.of("n1", "s1"));
        gateway.patch(LOCAL, "/devices/n1", "{\"labels\":{\"site\":\"north\"}}").is(200);
        for (var id : List.of("n1", "s1")) {
            gateway.inventory.alarms().raise(new Change.RaiseAlarm(AlarmKind.NEW_KEY, id, "", "another key"));
        }
        assertEquals(2, gateway.get(LOCAL, "/alarms").is(200).json().getJsonArray("items").size());
        assertEquals(1, gateway.get(LOCAL, "/alarms?device=s1").json().getJsonArray("items").size());
        var north = gateway.token("nora", Role.VIEWER, Map.of("site", Set.of("north")));
        var seen = gateway.get(north, "/alarms").json().getJsonArray("items");
        assertEquals(1, seen.size());
        assertEquals("n1", seen.getJsonObject(0).getString("device"));
        assertTrue(Instant.parse(seen.getJsonObject(0).getString("raised")).equals(gateway.now.get()));
    }
}
