package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.gateway.config.ConfigReader;
import homeport.gateway.inventory.Change;
import homeport.gateway.inventory.DeviceState;
import homeport.gateway.inventory.PinState;
import homeport.gateway.inventory.Role;
import homeport.gateway.service.Gateway;
import homeport.ssh.key.Fingerprint;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands and the HTTP API of a whole gateway. */
class DeviceCommandTest {
    private static final String KEY = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";

    @TempDir
    private Path directory;
    private Gateway gateway;

    private record Result(int status, String out, String err) {}

    @BeforeEach
    void open() throws IOException {
        var config = ConfigReader.read(Optional.empty(), Map.of(),
                Map.of("data", directory.resolve("data").toString(), "devices.listen", "127.0.0.1:0",
                        "operators.listen", "127.0.0.1:0", "http.listen", "127.0.0.1:0"));
        gateway = Gateway.open(config, Optional.empty(), InstantSource.system());
    }

    @AfterEach
    void close() throws IOException {
        gateway.close();
    }

    private Result run(String... words) {
        var out = new StringWriter();
        var err = new StringWriter();
        var all = new java.util.ArrayList<>(List.of(words));
        all.addAll(List.of("--server", "http://127.0.0.1:" + gateway.httpPort(), "--data",
                directory.resolve("data").toString()));
        int status = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
        return new Result(status, out.toString(), err.toString());
    }

    private HttpResponse<String> http(String method, String path, String token, String body) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.httpPort() + path))
                    .timeout(Duration.ofSeconds(20)).header("Content-Type", "application/json")
                    .method(method, body.isEmpty()
                            ? HttpRequest.BodyPublishers.noBody()
                            : HttpRequest.BodyPublishers.ofString(body));
            if (!token.isEmpty()) {
                request.header("Authorization", "Bearer " + token);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private String token(String name, Role role, Map<String, Set<String>> selectors) {
        assertTrue(gateway.inventory().operators().add(name, role, List.of(), selectors, "test"));
        return gateway.inventory().operators().issueToken(name, Duration.ofHours(1), new SecureRandom(), "test")
                .orElseThrow();
    }

    @Test
    void aDeviceIsAddedListedApprovedRefusedAndRemoved() {
        assertEquals(0, run("device", "add", "router1").status());
        var listed = run("device", "list", "--json");
        assertEquals(0, listed.status(), listed.err());
        var first = new JsonArray(listed.out()).getJsonObject(0);
        assertEquals("router1", first.getString("id"));
        assertEquals("admitted", first.getString("state"));
        // A stranger that came and waits.
        gateway.inventory().devices().apply(List.of(
                new Change.AddDevice(KEY, DeviceState.PENDING, "new", Optional.empty(), Optional.empty()),
                new Change.PinKey(KEY, Fingerprint.parse(KEY), Optional.empty(), PinState.WAITING, "it dialled in")));
        assertEquals(0, run("device", "approve", KEY).status());
        assertEquals(DeviceState.ADMITTED, gateway.inventory().devices().find(KEY).orElseThrow().state());
        assertEquals(0, run("device", "refuse", "router1", "--reason", "stolen").status());
        assertEquals("refused", new JsonObject(run("device", "show", "router1", "--json").out()).getString("state"));
        assertEquals(0, run("device", "remove", "router1").status());
        assertEquals(
                new Result(3, "",
                        "homeport: there is no device router1 that you may see: list those you may"
                                + System.lineSeparator()),
                run("device", "show", "router1"));
        var trail = gateway.inventory().audit().list(0, Optional.of("router1"), java.time.Instant.EPOCH, 100);
        assertTrue(trail.stream().allMatch(entry -> entry.actor().equals("local")), trail.toString());
    }

    @Test
    void idsThatLookLikePathsStayIds() {
        for (var id : List.of("../operators", "a/b", "a b", "a?x=1", "ü#1", "%2e%2e")) {
            assertEquals(0, run("device", "add", id, "--fingerprint", KEY).status(), id);
            assertEquals(id, new JsonObject(run("device", "show", id, "--json").out()).getString("id"));
            assertEquals(new Result(0, id + " removed\n", ""), run("device", "remove", id), id);
        }
    }

    @Test
    void errorsSayWhatAndWhatToDo() {
        assertEquals(3, run("device", "disconnect", "nobody").status());
        run("device", "add", "router1");
        var offline = run("device", "disconnect", "router1");
        assertEquals(5, offline.status());
        assertTrue(offline.err().contains("router1 is not connected: homeport why"), offline.err());
        assertEquals(2, run("device", "approve").status());
        assertEquals(2, run("device", "add", "x", "--fingerprint", "MD5:aa").status());
        assertEquals(1, run("device", "add", "router1").status());
        var why = run("why", "router1");
        assertTrue(why.out().contains("it has not reached this gateway"), why.out());
    }

    @Test
    void nobodyGetsInWithoutATokenOrBeyondTheirRole() throws Exception {
        run("device", "add", "router1");
        assertEquals(401, http("GET", "/api/v1/devices", "", "").statusCode());
        assertEquals(401, http("GET", "/api/v1/devices", "x".repeat(43), "").statusCode());
        var viewer = token("vera", Role.VIEWER, Map.of());
        assertEquals(200, http("GET", "/api/v1/devices/router1", viewer, "").statusCode());
        assertEquals(403, http("POST", "/api/v1/devices/router1/refuse", viewer, "{}").statusCode());
        assertEquals(403, http("GET", "/api/v1/audit", viewer, "").statusCode());
        var rome = token("bob", Role.ADMIN, Map.of("site", Set.of("rome")));
        var hidden = http("GET", "/api/v1/devices/router1", rome, "");
        var absent = http("GET", "/api/v1/devices/router9", rome, "");
        assertEquals(404, hidden.statusCode());
        assertEquals(hidden.body().replace("router1", "X"), absent.body().replace("router9", "X"));
        assertEquals(new JsonArray(), new JsonObject(http("GET", "/api/v1/devices", rome, "").body())
                .getJsonArray("items"));
        assertTrue(gateway.inventory().operators().remove("vera", "test"));
        assertEquals(401, http("GET", "/api/v1/devices/router1", viewer, "").statusCode());
    }

    @Test
    void whatCannotBeReadIsAProblemAndNothingElse() throws Exception {
        var token = gateway.localToken();
        for (var body : List.of("{", "[]", "7", "{\"id\":7}", "{}", "{\"id\":\"\"}", "{\"id\":\"a\\u0000b\"}")) {
            var response = http("POST", "/api/v1/devices", token, body);
            assertEquals(400, response.statusCode(), body);
            assertEquals("/problems/invalid", new JsonObject(response.body()).getString("type"), body);
        }
        assertEquals(413, http("POST", "/api/v1/devices", token, " ".repeat((1 << 20) + 1)).statusCode());
        assertEquals(404, http("GET", "/api/v1/nothing", token, "").statusCode());
        for (var query : List.of("limit=0", "limit=x", "limit=1001", "state=odd", "label=x")) {
            assertEquals(400, http("GET", "/api/v1/devices?" + query, token, "").statusCode(), query);
        }
        assertEquals(200, http("GET", "/health/ready", "", "").statusCode());
        assertTrue(Files.exists(directory.resolve("data/local-token")));
    }
}
