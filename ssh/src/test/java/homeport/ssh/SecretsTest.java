package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.crypto.KexAlgorithm;
import homeport.ssh.key.HmacKeyId;
import homeport.ssh.key.HmacSigner;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.wire.AuthenticationMessage;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.security.auth.Destroyable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys are overwritten when they are done with, and nothing secret is in words. */
class SecretsTest {
    private static final String SECRET = "hunter2-hunter2-hunter2";
    private static final byte[] BYTES = SECRET.getBytes(StandardCharsets.US_ASCII);

    static List<Algorithms> suites() {
        return AlgorithmsTest.packetSuites();
    }

    private static List<SecretKey> keys(Object... roots) {
        return Graph.of(roots).all(SecretKey.class);
    }

    @ParameterizedTest
    @MethodSource("suites")
    void closingZeroesTheKeysOfEveryCipher(Algorithms suite) throws Exception {
        var pair = Pair.friendly(Pair.clientWith(suite).build(), Pair.serverWith(suite).build()).start();
        pair.session();
        var keys = keys(pair.client.connection);
        int each = suite.ciphers().getFirst().wireName().contains("gcm") ? 1 : 2;
        assertEquals(2 * each, keys.size());
        for (var key : keys) {
            assertFalse(key.isDestroyed());
        }
        pair.client.connection.disconnect("done");
        for (var key : keys) {
            assertTrue(key.isDestroyed());
        }
        assertEquals(0, keys(pair.client.connection).size());
    }

    @Test
    void everyWayToEndZeroesTheKeys() throws Exception {
        List<java.util.function.Consumer<EvilPeer>> ends = List.of(evil -> evil.victim.endOfStream(),
                evil -> evil.send(MessageNumber.DISCONNECT, out -> out.uint32(11).string("").string("")),
                evil -> evil.send(MessageNumber.CHANNEL_EOF, out -> out.uint32(99)), evil -> evil.raw(new byte[100])
                        .deliver());
        for (var end : ends) {
            var evil = EvilPeer.client().loggedIn();
            var keys = keys(evil.victim);
            end.accept(evil);
            assertTrue(evil.victim.closed().isPresent());
            for (var key : keys) {
                assertTrue(key.isDestroyed());
            }
        }
    }

    @Test
    void newKeysZeroTheOldOnes() throws Exception {
        var pair = Pair.friendly().start();
        var before = keys(pair.client.connection, pair.server.connection);
        pair.client.connection.rekey();
        pair.run();
        for (var key : before) {
            assertTrue(key.isDestroyed());
        }
        var after = keys(pair.client.connection, pair.server.connection);
        assertEquals(before.size(), after.size());
        for (var key : after) {
            assertFalse(key.isDestroyed());
        }
    }

    @Test
    void anExchangeThatIsCutShortLeavesNoSecret() throws Exception {
        // The shared secret waits for the decision on the host key.
        var pair = new Pair(SshSettings.client(), SshSettings.server(List.of(Keys.ED25519))).start();
        var shown = Graph.of(pair.client.connection).field("secret", byte[].class);
        assertEquals(1, shown.size());
        assertFalse(Arrays.equals(new byte[shown.getFirst().length], shown.getFirst()));
        pair.client.connection.endOfStream();
        assertArrayEquals(new byte[shown.getFirst().length], shown.getFirst());

        // The client's half waits for the server's.
        var alone = EvilPeer.server().scripted().sendInit(EvilPeer.proposal(EvilPeer.QUICK, List.of(), false));
        var scalar = scalar(alone.victim);
        assertFalse(Arrays.equals(new byte[32], scalar));
        alone.victim.endOfStream();
        assertArrayEquals(new byte[32], scalar);

        // The keys for what the peer will send wait for its NEWKEYS.
        var evil = EvilPeer.client(Algorithms.MODERN.withKex(List.of(KexAlgorithm.CURVE25519_SHA256))).scripted();
        evil.sendInit(EvilPeer.proposal(EvilPeer.QUICK, List.of(), false));
        evil.send(MessageNumber.KEX_INIT, out -> out.string(KexAlgorithm.CURVE25519_SHA256.method().orElseThrow()
                .initiate(new SeededRandom(1)).value()));
        var waiting = keys(evil.victim);
        assertEquals(2, waiting.size());
        evil.victim.endOfStream();
        for (var key : waiting) {
            assertTrue(key.isDestroyed());
        }
    }

    private static byte[] scalar(SshConnection connection) {
        return Graph.of(connection).field("scalar", byte[].class).getFirst();
    }

    @Test
    void aPacketThatIsHalfThereIsOverwritten() {
        var evil = EvilPeer.client().loggedIn();
        byte[] packet = evil.write(MessageNumber.IGNORE, out -> out.string(new byte[500])).take();
        evil.raw(Arrays.copyOf(packet, 300)).deliver();
        var held = Graph.of(evil.victim).field("held", byte[].class).getFirst();
        assertTrue(held.length >= 300);
        evil.victim.endOfStream();
        assertArrayEquals(new byte[held.length], held);
    }

    @Test
    void messagesThatWaitedForKeysAreOverwritten() {
        var evil = EvilPeer.client().loggedIn().dishonest();
        evil.victim.rekey();
        evil.victim.request(new homeport.ssh.wire.GlobalRequest.Unknown("x", BYTES.clone()), false);
        var deferred = Graph.of(evil.victim).field("deferred", SshWriter.class).getFirst();
        assertTrue(contains(deferred.array(), BYTES));
        evil.victim.endOfStream();
        assertFalse(contains(deferred.array(), BYTES));
    }

    private static boolean contains(byte[] array, byte[] part) {
        for (int at = 0; at + part.length <= array.length; at++) {
            if (Arrays.equals(array, at, at + part.length, part, 0, part.length)) {
                return true;
            }
        }
        return false;
    }

    // ---- Words

    @Test
    void nothingSecretIsInTheWordsOfAnything() {
        var hmacSigner = new HmacSigner(HmacKeyId.of(KeyAlgorithm.HMAC_SHA2_256, "device"), BYTES);
        var password = new Question.Credential.Password(BYTES, Optional.of(BYTES));
        var responses = new Question.Credential.Responses(List.of(SECRET));
        var request = new SshWriter().string("alice").string("ssh-connection").string("password").bool(true).string(
                BYTES).string(BYTES).toByteArray();
        var things = new ArrayList<Object>(List.of(hmacSigner, password, responses, new Question.LoginRequested("alice",
                "ssh-connection", password, List.of()),
                new Question.LoginRequested("alice", "ssh-connection", responses,
                        List.of()),
                new LoginAttempt.Password("alice", BYTES), new HostKeyDecision.CheckHmac(Optional.of(
                        BYTES)),
                AuthenticationMessage.Request.read(new SshReader(request)),
                new AuthenticationMessage.Password(BYTES, BYTES, true), new LoginAttempt.Key("alice", hmacSigner)));
        for (var algorithm : KeyAlgorithm.values()) {
            if (algorithm != KeyAlgorithm.X509V3_SSH_RSA) {
                things.add(Keys.of(algorithm));
            }
        }
        for (var kex : KexAlgorithm.values()) {
            kex.method().ifPresent(method -> {
                var initiator = method.initiate(new SeededRandom(1));
                things.add(initiator);
                things.add(method.answer(initiator.value(), new SeededRandom(2)));
            });
        }
        for (var thing : things) {
            assertSilent(thing.toString());
        }
    }

    private static void assertSilent(String words) {
        assertFalse(words.contains("hunter2"), words);
        assertFalse(words.contains(HexFormat.of().formatHex(BYTES).substring(0, 12)), words);
        assertFalse(words.contains(Base64.getEncoder().encodeToString(BYTES).substring(0, 8)), words);
        assertFalse(words.contains(Arrays.toString(BYTES).substring(1, 20)), words);
        assertFalse(words.contains("PRIVATE"), words);
    }

    @Test
    void nothingSecretIsInTheWordsOfALoginThatFails() {
        List<byte[]> requests = List.of(request(out -> out.bool(false).string(BYTES)), request(out -> out.bool(true)
                .string(BYTES).string(BYTES)), request(out -> out.bool(false).string(BYTES).string("more")), request(
                        out -> out.bool(true).string(BYTES)),
                request(out -> out.bool(false).uint32(99).bytes(BYTES)));
        for (byte[] request : requests) {
            var evil = LoginTest.evilClient(question -> new LoginDecision.Refuse(List.of("password")));
            for (int i = 0; i < 10 && evil.victim.closed().isEmpty(); i++) {
                evil.send(request);
            }
            evil.events.forEach(event -> assertSilent(event.toString()));
            assertSilent(evil.victim.toString());
            evil.messages.forEach(message -> assertFalse(contains(message, BYTES)));
            assertTrue(evil.victim.closed().isPresent());
        }
    }

    private static byte[] request(java.util.function.Consumer<SshWriter> fields) {
        var out = new SshWriter().uint8(MessageNumber.USERAUTH_REQUEST).string("alice").string("ssh-connection").string(
                "password");
        fields.accept(out);
        return out.toByteArray();
    }

    @Test
    void signersCanBeDestroyed() {
        assertTrue(Keys.ED25519 instanceof Destroyable);
        assertTrue(new HmacSigner(HmacKeyId.of(KeyAlgorithm.HMAC_SHA2_256, "d"), BYTES) instanceof Destroyable);
    }
}
