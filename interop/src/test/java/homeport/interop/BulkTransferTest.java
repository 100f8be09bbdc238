package homeport.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.Algorithms;
import homeport.ssh.SshSettings;
import homeport.ssh.blocking.BlockingChannel.Exit;
import homeport.ssh.blocking.BlockingConnection;
import homeport.ssh.blocking.Link;
import homeport.ssh.blocking.SshClient;
import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import homeport.testkit.peers.AuthMethod;
import homeport.testkit.peers.ClientPeer;
import homeport.testkit.peers.ClientSetup;
import homeport.testkit.peers.Dropbear;
import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.RunningServer;
import homeport.testkit.peers.ServerPeer;
import homeport.testkit.peers.ServerSetup;
import homeport.testkit.peers.SshKeygen;
import homeport.testkit.peers.SshjClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** 64 MiB through each peer and back, while both sides ask for new keys again and again. */
class BulkTransferTest {
    private static final int SIZE = 64 << 20;
    /** Ours, of both directions together, and the peer's. */
    private static final long OUR_REKEY_BYTES = 24 << 20;
    private static final long PEER_REKEY_BYTES = 20 << 20;

    @TempDir
    private Path directory;
    private Path host;
    private Path user;
    private byte[] data;

    @BeforeEach
    void prepare() throws Exception {
        var keygen = new SshKeygen();
        host = keygen.generate(directory.resolve("host"), KeyType.ED25519);
        user = keygen.generate(directory.resolve("user"), KeyType.ED25519);
        data = new byte[SIZE];
        new Random(64).nextBytes(data);
    }

    static Stream<Arguments> oneCipherOfEveryServer() throws Exception {
        return Peers.servers().stream()
                .map(peer -> Arguments.argumentSet(peer.name(), peer, CipherAlgorithm.AES128_CTR));
    }

    static Stream<Arguments> oneCipherOfEveryClient() throws Exception {
        return Peers.clients().stream()
                .map(peer -> Arguments.argumentSet(peer.name(), peer, CipherAlgorithm.AES128_CTR));
    }

    static Stream<Arguments> everyCipherOfEveryServer() throws Exception {
        var all = new ArrayList<Arguments>();
        for (var peer : Peers.servers()) {
            known(peer.algorithms().ciphers()).forEach(
                    cipher -> all.add(Arguments.argumentSet(peer.name() + " " + cipher.wireName(), peer, cipher)));
        }
        return all.stream();
    }

    static Stream<Arguments> everyCipherOfEveryClient() throws Exception {
        var all = new ArrayList<Arguments>();
        for (var peer : Peers.clients()) {
            known(peer.algorithms().ciphers()).forEach(
                    cipher -> all.add(Arguments.argumentSet(peer.name() + " " + cipher.wireName(), peer, cipher)));
        }
        return all.stream();
    }

    private static List<CipherAlgorithm> known(List<String> names) {
        return Algorithms.MODERN.withLegacy().ciphers().stream().filter(a -> names.contains(a.wireName())).toList();
    }

    @ParameterizedTest
    @MethodSource("oneCipherOfEveryServer")
    void bulkThroughEveryServer(ServerPeer peer, CipherAlgorithm cipher) throws Exception {
        throughServer(peer, cipher);
    }

    @Tag("full")
    @ParameterizedTest
    @MethodSource("everyCipherOfEveryServer")
    void bulkThroughEveryServerByEveryCipher(ServerPeer peer, CipherAlgorithm cipher) throws Exception {
        throughServer(peer, cipher);
    }

    @ParameterizedTest
    @MethodSource("oneCipherOfEveryClient")
    void bulkFromEveryClient(ClientPeer peer, CipherAlgorithm cipher) throws Exception {
        fromClient(peer, cipher);
    }

    @Tag("full")
    @ParameterizedTest
    @MethodSource("everyCipherOfEveryClient")
    void bulkFromEveryClientByEveryCipher(ClientPeer peer, CipherAlgorithm cipher) throws Exception {
        fromClient(peer, cipher);
    }

    private void throughServer(ServerPeer peer, CipherAlgorithm cipher) throws Exception {
        var setup = new ServerSetup(directory, host, SshKeygen.publicKeyFile(user))
                .withOffer(offer(cipher)).withRekeyBytes(PEER_REKEY_BYTES);
        try (var server = peer.listen(setup);
                var socket = new Socket(server.address().getAddress(), server.address().getPort());
                var client = SshClient.connect(Link.of(socket), OurEnds.client(only(cipher), 0), answers())) {
            boolean rekeys = rekeys(peer.name());
            rekeyOnceBehind(client.connection(), rekeys ? 2 : 1);
            var result = client.exec("cat", data);
            assertArrayEquals(data, result.output(), () -> whatHappened(client, server));
            assertEquals(new Exit.Status(0), result.exit(), () -> whatHappened(client, server));
            assertRekeys(client.connection(), 1, rekeys);
        }
    }

    /** Dropbear asks for new keys after 1 GiB and cannot be told otherwise: so it gets as much. */
    @Tag("full")
    @Test
    void dropbearAsksForNewKeysAfterAGibibyte() throws Exception {
        long size = 1_100_000_000L;
        try (var server = new Dropbear().listen(new ServerSetup(directory, host, SshKeygen.publicKeyFile(user)));
                var socket = new Socket(server.address().getAddress(), server.address().getPort());
                var client = SshClient.connect(Link.of(socket), OurEnds.client(only(CipherAlgorithm.CHACHA20_POLY1305),
                        4 * size), answers());
                var channel = client.connection().open(new ChannelType.Session())) {
            assertTrue(channel.request(new ChannelRequest.Exec("head -c " + size + " /dev/zero")));
            var part = new byte[256 << 10];
            var zeros = new byte[part.length];
            long received = 0;
            for (int count = channel.input().read(part); count >= 0; count = channel.input().read(part)) {
                assertTrue(java.util.Arrays.equals(part, 0, count, zeros, 0, count));
                received += count;
            }
            assertEquals(size, received);
            assertRekeys(client.connection(), 0, true);
        }
    }

    private OurEnds.ClientAnswers answers() throws IOException {
        byte[] hostBlob = Keys.publicKey(host).blob();
        return new OurEnds.ClientAnswers(asked -> MessageDigest.isEqual(asked.key().blob(), hostBlob),
                AuthMethod.PUBLIC_KEY, Optional.of(Keys.signer(user)));
    }

    private void fromClient(ClientPeer peer, CipherAlgorithm cipher) throws Exception {
        boolean rekeys = rekeys(peer.name());
        // Whatever thread of sshj writes during a key exchange waits for it with the write lock held, so that the exchange
        // cannot write its own. So we ask for new keys while it reads only, and it does between two writes of its own.
        boolean together = !(peer instanceof SshjClient);
        try (var server = OurEnds.Server.listen(serverSettings(cipher, 0), serverAnswers());
                var client = peer.dial(clientSetup(cipher).withRekeyBytes(rekeys ? PEER_REKEY_BYTES : 0),
                        server.address(), "cat", data)) {
            if (together) {
                rekeyOnceBehind(server.connection(), rekeys ? 2 : 1);
            }
            var result = client.result();
            assertEquals(0, result.exitStatus(), () -> result.log() + server.log());
            assertArrayEquals(data, result.output(), () -> result.log() + server.log());
            assertRekeys(server.connection(), together ? 1 : 0, rekeys);
        }
        if (!together) {
            var file = Files.write(directory.resolve("data"), data);
            try (var server = OurEnds.Server.listen(serverSettings(cipher, OUR_REKEY_BYTES), serverAnswers());
                    var client = peer.dial(clientSetup(cipher), server.address(), "cat " + file, new byte[0])) {
                var result = client.result();
                assertArrayEquals(data, result.output(), () -> result.log() + server.log());
                assertRekeys(server.connection(), 1, false);
            }
        }
    }

    private SshSettings serverSettings(CipherAlgorithm cipher, long rekeyBytes) throws IOException {
        return OurEnds.server(only(cipher), List.of(Keys.signer(host)), rekeyBytes);
    }

    private OurEnds.ServerAnswers serverAnswers() throws IOException {
        byte[] userBlob = Keys.publicKey(user).blob();
        return new OurEnds.ServerAnswers(AuthMethod.PUBLIC_KEY,
                credential -> MessageDigest.isEqual(credential.key().blob(), userBlob));
    }

    private ClientSetup clientSetup(CipherAlgorithm cipher) throws IOException {
        return new ClientSetup(directory, SshKeygen.publicLine(host), user).withOffer(offer(cipher));
    }

    /** By default some peers do not offer what is old: with this they do. */
    private static homeport.testkit.peers.Algorithms offer(CipherAlgorithm cipher) {
        return homeport.testkit.peers.Algorithms.DEFAULT.withCiphers(cipher.wireName());
    }

    /** Whether a peer can be told to ask for new keys after less than a gibibyte. */
    private static boolean rekeys(String peer) {
        return !peer.equals("dropbear");
    }

    /** Asks for new keys when so many exchanges are complete: behind the first, or the peer's first of its own. */
    private static void rekeyOnceBehind(BlockingConnection connection, int exchanges) {
        Thread.ofVirtual().start(() -> {
            try {
                connection.awaitKeyExchanges(exchanges);
                connection.rekey();
            } catch (IOException e) {
                throw new UncheckedIOException("the connection ended before it was time for new keys", e);
            }
        });
    }

    /** Both ends asked, the first exchange not counted, which both begin. */
    private static void assertRekeys(BlockingConnection connection, int ours, boolean peers) {
        long all = connection.keyExchanges() - 1;
        long begunHere = connection.rekeysBegunHere();
        assertTrue(begunHere >= ours, () -> begunHere + " key exchanges begun here");
        assertTrue(!peers || all - begunHere >= 1, () -> all - begunHere + " key exchanges begun by the peer");
    }

    private static String whatHappened(SshClient client, RunningServer server) {
        return client.connection().look(engine -> engine + " " + engine.closed()) + server.log();
    }

    private static Algorithms only(CipherAlgorithm cipher) {
        return Algorithms.MODERN.withLegacy().withCiphers(List.of(cipher));
    }
}
