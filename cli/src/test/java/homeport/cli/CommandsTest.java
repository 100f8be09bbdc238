package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each command asks of the API, shows of its answer, and ends with. */
class CommandsTest {
    private static final String PRINT = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";
    private static final String KEYS = """
            {"host":"ssh-ed25519 AAAAhost","furtherHosts":["ssh-rsa AAAArsa"],"user":"ssh-ed25519 AAAAuser","authority":"ssh-ed25519 AAAAca"}""";

    private ScriptedGateway gateway;

    @BeforeEach
    void open() throws IOException {
        gateway = new ScriptedGateway();
    }

    @AfterEach
    void close() {
        gateway.close();
    }

    private static JsonObject device(String id, String state) {
        return new JsonObject().put("id", id).put("state", state).put("online", true).put("design", "call-home")
                .put("identity", new JsonObject().put("kind", "fingerprint").put("fingerprint", PRINT))
                .put("address", "192.0.2.7:1024").put("software", "OpenSSH_9.9").put("since", "2026-01-31T12:00:00Z")
                .put("lastSeen", "2026-01-31T12:00:00Z").put("labels", new JsonObject().put("site", "rome"))
                .put("reason", "held for an operator");
    }

    private static String page(String next, JsonObject... devices) {
        var page = new JsonObject().put("items", new JsonArray(List.of(devices)));
        return (next.isEmpty() ? page : page.put("next", next)).encode();
    }

    @Test
    void listsAreAlignedFollowPagesAndSayWhatIsNext() {
        gateway.on("GET /devices", 200, page("c 1", device("r1", "admitted")));
        gateway.on("GET /devices", 200, page("", device("a-long-name", "pending")));
        var result = gateway.run("device", "list", "--state", "pending", "--label", "site=a b", "--label", "x=1");
        assertEquals(0, result.status(), result.err());
        assertEquals("""
                DEVICE       STATE     ONLINE  DESIGN     ADDRESS         SINCE                 REASON
                r1           admitted  yes     call-home  192.0.2.7:1024  2026-01-31T12:00:00Z  held for an operator
                a-long-name  pending   yes     call-home  192.0.2.7:1024  2026-01-31T12:00:00Z  held for an operator
                """, result.out());
        assertEquals("Next, if you know it: homeport device approve a-long-name --login ACCOUNT\n", result.err());
        assertEquals(List.of("GET /devices?state=pending&label=site%3Da%20b&label=x%3D1&limit=1000",
                "GET /devices?state=pending&label=site%3Da%20b&label=x%3D1&limit=1000&cursor=c%201"), gateway.asked);
    }

    @Test
    void jsonIsWhatTheContractSaysAndNothingElse() {
        gateway.on("GET /devices", 200, page("", device("r1", "pending")));
        var result = gateway.run("device", "list", "--json");
        assertEquals(new JsonArray().add(device("r1", "pending")), new JsonArray(result.out()));
        assertEquals("", result.err());
    }

    @Test
    void whatStrangersCalledThemselvesMovesNothing() {
        gateway.on("GET /devices", 200, page("", device("\u001b[2Jr\n1\u202e", "pending"), device("路由器", "admitted")));
        var result = gateway.run("device", "list");
        assertTrue(result.out().contains("\\u001b[2Jr\\u000a1\\u202e"), result.out());
        assertFalse((result.out() + result.err()).contains("\u001b"), result.out());
        // Three ideographs take six columns.
        assertTrue(result.out().contains("路由器" + " ".repeat("\\u001b[2Jr\\u000a1\\u202e".length() - 6 + 2)
                + "admitted"), result.out());
    }

    @Test
    void exitStatusesSayWhoseTurnItIs() {
        gateway.problem("GET /devices/a", 404, "not-found", "there is no device a")
                .problem("GET /devices/b", 403, "not-allowed", "viewers may not")
                .problem("POST /devices/c/disconnect", 409, "offline", "c is offline")
                .problem("GET /devices/d", 400, "invalid", "no such")
                .problem("GET /devices/e", 503, "unready", "the disk is full")
                .problem("POST /devices/f/rpc", 504, "timeout", "no answer");
        assertEquals(new ScriptedGateway.Result(3, "", "homeport: there is no device a\n"),
                gateway.run("device", "show", "a"));
        assertEquals(4, gateway.run("device", "show", "b").status());
        assertEquals(5, gateway.run("device", "disconnect", "c").status());
        assertEquals(2, gateway.run("device", "show", "d").status());
        assertEquals(new ScriptedGateway.Result(1, "", "homeport: the disk is full\n"),
                gateway.run("device", "show", "e"));
        assertEquals(2, gateway.run("device", "approve").status());
        assertEquals(2, gateway.run("device", "nothing").status());
        assertEquals(2, gateway.run("device", "show").status());
        assertEquals(1, gateway.run("device", "list", "--server").err().lines().count());
    }

    @Test
    void withoutAGatewayOrATokenItSaysWhatToDo(@TempDir Path data) throws IOException {
        var none = ScriptedGateway.run(Map.of("HOMEPORT_TOKEN", "x"), "", "device", "list", "--server",
                "http://127.0.0.1:1");
        assertEquals(5, none.status());
        assertTrue(none.err().contains("no gateway answers at http://127.0.0.1:1: start one"), none.err());
        var noToken = ScriptedGateway.run(Map.of(), "", "device", "list", "--data", data.toString());
        assertEquals(4, noToken.status());
        assertTrue(noToken.err().contains("set HOMEPORT_TOKEN"), noToken.err());
        // The local gateway's token goes to no other machine.
        Files.writeString(data.resolve("local-token"), "secret\n");
        var elsewhere = ScriptedGateway.run(Map.of(), "", "device", "list", "--data", data.toString(), "--server",
                "http://192.0.2.1:8080");
        assertEquals(4, elsewhere.status());
        assertTrue(elsewhere.err().contains("no token for 192.0.2.1"), elsewhere.err());
        assertEquals(2, gateway.run("device", "list", "--server", "ftp://x").status());
        var wrong = ScriptedGateway.run(Map.of("HOMEPORT_TOKEN", "wrong"), "", "device", "list", "--server",
                gateway.url());
        assertEquals(4, wrong.status());
    }

    @Test
    void theDataDirectoryIsEnoughToFindTheGatewayOfThisMachine(@TempDir Path data) throws IOException {
        Files.writeString(data.resolve("local-token"), ScriptedGateway.TOKEN + "\n");
        new LocalGateway(gateway.url(), 2022, 4334).write(data);
        gateway.on("POST /devices/r1/approve", 200, device("r1", "admitted").encode())
                .on("GET /version", 200, "{\"operator\":\"local\"}")
                .on("GET /operators", 200, "{\"items\":[{\"name\":\"alice\"}]}");
        var result = ScriptedGateway.run(Map.of(), "", "device", "approve", "r1", "--data", data.toString());
        assertEquals(new ScriptedGateway.Result(0, "r1 admitted\n", "Next: ssh -p 2022 alice+r1@127.0.0.1\n"), result);
    }

    @Test
    void decisionsAreTriedForEachAndTheFirstFailureIsTheStatus() {
        gateway.problem("POST /devices/a/refuse", 404, "not-found", "there is no device a")
                .on("POST /devices/b/refuse", 200, device("b", "refused").encode());
        assertEquals(new ScriptedGateway.Result(3, "b refused\n", "homeport: there is no device a\n"),
                gateway.run("device", "refuse", "a", "b", "--reason", "stolen"));
        assertEquals(List.of("POST /devices/a/refuse {\"reason\":\"stolen\"}",
                "POST /devices/b/refuse {\"reason\":\"stolen\"}"), gateway.asked);
        gateway.on("DELETE /devices/x%2F..%2Fy%20z", 204, "");
        assertEquals(0, gateway.run("device", "remove", "x/../y z").status());
    }

    @Test
    void allThatWaitAreApprovedInOneCall() {
        gateway.on("POST /devices/approve", 200,
                "{\"approved\":[\"r1\"],\"skipped\":[{\"id\":\"r2\",\"reason\":\"two keys wait\"}],\"more\":true}");
        var result = gateway.run("device", "approve", "--pending", "--from", "192.0.2.0/24", "--design", "tunnel",
                "--limit", "7", "--login", "admin");
        assertEquals("DEVICE  RESULT\nr1      admitted\nr2      skipped: two keys wait\n", result.out());
        assertEquals("More wait: the same command again approves the next of them.\n", result.err());
        assertEquals(List.of("POST /devices/approve {\"pending\":true,\"from\":\"192.0.2.0/24\",\"design\":\"tunnel\","
                + "\"limit\":7,\"login\":{\"user\":\"admin\"}}"), gateway.asked);
        assertEquals(2, gateway.run("device", "approve", "--pending", "--fingerprint", "SHA256:x").status());
    }

    @Test
    void secretsComeFromFilesOrStandardInput(@TempDir Path directory) throws IOException {
        var secret = Files.writeString(directory.resolve("secret"), "s3cret of r1\n");
        gateway.on("POST /devices", 201,
                device("r1", "admitted").put("claim", new JsonObject().put("token", "once-only")
                        .put("expires", "2026-02-01T00:00:00Z")).encode())
                .on("PATCH /devices/r1", 200,
                        device("r1", "admitted").encode());
        var added = gateway.run("device", "add", "r1", "--secret-file", secret.toString(), "--label", "site=rome",
                "--login", "admin");
        assertTrue(added.out().contains("once-only"), added.out());
        var set = ScriptedGateway.run(
                Map.of("HOMEPORT_SERVER", gateway.url(), "HOMEPORT_TOKEN", ScriptedGateway.TOKEN), "pass word\n",
                "device", "set", "r1", "--password-file", "-", "--allow-legacy");
        assertEquals(0, set.status(), set.err());
        assertEquals(List.of(
                "POST /devices {\"id\":\"r1\",\"secret\":\"s3cret of r1\",\"login\":{\"user\":\"admin\"},"
                        + "\"labels\":{\"site\":\"rome\"}}",
                "PATCH /devices/r1 {\"login\":{\"by\":\"password\",\"password\":\"pass word\"},\"legacyAllowed\":true}"),
                gateway.asked);
        assertEquals(2, gateway.run("device", "set", "r1").status());
        assertEquals(2, gateway.run("device", "add", "r1", "--claim", "--fingerprint", PRINT).status());
        assertEquals(2, gateway.run("device", "add", "r1", "--secret-file", directory + "/none").status());
    }

    @Test
    void operatorsAndTheirTokens(@TempDir Path directory) throws IOException {
        var key = Files.writeString(directory.resolve("key.pub"), "# mine\nssh-ed25519 AAAA alice\n");
        gateway.on("POST /operators", 201,
                "{\"name\":\"alice\",\"role\":\"admin\",\"keys\":[{\"fingerprint\":\"" + PRINT
                        + "\",\"line\":\"x\"}],\"selectors\":{}}")
                .on("GET /operators", 200,
                        "{\"items\":[{\"name\":\"vera\",\"role\":\"viewer\",\"keys\":[],"
                                + "\"selectors\":{\"site\":[\"rome\"]}}]}")
                .on("POST /operators/alice/token", 201, "{\"token\":\"t0ken\",\"expires\":\"2026-03-01T00:00:00Z\"}")
                .on("DELETE /operators/alice", 204, "");
        var added = gateway.run("operator", "add", "alice", "--public-key", key.toString(), "--role", "admin",
                "--label",
                "site=rome", "--label", "site=oslo");
        assertEquals("OPERATOR  ROLE   DEVICES  KEYS\nalice     admin  all      " + PRINT + "\n", added.out());
        assertEquals(
                "POST /operators {\"name\":\"alice\",\"role\":\"admin\",\"publicKeys\":[\"ssh-ed25519 AAAA alice\"],"
                        + "\"selectors\":{\"site\":[\"rome\",\"oslo\"]}}",
                gateway.asked.getFirst());
        assertTrue(gateway.run("operator", "list").out().contains("{\"site\":[\"rome\"]}"));
        var token = gateway.run("operator", "token", "alice", "--days", "2");
        assertEquals("t0ken\n", token.out());
        assertEquals("POST /operators/alice/token {\"seconds\":172800}", gateway.asked.getLast());
        assertEquals(new ScriptedGateway.Result(0, "", ""), gateway.run("operator", "remove", "alice"));
    }

    @Test
    void operatorsAreChanged(@TempDir Path directory) throws IOException {
        var key = Files.writeString(directory.resolve("key.pub"), "ssh-ed25519 BBBB new\n");
        var alice = "{\"name\":\"alice\",\"role\":\"viewer\",\"keys\":[{\"fingerprint\":\"" + PRINT
                + "\",\"line\":\"ssh-ed25519 AAAA\"}],\"selectors\":{}}";
        gateway.on("GET /operators", 200, "{\"items\":[" + alice + "]}").on("PATCH /operators/alice", 200, alice);
        var set = gateway.run("operator", "set", "alice", "--add-key", key.toString(), "--role", "viewer", "--label",
                "site=rome");
        assertEquals("OPERATOR  ROLE    DEVICES  KEYS\nalice     viewer  all      " + PRINT + "\n", set.out());
        assertEquals("PATCH /operators/alice {\"role\":\"viewer\",\"selectors\":{\"site\":[\"rome\"]},"
                + "\"publicKeys\":[\"ssh-ed25519 AAAA\",\"ssh-ed25519 BBBB new\"]}", gateway.asked.getLast());
        assertEquals(0, gateway.run("operator", "set", "alice", "--remove-key", PRINT, "--all-devices").status());
        assertEquals("PATCH /operators/alice {\"selectors\":{},\"publicKeys\":[]}", gateway.asked.getLast());
        var unknown = gateway.run("operator", "set", "alice", "--remove-key", "SHA256:x");
        assertEquals(1, unknown.status());
        assertEquals("homeport: alice has no key SHA256:x: homeport operator list shows which there are\n",
                unknown.err());
        assertEquals(2, gateway.run("operator", "set", "alice").status());
        assertEquals(2, gateway.run("operator", "set", "alice", "--all-devices", "--label", "a=b").status());
    }

    @Test
    void aPrivateKeyDoesNotLeaveTheMachine(@TempDir Path directory) throws IOException {
        var key = Files.writeString(directory.resolve("id"),
                "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n").toString();
        for (var words : List.of(List.of("operator", "add", "x", "--public-key", key),
                List.of("operator", "set", "x", "--add-key", key),
                List.of("device", "add", "x", "--public-key", key), List.of("trust", "add", "x", "--ca", key))) {
            var result = gateway.run(words.toArray(String[]::new));
            assertEquals(2, result.status(), result.err());
            assertTrue(result.err().startsWith("homeport: " + key + " holds a private key, which was not sent"),
                    result.err());
        }
        assertEquals(List.of(), gateway.asked);
    }

    @Test
    void timesLongAgoAreTheBeginning() {
        gateway.on("GET /audit", 200, "{\"items\":[]}");
        assertEquals(0, gateway.run("audit", "--since", "999999d").status());
        assertTrue(gateway.asked.getFirst().startsWith("GET /audit?since=1970-01-01T00%3A00%3A00Z"),
                gateway.asked.getFirst());
    }

    @Test
    void operatorWhoseKeyFileIsEmptyIsNotAdded(@TempDir Path directory) throws IOException {
        var empty = Files.writeString(directory.resolve("empty.pub"), "# none\n\n");
        for (var file : List.of(empty.toString(), "/dev/null")) {
            var result = gateway.run("operator", "add", "x", "--public-key", file);
            assertEquals(2, result.status(), result.err());
            assertTrue(result.err().startsWith("homeport: " + file + " holds no public key"), result.err());
        }
        var in = gateway.run("operator", "add", "x", "--public-key", "-");
        assertTrue(in.err().startsWith("homeport: standard input holds no public key"), in.err());
        assertEquals(List.of(), gateway.asked);
    }

    @Test
    void operatorWhoseKeyCannotBeReadIsNamed(@TempDir Path directory) {
        var result = ScriptedGateway.run(Map.of(), "", "gateway", "--data", directory.resolve("data").toString(),
                "--devices-listen", "127.0.0.1:0", "--operators-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0",
                "--operator", "alice=" + directory);
        assertEquals(1, result.status(), result.err());
        assertEquals("homeport: the gateway did not start: the public key of operator alice cannot be read from "
                + directory + ": Is a directory\n", result.err());
    }

    @Test
    void passwordInTheServersUrlIsNotShown() {
        for (var url : List.of("http://u:s3cret@h:1", "http://u:s3 cret@h", "http://u:s3/cret@h", "u:s3cret@h")) {
            var result = gateway.run("device", "list", "--server", url);
            assertEquals(2, result.status(), result.err());
            assertTrue(result.err().contains("***@h") && result.err().contains("set HOMEPORT_TOKEN"), result.err());
            assertFalse(result.err().contains("s3") || result.err().contains("cret@"), result.err());
        }
    }

    @Test
    void authorities(@TempDir Path directory) throws IOException {
        var ca = Files.writeString(directory.resolve("ca.pem"), "-----BEGIN CERTIFICATE-----\nAA==\n");
        var answer = "{\"name\":\"acme\",\"kind\":\"x509\",\"purpose\":\"devices\",\"material\":\"x\",\"idFrom\":\"CN\","
                + "\"admitsUnknown\":true,\"listed\":[\"1\",\"2\"]}";
        gateway.on("POST /trust", 201, answer).on("GET /trust", 200, "{\"items\":[" + answer + "]}")
                .problem("DELETE /trust/acme", 404, "not-found", "there is no authority acme");
        var added = gateway.run("trust", "add", "acme", "--ca", ca.toString(), "--id-from", "CN", "--admit-unknown");
        assertEquals(0, added.status(), added.err());
        assertTrue(gateway.asked.getFirst().contains("\"kind\":\"x509\""), gateway.asked.getFirst());
        assertEquals("""
                AUTHORITY  KIND  FOR      ID FROM  ADMITS UNKNOWN  LISTED
                acme       x509  devices  CN       yes             2
                """, gateway.run("trust", "list").out());
        assertEquals(3, gateway.run("trust", "remove", "acme").status());
    }

    @Test
    void keysAndExportsAreReadyToPaste() {
        gateway.on("GET /keys", 200, KEYS).on("GET /version", 200, "{\"operator\":\"alice\",\"role\":\"admin\"}")
                .on("GET /devices", 200, page("", device("r1", "admitted"), device("r\"2\n", "admitted")));
        assertEquals("[127.0.0.1]:2222 ssh-ed25519 AAAAhost\n[127.0.0.1]:2222 ssh-rsa AAAArsa\n"
                + "@cert-authority router* ssh-ed25519 AAAAca\n",
                gateway.run("export", "known-hosts", "--hosts", "router*").out());
        assertEquals("ssh-ed25519 AAAAuser homeport\n", gateway.run("keys", "--user").out());
        assertEquals("""
                Host r1
                    HostName gw.example
                    Port 22
                    User alice+r1
                # not as a Host: r"2\\u000a
                """, gateway.run("export", "ssh-config", "--ssh-host", "gw.example", "-p", "22").out());
        assertEquals("""
                all:
                  hosts:
                    "r1":
                      ansible_host: "127.0.0.1"
                      ansible_port: 2222
                      ansible_user: "alice+r1"
                    "r\\"2\\n":
                      ansible_host: "127.0.0.1"
                      ansible_port: 2222
                      ansible_user: "alice+r\\"2\\n"
                """, gateway.run("export", "ansible").out());
    }

    @Test
    void rpcsGoThroughAndTheDevicesErrorsAreTheExitStatus() {
        var fine = "<rpc-reply xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\"><rpc-error><error-severity>warning"
                + "</error-severity></rpc-error><data/></rpc-reply>";
        gateway.on("POST /devices/r1/rpc", 200, fine).on("POST /devices/r1/rpc", 200,
                fine.replace("warning", "error"));
        var result = gateway.run("get-config", "r1", "--source", "candidate", "--timeout", "5");
        assertEquals(new ScriptedGateway.Result(0, fine + "\n", ""), result);
        assertEquals("POST /devices/r1/rpc?timeout=5 <get-config xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\">"
                + "<source><candidate/></source></get-config>", gateway.asked.getFirst());
        var failed = ScriptedGateway.run(
                Map.of("HOMEPORT_SERVER", gateway.url(), "HOMEPORT_TOKEN", ScriptedGateway.TOKEN), "<get/>", "rpc",
                "r1");
        assertEquals(1, failed.status());
        assertEquals("POST /devices/r1/rpc?timeout=60 <get/>", gateway.asked.getLast());
        assertEquals(2, gateway.run("get-config", "r1", "--source", "a/><b").status());
        var empty = gateway.run("rpc", "r1");
        assertEquals(2, empty.status());
        assertEquals("homeport: standard input is empty: it is to hold one NETCONF operation, such as <get/>\n",
                empty.err());
    }

    @Test
    void whyShowsWhatHappenedAndWhatToDo() {
        gateway.on("GET /attempts", 200, "{\"items\":[{\"number\":1,\"at\":\"2026-01-31T12:00:00Z\","
                + "\"address\":\"192.0.2.7\",\"design\":\"\",\"device\":\"r1\",\"fingerprint\":\"\",\"stage\":\"identity\","
                + "\"outcome\":\"refused\",\"code\":\"c\",\"detail\":\"\",\"sentence\":\"its key is another\\u001b\","
                + "\"remedy\":\"homeport device approve r1\"}]}");
        assertEquals("""
                2026-01-31T12:00:00Z  r1 from 192.0.2.7, refused at identity
                    its key is another\\u001b
                    homeport device approve r1
                """, gateway.run("why", "192.0.2.7").out());
        assertEquals("GET /attempts?address=192.0.2.7&limit=20", gateway.asked.getLast());
    }

    @Test
    void whyLooksForAnIdThatLooksLikeAnAddress() {
        gateway.on("GET /attempts", 200, "{\"items\":[]}");
        var result = gateway.run("why", "10.0.0.1");
        assertEquals(List.of("GET /attempts?address=10.0.0.1&limit=20", "GET /attempts?device=10.0.0.1&limit=20"),
                gateway.asked);
        assertTrue(result.out().contains("it has not reached this gateway"), result.out());
    }

    @Test
    void whyKnowsAnAddressOfIpv6() {
        gateway.on("GET /attempts", 200, "{\"items\":[]}");
        gateway.run("why", "::1");
        gateway.run("why", "FE80::1%eth0");
        gateway.run("why", "::ffff:192.0.2.1");
        assertEquals(List.of("GET /attempts?address=%3A%3A1&limit=20",
                "GET /attempts?address=FE80%3A%3A1%25eth0&limit=20",
                "GET /attempts?address=%3A%3Affff%3A192.0.2.1&limit=20"),
                gateway.asked.stream().filter(asked -> asked.contains("address=")).toList());
    }

    @Test
    void auditShowsTheTrail() {
        gateway.on("GET /audit", 200, "{\"items\":[{\"number\":7,\"at\":\"2026-01-31T12:00:00Z\",\"actor\":\"alice\","
                + "\"action\":\"approve\",\"device\":\"r1\",\"detail\":\"\",\"hash\":\"ab\"}]}");
        var result = gateway.run("audit", "--device", "r1", "--since", "2026-01-31T00:00:00Z");
        assertEquals("NUMBER  AT                    WHO    DID      DEVICE  DETAIL\n"
                + "7       2026-01-31T12:00:00Z  alice  approve  r1\n", result.out());
        assertEquals("GET /audit?device=r1&since=2026-01-31T00%3A00%3A00Z&limit=1000", gateway.asked.getFirst());
        assertEquals(2, gateway.run("audit", "--since", "yesterday").status());
    }

    @Test
    void watchingGoesOnWhereItBrokeOff() {
        var event = "event: device.online\ndata: {\"at\":\"2026-01-31T12:00:00Z\",\"type\":\"device.online\","
                + "\"device\":\"r1\",\"data\":{\"design\":\"tunnel\"}}\n\n";
        gateway.on("GET /events", 200, ": hello\n\nid: x-1\n" + event + "id: x-2\ndata: half").on("GET /events", 200,
                "id: x-2\r\n" + event.replace("\n", "\r\n").replace("online", "offline"))
                .problem("GET /events", 401, "no-token", "it has expired");
        var result = gateway.run("device", "watch");
        assertEquals(4, result.status());
        assertEquals("2026-01-31T12:00:00Z  device.online  r1  design=tunnel\n"
                + "2026-01-31T12:00:00Z  device.offline  r1  design=tunnel\n", result.out());
        assertEquals(List.of("", "x-1", "x-2"), gateway.resumed);
        assertTrue(result.err().endsWith("homeport: it has expired\n"), result.err());
    }

    @Test
    void completionIsAScriptForBash() {
        var result = gateway.run("completion");
        assertEquals(0, result.status());
        assertTrue(result.out().contains("get-config"), result.out());
    }
}
