package homeport.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.Algorithms;
import homeport.ssh.blocking.BlockingChannel.Exit;
import homeport.ssh.blocking.Link;
import homeport.ssh.blocking.SshClient;
import homeport.ssh.crypto.CipherAlgorithm;
import homeport.testkit.peers.AuthMethod;
import homeport.testkit.peers.ClientPeer;
import homeport.testkit.peers.ClientSetup;
import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.RunningServer;
import homeport.testkit.peers.ServerPeer;
import homeport.testkit.peers.ServerSetup;
import homeport.testkit.peers.SshKeygen;
import homeport.testkit.peers.SshjClient;
import java.net.Socket;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** 64 MiB through each peer and back, while both sides ask for new keys again and again. */
class BulkTransferTest {
    private static final int SIZE = 64 << 20;
    /** Ours, of both directions together, and the peer's: each asks at least once in 128 MiB. */
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
        var setup = new ServerSetup(directory, host, SshKeygen.publicKeyFile(user)).withRekeyBytes(PEER_REKEY_BYTES);
        byte[] hostBlob = Keys.publicKey(host).blob();
        var answers = new OurEnds.ClientAnswers(asked -> MessageDigest.isEqual(asked.key().blob(), hostBlob),
                AuthMethod.PUBLIC_KEY, Optional.of(Keys.signer(user)));
        var settings = OurEnds.client(only(cipher), OUR_REKEY_BYTES);
        try (var server = peer.listen(setup);
                var socket = new Socket(server.address().getAddress(), server.address().getPort());
                var client = SshClient.connect(Link.of(socket), settings, answers)) {
            var result = client.exec("cat", data);
            assertArrayEquals(data, result.output(), () -> whatHappened(client, server));
            assertEquals(new Exit.Status(0), result.exit(), () -> whatHappened(client, server));
            long exchanges = client.connection().keyExchanges();
            assertTrue(exchanges > 2, () -> exchanges + " key exchanges");
        }
    }

    private void fromClient(ClientPeer peer, CipherAlgorithm cipher) throws Exception {
        byte[] userBlob = Keys.publicKey(user).blob();
        var answers = new OurEnds.ServerAnswers(AuthMethod.PUBLIC_KEY,
                credential -> MessageDigest.isEqual(credential.key().blob(), userBlob));
        // Whatever thread of sshj writes during a key exchange waits for it with the write lock held, so that the exchange
        // cannot write its own: with data in both directions it locks up. It gets its 64 MiB under one set of keys.
        boolean rekeys = !(peer instanceof SshjClient);
        var settings = OurEnds.server(only(cipher), List.of(Keys.signer(host)), rekeys ? OUR_REKEY_BYTES : 0);
        var setup = new ClientSetup(directory, SshKeygen.publicLine(host), user)
                .withRekeyBytes(rekeys ? PEER_REKEY_BYTES : 0);
        try (var server = OurEnds.Server.listen(settings, answers);
                var client = peer.dial(setup, server.address(), "cat", data)) {
            var result = client.result();
            assertEquals(0, result.exitStatus(), () -> result.log() + server.log());
            assertArrayEquals(data, result.output(), () -> result.log() + server.log());
            assertTrue(server.keyExchanges() > (rekeys ? 2 : 0), () -> server.keyExchanges() + " key exchanges");
        }
    }

    private static String whatHappened(SshClient client, RunningServer server) {
        return client.connection().look(engine -> engine + " " + engine.closed()) + server.log();
    }

    private static Algorithms only(CipherAlgorithm cipher) {
        return Algorithms.MODERN.withLegacy().withCiphers(List.of(cipher));
    }
}
