package homeport.interop.callhome;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Credentials;
import homeport.callhome.DepartureSettings;
import homeport.callhome.FirstBytes;
import homeport.callhome.PeerRole;
import homeport.net.Loops;
import homeport.ssh.RoleDecision;
import homeport.ssh.SshSettings;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.wire.KexInit;
import homeport.ssh.wire.SshReader;
import homeport.testkit.peers.ClientPeer;
import homeport.testkit.peers.ClientSetup;
import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.ServerPeer;
import homeport.testkit.peers.ServerSetup;
import homeport.testkit.peers.SshKeygen;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The first flights of foreign peers, recorded: what each sends when it has our version line and nothing else. Their role
 * is told from these bytes alone.
 *
 * <p>{@code -Dhomeport.flights=refresh} records them anew from the peers at hand.
 */
class FirstFlightsTest {
    private static final String REFRESH = "homeport.flights";
    private static final String GREETING = "SSH-2.0-Homeport_0.1\r\n";

    /**
     * By file name: what the gateway must be towards the peer. Paramiko's server has no mark of its role, and its client
     * here has none either: these two are watched.
     */
    private static final Map<String, RoleDecision> EXPECTED = Map.ofEntries(
            Map.entry("server-openssh", RoleDecision.CLIENT), Map.entry("server-dropbear", RoleDecision.CLIENT),
            Map.entry("server-asyncssh", RoleDecision.CLIENT), Map.entry("server-mina", RoleDecision.CLIENT),
            Map.entry("server-homeport", RoleDecision.CLIENT), Map.entry("server-paramiko", RoleDecision.WATCH),
            Map.entry("client-openssh", RoleDecision.SERVER), Map.entry("client-dropbear", RoleDecision.SERVER),
            Map.entry("client-asyncssh", RoleDecision.SERVER), Map.entry("client-mina", RoleDecision.SERVER),
            Map.entry("client-sshj", RoleDecision.SERVER), Map.entry("client-homeport", RoleDecision.SERVER),
            Map.entry("client-paramiko", RoleDecision.WATCH));

    private static byte[] flight(String name) throws IOException {
        try (var in = FirstFlightsTest.class.getResourceAsStream("flights/" + name)) {
            if (in == null) {
                throw new IOException("no recording of " + name);
            }
            return in.readAllBytes();
        }
    }

    @TestFactory
    Stream<DynamicTest> roleIsToldFromTheFirstFlight() {
        return EXPECTED.keySet().stream().sorted().map(name -> DynamicTest.dynamicTest(name, () -> {
            byte[] bytes = flight(name);
            assertInstanceOf(FirstBytes.Ssh.class, FirstBytes.of(bytes, 0, bytes.length));
            var lineEnd = new String(bytes, StandardCharsets.ISO_8859_1).indexOf('\n');
            var line = new String(bytes, 0, lineEnd, StandardCharsets.US_ASCII).strip();
            assertEquals(EXPECTED.get(name), PeerRole.ours(line, kexInit(bytes, lineEnd + 1)), line);
        }));
    }

    /** Without its marks every one of them is ambiguous, and watched: none is taken for what it is not. */
    @TestFactory
    Stream<DynamicTest> withoutMarksItIsWatched() {
        return EXPECTED.keySet().stream().sorted().map(name -> DynamicTest.dynamicTest(name, () -> {
            byte[] bytes = flight(name);
            var lineEnd = new String(bytes, StandardCharsets.ISO_8859_1).indexOf('\n');
            var init = kexInit(bytes, lineEnd + 1);
            var unmarked = new KexInit(init.cookie(),
                    init.kex().stream().filter(kex -> !KexInit.MARKS.contains(kex)).toList(), init.hostKeys(),
                    init.ciphersClientToServer(), init.ciphersServerToClient(), init.macsClientToServer(),
                    init.macsServerToClient(), init.compressionClientToServer(), init.compressionServerToClient(),
                    List.of(), List.of(), init.firstKexPacketFollows());
            assertEquals(RoleDecision.WATCH, PeerRole.ours("SSH-2.0-x", unmarked));
        }));
    }

    /** The first packet after the version line (RFC 4253 §6): length, padding length, payload. */
    private static KexInit kexInit(byte[] bytes, int at) {
        int length = new SshReader(bytes, at, 4).int32();
        int padding = bytes[at + 4] & 0xff;
        return KexInit.read(new SshReader(Arrays.copyOfRange(bytes, at + 5, at + 4 + length - padding)));
    }

    // ---- Recording

    @Test
    @EnabledIfSystemProperty(named = REFRESH, matches = "refresh")
    void recordAnew(@TempDir Path directory) throws Exception {
        var target = Path.of("src/test/resources/homeport/interop/callhome/flights");
        Files.createDirectories(target);
        var keygen = new SshKeygen();
        var host = keygen.generate(directory.resolve("host"), KeyType.ED25519);
        var user = keygen.generate(directory.resolve("user"), KeyType.ED25519);
        for (ServerPeer peer : Peers.servers()) {
            try (var socket = listen();
                    var running = peer.dial(new ServerSetup(directory, host, SshKeygen.publicKeyFile(user)),
                            (InetSocketAddress) socket.getLocalSocketAddress())) {
                Files.write(target.resolve("server-" + peer.name()), record(socket),
                        StandardOpenOption.CREATE);
                assertTrue(running.address() != null);
            }
        }
        for (ClientPeer peer : Peers.clients()) {
            var setup = new ClientSetup(directory, SshKeygen.publicLine(host), user);
            try (var socket = listen();
                    var running = peer.dial(setup, (InetSocketAddress) socket.getLocalSocketAddress(), "true",
                            new byte[0])) {
                Files.write(target.resolve("client-" + peer.name()), record(socket),
                        StandardOpenOption.CREATE);
                assertTrue(running.address() != null);
            }
        }
    }

    /** Ours, and the peers that are scripts. */
    @Test
    @EnabledIfSystemProperty(named = REFRESH, matches = "refresh")
    void recordOursAndScriptsAnew(@TempDir Path directory) throws Exception {
        var target = Path.of("src/test/resources/homeport/interop/callhome/flights");
        var file = new SshKeygen().generate(directory.resolve("key"), KeyType.ED25519);
        var key = PrivateKeys.read("key", Files.readAllBytes(file));
        for (var script : Map.of("server-paramiko", AmbiguousPeersTest.SERVER, "client-paramiko",
                AmbiguousPeersTest.CLIENT).entrySet()) {
            try (var socket = listen()) {
                var peer = new ProcessBuilder(AmbiguousPeersTest.PYTHON, "-W", "ignore", "-c", script.getValue(),
                        Integer.toString(socket.getLocalPort()), file.toString()).start();
                Files.write(target.resolve(script.getKey()), record(socket), StandardOpenOption.CREATE);
                peer.destroy();
                peer.waitFor();
            }
        }
        try (var loops = Loops.open(1)) {
            for (var ours : Map.of("server-homeport", DepartureSettings.callHome(SshSettings.server(List.of(key))),
                    "client-homeport",
                    DepartureSettings.serverChannels(SshSettings.client(), Credentials.byKey("r1", key)))
                    .entrySet()) {
                try (var socket = listen()) {
                    new TestDevice(key.publicKey()).dial(loops, (InetSocketAddress) socket.getLocalSocketAddress(),
                            ours.getValue());
                    Files.write(target.resolve(ours.getKey()), record(socket), StandardOpenOption.CREATE);
                }
            }
        }
    }

    private static ServerSocket listen() throws IOException {
        var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        socket.setSoTimeout(TestGateway.PATIENCE_SECONDS * 1000);
        return socket;
    }

    private static byte[] record(ServerSocket listening) throws IOException {
        var all = new ByteArrayOutputStream();
        try (Socket peer = listening.accept()) {
            peer.getOutputStream().write(GREETING.getBytes(StandardCharsets.US_ASCII));
            peer.setSoTimeout(2000);
            var buffer = new byte[8192];
            for (int count = peer.getInputStream().read(buffer); count > 0; count = peer.getInputStream()
                    .read(buffer)) {
                all.write(buffer, 0, count);
            }
        } catch (SocketTimeoutException e) {
            assertTrue(all.size() > 0, "it sent nothing");
        }
        return all.toByteArray();
    }
}
