package homeport.interop.callhome;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.DepartureSettings;
import homeport.net.Loops;
import homeport.ssh.SshSettings;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.testkit.peers.ClientPeer;
import homeport.testkit.peers.ClientSetup;
import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.SshKeygen;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Our device side calls home to stock software: AsyncSSH's listen_reverse, ssh, dbclient, MINA, sshj and ncclient. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StockGatewaysTest {
    private static final String PYTHON = "/usr/bin/python3";
    private static final String NCCLIENT = """
            import sys
            from ncclient import manager
            with manager.call_home(host='127.0.0.1', port=int(sys.argv[1]), username='admin', key_filename=sys.argv[2],
                                   hostkey_verify=False, allow_agent=False, look_for_keys=False, timeout=20) as m:
                print(m.session_id, m.get())
            """;

    private final PlainSigner hostKey = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, new SecureRandom());
    private final Loops loops = Loops.open(1);
    private Path directory;
    private Path userKey;

    @BeforeAll
    void makeKeys(@TempDir Path temporary) throws IOException, InterruptedException {
        directory = temporary;
        userKey = new SshKeygen().generate(temporary.resolve("user"), KeyType.ED25519);
    }

    @AfterAll
    void stop() {
        loops.close();
    }

    private TestDevice device() throws IOException {
        return new TestDevice(PrivateKeys.read("user", Files.readAllBytes(userKey)).publicKey());
    }

    private DepartureSettings callHome() {
        return DepartureSettings.callHome(SshSettings.server(List.of(hostKey)));
    }

    static Stream<ClientPeer> clients() {
        return Peers.clients().stream();
    }

    @ParameterizedTest
    @MethodSource("clients")
    void clientThatWaitsGetsItsCommandRun(ClientPeer peer) throws Exception {
        var line = hostKey.publicKey().type() + " " + Base64.getEncoder().encodeToString(hostKey.publicKey().blob());
        var setup = new ClientSetup(directory, line, userKey);
        try (var waiting = peer.accept(setup, "uptime", new byte[0])) {
            var device = device();
            device.dial(loops, waiting.address(), callHome());
            var result = waiting.result();
            assertEquals("ran uptime", result.text(), result::log);
            assertEquals(7, result.exitStatus(), result::log);
            assertNotNull(device.ended.get(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
    }

    @Test
    void ncclientCallHomeReadsFromTheDevice() throws Exception {
        Peers.requireThat(installed(), "python3-ncclient is not installed");
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var log = directory.resolve("ncclient.log").toFile();
        var process = new ProcessBuilder(PYTHON, "-W", "ignore", "-c", NCCLIENT, Integer.toString(port),
                userKey.toString()).redirectErrorStream(true).redirectOutput(log).start();
        try {
            device().dial(loops, new InetSocketAddress(InetAddress.getLoopbackAddress(), port), callHome());
            assertTrue(process.waitFor(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS));
            var said = Files.readString(log.toPath(), StandardCharsets.UTF_8);
            assertEquals(0, process.exitValue(), said);
            assertTrue(said.contains("from the device"), said);
        } finally {
            process.destroy();
        }
    }

    private static boolean installed() throws IOException, InterruptedException {
        return Files.isExecutable(Path.of(PYTHON))
                && new ProcessBuilder(PYTHON, "-W", "ignore", "-c", "import ncclient").start().waitFor() == 0;
    }
}
