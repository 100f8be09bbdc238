package homeport.testkit.peers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The harness tested on itself: the foreign peers talk to one another, from either end of the TCP connection. */
class PeersTest {
    private static final String COMMAND = "cat; echo heard; exit 7";
    private static final byte[] INPUT = "first\nsecond\n".repeat(1000).getBytes(StandardCharsets.UTF_8);
    private static final byte[] OUTPUT = ("first\nsecond\n".repeat(1000) + "heard\n").getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory;
    private Path host;
    private Path user;

    @BeforeEach
    void makeKeys() throws IOException, InterruptedException {
        var keygen = new SshKeygen();
        host = keygen.generate(directory.resolve("host"), KeyType.ED25519);
        user = keygen.generate(directory.resolve("user"), KeyType.ED25519);
    }

    static Stream<Arguments> pairs() {
        return Peers.clients().stream().flatMap(client -> Peers.servers().stream()
                .map(server -> Arguments.argumentSet(client.name() + " to " + server.name(), client, server)));
    }

    static Stream<Arguments> servers() {
        return Peers.servers().stream().map(server -> Arguments.argumentSet(server.name(), server));
    }

    static Stream<Arguments> clients() {
        return Peers.clients().stream().map(client -> Arguments.argumentSet(client.name(), client));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void everyClientReachesEveryServer(ClientPeer client, ServerPeer server) throws Exception {
        try (var running = server.listen(serverSetup())) {
            var result = client.exec(clientSetup(), running.address(), COMMAND, INPUT);
            if (result.exitStatus() == 0) {
                // Both are strangers here. dbclient has once taken MINA's command for one that ended well; twice is us.
                result = client.exec(clientSetup(), running.address(), COMMAND, INPUT);
            }
            assertRan(result, running);
        }
    }

    @ParameterizedTest
    @MethodSource("servers")
    void everyServerCanOpenTheConnection(ServerPeer server) throws Exception {
        try (var relay = Relay.meeting(); var running = server.dial(serverSetup(), relay.left())) {
            assertRan(new MinaClient().exec(clientSetup(), relay.right(), COMMAND, INPUT), running);
        }
    }

    @ParameterizedTest
    @MethodSource("clients")
    void everyClientCanAcceptTheConnection(ClientPeer client) throws Exception {
        for (int turn = 1;; turn++) {
            try (var accepting = client.accept(clientSetup(), COMMAND, INPUT);
                    var running = new MinaServer().dial(serverSetup(), accepting.address())) {
                var result = accepting.result();
                // Once, as above, between strangers.
                if (result.exitStatus() != 0 || turn == 2) {
                    assertRan(result, running);
                    return;
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("clients")
    void everyClientRefusesAHostKeyItDoesNotKnow(ClientPeer client) throws Exception {
        var other = new SshKeygen().generate(directory.resolve("other"), KeyType.ED25519);
        var setup = new ClientSetup(directory, SshKeygen.publicLine(other), user);
        try (var running = new MinaServer().listen(serverSetup())) {
            assertThrows(IOException.class, () -> client.exec(setup, running.address(), COMMAND, INPUT));
        }
    }

    @ParameterizedTest
    @MethodSource("servers")
    void everyServerChecksItsPassword(ServerPeer server) throws Exception {
        try (var running = server.listen(serverSetup().withAnyOf(AuthMethod.PASSWORD))) {
            var setup = clientSetup().withMethods(AuthMethod.PASSWORD);
            assertRan(new OpenSshClient().exec(setup, running.address(), COMMAND, INPUT), running);
        }
    }

    @ParameterizedTest
    @MethodSource("servers")
    void everyServerTellsItsAlgorithms(ServerPeer server) throws Exception {
        assertKnowsTheUsual(server.algorithms());
    }

    @ParameterizedTest
    @MethodSource("clients")
    void everyClientTellsItsAlgorithms(ClientPeer client) throws Exception {
        assertKnowsTheUsual(client.algorithms());
    }

    private static void assertKnowsTheUsual(Algorithms known) {
        assertTrue(known.kex().contains("curve25519-sha256"), known.toString());
        assertTrue(known.hostKeys().contains("ssh-ed25519"), known.toString());
        assertTrue(known.ciphers().contains("aes128-ctr"), known.toString());
        assertTrue(known.macs().contains("hmac-sha2-256"), known.toString());
    }

    private ServerSetup serverSetup() {
        return new ServerSetup(directory, host, SshKeygen.publicKeyFile(user));
    }

    private ClientSetup clientSetup() throws IOException {
        return new ClientSetup(directory, SshKeygen.publicLine(host), user);
    }

    private static void assertRan(ExecResult result, RunningServer server) {
        assertEquals(7, result.exitStatus(), () -> result.log() + "\n" + server.log());
        assertArrayEquals(OUTPUT, result.output(), () -> result.log() + "\n" + server.log());
    }
}
