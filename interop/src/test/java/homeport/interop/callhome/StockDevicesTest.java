package homeport.interop.callhome;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Admission;
import homeport.callhome.ArrivalEvent;
import homeport.callhome.BootstrapMessage;
import homeport.callhome.Claim;
import homeport.callhome.Credentials;
import homeport.callhome.Design;
import homeport.callhome.Proof;
import homeport.callhome.Refusal;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.SshPublicKey;
import homeport.testkit.peers.ClientSetup;
import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.OpenSshClient;
import homeport.testkit.peers.OpenSshServer;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.ServerPeer;
import homeport.testkit.peers.ServerSetup;
import homeport.testkit.peers.SshKeygen;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Devices with stock software and no program of ours: each joins, and runs a command for us. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StockDevicesTest {
    private static final byte[] SECRET = "s3cret of this router".getBytes(StandardCharsets.UTF_8);

    private Path directory;
    private Path hostKey;
    private Path userKey;

    @BeforeAll
    void makeKeys(@TempDir Path temporary) throws IOException, InterruptedException {
        directory = temporary;
        hostKey = new SshKeygen().generate(temporary.resolve("host"), KeyType.ED25519);
        userKey = new SshKeygen().generate(temporary.resolve("user"), KeyType.ED25519);
    }

    private ServerSetup setup() {
        return new ServerSetup(directory, hostKey, SshKeygen.publicKeyFile(userKey));
    }

    private Credentials credentials() {
        try {
            return Credentials.byKey(Peers.user(), PrivateKeys.read("user", Files.readAllBytes(userKey)));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static PlainKey publicKey(Path file) throws IOException {
        return (PlainKey) SshPublicKey.parse(Base64.getDecoder().decode(SshKeygen.publicLine(file).split(" ", 2)[1]));
    }

    private Admission byPinnedHostKey(ArrivalEvent.AdmissionAsked asked) {
        try {
            return asked.evidence().fingerprint().equals(Optional.of(publicKey(hostKey).fingerprint()))
                    ? new Admission.Admit("r1", credentials())
                    : new Admission.Refuse("another key");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static Stream<ServerPeer> servers() {
        return Peers.servers().stream();
    }

    /** {@code sshd -i} and {@code dropbear -i} under socat, AsyncSSH's connect_reverse, MINA's server on a dialled connection. */
    @ParameterizedTest
    @MethodSource("servers")
    void serverThatDialsIsFoundAsCallHome(ServerPeer peer) throws Exception {
        try (var gateway = new TestGateway(this::byPinnedHostKey); var device = peer.dial(setup(), gateway.address())) {
            var linked = gateway.await(peer.name());
            assertEquals(Design.CALL_HOME, linked.link().design());
            assertEquals(new TestGateway.Result("hello\n", 3), linked.exec("echo hello; exit 3"), device::log);
            var long1 = linked.exec("head -c 3000000 /dev/zero | tr '\\0' x; exit 4");
            assertEquals(3_000_000, long1.text().length());
            assertEquals(4, long1.exit());
        }
    }

    /** {@code ssh -N -R 0:127.0.0.1:PORT}: a tunnel, with the device's own sshd at its end. */
    @Test
    void sshWithRemoteForwardingIsFoundAsTunnel() throws Exception {
        var user = publicKey(userKey);
        try (var sshd = new OpenSshServer().listen(setup()); var gateway = new TestGateway(asked -> {
            if (asked.inner()) {
                return byPinnedHostKey(asked);
            }
            return asked.evidence().proof().equals(new Proof.HoldsKey(user))
                    && asked.evidence().claim().equals(Optional.of(new Claim.LoginName("r7")))
                            ? new Admission.Admit("r7", credentials())
                            : new Admission.Refuse("not r7");
        })) {
            var setup = new ClientSetup(directory, line(gateway), userKey).withUser("r7");
            var client = Files.createTempDirectory(directory, "tunnel");
            var command = new ArrayList<>(OpenSshClient.arguments(setup, client));
            command.addAll(List.of("-N", "-R", "0:127.0.0.1:" + sshd.address().getPort(), "-p",
                    Integer.toString(gateway.address().getPort()), "-l", "r7", "127.0.0.1"));
            var ssh = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(Redirect.to(client.resolve("log").toFile())).start();
            try {
                var linked = gateway.await("the tunnel");
                assertEquals(Design.TUNNEL, linked.link().design());
                assertEquals("r7", linked.link().deviceId());
                assertEquals(new TestGateway.Result("through\n", 5), linked.exec("echo through; exit 5"));
                assertEquals(1_000_000,
                        linked.exec("head -c 1000000 /dev/zero | tr '\\0' x").text().length());
                var line = linked.first(handler -> linked.link().openRaw(1 << 16, handler), 12);
                assertTrue(line.startsWith("SSH-2.0-Open"), line);
            } finally {
                ssh.destroy();
                ssh.waitFor();
            }
        }
    }

    private static String line(TestGateway gateway) {
        var key = gateway.hostKey.publicKey();
        return key.type() + " " + Base64.getEncoder().encodeToString(key.blob());
    }

    // ---- Junos' outbound-ssh: the message, then sshd

    private Admission bySecret(ArrivalEvent.AdmissionAsked asked) {
        if (asked.evidence().claim().orElseThrow() instanceof Claim.InMessage claim
                && asked.evidence().proof() instanceof Proof.HoldsKey holds) {
            var check = claim.message().check(SECRET, holds.key(), false);
            return check.proved()
                    ? new Admission.Admit(claim.id(), credentials())
                    : new Admission.Refuse("HMAC " + check);
        }
        return new Admission.Refuse("no message");
    }

    /** As a Junos device writes it: three lines, and with a secret two more and blank ones. */
    private byte[] junos(Path key, Optional<byte[]> secret) throws Exception {
        var text = "MSG-ID: DEVICE-CONN-INFO\r\nMSG-VER: V1\r\nDEVICE-ID: vmx-7\r\n";
        if (secret.isPresent()) {
            var line = SshKeygen.publicLine(key);
            var mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(secret.get(), "HmacSHA1"));
            text += "HOST-KEY: " + line + "\r\nHMAC:"
                    + HexFormat.of().formatHex(mac.doFinal(line.getBytes(StandardCharsets.UTF_8))) + "\r\n\r\n\r\n";
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void junosWithGoodHmacIsFoundAsBootstrap() throws Exception {
        // An RSA key beside the one that a key exchange would prefer: the message says which is going to sign.
        var rsa = new SshKeygen().generate(directory.resolve("rsa"), KeyType.RSA);
        try (var gateway = new TestGateway(this::bySecret);
                var device = new OpenSshServer().dialAfter(junos(rsa, Optional.of(SECRET)),
                        setup().withHostKeys(List.of(hostKey, rsa)), gateway.address())) {
            var linked = gateway.await("Junos");
            assertEquals(Design.BOOTSTRAP, linked.link().design());
            assertEquals("vmx-7", linked.link().deviceId());
            assertEquals(new TestGateway.Result("up\n", 0), linked.exec("echo up"), device::log);
        }
    }

    private void assertRefused(byte[] message, BootstrapMessage.Check why) throws Exception {
        try (var gateway = new TestGateway(this::bySecret);
                var device = new OpenSshServer().dialAfter(message, setup(), gateway.address())) {
            var end = gateway.awaitEnd("Junos");
            assertEquals(Refusal.REFUSED, end.cause(), device::log);
            assertEquals("refused: HMAC " + why, end.text());
        }
    }

    @Test
    void junosWithWrongHmacIsRefused() throws Exception {
        assertRefused(junos(hostKey, Optional.of("guess".getBytes(StandardCharsets.UTF_8))),
                BootstrapMessage.Check.WRONG);
    }

    @Test
    void junosWithoutHmacIsRefused() throws Exception {
        assertRefused(junos(hostKey, Optional.empty()), BootstrapMessage.Check.MISSING);
    }

    @Test
    void junosMessageReplayedBeforeAnotherKeyIsRefused() throws Exception {
        assertRefused(junos(userKey, Optional.of(SECRET)), BootstrapMessage.Check.OTHER_KEY);
    }
}
