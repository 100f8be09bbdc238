package homeport.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import homeport.ssh.Question;
import homeport.ssh.blocking.BlockingChannel.Exit;
import homeport.ssh.blocking.Link;
import homeport.ssh.blocking.SshClient;
import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.CertificateVerdict;
import homeport.ssh.key.OpenSshCertificate;
import homeport.testkit.peers.AuthMethod;
import homeport.testkit.peers.OpenSshServer;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.RunningServer;
import homeport.testkit.peers.ServerPeer;
import homeport.testkit.peers.ServerSetup;
import homeport.testkit.peers.SshKeygen;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Our client against every foreign server, by every algorithm that it knows, whoever opened the TCP connection. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OurClientMatrixTest {
    static final String COMMAND = "cat; echo heard; echo complaint >&2; exit 7";
    static final byte[] INPUT = "first\nsecond\n".repeat(3000).getBytes(StandardCharsets.UTF_8);
    static final byte[] OUTPUT = ("first\nsecond\n".repeat(3000) + "heard\n").getBytes(StandardCharsets.UTF_8);

    private Path directory;
    private final Matrix matrix = new Matrix("our client, server:");
    private final List<RunningServer> running = new ArrayList<>();
    private Keys keys;

    @BeforeAll
    void makeKeys(@TempDir Path temporary) throws IOException, InterruptedException {
        directory = temporary;
        keys = new Keys(directory);
    }

    @AfterAll
    void showMatrix() throws IOException {
        running.forEach(RunningServer::close);
        matrix.show("interop-matrix-our-client");
    }

    @TestFactory
    Stream<DynamicNode> everyAlgorithmOfEveryServer() {
        return Peers.servers().stream().filter(peer -> chosen(peer.name())).map(peer -> nodes(peer, false));
    }

    @TestFactory
    Stream<DynamicTest> nothingIsMissingUnexpectedly() {
        return Peers.servers().stream().filter(peer -> chosen(peer.name())).map(peer -> DynamicTest.dynamicTest(
                peer.name(),
                () -> assertEquals(Set.of(), Cell.missing(peer.algorithms(), NotSupported.unnamedBy(peer)))));
    }

    @Tag("full")
    @TestFactory
    Stream<DynamicNode> everyCombinationOfEveryServer() {
        return Peers.servers().stream().filter(peer -> chosen(peer.name())).map(peer -> nodes(peer, true));
    }

    private DynamicNode nodes(ServerPeer peer, boolean product) {
        return DynamicContainer.dynamicContainer(peer.name(), Stream.of(false, true).flatMap(dials -> {
            try {
                return tests(peer, dials, product);
            } catch (IOException e) {
                throw new IllegalStateException(peer.name() + " does not start", e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }));
    }

    private Stream<DynamicTest> tests(ServerPeer peer, boolean dials, boolean product)
            throws IOException, InterruptedException {
        var known = peer.algorithms();
        var cells = Cell.of(known, peer.methods(), product, cell -> NotSupported.asServer(peer, cell).isEmpty());
        if (dials && !product) {
            // The other way only who opened the connection differs: every third cell still meets each kind of thing.
            cells = everyThird(cells);
        }
        var name = peer.name() + (dials ? " dials" : "");
        cells.forEach(cell -> matrix.planned(name, cell));
        if (dials) {
            return cells.stream()
                    .map(cell -> DynamicTest.dynamicTest(name + ": " + cell, () -> accept(peer, name, cell)));
        }
        if (peer instanceof OpenSshServer) {
            // It takes any number of keys of a kind: one server serves all cells.
            var server = peer.listen(setup(known));
            running.add(server);
            return cells.stream().map(cell -> DynamicTest.dynamicTest(name + ": " + cell, () -> {
                dial(server, name, cell);
            }));
        }
        return cells.stream().map(cell -> DynamicTest.dynamicTest(name + ": " + cell, () -> {
            try (var server = peer.listen(setup(cell.offer()))) {
                dial(server, name, cell);
            }
        }));
    }

    /** All of them, or the one that {@code -Dhomeport.peer=NAME} asks for. */
    static boolean chosen(String name) {
        return System.getProperty("homeport.peer", name).equals(name);
    }

    static List<Cell> everyThird(List<Cell> cells) {
        var some = new ArrayList<Cell>();
        for (int i = 0; i < cells.size(); i += 3) {
            some.add(cells.get(i));
        }
        return some;
    }

    private void dial(RunningServer server, String name, Cell cell) throws IOException {
        try (var socket = new Socket(server.address().getAddress(), server.address().getPort())) {
            exec(Link.of(socket), cell, server);
        }
        matrix.worked(name, cell);
    }

    private void accept(ServerPeer peer, String name, Cell cell) throws IOException, InterruptedException {
        try (var listener = OurEnds.loopbackListener();
                var server = peer.dial(setup(cell.offer()), new java.net.InetSocketAddress(
                        listener.getInetAddress(), listener.getLocalPort()));
                var socket = listener.accept()) {
            exec(Link.of(socket), cell, server);
        }
        matrix.worked(name, cell);
    }

    private void exec(Link link, Cell cell, RunningServer server) throws IOException {
        var identity = cell.user().isEmpty()
                ? Optional.<homeport.ssh.key.Signer>empty()
                : Optional.of(Keys.signer(keys.user(cell.user())));
        var answers = new OurEnds.ClientAnswers(question -> trusted(question, cell), cell.method(), identity);
        try (var client = SshClient.connect(link, OurEnds.client(cell.algorithms(), 0), answers)) {
            var negotiated = client.connection().look(engine -> engine.negotiated().orElseThrow());
            assertEquals(cell.kex(), negotiated.kex());
            assertEquals(cell.hostKey(), negotiated.hostKey());
            assertEquals(cell.cipher(), negotiated.cipherServerToClient());
            assertEquals(cell.mac(), negotiated.macClientToServer());
            var result = client.exec(COMMAND, INPUT);
            assertArrayEquals(OUTPUT, result.output());
            assertEquals("complaint\n", new String(result.errors(), StandardCharsets.UTF_8));
            assertEquals(new Exit.Status(7), result.exit());
        } catch (IOException e) {
            throw new IOException(cell + ": " + e.getMessage() + "; the server said: " + server.log(), e);
        }
    }

    private boolean trusted(Question.HostKeyAsked question, Cell cell) {
        try {
            if (question.key() instanceof OpenSshCertificate certificate) {
                return certificate.check(CertificateTerms.Kind.HOST, Set.of(keys.authorityKey()), Instant.now(),
                        Set.of("127.0.0.1"), Optional.empty()) instanceof CertificateVerdict.Good;
            }
            return MessageDigest.isEqual(question.key().blob(),
                    Keys.publicKey(keys.host(cell.hostKey().wireName())).blob());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private ServerSetup setup(homeport.testkit.peers.Algorithms offer) {
        var hostKeys = offer.hostKeys().stream().filter(OurClientMatrixTest::ours).map(keys::host).distinct().toList();
        var users = Cell.userAlgorithms().stream().filter(name -> !Keys.certified(name)).map(keys::user).distinct()
                .map(SshKeygen::publicKeyFile).toList();
        return new ServerSetup(directory, offer, hostKeys, users,
                List.of(SshKeygen.publicKeyFile(keys.authority())), List.of(AuthMethod.values()), false, 0);
    }

    private static boolean ours(String name) {
        return Cell.hostAlgorithms().contains(name);
    }
}
