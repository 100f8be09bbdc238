package homeport.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import homeport.ssh.Algorithms;
import homeport.ssh.SshSettings;
import homeport.ssh.blocking.BlockingChannel.Exit;
import homeport.ssh.blocking.Link;
import homeport.ssh.blocking.SshClient;
import homeport.ssh.key.CertifiedSigner;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.Signer;
import homeport.ssh.key.SshPublicKey;
import homeport.ssh.key.X509Chain;
import homeport.ssh.key.X509Trust;
import homeport.ssh.key.X509Verdict;
import homeport.testkit.peers.AsyncSshClient;
import homeport.testkit.peers.AsyncSshServer;
import homeport.testkit.peers.AuthMethod;
import homeport.testkit.peers.ClientSetup;
import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.ServerSetup;
import homeport.testkit.peers.SshKeygen;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code x509v3-*} host and user keys (RFC 6187) with the one peer at hand that speaks them, AsyncSSH. */
class X509InteropTest {
    /** A kind of key, by what OpenSSL makes it with. */
    enum Kind {
        ED25519(KeyAlgorithm.X509V3_ED25519, "ed25519"),
        P256(KeyAlgorithm.X509V3_ECDSA_P256, "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
        P384(KeyAlgorithm.X509V3_ECDSA_P384, "EC", "-pkeyopt", "ec_paramgen_curve:P-384"),
        P521(KeyAlgorithm.X509V3_ECDSA_P521, "EC", "-pkeyopt", "ec_paramgen_curve:P-521"),
        RSA(KeyAlgorithm.X509V3_RSA2048_SHA256, "RSA", "-pkeyopt", "rsa_keygen_bits:2048");

        private final KeyAlgorithm algorithm;
        private final List<String> options;

        Kind(KeyAlgorithm algorithm, String... options) {
            this.algorithm = algorithm;
            this.options = List.of(options);
        }
    }

    @TempDir
    private Path directory;
    private Path root;

    @BeforeEach
    void makeRoot() throws IOException, InterruptedException {
        Peers.require("openssl");
        root = directory.resolve("root.pem");
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "root.key");
        openssl("req", "-x509", "-new", "-key", "root.key", "-days", "30", "-subj", "/O=Maker/CN=Root", "-addext",
                "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign", "-out", "root.pem");
    }

    @ParameterizedTest
    @EnumSource
    void hostCertificateOfAsyncSshIsVerified(Kind kind) throws Exception {
        var host = issue("device", kind);
        var user = new SshKeygen().generate(directory.resolve("user"), KeyType.ED25519);
        var setup = new ServerSetup(directory, host, SshKeygen.publicKeyFile(user));
        var trust = new X509Trust(certificates(root), List.of());
        var answers = new OurEnds.ClientAnswers(asked -> trusted(trust, X509Trust.Purpose.SERVER, asked.key()),
                AuthMethod.PUBLIC_KEY,
                Optional.of(Keys.signer(user)));
        var settings = SshSettings.builder().algorithms(Algorithms.MODERN.withHostKeys(List.of(kind.algorithm)))
                .build();
        try (var server = new AsyncSshServer().listen(setup);
                var socket = new Socket(server.address().getAddress(), server.address().getPort());
                var client = SshClient.connect(Link.of(socket), settings, answers)) {
            assertEquals(Optional.of(kind.algorithm),
                    client.connection().look(engine -> engine.negotiated().map(n -> n.hostKey())));
            var result = client.exec(OurClientMatrixTest.COMMAND, OurClientMatrixTest.INPUT);
            assertArrayEquals(OurClientMatrixTest.OUTPUT, result.output());
            assertEquals(new Exit.Status(7), result.exit());
        }
    }

    @ParameterizedTest
    @EnumSource
    void asyncSshVerifiesOurHostCertificate(Kind kind) throws Exception {
        var host = signer(issue("device", kind));
        var user = new SshKeygen().generate(directory.resolve("user"), KeyType.ED25519);
        byte[] userBlob = Keys.publicKey(user).blob();
        var settings = SshSettings.builder().hostKeys(List.of(host))
                .algorithms(Algorithms.MODERN.withHostKeys(List.of(kind.algorithm))).build();
        var setup = new ClientSetup(directory, SshKeygen.publicLine(user), user).withRoots(root)
                .withOffer(homeport.testkit.peers.Algorithms.DEFAULT.withHostKeys(kind.algorithm.wireName()));
        var answers = new OurEnds.ServerAnswers(AuthMethod.PUBLIC_KEY,
                credential -> Arrays.equals(credential.key().blob(), userBlob));
        try (var server = OurEnds.Server.listen(settings, answers)) {
            var result = new AsyncSshClient().exec(setup, server.address(), OurClientMatrixTest.COMMAND,
                    OurClientMatrixTest.INPUT);
            assertArrayEquals(OurClientMatrixTest.OUTPUT, result.output(), () -> result.log() + server.log());
        }
    }

    @ParameterizedTest
    @EnumSource
    void userCertificateOfAsyncSshLogsIn(Kind kind) throws Exception {
        var host = new SshKeygen().generate(directory.resolve("host"), KeyType.ED25519);
        var user = issue("operator", kind);
        var trust = new X509Trust(certificates(root), List.of());
        var settings = SshSettings.builder().hostKeys(List.of(Keys.signer(host)))
                .algorithms(Algorithms.MODERN.withUserKeys(List.of(kind.algorithm))).build();
        var setup = new ClientSetup(directory, SshKeygen.publicLine(host), user);
        var answers = new OurEnds.ServerAnswers(AuthMethod.PUBLIC_KEY,
                credential -> trusted(trust, X509Trust.Purpose.CLIENT, credential.key()));
        try (var server = OurEnds.Server.listen(settings, answers)) {
            var result = new AsyncSshClient().exec(setup, server.address(), OurClientMatrixTest.COMMAND,
                    OurClientMatrixTest.INPUT);
            assertArrayEquals(OurClientMatrixTest.OUTPUT, result.output(), () -> result.log() + server.log());
        }
    }

    private static boolean trusted(X509Trust trust, X509Trust.Purpose purpose, SshPublicKey key) {
        return key instanceof X509Chain chain
                && trust.check(chain, purpose, Instant.now()) instanceof X509Verdict.Good good
                && good.identifiers().toString().contains("SN-1");
    }

    /** A PEM file with a key and its certificate, which the root signed. */
    private Path issue(String name, Kind kind) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("genpkey", "-algorithm"));
        command.addAll(kind.options);
        command.addAll(List.of("-out", name + ".key"));
        openssl(command.toArray(String[]::new));
        openssl("req", "-new", "-key", name + ".key", "-subj", "/O=Maker/CN=127.0.0.1/serialNumber=SN-1", "-out",
                name + ".csr");
        Files.writeString(directory.resolve("extensions"),
                "keyUsage=critical,digitalSignature\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n");
        openssl("x509", "-req", "-in", name + ".csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
                "-days", "10", "-extfile", "extensions", "-out", name + ".crt");
        var both = directory.resolve(name);
        Files.writeString(both, Files.readString(directory.resolve(name + ".key"))
                + Files.readString(directory.resolve(name + ".crt")));
        return Files.setPosixFilePermissions(both, PosixFilePermissions.fromString("rw-------"));
    }

    private Signer signer(Path file) throws IOException, CertificateException {
        var key = PrivateKeys.read(file.toString(), Files.readAllBytes(directory.resolve(file.getFileName() + ".key")));
        return new CertifiedSigner(key, X509Chain.of(certificates(directory.resolve(file.getFileName() + ".crt"))));
    }

    private static List<X509Certificate> certificates(Path file) throws IOException, CertificateException {
        try (var in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(X509Certificate.class::cast).toList();
        }
    }

    private void openssl(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(Peers.require("openssl").toString()));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> String.join(" ", command) + ": " + said);
    }
}
