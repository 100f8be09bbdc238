package homeport.gateway.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Credentials;
import homeport.gateway.config.ConfigReader;
import homeport.gateway.inventory.Attempt;
import homeport.gateway.inventory.DeviceChange;
import homeport.gateway.inventory.IdFrom;
import homeport.gateway.inventory.NewDevice;
import homeport.gateway.inventory.Role;
import homeport.gateway.inventory.TrustAnchor;
import homeport.net.Loops;
import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.PublicKeyFile;
import homeport.ssh.key.SshPublicKey;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Everybody who has no business here, at each of the three ports of a whole gateway: one test for each kind. */
@Timeout(60)
class NobodyGetsInTest {
    private static final int SECONDS = 20;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Map<String, Set<String>> ROME = Map.of("site", Set.of("rome"));

    @TempDir
    private Path directory;
    private Gateway gateway;
    private Loops deviceLoops;
    private final PlainSigner deviceKey = TestDevice.key();
    private final List<TestDevice> devices = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();

    private record Result(int status, String out, String err) {}

    @BeforeEach
    void open() throws Exception {
        if (System.getenv("CI") == null) {
            Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/ssh")), "OpenSSH's client is not installed");
        }
        deviceLoops = Loops.open(1);
        var config = ConfigReader.read(Optional.empty(), Map.of(), Map.of("data", directory.resolve("data").toString(),
                "devices.listen", "127.0.0.1:0", "operators.listen", "127.0.0.1:0", "http.listen", "127.0.0.1:0",
                "admission.unknown", "refuse"));
        gateway = Gateway.open(config, Optional.empty(), InstantSource.system());
        gateway.inventory().devices().add(NewDevice.pinned("router1", deviceKey.publicKey().fingerprint()), "test");
        label("oslo");
        devices.add(TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(),
                Credentials.byKey("router1", deviceKey)));
        OperatedGateway.until(() -> gateway.live().find("router1").isPresent(), "router1 did not come");
    }

    @AfterEach
    void close() throws IOException {
        processes.forEach(Process::destroyForcibly);
        devices.forEach(TestDevice::close);
        http.close();
        gateway.close();
        deviceLoops.close();
    }

    private void label(String site) {
        gateway.inventory().devices().change("router1", DeviceChange.NOTHING.withLabels(Map.of("site", site)),
                Optional.empty(), "test");
    }

    // ---- Who comes

    private static String line(SshPublicKey key) {
        return key.type() + " " + Base64.getEncoder().encodeToString(key.blob());
    }

    private Path keyFile(String name, PlainSigner key) throws IOException {
        var file = directory.resolve(name);
        Files.write(file, PrivateKeys.write(key, name, RANDOM));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private Path operator(String name, Role role, Map<String, Set<String>> selectors) throws IOException {
        var key = TestDevice.key();
        assertTrue(gateway.inventory().operators().add(name, role,
                List.of(PublicKeyFile.read(name, line(key.publicKey()))), selectors, "test"));
        return keyFile("key-" + name, key);
    }

    private String token(String name, Duration life) {
        return gateway.inventory().operators().issueToken(name, life, RANDOM, "test").orElseThrow();
    }

    private Process start(int port, Path key, String user, String... words) throws IOException {
        var command = new ArrayList<>(List.of("/usr/bin/ssh", "-F", "none", "-i", key.toString(), "-o",
                "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o",
                "UserKnownHostsFile=/dev/null", "-o", "LogLevel=INFO", "-p", String.valueOf(port), "-l", user,
                "127.0.0.1"));
        command.addAll(command.size() - 1, List.of(words).stream().filter(word -> word.startsWith("-")
                || word.indexOf(':') >= 0).toList());
        List.of(words).stream().filter(word -> !word.startsWith("-") && word.indexOf(':') < 0).forEach(command::add);
        var process = new ProcessBuilder(command).start();
        processes.add(process);
        return process;
    }

    private Result ssh(int port, Path key, String user, String... words) throws Exception {
        var process = start(port, key, user, words);
        process.getOutputStream().close();
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        var err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS));
        return new Result(process.exitValue(), out, err);
    }

    private Result ssh(Path key, String user, String... words) throws Exception {
        return ssh(gateway.operatorsAddress().getPort(), key, user, words);
    }

    private HttpRequest.Builder request(String token, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.httpPort() + path))
                .header("Authorization", "Bearer " + token).header("Content-Type", "application/json");
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private int status(String token, String method, String path, String body) throws Exception {
        return send(request(token, path).method(method, body.isEmpty()
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body))).statusCode();
    }

    // ---- Operators

    @Test
    void anOperatorWithoutTheRole() throws Exception {
        var key = operator("vera", Role.VIEWER, Map.of());
        var token = token("vera", Duration.ofHours(1));
        assertEquals(4, ssh(key, "vera+router1", "who").status());
        assertEquals(255, ssh(key, "vera+router1", "-W", "127.0.0.1:22").status());
        for (var post : List.of("approve", "refuse")) {
            assertEquals(403, status(token, "POST", "/api/v1/devices/router1/" + post, "{}"), post);
        }
        assertEquals(403, status(token, "POST", "/api/v1/devices/router1/disconnect", ""));
        assertEquals(403, status(token, "POST", "/api/v1/devices/router1/rpc", "{\"rpc\":\"<get/>\"}"));
        assertEquals(403, status(token, "PATCH", "/api/v1/devices/router1", "{\"id\":\"mine\"}"));
        assertEquals(403, status(token, "PATCH", "/api/v1/devices/router1", "{\"claim\":true}"));
        assertEquals(403, status(token, "DELETE", "/api/v1/devices/router1", ""));
        assertEquals(403, status(token, "GET", "/api/v1/operators", ""));
        assertEquals(403, status(token, "GET", "/api/v1/audit", ""));
        assertTrue(gateway.live().find("router1").isPresent());
    }

    @Test
    void anotherOperatorsDevice() throws Exception {
        var key = operator("bob", Role.ADMIN, ROME);
        var token = token("bob", Duration.ofHours(1));
        var hidden = ssh(key, "bob+router1", "who");
        var absent = ssh(key, "bob+router9", "who");
        assertEquals(3, hidden.status());
        assertEquals(absent.err().replace("router9", "router1"), hidden.err());
        assertEquals(404, status(token, "GET", "/api/v1/devices/router1", ""));
        assertEquals(404, status(token, "POST", "/api/v1/devices/router1/rpc", "{\"rpc\":\"<get/>\"}"));
        assertEquals(404, status(token, "PATCH", "/api/v1/devices/router1", "{\"labels\":{\"site\":\"rome\"}}"));
        assertEquals(404, status(token, "PATCH", "/api/v1/devices/router1", "{\"id\":\"mine\"}"));
        assertFalse(send(request(token, "/api/v1/devices")).body().contains("router1"));
        assertFalse(send(request(token, "/api/v1/attempts")).body().contains("router1"));
    }

    @Test
    void aRemovedOperatorsLiveSessionsAreCutWithinASecond() throws Exception {
        var key = operator("alice", Role.OPERATOR, Map.of());
        var token = token("alice", Duration.ofHours(1));
        var session = start(gateway.operatorsAddress().getPort(), key, "alice+router1", "hold");
        assertEquals("held", session.inputReader(StandardCharsets.UTF_8).readLine());
        var events = http.send(request(token, "/api/v1/events").build(), HttpResponse.BodyHandlers.ofInputStream());
        assertEquals(200, events.statusCode());
        long start = System.nanoTime();
        assertEquals(204, status(gateway.localToken(), "DELETE", "/api/v1/operators/alice", ""));
        assertTrue(session.waitFor(SECONDS, TimeUnit.SECONDS));
        try (var body = events.body()) {
            body.readAllBytes();
        } catch (IOException e) {
            assertTrue(System.nanoTime() > start, "cut off is as good as ended");
        }
        assertTrue(Duration.ofNanos(System.nanoTime() - start).toMillis() < 1000);
        assertEquals(255, session.exitValue());
        assertEquals(401, status(token, "GET", "/api/v1/version", ""));
        assertEquals(255, ssh(key, "alice+router1", "who").status());
    }

    @Test
    void anExpiredToken() throws Exception {
        operator("alice", Role.ADMIN, Map.of());
        var late = token("alice", Duration.ofSeconds(-1));
        assertEquals(401, status(late, "GET", "/api/v1/version", ""));
        assertEquals(401, status(late, "POST", "/api/v1/devices", "{\"id\":\"x\"}"));
        assertTrue(gateway.inventory().devices().find("x").isEmpty());
    }

    @Test
    void anExpiredCertificate() throws Exception {
        var authority = TestDevice.key();
        assertTrue(gateway.inventory().anchors().add(new TrustAnchor("staff", TrustAnchor.Kind.OPENSSH,
                TrustAnchor.Purpose.OPERATORS, line(authority.publicKey()), IdFrom.COMMON_NAME, false, Set.of(), ""),
                "test"));
        operator("alice", Role.OPERATOR, Map.of());
        var key = TestDevice.key();
        var file = keyFile("certified", key);
        var now = Instant.now();
        for (var until : List.of(600, -60)) {
            var terms = CertificateTerms.forUser("laptop", List.of("alice"), now.minusSeconds(600),
                    now.plusSeconds(until));
            Files.writeString(file.resolveSibling("certified-cert.pub"),
                    line(OpenSshCertificate.issue(key.publicKey(), terms, authority, RANDOM)) + "\n");
            assertEquals(until > 0 ? 0 : 255, ssh(file, "alice+router1", "who").status());
        }
    }

    // ---- Devices as operators, operators as devices

    @Test
    void aDeviceThatAsksForWhatOperatorsHave() throws Exception {
        var file = keyFile("device", deviceKey);
        // At the operators' port its key is nobody's.
        assertEquals(255, ssh(file, "router1", "who").status());
        // At its own it is let in, and opens nothing: no session, no port of the gateway's, no other device.
        var port = gateway.devicesAddress().getPort();
        assertEquals(255, ssh(port, file, "router1", "who").status());
        var forwarded = ssh(port, file, "router1", "-W", "127.0.0.1:" + gateway.httpPort());
        assertFalse(forwarded.out().contains("HTTP"), forwarded.out());
        assertEquals(255, forwarded.status());
        // Nor is a claim token one of the API's.
        var claim = gateway.inventory().devices().issueToken("router1", Duration.ofHours(1), RANDOM, "test")
                .orElseThrow();
        assertEquals(401, status(claim, "GET", "/api/v1/version", ""));
    }

    @Test
    void anOperatorWhoComesAsADevice() throws Exception {
        var key = operator("alice", Role.ADMIN, Map.of());
        var token = token("alice", Duration.ofHours(1));
        for (var user : List.of("alice", "alice+router1", "router1")) {
            var result = ssh(gateway.devicesAddress().getPort(), key, user, "who");
            assertEquals(255, result.status(), user);
        }
        // Its token is no claim token.
        var device = TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(), new Credentials("router1",
                List.of(TestDevice.key()), Optional.of(token.getBytes(StandardCharsets.UTF_8))));
        devices.add(device);
        device.ended.get(SECONDS, TimeUnit.SECONDS);
        assertTrue(gateway.inventory().devices().find("router1").orElseThrow().isPinned(
                deviceKey.publicKey().fingerprint()));
        assertEquals(1, gateway.live().size());
    }

    // ---- The gateway's own network, and what is no name

    @Test
    void theGatewaysOwnLoopback() throws Exception {
        var key = operator("alice", Role.ADMIN, Map.of());
        for (var host : List.of("127.0.0.1", "localhost", "[::1]", "0.0.0.0")) {
            var direct = ssh(key, "alice", "-W", host + ":" + gateway.httpPort());
            assertEquals(255, direct.status(), host);
            assertTrue(direct.err().contains("there is no device"), direct.err());
        }
        assertEquals(255, ssh(key, "alice", "-N", "-oExitOnForwardFailure=yes", "-R0:127.0.0.1:22").status());
    }

    @Test
    void pathsAndLabelsThatAreMoreThanNames() throws Exception {
        var key = operator("bob", Role.ADMIN, ROME);
        var token = token("bob", Duration.ofHours(1));
        for (var path : List.of("devices/..%2foperators", "devices/%2e%2e/operators", "devices/router1%00",
                "devices/router1%2f..%2frouter1", "devices/'%20OR%20'1'='1", "devices/%25", "devices//router1",
                "devices/router1;x=1")) {
            int status = status(token, "GET", "/api/v1/" + path, "");
            assertTrue(status == 404 || status == 400, path + ": " + status);
        }
        for (var label : List.of("site%3Drome'%20OR%20'1'%3D'1", "site%3D%25", "site%3D_slo",
                "site%3Drome%26site%3Doslo",
                "site%3Doslo")) {
            assertFalse(send(request(token, "/api/v1/devices?label=" + label)).body().contains("router1"), label);
        }
        for (var name : List.of("bob+../router1", "bob+router1%00", "bob+router%",
                "bob+router1+router1")) {
            assertEquals(3, ssh(key, name, "who").status(), name);
        }
        assertTrue(gateway.inventory().devices().find("router1").isPresent());
    }

    @Test
    void bodiesThatAreTooLong() throws Exception {
        byte[] body = new byte[(1 << 20) + 1];
        java.util.Arrays.fill(body, (byte) ' ');
        assertEquals(413, send(request(gateway.localToken(), "/api/v1/devices")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))).statusCode());
        byte[] rpc = new byte[(8 << 20) + 1];
        assertEquals(413, send(request(gateway.localToken(), "/api/v1/devices/router1/rpc")
                .POST(HttpRequest.BodyPublishers.ofByteArray(rpc))).statusCode());
        assertEquals(200, status(gateway.localToken(), "GET", "/api/v1/version", ""));
    }

    @Test
    void aForgedProxyHeaderIsNothingButBytes() throws Exception {
        var forged = new ArrayList<byte[]>();
        forged.add("PROXY TCP4 192.0.2.7 192.0.2.1 4334 4334\r\nSSH-2.0-x\r\n".getBytes(StandardCharsets.US_ASCII));
        byte[] v2 = {0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21, 0x11, 0, 12, (byte) 192,
                0,
                2, 7, (byte) 192, 0, 2, 1, 1, 1, 1, 1};
        forged.add(v2);
        for (var header : forged) {
            var to = gateway.devicesAddress();
            try (var socket = new Socket(to.getAddress(), to.getPort())) {
                socket.getOutputStream().write(header);
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            }
        }
        OperatedGateway.until(
                () -> flushed().stream().filter(attempt -> attempt.code().equals("proxy-header")).count() == 2,
                "both are in the journal");
        assertTrue(flushed().stream().allMatch(attempt -> attempt.address().equals("127.0.0.1")), flushed()::toString);
        // Nor does a header of HTTP make somebody come from elsewhere, or be somebody.
        var answer = send(request("x", "/api/v1/version").header("X-Forwarded-For", "192.0.2.7")
                .header("Forwarded", "for=192.0.2.7").header("X-Forwarded-User", "alice"));
        assertEquals(401, answer.statusCode());
    }

    private List<Attempt> flushed() {
        try {
            assertTrue(gateway.door().flush(Duration.ofSeconds(SECONDS)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return gateway.inventory().attempts().list(Set.of(), Long.MAX_VALUE, 100);
    }

    @Test
    void theSessionsOfAKeyThatWasTakenAwayAreCutWithinASecond() throws Exception {
        var key = operator("alice", Role.OPERATOR, Map.of());
        var session = start(gateway.operatorsAddress().getPort(), key, "alice+router1", "hold");
        assertEquals("held", session.inputReader(StandardCharsets.UTF_8).readLine());
        long start = System.nanoTime();
        assertEquals(200, status(gateway.localToken(), "PATCH", "/api/v1/operators/alice", "{\"publicKeys\":[]}"));
        assertTrue(session.waitFor(SECONDS, TimeUnit.SECONDS));
        assertTrue(Duration.ofNanos(System.nanoTime() - start).toMillis() < 1000);
        assertEquals(255, ssh(key, "alice+router1", "who").status());
    }
}
