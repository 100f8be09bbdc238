package homeport.gateway.http;

import static homeport.gateway.http.ServedGateway.LOCAL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.gateway.inventory.InventoryError;
import homeport.gateway.inventory.Role;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who comes without a token, with too much, too often, or with what is no request. */
class EdgeTest {
    private static final HttpLimits TIGHT = new HttpLimits(8, 1 << 20, 8 << 20, 32 << 20, Duration.ofSeconds(15),
            Duration.ofSeconds(30), Duration.ofSeconds(75), 1, 1_000, 3,
            2, 10, 64 << 10, Duration.ofHours(1));

    @TempDir
    private Path directory;

    // ---- Tokens

    @Test
    void withoutAGoodTokenThereIsNothing() throws Exception {
        try (var gateway = new ServedGateway(directory)) {
            var token = gateway.token("vera", Role.VIEWER, Map.of());
            gateway.get(token, "/version").is(200);
            for (var operation : gateway.contract.operations()) {
                var path = "/api/v1/" + String.join("/", operation.segments()).replaceAll("\\{[a-z]+}", "x");
                var answer = gateway.send(gateway.request("", path)
                        .method(operation.method(), HttpRequest.BodyPublishers.noBody()).build());
                answer.problem(401, "no-token");
                assertTrue(answer.header("WWW-Authenticate").startsWith("Bearer"));
            }
            gateway.send(gateway.request("", "/api/v1/version").header("Authorization", "Basic eDp5").build())
                    .problem(401, "no-token");
            for (var wrong : List.of("x", LOCAL + "x", LOCAL.substring(1), token.substring(1), "é")) {
                gateway.get(wrong, "/version").problem(401, "no-token");
            }
            gateway.now.set(gateway.now.get().plus(Duration.ofHours(1)));
            gateway.get(token, "/version").problem(401, "no-token");
        }
    }

    @Test
    void whoGuessesTokensWaits() throws Exception {
        try (var gateway = new ServedGateway(directory, TIGHT)) {
            for (int i = 0; i < 3; i++) {
                gateway.get("guess" + i, "/version").problem(401, "no-token");
            }
            var answer = gateway.get("guess", "/version").problem(429, "rate-limited");
            assertTrue(Integer.parseInt(answer.header("Retry-After")) >= 1);
            // Who has a good one comes from the same address, as behind a proxy, and does not wait.
            gateway.get(LOCAL, "/version").is(200);
            gateway.get("guess", "/version").problem(429, "rate-limited");
        }
    }

    // ---- Too much

    @Test
    void whoAsksTooOftenWaits() throws Exception {
        try (var gateway = new ServedGateway(directory, TIGHT)) {
            var token = gateway.token("vera", Role.VIEWER, Map.of());
            ServedGateway.Answer answer;
            int good = 0;
            do {
                answer = gateway.get(token, "/version");
                good++;
            } while (answer.status() == 200 && good < 1_000);
            answer.problem(429, "rate-limited");
            assertTrue(good >= 10, "a burst of ten is let through");
            assertTrue(Integer.parseInt(answer.header("Retry-After")) >= 1);
            // Each has their own.
            gateway.get(LOCAL, "/version").is(200);
        }
    }

    @Test
    void anAddressThatAsksTooOftenWaitsWhoeverItIs() throws Exception {
        var limits = new HttpLimits(8, 1 << 20, 8 << 20, 32 << 20, Duration.ofSeconds(15),
                Duration.ofSeconds(30), Duration.ofSeconds(75), 1_000, 1, 3, 2, 10, 64 << 10,
                Duration.ofHours(1));
        try (var gateway = new ServedGateway(directory, limits)) {
            ServedGateway.Answer answer;
            int good = 0;
            do {
                answer = gateway.get(LOCAL, "/version");
                good++;
            } while (answer.status() == 200 && good < 1_000);
            answer.problem(429, "rate-limited");
            assertTrue(good >= 10, "a burst of ten is let through");
            assertTrue(Integer.parseInt(answer.header("Retry-After")) >= 1);
            // Before it is known who asks: without a token, and for what needs none.
            gateway.get("guess", "/version").problem(429, "rate-limited");
            gateway.send(gateway.request("", "/health/live").build()).problem(429, "rate-limited");
        }
    }

    @Test
    void aBodyThatIsTooLongIsNotRead() throws Exception {
        try (var gateway = new ServedGateway(directory)) {
            byte[] long1 = new byte[(1 << 20) + 1];
            java.util.Arrays.fill(long1, (byte) ' ');
            var announced = gateway.request(LOCAL, "/api/v1/devices").header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(long1)).build();
            gateway.send(announced).problem(413, "too-large");
            var chunked = gateway.request(LOCAL, "/api/v1/devices").header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(long1)))
                    .build();
            gateway.send(chunked).problem(413, "too-large");
            byte[] long8 = new byte[(8 << 20) + 1];
            gateway.send(gateway.request(LOCAL, "/api/v1/devices/r1/rpc").header("Content-Type", "application/xml")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(long8)).build()).problem(413, "too-large");
            // Without a token not even that much.
            gateway.send(gateway.request("", "/api/v1/devices").POST(HttpRequest.BodyPublishers.ofByteArray(long1))
                    .build()).problem(401, "no-token");
            gateway.get(LOCAL, "/version").is(200);
        }
    }

    @Test
    void whatIsBeingSentAtOnceIsBoundedForEachOperator() throws Exception {
        // A quarter of 32 MiB is one rpc of the largest kind.
        var limits = new HttpLimits(8, 1 << 20, 8 << 20, 32 << 20, Duration.ofSeconds(15), Duration.ofSeconds(30),
                Duration.ofSeconds(75), 1_000, 1_000, 3, 2, 10, 64 << 10, Duration.ofHours(1));
        try (var gateway = new ServedGateway(directory, limits)) {
            var vera = gateway.token("vera", Role.VIEWER, Map.of());
            var address = new InetSocketAddress("127.0.0.1", gateway.service.address().getPort());
            var most = new byte[8 << 20];
            Arrays.fill(most, (byte) 'x');
            var rpc = gateway.request(vera, "/api/v1/devices/r1/rpc").header("Content-Type", "application/xml")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(most)).build();
            try (var held = new Socket()) {
                held.connect(address);
                held.getOutputStream()
                        .write(("POST /api/v1/devices/r1/rpc HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                                + vera + "\r\nExpect: 100-continue\r\nContent-Type: application/xml\r\nContent-Length: "
                                + most.length + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
                assertTrue(raw(held, "").startsWith("HTTP/1.1 100"));
                held.getOutputStream().write(most, 0, most.length / 2);
                ServedGateway.Answer answer;
                do { // until as much of the other has come
                    answer = gateway.send(rpc);
                } while (answer.status() != 429);
                answer.problem(429, "rate-limited");
                assertTrue(answer.json().getString("detail").contains("by vera"), answer.body());
                gateway.get(vera, "/version").is(200);
                // Who sends it all is answered, and who is not vera too.
                gateway.send(gateway.request(LOCAL, "/api/v1/devices/r1/rpc").header("Content-Type", "application/xml")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(most)).build()).problem(404, "not-found");
                held.getOutputStream().write(most, most.length / 2, most.length / 2);
                assertTrue(raw(held, "").startsWith("HTTP/1.1 404"));
            }
            gateway.send(rpc).problem(404, "not-found");
            // Who leaves in between has nothing left in memory either.
            try (var gone = new Socket()) {
                gone.connect(address);
                assertTrue(raw(gone, "POST /api/v1/devices/r1/rpc HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + vera
                        + "\r\nExpect: 100-continue\r\nContent-Type: application/xml\r\nContent-Length: " + most.length
                        + "\r\n\r\n").startsWith("HTTP/1.1 100"));
                gone.getOutputStream().write(most, 0, most.length / 2);
            }
            ServedGateway.Answer answer;
            do { // until it is known that they left
                answer = gateway.send(rpc);
            } while (answer.status() == 429);
            answer.problem(404, "not-found");
        }
    }

    @Test
    void connectionsAreCounted() throws Exception {
        try (var gateway = new ServedGateway(directory, TIGHT)) {
            var address = new InetSocketAddress("127.0.0.1", gateway.service.address().getPort());
            var held = new ArrayList<Socket>();
            try {
                for (int i = 0; i < 8; i++) {
                    var socket = new Socket();
                    socket.connect(address);
                    assertTrue(raw(socket, "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").startsWith("HTTP/1.1 200"));
                    held.add(socket);
                }
                try (var ninth = new Socket()) {
                    ninth.connect(address);
                    ninth.setSoTimeout(10_000);
                    assertEquals(-1, ninth.getInputStream().read());
                }
            } finally {
                for (var socket : held) {
                    socket.close();
                }
            }
        }
    }

    @Test
    void whoAsksNothingIsNotHeldAndWhoWaitsForAnAnswerIs() throws Exception {
        var limits = new HttpLimits(8, 1 << 20, 8 << 20, 32 << 20, Duration.ofSeconds(1), Duration.ofSeconds(30),
                Duration.ofSeconds(1), 100, 100, 3, 2, 10, 64 << 10, Duration.ofHours(1));
        try (var gateway = new ServedGateway(directory, limits)) {
            gateway.admitted(List.of("r1"));
            gateway.connected.add("r1");
            whoAsksNothingIsNotHeld(gateway);
        }
    }

    private static void whoAsksNothingIsNotHeld(ServedGateway gateway) throws Exception {
        int port = gateway.service.address().getPort();
        try (var watcher = new Socket("127.0.0.1", port); var caller = new Socket()) {
            var login = " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + LOCAL + "\r\n";
            assertTrue(raw(watcher, "GET /api/v1/events" + login + "\r\n").startsWith("HTTP/1.1 200"));
            caller.connect(watcher.getRemoteSocketAddress());
            caller.getOutputStream().write(("POST /api/v1/devices/r1/rpc" + login
                    + "Content-Type: application/xml\r\nContent-Length: 7\r\n\r\n<long/>")
                    .getBytes(StandardCharsets.ISO_8859_1));
            for (var request : List.of("", "GET /health/live HTTP/1.1\r\nHost:",
                    "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
                    "GET /api/v1/version HTTP/1.1\r\nHost: x\r\n\r\nGET /",
                    "GET /api/v1/version" + login + "\r\nGET /api/v1/version" + login + "\r\nGET /")) {
                try (var silent = new Socket("127.0.0.1", port)) {
                    silent.setSoTimeout(10_000);
                    silent.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
                    var answers = new String(silent.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
                    int asked = request.split("\r\n\r\n", -1).length - 1;
                    assertEquals(asked, answers.split("HTTP/1.1 ", -1).length - 1, answers);
                }
            }
            gateway.mayAnswer.countDown();
            assertTrue(raw(caller, "").startsWith("HTTP/1.1 200"));
            gateway.post(LOCAL, "/devices", "{\"id\":\"r2\"}").is(201);
            var read = new StringBuilder();
            while (read.indexOf("\"r2\"") < 0) {
                var more = raw(watcher, "");
                assertFalse(more.isEmpty(), "the stream has ended");
                read.append(more);
            }
        }
    }

    private static String raw(Socket socket, String request) throws IOException {
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        byte[] bytes = new byte[4096];
        int read = socket.getInputStream().read(bytes);
        return read < 0 ? "" : new String(bytes, 0, read, StandardCharsets.ISO_8859_1);
    }

    // ---- What is no request

    @Test
    void pathsThatAreNoneAreAnsweredAsProblems() throws Exception {
        try (var gateway = new ServedGateway(directory)) {
            for (var path : List.of("/", "/api", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v1/devices/",
                    "/api/v1/devices/a/b", "/api/v1//devices", "/api/v1/%2e%2e/devices", "/API/V1/devices")) {
                var answer = gateway.send(gateway.request(LOCAL, path).build());
                assertTrue(List.of(400, 401, 404).contains(answer.status()), path + " " + answer.status());
            }
            gateway.send(gateway.request(LOCAL, "/api/v1/nothing").build()).problem(404, "not-found");
            var method = gateway.send(gateway.request(LOCAL, "/api/v1/devices")
                    .method("PUT", HttpRequest.BodyPublishers.noBody()).build()).problem(405, "no-such-method");
            assertEquals("GET, HEAD, POST", method.header("Allow"));
            gateway.send(gateway.request("", "/metrics").method("POST", HttpRequest.BodyPublishers.noBody()).build())
                    .problem(405, "no-such-method");
            gateway.get(LOCAL, "/version?x=1").problem(400, "invalid");
            gateway.send(gateway.request(LOCAL, "/api/v1/devices/r1/disconnect")
                    .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString("{}"))
                    .build()).problem(415, "media-type");
        }
    }

    @Test
    void octetsThatAreNoHttpEndTheConnectionAndNothingElse() throws Exception {
        try (var gateway = new ServedGateway(directory)) {
            for (var request : List.of("SSH-2.0-OpenSSH_9\r\n\r\n",
                    "GET /api/v1/devices?state=%zz HTTP/1.1\r\nHost: x\r\n"
                            + "Authorization: Bearer " + LOCAL + "\r\n\r\n",
                    "GET /" + "x".repeat(9_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(20_000) + "\r\n\r\n",
                    "POST /api/v1/devices HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + LOCAL
                            + "\r\nContent-Length: 99999999999999\r\n\r\n")) {
                try (var socket = new Socket("127.0.0.1", gateway.service.address().getPort())) {
                    var answer = raw(socket, request);
                    assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.") && answer.charAt(9) == '4', answer);
                }
            }
            gateway.get(LOCAL, "/version").is(200);
        }
    }

    /** What a proxy before us may read in another way than we do: answered with 400, and nothing more is read. */
    @Test
    void headsThatCanBeReadInTwoWaysAreRefused() throws Exception {
        try (var gateway = new ServedGateway(directory)) {
            var get = "GET /api/v1/version HTTP/1.1\r\nAuthorization: Bearer " + LOCAL + "\r\n";
            var smuggled = "\r\nGET /api/v1/version HTTP/1.1\r\nHost: x\r\n\r\n";
            for (var request : List.of(get + smuggled, get + "Host: x\r\nHost: y\r\n" + smuggled,
                    get + "Host: x\r\nAuthorization: Bearer other\r\n" + smuggled,
                    get + "Host: x\r\nTransfer-Encoding: xchunked\r\n" + smuggled,
                    get + "Host: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n" + smuggled,
                    get + "Host: x\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + smuggled,
                    get + "Host: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n" + smuggled)) {
                try (var socket = new Socket("127.0.0.1", gateway.service.address().getPort())) {
                    socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
                    var all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
                    assertTrue(all.startsWith("HTTP/1.1 400 "), all);
                    assertEquals(-1, all.indexOf("HTTP/1.1", 1), all);
                }
            }
        }
    }

    @Test
    void whatIsNamedTwiceOrPackedIsRefused() throws Exception {
        try (var gateway = new ServedGateway(directory)) {
            gateway.post(LOCAL, "/devices", "{\"id\":\"r1\",\"id\":\"r2\"}").problem(400, "invalid");
            gateway.post(LOCAL, "/devices", "{\"id\":\"r1\",\"labels\":{\"a\":\"1\",\"\\u0061\":\"2\"}}")
                    .problem(400, "invalid");
            gateway.post(LOCAL, "/devices", "{\"id\":\"r1\",\"labels\":{\"a\":\"1\",\"b\":\"1\"}}").is(201);
            gateway.post(LOCAL, "/devices", "{\"id\":\"r2\"}", "Content-Encoding", "gzip").problem(415, "media-type");
            gateway.post(LOCAL, "/devices", "{\"id\":\"r2\"}", "Content-Encoding", "identity").is(201);
        }
    }

    /** Whoever sent a wrong body reads the rule, and not the one that something somewhere is wrong. */
    @Test
    void theRuleThatABodyBreaksIsNamed() throws Exception {
        try (var gateway = new ServedGateway(directory)) {
            for (var wrong : Map.of("{}", "the body: lacks id", //
                    "{\"id\":5}", " at /id: must be a text", //
                    "{\"id\":\"r1\",\"login\":{\"by\":\"magic\"}}",
                    " at /login/by: must be one of gateway-key, password, key, certificate", //
                    "{\"id\":\"r1\",\"fingerprint\":\"MD5:aa\"}",
                    " at /fingerprint: must be SHA256:, then 43 characters of base64", //
                    "{\"id\":\"r1\",\"claimSeconds\":1}", " at /claimSeconds: must be at least 60", //
                    "{\"id\":\"r1\",\"labels\":{\"a\":7}}", " at /labels/a: must be a text", //
                    "{\"id\":\"r1\",\"fingerprnt\":\"x\"}",
                    " at /fingerprnt: there is no such name here; there are id, fingerprint,")
                    .entrySet()) {
                var detail = gateway.post(LOCAL, "/devices", wrong.getKey()).problem(400, "invalid").json()
                        .getString("detail");
                assertTrue(detail.contains(wrong.getValue()), detail);
            }
            // What is wrong with a long list is not sought to its end: that would take half a second.
            var list = "{\"name\":\"a\",\"kind\":\"x509\",\"purpose\":\"devices\",\"material\":\"x\",\"listed\":[";
            assertTrue(gateway.post(LOCAL, "/trust", list + "\"s\",".repeat(99) + "7]}").problem(400, "invalid").body()
                    .contains("the body at /listed/99: must be a text"));
            assertTrue(gateway.post(LOCAL, "/trust", list + "\"s\",".repeat(100) + "7]}").problem(400, "invalid").body()
                    .contains("the body is not as the contract says, beyond the first 100 of a list"));
            var secret = gateway.post(LOCAL, "/devices", "{\"id\":\"r1\",\"secret\":\"hunter2\"}").problem(400,
                    "invalid");
            assertFalse(secret.body().contains("hunter2"), secret.body());
        }
    }

    /** As balancers ask. */
    @Test
    void aHeadIsAGetWithoutItsBody() throws Exception {
        try (var gateway = new ServedGateway(directory)) {
            var head = HttpRequest.BodyPublishers.noBody();
            for (var path : List.of("/health/live", "/health/ready", "/api/v1/devices", "/openapi.yaml")) {
                var got = gateway.send(gateway.request(LOCAL, path).build());
                var answer = gateway.client.send(gateway.request(LOCAL, path).method("HEAD", head).build(),
                        HttpResponse.BodyHandlers.ofString());
                assertEquals(200, answer.statusCode(), path);
                assertEquals("", answer.body());
                assertEquals(got.header("Content-Type"), answer.headers().firstValue("Content-Type").orElse(""));
            }
            assertEquals(404, gateway.client.send(gateway.request(LOCAL, "/api/v1/devices/r1").method("HEAD", head)
                    .build(), HttpResponse.BodyHandlers.ofString()).statusCode());
            // Nothing that goes on for ever.
            assertEquals(200, gateway.client.send(gateway.request(LOCAL, "/api/v1/events").method("HEAD", head)
                    .build(), HttpResponse.BodyHandlers.ofString()).statusCode());
            assertEquals(0, gateway.service.watchers());
        }
    }

    // ---- Health and figures

    @Test
    void healthSaysWhatIsWrong() throws Exception {
        try (var gateway = new ServedGateway(directory)) {
            assertEquals("live\n", gateway.send(gateway.request("", "/health/live").build()).is(200).body());
            assertEquals("ready\n", gateway.send(gateway.request("", "/health/ready").build()).is(200).body());
            try (var other = java.sql.DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("inventory.db"));
                    var statement = other.createStatement()) {
                statement.execute("BEGIN EXCLUSIVE");
                var unready = gateway.send(gateway.request("", "/health/ready").build()).problem(503, "unready");
                assertTrue(unready.json().getString("detail").contains("locked by another program"), unready.body());
                gateway.post(LOCAL, "/devices", "{\"id\":\"r1\"}").problem(503, "unready");
                gateway.send(gateway.request("", "/health/live").build()).is(200);
                statement.execute("ROLLBACK");
            }
            gateway.send(gateway.request("", "/health/ready").build()).is(200);
            gateway.post(LOCAL, "/devices", "{\"id\":\"r1\"}").is(201);
        }
    }

    @Test
    void theLogHasTheDatabasesOwnWordsWhereWeHaveNone() throws Exception {
        try (var gateway = new ServedGateway(directory);
                var other = java.sql.DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("inventory.db"));
                var statement = other.createStatement()) {
            statement.execute("DROP TABLE operator_token");
            var token = "x".repeat(32).getBytes(StandardCharsets.US_ASCII);
            var failed = assertThrows(InventoryError.class, () -> gateway.inventory.operators().byToken(token));
            assertEquals(InventoryError.Problem.OTHER, failed.problem());
            var words = HttpService.ownWords(failed);
            assertTrue(words.contains("no such table: operator_token"), words);
            assertFalse(words.contains("SELECT"), words);
        }
    }

    @Test
    void metricsCountDevicesAndRequests() throws Exception {
        try (var gateway = new ServedGateway(directory)) {
            gateway.pending(List.of("p1", "p2"), "192.0.2.1");
            gateway.admitted(List.of("a1"));
            gateway.connected.add("a1");
            gateway.get(LOCAL, "/version").is(200);
            var answer = gateway.send(gateway.request("", "/metrics").build()).is(200);
            assertTrue(answer.header("Content-Type").startsWith("text/plain"));
            for (var line : List.of("homeport_devices{design=\"call-home\",state=\"pending\"} 2",
                    "homeport_devices{design=\"\",state=\"admitted\"} 1", "homeport_devices_online 1",
                    "homeport_strangers 3", "homeport_connections_ended_total{reason=\"silent\"} 7",
                    "homeport_queue{queue=\"journal\"} 5", "homeport_admissions_total{outcome=\"held\"} 4",
                    "homeport_handshake_seconds_count{design=\"call-home\"} 2",
                    "homeport_handshake_seconds_sum{design=\"call-home\"} 0.5",
                    "homeport_sessions_bytes_total{direction=\"to-device\"} 11",
                    "homeport_http_requests_seconds_count{operation=\"showVersion\",status=\"200\"} 1",
                    "jvm_memory_used_bytes{area=\"heap\"")) {
                assertTrue(answer.body().contains(line), () -> line + "\nis not in\n" + answer.body());
            }
        }
    }

    @Test
    void aTakenPortIsNamed() throws Exception {
        try (var gateway = new ServedGateway(directory)) {
            var parts = new HttpService.Parts(gateway.inventory, new homeport.gateway.desk.Desk(gateway.inventory,
                    new homeport.gateway.live.RecordWatcher() {}, gateway.events, (id, xml, timeout) -> "",
                    (id, detail) -> false, ServedGateway.RANDOM, gateway.now::get), gateway.events,
                    ServedGateway.KEYS, Figures.NONE, LOCAL, "1");
            var failed = assertThrows(IOException.class, () -> HttpService.open(gateway.service.address(), parts,
                    HttpLimits.DEFAULT, gateway.now::get));
            assertTrue(failed.getMessage().contains("http.listen"), failed.getMessage());
        }
    }

    @Test
    void oneOfTwoAtOnceWithTheSameKeyIsDone() throws Exception {
        try (var gateway = new ServedGateway(directory); var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Integer> add = () -> gateway.post(LOCAL, "/devices", "{\"id\":\"r1\"}", "Idempotency-Key", "k")
                    .status();
            for (var status : threads.invokeAll(List.of(add, add, add, add))) {
                assertTrue(List.of(201, 409).contains(status.get()));
            }
            assertEquals(201, add.call());
            assertEquals(1, gateway.inventory.audit().list(0, java.util.Optional.of("r1"), java.time.Instant.EPOCH, 10)
                    .size());
        }
    }
}
