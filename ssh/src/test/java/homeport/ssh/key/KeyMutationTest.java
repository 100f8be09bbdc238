package homeport.ssh.key;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.key.CertificateTerms.Kind;
import homeport.ssh.key.X509Trust.Purpose;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshWriter;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/**
 * Valid keys, certificates, signatures and files with a few random changes: each gives a result or the one error that it
 * may give, never another exception, and a key that was changed does not verify.
 */
class KeyMutationTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final byte[] DATA = "an exchange hash".getBytes(StandardCharsets.US_ASCII);
    private static final int LONG_RUN = 20_000;

    private static final List<byte[]> BLOBS = Stream.of(
            Stream.of("id_ed25519", "id_ecdsa256", "id_ecdsa384", "id_ecdsa521", "id_rsa2048", "cert_user_ed25519",
                    "cert_host_rsa2048", "cert_limited", "cert_by_rsa512")
                    .map(name -> TestKeys.publicBlob(name + ".pub")),
            Stream.of(X509Test.chain("p256", "inter"), X509Test.chain("san", "inter", "root"), X509Test.chain("rsa"),
                    X509Test.chain("ed25519", "inter")).map(SshPublicKey::blob),
            Stream.of(HmacKeyId.of(KeyAlgorithm.HMAC_SHA2_256, "router-1").blob())).flatMap(blobs -> blobs).toList();
    private static final List<PlainSigner> SIGNERS = Stream
            .of("id_ed25519", "id_ecdsa256", "id_ecdsa384", "id_ecdsa521", "id_rsa2048").map(TestKeys::signer).toList();
    private static final List<byte[]> PRIVATE_FILES = Stream.of("id_ed25519", "id_ecdsa256", "id_ecdsa521",
            "id_rsa2048", "id_rsa1024", "pem_PEM_rsa2048", "pem_PEM_ecdsa384", "pem_PKCS8_rsa2048",
            "pem_PKCS8_ecdsa256", "pem_PKCS8_ed25519", "id_enc_aes256-ctr", "id_enc_aes256-gcm").map(TestKeys::file)
            .toList();
    private static final X509Trust TRUST = new X509Trust(List.of(X509Test.certificate("root")), List.of());
    private static final Set<PlainKey> AUTHORITIES = Set.of(PlainKey.parse(TestKeys.publicBlob("ca_ed25519.pub")),
            PlainKey.parse(TestKeys.publicBlob("ca_ecdsa384.pub")), PlainKey.parse(TestKeys.publicBlob("ca_rsa.pub")));

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void changedBlobIsAKeyOrAnError(@ForAll long seed) {
        changedBlob(new Random(seed));
    }

    @Tag("full")
    @Property(tries = LONG_RUN, edgeCases = EdgeCasesMode.NONE)
    void changedBlobIsAKeyOrAnErrorForLong(@ForAll long seed) {
        changedBlob(new Random(seed));
    }

    private static void changedBlob(Random random) {
        byte[] blob = TestKeys.mutated(BLOBS.get(random.nextInt(BLOBS.size())), random);
        try {
            var key = SshPublicKey.parse(blob, PlainKey.LEGACY_RSA_BITS);
            byte[] signature = new SshWriter()
                    .string(key.algorithms().isEmpty() ? "ssh-rsa" : key.algorithms().getFirst().signatureName())
                    .string(new byte[64]).toByteArray();
            for (var algorithm : key.algorithms()) {
                assertFalse(key.verify(algorithm, DATA, signature));
            }
            switch (key) {
                case PlainKey plain -> assertTrue(plain.bits() >= 256);
                case OpenSshCertificate certificate -> certificate.check(Kind.USER, AUTHORITIES, NOW, Set.of("alice"),
                        Optional.of(InetAddress.ofLiteral("192.0.2.1")));
                case X509Chain chain -> {
                    X509Identifiers.of(chain);
                    TRUST.check(chain, Purpose.SERVER, NOW);
                }
                case HmacKeyId id -> assertFalse(id.keyId().isEmpty());
            }
        } catch (ProtocolError e) {
            assertTrue(e.rule() == Rule.KEY_FORMAT || e.rule() == Rule.KEY_NOT_SUPPORTED, e.getMessage());
            assertTrue(String.valueOf(e.getMessage()).length() < 300, "an error does not repeat the peer's bytes");
        }
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void changedSignatureDoesNotVerify(@ForAll long seed) {
        var random = new Random(seed);
        var signer = SIGNERS.get(random.nextInt(SIGNERS.size()));
        var algorithm = signer.publicKey().algorithms().getFirst();
        byte[] valid = signer.sign(algorithm, DATA);
        byte[] changed = TestKeys.mutated(valid, random);
        if (!java.util.Arrays.equals(valid, changed)) {
            assertFalse(signer.publicKey().verify(algorithm, DATA, changed));
        }
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void changedPrivateKeyFileIsAKeyOrAnError(@ForAll long seed) {
        changedPrivateKeyFile(new Random(seed));
    }

    @Tag("full")
    @Property(tries = LONG_RUN, edgeCases = EdgeCasesMode.NONE)
    void changedPrivateKeyFileIsAKeyOrAnErrorForLong(@ForAll long seed) {
        changedPrivateKeyFile(new Random(seed));
    }

    private static void changedPrivateKeyFile(Random random) {
        byte[] file = PRIVATE_FILES.get(random.nextInt(PRIVATE_FILES.size()));
        try {
            if (random.nextBoolean()) {
                PrivateKeys.read("changed", TestKeys.mutated(file, random));
            } else {
                var pem = Pem.parse("valid", file);
                PrivateKeys.read("changed", Pem.write(pem.label(), TestKeys.mutated(pem.content(), random), 64));
            }
        } catch (KeyFileError e) {
            assertTrue(String.valueOf(e.getMessage()).startsWith("changed: "), e.getMessage());
        }
    }

    @Property(tries = 50, edgeCases = EdgeCasesMode.NONE)
    void changedEncryptedPkcs8IsAKeyOrAnError(@ForAll long seed) {
        var random = new Random(seed);
        var pem = Pem.parse("valid", TestKeys.file("pem_PKCS8enc_ecdsa256"));
        try {
            PrivateKeys.read("changed", Pem.write(pem.label(), TestKeys.mutated(pem.content(), random), 64),
                    TestKeys.PASSPHRASE.toCharArray());
        } catch (KeyFileError e) {
            assertTrue(String.valueOf(e.getMessage()).startsWith("changed: "), e.getMessage());
        }
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void changedLinesNeverGrantAnotherKeyAndNeverThrow(@ForAll long seed) {
        changedLines(new Random(seed));
    }

    @Tag("full")
    @Property(tries = LONG_RUN, edgeCases = EdgeCasesMode.NONE)
    void changedLinesNeverGrantAnotherKeyAndNeverThrowForLong(@ForAll long seed) {
        changedLines(new Random(seed));
    }

    private static void changedLines(Random random) {
        var key = SIGNERS.get(0).publicKey();
        var other = PlainKey.parse(TestKeys.publicBlob("id_enc_utf8.pub"));
        var texts = new ArrayList<String>();
        texts.add(TestKeys.text("known_hosts_hashed"));
        texts.add("@cert-authority *.example.com " + TestKeys.text("ca_ecdsa384.pub") + "[gw]:22,!bad,r? "
                + TestKeys.text("id_ed25519.pub"));
        texts.add(
                "from=\"192.0.2.0/24,!192.0.2.9\",command=\"a \\\"b\\\"\",permitopen=\"a:1\",expiry-time=\"20300101Z\" "
                        + TestKeys.text("id_ed25519.pub") + "cert-authority,principals=\"a,b\" "
                        + TestKeys.text("ca_ed25519.pub"));
        texts.add(TestKeys.text("id_rsa2048.pub"));
        byte[] changed = TestKeys.mutated(texts.get(random.nextInt(texts.size())).getBytes(StandardCharsets.UTF_8),
                random);
        String text = new String(changed, StandardCharsets.ISO_8859_1);
        var hosts = KnownHosts.parse("changed", text);
        assertFalse(hosts.lookup("gw.example.com", 22, other) instanceof KnownHosts.Answer.Match);
        hosts.lookup("r1", 22, key);
        hosts.keys("gw", 2222);
        var keys = AuthorizedKeys.parse("changed", text, ZoneOffset.UTC);
        var from = Optional.of(InetAddress.ofLiteral("192.0.2.1"));
        assertFalse(keys.lookup(other, "alice", from, NOW) instanceof AuthorizedKeys.Answer.Allowed);
        keys.lookup(key, "alice", from, NOW);
        try {
            PublicKeyFile.read("changed", text);
        } catch (KeyFileError e) {
            assertTrue(String.valueOf(e.getMessage()).startsWith("changed"), e.getMessage());
        }
    }
}
