package homeport.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import homeport.ssh.Question;
import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.CertificateVerdict;
import homeport.ssh.key.OpenSshCertificate;
import homeport.testkit.peers.ClientPeer;
import homeport.testkit.peers.ClientSetup;
import homeport.testkit.peers.ExecResult;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.SshKeygen;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
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

/** Our server against every foreign client, by every algorithm that it knows, whoever opened the TCP connection. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OurServerMatrixTest {
    private Path directory;
    private final Matrix matrix = new Matrix("our server, client:");
    private Keys keys;

    @BeforeAll
    void makeKeys(@TempDir Path temporary) throws IOException, InterruptedException {
        directory = temporary;
        keys = new Keys(directory);
    }

    @AfterAll
    void showMatrix() throws IOException {
        matrix.show("interop-matrix-our-server");
    }

    @TestFactory
    Stream<DynamicNode> everyAlgorithmOfEveryClient() {
        return Peers.clients().stream().filter(peer -> OurClientMatrixTest.chosen(peer.name()))
                .map(peer -> nodes(peer, false));
    }

    @TestFactory
    Stream<DynamicTest> nothingIsMissingUnexpectedly() {
        return Peers.clients().stream().filter(peer -> OurClientMatrixTest.chosen(peer.name()))
                .map(peer -> DynamicTest.dynamicTest(peer.name(), () -> assertEquals(Set.of(),
                        Cell.missing(peer.algorithms(), NotSupported.unnamedBy(peer)))));
    }

    @Tag("full")
    @TestFactory
    Stream<DynamicNode> everyCombinationOfEveryClient() {
        return Peers.clients().stream().filter(peer -> OurClientMatrixTest.chosen(peer.name()))
                .map(peer -> nodes(peer, true));
    }

    private DynamicNode nodes(ClientPeer peer, boolean product) {
        return DynamicContainer.dynamicContainer(peer.name(), Stream.of(false, true).flatMap(accepts -> {
            try {
                return tests(peer, accepts, product);
            } catch (IOException e) {
                throw new IllegalStateException(peer.name() + " does not start", e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }));
    }

    private Stream<DynamicTest> tests(ClientPeer peer, boolean accepts, boolean product)
            throws IOException, InterruptedException {
        var known = peer.algorithms();
        var all = Cell.of(known, peer.methods(), product, cell -> NotSupported.asClient(peer, cell).isEmpty());
        var cells = accepts && !product ? OurClientMatrixTest.everyThird(all) : all;
        var name = peer.name() + (accepts ? " accepts" : "");
        cells.forEach(cell -> matrix.planned(name, cell));
        return cells.stream().map(cell -> DynamicTest.dynamicTest(name + ": " + cell, () -> {
            try {
                if (accepts) {
                    accept(peer, cell);
                } else {
                    dial(peer, cell);
                }
            } catch (IOException e) {
                throw new IOException(name + ": " + cell + ": " + e.getMessage(), e);
            }
            matrix.worked(name, cell);
        }));
    }

    private void dial(ClientPeer peer, Cell cell) throws IOException, InterruptedException {
        try (var server = OurEnds.Server.listen(OurEnds.server(cell.algorithms(), List.of(hostKey(cell)), 0),
                answers(cell));
                var client = peer.dial(setup(cell), server.address(), OurClientMatrixTest.COMMAND,
                        OurClientMatrixTest.INPUT)) {
            check(client.result(), server);
        }
    }

    private void accept(ClientPeer peer, Cell cell) throws IOException, InterruptedException {
        try (var client = peer.accept(setup(cell), OurClientMatrixTest.COMMAND, OurClientMatrixTest.INPUT);
                var server = OurEnds.Server.dial(OurEnds.server(cell.algorithms(), List.of(hostKey(cell)), 0),
                        answers(cell), client.address())) {
            check(client.result(), server);
        }
    }

    private static void check(ExecResult result, OurEnds.Server server) {
        assertArrayEquals(OurClientMatrixTest.OUTPUT, result.output(),
                () -> "the client said: " + result.log() + "; the server: " + server.log());
        assertEquals(7, result.exitStatus(), result::log);
    }

    private homeport.ssh.key.Signer hostKey(Cell cell) throws IOException {
        return Keys.signer(keys.host(cell.hostKey().wireName()));
    }

    private OurEnds.ServerAnswers answers(Cell cell) {
        return new OurEnds.ServerAnswers(cell.method(), credential -> authorized(credential, cell));
    }

    private boolean authorized(Question.Credential.Key credential, Cell cell) {
        try {
            if (credential.key() instanceof OpenSshCertificate certificate) {
                return Keys.certified(cell.user()) && certificate.check(CertificateTerms.Kind.USER,
                        Set.of(keys.authorityKey()), Instant.now(), Set.of(Peers.user()),
                        Optional.empty()) instanceof CertificateVerdict.Good;
            }
            return !Keys.certified(cell.user())
                    && MessageDigest.isEqual(credential.key().blob(), Keys.publicKey(keys.user(cell.user())).blob());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ClientSetup setup(Cell cell) throws IOException {
        var host = keys.host(cell.hostKey().wireName());
        var setup = new ClientSetup(directory, SshKeygen.publicLine(host),
                keys.user(cell.user().isEmpty() ? "ssh-ed25519" : cell.user())).withOffer(cell.offer())
                .withMethods(cell.method());
        if (!Keys.certified(cell.hostKey().wireName())) {
            return setup;
        }
        // MINA checks the authority's signature only by algorithms that it offers for host keys.
        var offer = cell.offer().withHostKeys(cell.hostKey().wireName(), "ssh-ed25519");
        return setup.withOffer(offer).withAuthority(SshKeygen.publicLine(keys.authority()));
    }
}
