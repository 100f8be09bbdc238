package homeport.gateway.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.gateway.desk.Desk;
import homeport.gateway.desk.DeskError;
import homeport.gateway.event.Events;
import homeport.gateway.inventory.Change;
import homeport.gateway.inventory.DeviceState;
import homeport.gateway.inventory.Inventory;
import homeport.gateway.inventory.InventoryLimits;
import homeport.gateway.inventory.PinState;
import homeport.gateway.inventory.Role;
import homeport.gateway.inventory.Sealer;
import homeport.gateway.inventory.Sighting;
import homeport.gateway.inventory.TestDatabase;
import homeport.gateway.live.RecordWatcher;
import homeport.ssh.key.Fingerprint;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** A real HTTP service over an inventory of its own, and a client that holds every answer to the contract. */
final class ServedGateway implements AutoCloseable {
    static final SecureRandom RANDOM = new SecureRandom();
    static final String LOCAL = "local-token-local-token-local-token";
    static final PublicKeys KEYS = new PublicKeys("ssh-ed25519 AAAAhost",
            List.of("ssh-rsa AAAArsa"), "ssh-ed25519 AAAAuser",
            "ssh-ed25519 AAAAauthority");
    static final String PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGzz5U0vzi6qcIFOmvHZ1zMV7AKEZPH3A7Jm6rfBDlql";

    final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-31T12:00:00Z"));
    final Events events = new Events(now::get);
    final List<String> told = new CopyOnWriteArrayList<>();
    final Set<String> connected = java.util.concurrent.ConcurrentHashMap.newKeySet();
    /** For an rpc that takes long. */
    final CountDownLatch mayAnswer = new CountDownLatch(1);
    final Inventory inventory;
    final HttpService service;
    final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    final Contract contract = Contract.load();

    ServedGateway(Path directory) throws IOException {
        this(directory, HttpLimits.DEFAULT);
    }

    ServedGateway(Path directory, HttpLimits limits) throws IOException {
        this(directory, limits, TestDatabase.SQLITE);
    }

    ServedGateway(Path directory, HttpLimits limits, TestDatabase database) throws IOException {
        inventory = Inventory.open(database.fresh(directory),
                Sealer.open(directory.resolve("secrets.key"), RANDOM), InventoryLimits.DEFAULT, now::get);
        var served = new AtomicReference<RecordWatcher>(new RecordWatcher() {});
        var watcher = new RecordWatcher() {
            @Override
            public void deviceChanged(String id) {
                told.add("device " + id);
                served.get().deviceChanged(id);
            }

            @Override
            public void operatorChanged(String name) {
                told.add("operator " + name);
                served.get().operatorChanged(name);
            }

            @Override
            public void trustChanged() {
                told.add("trust");
                served.get().trustChanged();
            }
        };
        var desk = new Desk(inventory, watcher, events, this::rpc, (id, detail) -> connected.remove(id), RANDOM,
                now::get);
        service = HttpService.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new HttpService.Parts(inventory, desk, events, KEYS, new Figures() {
                    @Override
                    public int online() {
                        return connected.size();
                    }

                    @Override
                    public int strangers() {
                        return 3;
                    }

                    @Override
                    public Map<String, Long> endings() {
                        return Map.of("silent", 7L);
                    }

                    @Override
                    public Map<String, Integer> queues() {
                        return Map.of("journal", 5);
                    }

                    @Override
                    public Map<String, Long> admissions() {
                        return Map.of("held", 4L);
                    }

                    @Override
                    public Map<String, Taken> handshakes() {
                        return Map.of("call-home", new Taken(2, 0.5));
                    }

                    @Override
                    public Map<String, Long> bytes() {
                        return Map.of("to-device", 11L);
                    }
                }, LOCAL, "1.2.3"), limits, now::get);
        served.set(service);
    }

    /** A device that answers what it was asked, and fails in the ways one can. */
    private String rpc(String id, String xml, Duration timeout) throws InterruptedException {
        if (!connected.contains(id)) {
            throw new DeskError(DeskError.Kind.OFFLINE, id + " is not connected");
        }
        if (xml.contains("<long/>")) {
            assertTrue(mayAnswer.await(30, TimeUnit.SECONDS));
        }
        if (xml.contains("<slow/>")) {
            throw new DeskError(DeskError.Kind.TIMEOUT, id + " did not answer within " + timeout.toSeconds() + " s");
        }
        if (xml.contains("<dead/>")) {
            throw new DeskError(DeskError.Kind.DEVICE_FAILED, id + " offers no NETCONF");
        }
        return "<rpc-reply><data>" + xml.length() + "</data></rpc-reply>";
    }

    // ---- What is on record

    String token(String name, Role role, Map<String, Set<String>> selectors) {
        assertTrue(inventory.operators().add(name, role, List.of(), selectors, "test"));
        return inventory.operators().issueToken(name, Duration.ofHours(1), RANDOM, "test").orElseThrow();
    }

    static Fingerprint key(String id) {
        return Fingerprint.ofBlob(id.getBytes(StandardCharsets.UTF_8));
    }

    void pending(List<String> ids, String address) {
        var changes = new ArrayList<Change>();
        for (var id : ids) {
            changes.add(new Change.AddDevice(id, DeviceState.PENDING, "unknown", Optional.empty(), Optional.empty()));
            changes.add(new Change.PinKey(id, key(id), Optional.empty(), PinState.WAITING, "held"));
        }
        assertEquals(homeport.gateway.inventory.Devices.Applied.DONE, inventory.devices().apply(changes));
        inventory.devices().heard(sightings(ids, false, address, "call-home"));
    }

    void admitted(List<String> ids) {
        inventory.devices().apply(ids.stream().map(id -> (Change) new Change.AddDevice(id, DeviceState.ADMITTED,
                "listed", Optional.empty(), Optional.empty())).toList());
    }

    void saw(List<String> ids, String address, String design) {
        inventory.devices().saw(sightings(ids, true, address, design));
    }

    private List<Sighting> sightings(List<String> ids, boolean online, String address, String design) {
        return ids.stream().map(id -> new Sighting(id, online, design, "fingerprint", key(id).toString(), address,
                "SSH-2.0-test", now.get(), now.get(), "")).toList();
    }

    // ---- Asking

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + service.address().getPort() + path);
    }

    HttpRequest.Builder request(String token, String path) {
        var request = HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(30));
        return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
    }

    record Answer(int status, String body, HttpResponse<String> response) {
        JsonObject json() {
            return new JsonObject(body);
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        Answer is(int wanted) {
            assertEquals(wanted, status, body);
            return this;
        }

        Answer problem(int wanted, String type) {
            is(wanted);
            assertEquals("/problems/" + type, json().getString("type"), body);
            return this;
        }
    }

    Answer get(String token, String path) throws Exception {
        return send(request(token, "/api/v1" + path).GET().build());
    }

    Answer post(String token, String path, String json, String... headers) throws Exception {
        return body("POST", token, path, json, headers);
    }

    Answer patch(String token, String path, String json, String... headers) throws Exception {
        return body("PATCH", token, path, json, headers);
    }

    Answer delete(String token, String path, String... headers) throws Exception {
        return body("DELETE", token, path, "", headers);
    }

    private Answer body(String method, String token, String path, String json, String... headers) throws Exception {
        var request = request(token, "/api/v1" + path).method(method, json.isEmpty()
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(json));
        if (!json.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request.build());
    }

    /** Holds the answer to the contract. */
    Answer send(HttpRequest request) throws Exception {
        var response = client.send(request, HttpResponse.BodyHandlers.ofString());
        var answer = new Answer(response.statusCode(), response.body(), response);
        var mediaType = answer.header("Content-Type");
        assertEquals("nosniff", answer.header("X-Content-Type-Options"));
        if (answer.status() >= 400) {
            assertEquals("application/problem+json", mediaType, answer.body());
            var problem = answer.json();
            assertEquals(answer.status(), problem.getInteger("status"));
            assertTrue(problem.getString("type").startsWith("/problems/"));
            assertTrue(problem.getString("title").length() > 3 && problem.getString("detail").length() > 3);
            return answer;
        }
        if (!request.uri().getRawPath().startsWith("/api/")) {
            return answer;
        }
        var operation = contract.match(request.method(), request.uri().getRawPath()).operation();
        var contents = operation.responses().get(String.valueOf(answer.status()));
        assertNotNull(contents, operation.id() + " is not to answer " + answer.status());
        if (contents.isEmpty()) {
            assertEquals("", answer.body());
        } else {
            var schema = contents.get(mediaType);
            assertNotNull(schema, operation.id() + " is not to answer " + mediaType);
            assertEquals(Optional.empty(),
                    schema.wrong(mediaType.equals("application/json") ? answer.json() : answer.body()),
                    () -> operation.id() + " in " + answer.body());
        }
        return answer;
    }

    @Override
    public void close() {
        client.shutdownNow(); // close alone waits for a stream of events that nobody ends
        client.close();
        service.close();
        inventory.close();
    }
}
