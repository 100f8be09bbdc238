package homeport.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Design;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.PublicKeyFile;
import homeport.testkit.peers.Peers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A gateway at the right address with a wrong key: every byte that the agent sent it is looked at. It learns the agent's
 * version line and, where the agent is the SSH server, its host key, and in bootstrap the message, which that design sends
 * before anybody has proved anything. It never learns the device's id in the other designs, nor a login name, a key by
 * which the device logs in, or the claim token; and it never gets in.
 */
@Timeout(120)
class FakeGatewayTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String TOKEN = "one-time-token-that-nobody-may-see";
    private static final String ID = "device-of-the-test";
    private static final int KEXINIT = 20;
    private static final int NEWKEYS = 21;
    private static final int DISCONNECT = 1;
    private static final Set<Integer> EXCHANGE_OF_A_CLIENT = Set.of(30);
    private static final Set<Integer> EXCHANGE_OF_A_SERVER = Set.of(31);

    @TempDir
    private Path directory;
    private final BlockingQueue<AgentEvent> events = new LinkedBlockingQueue<>();
    private final PlainSigner right = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);

    /** Believes in {@link #right} alone, on both sides. */
    private AgentConfig config(Design design, int port) throws IOException {
        boolean logsIn = design == Design.SERVER_CHANNELS || design == Design.TUNNEL;
        var operators = Files.writeString(directory.resolve("operators"),
                new PublicKeyFile(right.publicKey(), "the real gateway").write());
        var known = Files.writeString(directory.resolve("known_hosts"),
                homeport.ssh.key.KnownHosts.line(TestAgents.LOOPBACK, port, right.publicKey()));
        var secret = directory.resolve("secret");
        Files.createFile(secret, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(secret, "a secret of more than 16 bytes");
        return new AgentConfig(ID, design, List.of(TestAgents.called("dc", port)), directory.resolve("identity"),
                design == Design.BOOTSTRAP ? Optional.of(secret) : Optional.empty(), Optional.empty(),
                logsIn ? Optional.of(new AgentConfig.ClaimToken(TOKEN)) : Optional.empty(),
                new AgentConfig.Trust(Optional.of(known), false), Optional.of(operators),
                new AgentConfig.Service.Embedded(), Optional.empty(), AgentConfig.KEEP_ALIVE);
    }

    private AgentEvent.Failed failure() throws InterruptedException {
        for (int i = 0; i < 50; i++) {
            if (events.poll(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS) instanceof AgentEvent.Failed failed) {
                return failed;
            }
        }
        throw new AssertionError("no try failed");
    }

    // ---- What went over the wire

    /** The message if there is one, the version line, the packets in clear, and how many bytes were encrypted. */
    private record Flight(String before, String version, List<byte[]> clear, int encrypted) {
        static Flight of(byte[] sent) {
            var text = new String(sent, StandardCharsets.ISO_8859_1);
            int version = text.indexOf("SSH-2.0-");
            int packets = text.indexOf("\r\n", version) + 2;
            assertTrue(version >= 0 && packets > 1, text);
            var rest = ByteBuffer.wrap(sent, packets, sent.length - packets);
            var clear = new ArrayList<byte[]>();
            boolean keys = false;
            while (!keys && rest.hasRemaining()) {
                int length = rest.getInt();
                int padding = rest.get();
                byte[] payload = new byte[length - padding - 1];
                rest.get(payload).position(rest.position() + padding);
                clear.add(payload);
                keys = payload[0] == NEWKEYS;
            }
            return new Flight(text.substring(0, version), text.substring(version, packets - 2), clear,
                    rest.remaining());
        }

        Set<Integer> numbers() {
            var all = new TreeSet<Integer>();
            clear.forEach(payload -> all.add((int) payload[0]));
            return all;
        }
    }

    private static boolean holds(byte[] sent, byte[] part) {
        return new String(sent, StandardCharsets.ISO_8859_1)
                .contains(new String(part, StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @EnumSource(names = {"SERVER_CHANNELS", "TUNNEL"})
    void clientOfAFakeGatewaySendsItNothingThatIsItsOwn(Design design) throws Exception {
        try (var fake = new TestGateway(); var tap = new Tap(fake.portNumber())) {
            var config = config(design, tap.port());
            try (var agent = Agent.start(config, events::add, InstantSource.system(), RANDOM)) {
                var failed = failure();
                assertTrue(failed.reason().contains("HAS CHANGED"), failed.reason());
                byte[] sent = tap.sent();
                var flight = Flight.of(sent);
                assertEquals("", flight.before());
                assertTrue(flight.version().startsWith("SSH-2.0-Homeport"), flight.version());
                var allowed = new HashSet<>(EXCHANGE_OF_A_CLIENT);
                allowed.addAll(Set.of(KEXINIT, DISCONNECT));
                assertTrue(allowed.containsAll(flight.numbers()), flight.numbers()::toString);
                assertEquals(0, flight.encrypted(), "no keys were taken into use: all of it could be read");
                assertFalse(holds(sent, agent.publicKey().blob()), "its key");
                assertFalse(holds(sent, ID.getBytes(StandardCharsets.US_ASCII)), "its name");
                assertFalse(holds(sent, TOKEN.getBytes(StandardCharsets.US_ASCII)), "its token");
                assertFalse(holds(sent, right.publicKey().fingerprint().toString().getBytes(StandardCharsets.US_ASCII)),
                        "whom it expected");
                assertTrue(fake.asked.isEmpty() && fake.linked.isEmpty());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BOOTSTRAP", "CALL_HOME"})
    void serverOfAFakeGatewayShowsItsHostKeyAndLetsNobodyIn(Design design) throws Exception {
        try (var fake = new TestGateway(); var tap = new Tap(fake.portNumber())) {
            var config = config(design, tap.port());
            try (var agent = Agent.start(config, events::add, InstantSource.system(), RANDOM)) {
                failure();
                var flight = Flight.of(tap.sent());
                if (design == Design.BOOTSTRAP) {
                    var blob = java.util.Base64.getEncoder().encodeToString(agent.publicKey().blob());
                    assertTrue(flight.before().matches("MSG-ID: DEVICE-CONN-INFO\r\nMSG-VER: V1\r\nDEVICE-ID: " + ID
                            + "\r\nHOST-KEY: " + agent.publicKey().type() + " " + Pattern.quote(blob)
                            + "\r\nHMAC: [0-9a-f]{40}\r\n(HMAC-SHA2-256: [0-9a-f]{64}\r\n)?(\r\n)*"), flight.before());
                } else {
                    assertEquals("", flight.before());
                }
                var allowed = new HashSet<>(EXCHANGE_OF_A_SERVER);
                allowed.addAll(Set.of(KEXINIT, NEWKEYS));
                assertEquals(allowed, flight.numbers());
                assertTrue(holds(flight.clear().get(1), agent.publicKey().blob()), "the host key");
                assertTrue(fake.linked.isEmpty(), "it got in");
            }
        }
    }

    /** What is encrypted, the fake gateway can read: so it is one that tells every message it got, OpenSSH's client. */
    @ParameterizedTest
    @EnumSource(names = {"BOOTSTRAP", "CALL_HOME"})
    void everyMessageThatAFakeGatewayCanReadIsARefusal(Design design) throws Exception {
        var ssh = Peers.require("ssh");
        var socat = Peers.require("socat");
        int port;
        try (var free = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var stranger = directory.resolve("stranger");
        Files.createFile(stranger, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(stranger, PrivateKeys.write(PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM), "", RANDOM));
        var log = directory.resolve("ssh.log");
        var client = new ProcessBuilder(ssh.toString(), "-vvv", "-F", "none", "-i", stranger.toString(), "-o",
                "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o",
                "BatchMode=no", "-o", "NumberOfPasswordPrompts=0", "-o",
                "ProxyCommand=" + socat + " - TCP-LISTEN:" + port
                        + ",bind=127.0.0.1",
                "gateway@device", "id").redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try (var agent = Agent.start(config(design, port), events::add, InstantSource.system(), RANDOM)) {
            assertTrue(client.waitFor(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertEquals(255, client.exitValue());
            var said = Files.readString(log, StandardCharsets.ISO_8859_1);
            var received = new TreeSet<Integer>();
            var matcher = Pattern.compile("receive packet: type (\\d+)").matcher(said);
            while (matcher.find()) {
                received.add(Integer.parseInt(matcher.group(1)));
            }
            // KEXINIT, the exchange's reply, NEWKEYS; then EXT_INFO, SERVICE_ACCEPT, USERAUTH_FAILURE
            assertTrue(Set.of(20, 21, 31, 7, 6, 51).containsAll(received) && received.contains(51),
                    received + "\n" + said);
            assertTrue(said.contains("Authentications that can continue: publickey\r\n"), said);
            assertFalse(said.contains("ssh_packet_read_poll2: disconnect") || said.contains("uid="), said);
            assertFalse(agent.publicKey().blob().length == 0);
        } finally {
            client.destroyForcibly();
        }
    }

    /** Nothing of it is left in a log or a text either. */
    @Test
    void tokenIsShownNowhere() throws Exception {
        assertFalse(config(Design.TUNNEL, 4334).toString().contains(TOKEN));
    }
}
