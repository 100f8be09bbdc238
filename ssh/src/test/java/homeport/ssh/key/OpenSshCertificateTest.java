package homeport.ssh.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.key.CertificateTerms.Kind;
import homeport.ssh.key.CertificateVerdict.Good;
import homeport.ssh.key.CertificateVerdict.Reason;
import homeport.ssh.key.CertificateVerdict.Refused;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenSshCertificateTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final byte[] DATA = "an exchange hash".getBytes(StandardCharsets.US_ASCII);
    private static final PlainKey CA = (PlainKey) SshPublicKey.parse(TestKeys.publicBlob("ca_ed25519.pub"));
    private static final Set<PlainKey> AUTHORITIES = Set.of(CA, PlainKey.parse(TestKeys.publicBlob("ca_ecdsa384.pub")),
            PlainKey.parse(TestKeys.publicBlob("ca_rsa.pub")));
    private static final SecureRandom RANDOM = new SecureRandom();

    @ParameterizedTest
    @ValueSource(strings = {"ed25519", "ecdsa256", "ecdsa384", "ecdsa521", "rsa2048"})
    void certificateMadeBySshKeygenIsGoodAndItsKeySigns(String kind) {
        var user = certificate("user_" + kind);
        assertEquals("a user", user.terms().keyId());
        assertEquals(7, user.terms().serial());
        assertEquals(List.of("alice", "bob"), user.terms().principals());
        assertEquals(Instant.parse("2026-01-01T00:00:00Z"), user.terms().validAfter());
        assertEquals(Instant.parse("2036-01-01T00:00:00Z"), user.terms().validBefore());
        var good = assertInstanceOf(Good.class, check(user, Kind.USER, "bob"));
        assertTrue(good.extensions().contains("permit-pty"));

        var host = certificate("host_" + kind);
        assertInstanceOf(Good.class, check(host, Kind.HOST, "GW.example.com"));
        assertInstanceOf(Good.class, check(host, Kind.HOST, "r1.lab.example.com"));
        assertEquals(Reason.WRONG_PRINCIPAL, refusal(check(host, Kind.HOST, "lab.example.com")));
        assertEquals(user.fingerprint(), host.fingerprint());
        assertFalse(user.equals(host));

        var signer = new CertifiedSigner(TestKeys.signer("id_" + kind), user);
        for (var algorithm : user.algorithms()) {
            byte[] signature = signer.sign(algorithm, DATA);
            assertTrue(user.verify(algorithm, DATA, signature));
            assertFalse(user.verify(user.key().algorithms().getFirst(), DATA, signature));
        }
    }

    @Test
    void principalOfAUserIsNoPattern() {
        var terms = CertificateTerms.forUser("id", List.of("*"), Instant.EPOCH, CertificateTerms.ALWAYS);
        var certificate = issue(terms);
        assertEquals(Reason.WRONG_PRINCIPAL, refusal(check(certificate, Kind.USER, "alice")));
        assertInstanceOf(Good.class, check(certificate, Kind.USER, "*"));
    }

    @ParameterizedTest
    @CsvSource({"user_ed25519, HOST, alice, WRONG_KIND", "host_ed25519, USER, gw.example.com, WRONG_KIND",
            "user_ed25519, USER, carol, WRONG_PRINCIPAL", "nobody, USER, alice, WRONG_PRINCIPAL",
            "host_nobody, HOST, gw, WRONG_PRINCIPAL", "by_rsa_sha1, USER, alice, WEAK_SIGNATURE",
            "unknown_option, USER, alice, UNKNOWN_CRITICAL_OPTION", "host_option, HOST, gw, UNKNOWN_CRITICAL_OPTION",
            "verify, USER, alice, USER_NOT_VERIFIED", "limited, USER, alice, WRONG_SOURCE_ADDRESS"})
    void certificateIsRefusedWithItsReason(String name, Kind kind, String principal, Reason reason) {
        assertEquals(reason, refusal(check(certificate(name), kind, principal)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"by_rsa512", "by_rsa256"})
    void rsaAuthoritySignsWithSha2(String name) {
        assertInstanceOf(Good.class, check(certificate(name), Kind.USER, "alice"));
    }

    @Test
    void unknownAuthorityIsRefused() {
        var refused = certificate("user_ed25519").check(Kind.USER, Set.of(), NOW, Set.of("alice"), Optional.empty());
        assertEquals(Reason.UNKNOWN_AUTHORITY, refusal(refused));
    }

    @Test
    void validityIsFromInclusiveToExclusive() {
        var certificate = certificate("user_ed25519");
        var from = certificate.terms().validAfter();
        var until = certificate.terms().validBefore();
        assertEquals(Reason.NOT_YET_VALID, refusal(checkAt(certificate, from.minusMillis(1))));
        assertInstanceOf(Good.class, checkAt(certificate, from));
        assertInstanceOf(Good.class, checkAt(certificate, until.minusMillis(1)));
        assertEquals(Reason.EXPIRED, refusal(checkAt(certificate, until)));
        var always = issue(CertificateTerms.forUser("id", List.of("alice"), Instant.EPOCH, CertificateTerms.ALWAYS));
        assertInstanceOf(Good.class, checkAt(always, Instant.parse("9999-12-31T23:59:59Z")));
    }

    @Test
    void sourceAddressAndForceCommandAreHonoured() {
        var certificate = certificate("limited");
        for (String address : new String[]{"192.0.2.1", "2001:db8:1::1", "::ffff:192.0.2.9"}) {
            var good = assertInstanceOf(Good.class, checkFrom(certificate, address));
            assertEquals(Optional.of("show version"), good.forceCommand());
            assertEquals(Set.of("permit-pty"), good.extensions());
        }
        for (String address : new String[]{"192.0.3.1", "2001:db9::1", "127.0.0.1"}) {
            assertEquals(Reason.WRONG_SOURCE_ADDRESS, refusal(checkFrom(certificate, address)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "example.com", "192.0.2.1/24", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/24,",
            "192.0.2.0/+4", "fe80::1%lo"})
    void sourceAddressThatMakesNoSenseIsRefused(String blocks) {
        var certificate = issue(CertificateTerms.forUser("id", List.of("alice"), Instant.EPOCH, NOW.plusSeconds(1))
                .withCriticalOption(CertificateTerms.SOURCE_ADDRESS, blocks));
        assertEquals(Reason.BAD_CRITICAL_OPTION, refusal(checkFrom(certificate, "192.0.2.1")));
    }

    @Test
    void everyChangedBitBreaksTheSignatureOrTheForm() {
        byte[] valid = certificate("limited").blob();
        for (int at = 40; at < valid.length; at++) {
            byte[] changed = valid.clone();
            changed[at] ^= 1;
            try {
                var parsed = (OpenSshCertificate) SshPublicKey.parse(changed);
                assertInstanceOf(Refused.class, checkFrom(parsed, "192.0.2.1"), "byte " + at);
            } catch (ProtocolError e) {
                assertTrue(e.rule().name().startsWith("KEY_"), e.getMessage());
            }
        }
    }

    @Test
    void authorityThatIsItselfACertificateIsRefused() {
        var certificate = certificate("user_ed25519");
        byte[] blob = certificate.blob();
        byte[] authority = CA.blob();
        int at = indexOf(blob, new SshWriter().string(authority).toByteArray());
        byte[] nested = new SshWriter().bytes(Arrays.copyOf(blob, at)).string(certificate.blob())
                .bytes(Arrays.copyOfRange(blob, at + 4 + authority.length, blob.length)).toByteArray();
        assertThrows(ProtocolError.class, () -> SshPublicKey.parse(nested));
        var signer = new CertifiedSigner(TestKeys.signer("id_ed25519"), certificate);
        assertThrows(IllegalArgumentException.class,
                () -> OpenSshCertificate.issue(CA, certificate.terms(), signer, RANDOM));
    }

    @Test
    void signerOfAnotherKeyCannotShowTheCertificate() {
        var certificate = certificate("user_ed25519");
        assertThrows(IllegalArgumentException.class,
                () -> new CertifiedSigner(TestKeys.signer("id_ecdsa256"), certificate));
    }

    @ParameterizedTest
    @CsvSource({"ed25519, ca_ed25519", "ecdsa256, ca_ecdsa384", "ecdsa384, ca_rsa", "ecdsa521, ca_ed25519",
            "rsa2048, ca_rsa"})
    void sshKeygenReadsAndTrustsOurCertificate(String kind, String authority, @TempDir Path directory) {
        var keygen = new SshKeygen(directory);
        var signer = TestKeys.signer("id_" + kind);
        var terms = CertificateTerms.forUser("made here", List.of("alice", "bob"), NOW.minus(Duration.ofDays(365)),
                NOW.plus(Duration.ofDays(3650))).withSerial(-2).withCriticalOption("force-command", "show version")
                .withExtensions("permit-pty", "no-touch-required");
        var certificate = OpenSshCertificate.issue(signer.publicKey(), terms, TestKeys.signer(authority), RANDOM);
        assertEquals(terms, certificate.terms());
        var text = certificate.type() + " " + Base64.getEncoder().encodeToString(certificate.blob()) + " x\n";
        keygen.write("cert.pub", text);
        String shown = keygen.run(new byte[0], "-L", "-f", "cert.pub");
        for (String expected : new String[]{"user certificate", "\"made here\"", "Serial: 18446744073709551614",
                "alice", "bob", "force-command show version", "permit-pty", "no-touch-required"}) {
            assertTrue(shown.contains(expected), shown);
        }

        // And OpenSSH checks the authority's signature, the principal and the time of a file signed with it.
        byte[] signature = new CertifiedSigner(signer, certificate).sign(certificate.algorithms().getFirst(),
                SshSig.signed(DATA));
        keygen.write("sig", new SshSig(certificate, signature).toFile());
        keygen.write("allowed", "* cert-authority " + TestKeys.text(authority + ".pub"));
        keygen.run(DATA, "-Y", "verify", "-n", SshSig.NAMESPACE, "-s", "sig", "-f", "allowed", "-I", "alice");
        var other = keygen.tryRun(DATA, "-Y", "verify", "-n", SshSig.NAMESPACE, "-s", "sig", "-f", "allowed", "-I",
                "carol");
        assertTrue(other.exit() != 0, other.output());
    }

    @Test
    void certificateOfAnUnknownKindIsNotSupported() {
        byte[] blob = certificate("user_ed25519").blob();
        var in = new SshReader(blob);
        in.skipString();
        in.skipString();
        in.skipString();
        blob[in.position() + 11] = 3;
        assertThrows(ProtocolError.class, () -> SshPublicKey.parse(blob));
    }

    private static OpenSshCertificate issue(CertificateTerms terms) {
        return OpenSshCertificate.issue(TestKeys.signer("id_ed25519").publicKey(), terms,
                TestKeys.signer("ca_ed25519"), RANDOM);
    }

    private static OpenSshCertificate certificate(String name) {
        return (OpenSshCertificate) SshPublicKey.parse(TestKeys.publicBlob("cert_" + name + ".pub"));
    }

    private static CertificateVerdict check(OpenSshCertificate certificate, Kind kind, String principal) {
        return certificate.check(kind, AUTHORITIES, NOW, Set.of(principal), Optional.empty());
    }

    private static CertificateVerdict checkAt(OpenSshCertificate certificate, Instant at) {
        return certificate.check(Kind.USER, AUTHORITIES, at, Set.of("alice"), Optional.empty());
    }

    private static CertificateVerdict checkFrom(OpenSshCertificate certificate, String address) {
        return certificate.check(Kind.USER, AUTHORITIES, NOW, Set.of("alice"),
                Optional.of(InetAddress.ofLiteral(address)));
    }

    private static Reason refusal(CertificateVerdict verdict) {
        return assertInstanceOf(Refused.class, verdict).reason();
    }

    private static int indexOf(byte[] all, byte[] part) {
        for (int at = 0; at <= all.length - part.length; at++) {
            if (Arrays.equals(all, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        throw new AssertionError("not in it");
    }
}
