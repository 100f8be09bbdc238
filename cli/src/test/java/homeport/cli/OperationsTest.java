package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.OpenSshServer;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.RunningServer;
import homeport.testkit.peers.ServerSetup;
import homeport.testkit.peers.SshKeygen;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A gateway's process from outside: its end, its restart, its log. */
@Timeout(120)
class OperationsTest {
    @TempDir
    private Path directory;
    private RunningGateway gateway;
    private final List<RunningServer> devices = new ArrayList<>();

    @AfterEach
    void end() {
        devices.forEach(RunningServer::close);
        if (gateway != null) {
            gateway.close();
        }
    }

    private void start(String... more) throws Exception {
        gateway = RunningGateway.start(directory.resolve("data"), more);
    }

    /** A real sshd that is known by its host key, with NETCONF. */
    private void device(String id, ServerSetup setup, String... login) throws Exception {
        List.of("sshd", "socat").forEach(Peers::require);
        var words = new ArrayList<>(List.of("device", "add", id, "--fingerprint",
                new SshKeygen().fingerprint(SshKeygen.publicKeyFile(setup.hostKeys().getFirst())), "--login",
                Peers.user()));
        words.addAll(List.of(login));
        gateway.done(words.toArray(String[]::new));
        devices.add(new OpenSshServer().with("Subsystem netconf /usr/bin/python3 "
                + EndToEndTest.netconfSubsystem(directory) + " " + id)
                .dial(setup, new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.devicesPort)));
        RunningGateway.until(id + " in service", () -> new JsonObject(gateway.done("device", "show", id, "--json"))
                .getBoolean("online"), () -> gateway.done("why", id));
    }

    private Path hostKey() throws Exception {
        return new SshKeygen().generate(directory.resolve("host"), KeyType.ED25519);
    }

    private ServerSetup byKey() throws Exception {
        return new ServerSetup(directory, hostKey(),
                Files.writeString(directory.resolve("gateway.pub"), gateway.done("keys", "--user")));
    }

    @Test
    void sigtermLetsARunningRpcEndAndExitsWithZero() throws Exception {
        start("--log", "json");
        device("router1", byKey());
        var rpc = RunningGateway.homeport(List.of("rpc", "--data", gateway.data.toString(), "router1", "-"))
                .redirectErrorStream(true).start();
        try (var in = rpc.getOutputStream()) {
            in.write("<wait/>".getBytes(StandardCharsets.UTF_8)); // its answer takes two seconds
        }
        RunningGateway.until("the rpc under way", () -> gateway.done("audit", "--device", "router1")
                .contains("device.rpc"));
        long start = System.nanoTime();
        assertEquals(0, gateway.terminate());
        assertTrue(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start) < 12);
        var reply = new String(rpc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, rpc.waitFor(), reply);
        assertTrue(reply.contains("<ok/>"), reply);

        // Every line of the log is one object, and those about the device name it.
        var lines = gateway.log().lines().filter(line -> line.startsWith("{")).map(JsonObject::new).toList();
        assertTrue(lines.stream().anyMatch(line -> line.encode().contains("{\"device\":\"router1\"}")),
                gateway.log());
    }

    @Test
    void aRepeatedRequestIsAnsweredAsBeforeByTheNextRun() throws Exception {
        start();
        var body = "{\"id\":\"router1\",\"claim\":true}";
        var first = post(body);
        assertEquals(201, first.statusCode(), first.body());
        gateway.close(); // kill -9
        start();
        var second = post(body);
        assertEquals(201, second.statusCode(), second.body());
        assertEquals(first.body(), second.body());
        assertEquals("true", second.headers().firstValue("Idempotency-Replayed").orElse(""));
        assertEquals(409, post("{\"id\":\"router2\"}").statusCode());
        // The token in it is nowhere on the disk as it is.
        var token = new JsonObject(first.body()).getJsonObject("claim").getString("token");
        try (var files = Files.walk(gateway.data)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                assertTrue(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).indexOf(token) < 0,
                        file::toString);
            }
        }
    }

    private HttpResponse<String> post(String body) throws Exception {
        var token = Files.readString(gateway.data.resolve("local-token")).strip();
        try (var client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest
                    .newBuilder(URI.create("http://127.0.0.1:" + gateway.httpPort + "/api/v1/devices"))
                    .header("Authorization", "Bearer " + token).header("Content-Type", "application/json")
                    .header("Idempotency-Key", "made-once").POST(HttpRequest.BodyPublishers.ofString(body)).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void aRealSshdTakesTheGatewaysShortLivedCertificateAndNothingElseOfIts() throws Exception {
        start();
        var authority = Files.writeString(directory.resolve("authority.pub"), gateway.done("keys", "--ca"));
        var nobody = SshKeygen.publicKeyFile(new SshKeygen().generate(directory.resolve("nobody"), KeyType.ED25519));
        device("router1", new ServerSetup(directory, hostKey(), nobody).withAuthorities(authority), "--login-by",
                "certificate");
        assertTrue(gateway.done("get-config", "router1").contains("<hostname>router1</hostname>"));
    }

    @Test
    void theFirstOperatorHasEveryKeyOfTheirFile() throws Exception {
        var desk = new SshKeygen().generate(directory.resolve("desk"), KeyType.ED25519);
        var laptop = new SshKeygen().generate(directory.resolve("laptop"), KeyType.ED25519);
        var file = Files.writeString(directory.resolve("alice.pub"),
                Files.readString(SshKeygen.publicKeyFile(desk)) + "# the other\n"
                        + Files.readString(SshKeygen.publicKeyFile(laptop)));
        start("--operator", "alice=" + file);
        var listed = gateway.done("operator", "list");
        for (var key : List.of(desk, laptop)) {
            assertTrue(listed.contains(new SshKeygen().fingerprint(SshKeygen.publicKeyFile(key))), listed);
        }
        assertEquals(0, gateway.terminate());
        // A lost key stays away, and with it no start fails.
        start("--operator", "alice=" + file);
        var lost = new SshKeygen().fingerprint(SshKeygen.publicKeyFile(laptop));
        gateway.done("operator", "set", "alice", "--remove-key", lost);
        assertEquals(0, gateway.terminate());
        start("--operator", "alice=" + file);
        assertFalse(gateway.done("operator", "list").contains(lost));
        gateway.done("operator", "set", "alice", "--remove-key",
                new SshKeygen().fingerprint(SshKeygen.publicKeyFile(desk)));
        assertEquals(0, gateway.terminate());
        var refused = ScriptedGateway.run(Map.of(), "", "gateway", "--data", directory.resolve("data").toString(),
                "--devices-listen", "127.0.0.1:0", "--operators-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0",
                "--operator", "alice=" + file);
        assertEquals(1, refused.status());
        assertTrue(refused.err().contains("homeport operator set alice --add-key " + file), refused.err());
    }
}
