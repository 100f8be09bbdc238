package homeport.ssh.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.key.X509Trust.Purpose;
import homeport.ssh.key.X509Verdict.Good;
import homeport.ssh.key.X509Verdict.Reason;
import homeport.ssh.key.X509Verdict.Refused;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class X509Test {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final byte[] DATA = "an exchange hash".getBytes(StandardCharsets.US_ASCII);
    private static final X509Trust TRUST = new X509Trust(List.of(certificate("root")), List.of());

    @ParameterizedTest
    @CsvSource({"p256, X509V3_ECDSA_P256, ecdsa-sha2-nistp256", "p384, X509V3_ECDSA_P384, ecdsa-sha2-nistp384",
            "p521, X509V3_ECDSA_P521, ecdsa-sha2-nistp521", "rsa, X509V3_RSA2048_SHA256, rsa2048-sha256",
            "ed25519, X509V3_ED25519, ssh-ed25519"})
    void chainIsTrustedAndItsKeySignsUnderItsOwnName(String kind, KeyAlgorithm algorithm, String signatureName) {
        var chain = chain(kind, "inter");
        assertEquals(List.of(algorithm), chain.algorithms());
        assertEquals(chain, SshPublicKey.parse(chain.blob()));
        var good = assertInstanceOf(Good.class, TRUST.check(chain, Purpose.SERVER, NOW));
        assertEquals(certificate("root"), good.anchor());
        assertEquals(List.of("SN12345"), good.identifiers().serialNumbers());
        assertEquals(List.of("router-1"), good.identifiers().commonNames());

        var signer = new CertifiedSigner(TestKeys.signer("x509_" + kind + ".key"), chain);
        byte[] signature = signer.sign(algorithm, DATA);
        assertEquals(signatureName, new SshReader(signature).ascii());
        assertTrue(chain.verify(algorithm, DATA, signature));
        assertFalse(chain.verify(algorithm, new byte[1], signature));
        assertFalse(chain.verify(KeyAlgorithm.X509V3_SSH_RSA, DATA, signature));
        assertEquals(chain.fingerprint(), signer.publicKey().fingerprint());
    }

    /** See make_asyncssh.py beside the test's files. */
    @Test
    void chainsAndSignaturesOfAsyncsshVerify() {
        for (String line : TestKeys.text("asyncssh_x509").lines().toList()) {
            String[] fields = line.split(" ");
            var algorithm = KeyAlgorithm.byName(fields[0]).orElseThrow();
            var chain = (X509Chain) SshPublicKey.parse(Base64.getDecoder().decode(fields[1]));
            byte[] signature = Base64.getDecoder().decode(fields[2]);
            assertEquals(fields[0], chain.type());
            assertTrue(chain.verify(algorithm, TestKeys.file("sshsig_data"), signature), fields[0]);
            assertInstanceOf(Good.class, TRUST.check(chain, Purpose.SERVER, NOW));
            assertEquals(algorithm.legacy() ? List.of() : List.of(algorithm), chain.algorithms());
        }
    }

    @Test
    void anchorMayBeSentAndIntermediateMayNotBeLeftOut() {
        assertInstanceOf(Good.class, TRUST.check(chain("p256", "inter", "root"), Purpose.SERVER, NOW));
        assertEquals(Reason.UNKNOWN_AUTHORITY, refusal(TRUST.check(chain("p256"), Purpose.SERVER, NOW)));
        var direct = new X509Trust(List.of(certificate("inter")), List.of());
        assertInstanceOf(Good.class, direct.check(chain("p256"), Purpose.SERVER, NOW));
    }

    @Test
    void anchorOfTheSameNameButAnotherKeyIsNotTrusted() {
        var other = new X509Trust(List.of(certificate("other_root")), List.of());
        assertInstanceOf(Refused.class, other.check(chain("p256", "inter"), Purpose.SERVER, NOW));
        assertInstanceOf(Refused.class, other.check(chain("p256", "inter", "root"), Purpose.SERVER, NOW));
        assertEquals(Reason.UNKNOWN_AUTHORITY, refusal(
                new X509Trust(List.of(), List.of()).check(chain("p256", "inter"), Purpose.SERVER, NOW)));
    }

    @ParameterizedTest
    @CsvSource({"expired, EXPIRED", "future, NOT_YET_VALID", "no_signing, WRONG_USAGE", "eku_client, WRONG_USAGE",
            "eku_tls, WRONG_USAGE", "critical, BAD_PATH"})
    void chainIsRefusedWithItsReason(String leaf, Reason reason) {
        assertEquals(reason, refusal(TRUST.check(chain(leaf, "inter"), Purpose.SERVER, NOW)));
    }

    @Test
    void extendedKeyUsageMustFitTheEndThatShowsIt() {
        assertInstanceOf(Good.class, TRUST.check(chain("eku_server", "inter"), Purpose.SERVER, NOW));
        assertInstanceOf(Good.class, TRUST.check(chain("eku_client", "inter"), Purpose.CLIENT, NOW));
        assertEquals(Reason.WRONG_USAGE, refusal(TRUST.check(chain("eku_server", "inter"), Purpose.CLIENT, NOW)));
    }

    @Test
    void leafIsNoAuthority() {
        assertInstanceOf(Refused.class, TRUST.check(chain("by_leaf", "p256", "inter"), Purpose.SERVER, NOW));
    }

    @Test
    void deviceCertificateNeverExpiresAs8021ArHasIt() {
        assertInstanceOf(Good.class,
                TRUST.check(chain("forever", "inter"), Purpose.SERVER, Instant.parse("2045-01-01T00:00:00Z")));
        assertEquals(Reason.EXPIRED, refusal(
                TRUST.check(chain("forever", "inter"), Purpose.SERVER, Instant.parse("2047-01-01T00:00:00Z"))));
    }

    @Test
    void revokedSerialIsRefusedAndAForgedListIgnored() {
        var root = List.of(certificate("root"));
        var listed = new X509Trust(root, List.of(revocations("inter")));
        assertEquals(Reason.REVOKED, refusal(listed.check(chain("revoked", "inter"), Purpose.SERVER, NOW)));
        assertInstanceOf(Good.class, listed.check(chain("p256", "inter"), Purpose.SERVER, NOW));
        var forged = new X509Trust(root, List.of(revocations("forged")));
        assertInstanceOf(Good.class, forged.check(chain("p256", "inter"), Purpose.SERVER, NOW));
    }

    @Test
    void pinnedLeafIsTrustedWhileItIsValid() {
        var pinned = new X509Trust(List.of(certificate("p256"), certificate("expired")), List.of());
        assertInstanceOf(Good.class, pinned.check(chain("p256"), Purpose.SERVER, NOW));
        assertEquals(Reason.EXPIRED, refusal(pinned.check(chain("expired"), Purpose.SERVER, NOW)));
        assertEquals(Reason.UNKNOWN_AUTHORITY, refusal(pinned.check(chain("p384"), Purpose.SERVER, NOW)));
    }

    @Test
    void alternativeNamesAreIdentifiersToo() {
        var identifiers = X509Identifiers.of(chain("san", "inter"));
        assertEquals(List.of("router-1.example.com"), identifiers.dnsNames());
        assertEquals(List.of("HW-4711"), identifiers.hardwareSerials());
        assertEquals(List.of("SN12345", "HW-4711", "router-1.example.com", "router-1"), identifiers.all());
    }

    @Test
    void rsaOf1024BitsIsNotSupported() {
        assertEquals(Rule.KEY_NOT_SUPPORTED, assertThrows(ProtocolError.class, () -> chain("rsa1024")).rule());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x509v3-ecdsa-sha2-nistp384", "x509v3-rsa2048-sha256", "x509v3-ssh-ed25519",
            "x509v3-ssh-rsa", "x509v3-sign-rsa", "x509v3-ssh-dss"})
    void nameThatDoesNotFitTheKeyIsRefused(String name) {
        assertThrows(ProtocolError.class, () -> SshPublicKey.parse(blob(name, 1, 0, der("p256"))));
    }

    @Test
    void sha1ChainIsParsedButOffersNothing() {
        var chain = SshPublicKey.parse(blob("x509v3-ssh-rsa", 1, 0, der("rsa")));
        assertEquals(List.of(), chain.algorithms());
    }

    @Test
    void countsAreBounded() {
        String name = "x509v3-ecdsa-sha2-nistp256";
        byte[] one = der("p256");
        SshPublicKey.parse(blob(name, 1, 1, one, new byte[9]));
        for (byte[] blob : new byte[][]{blob(name, 0, 0), blob(name, 9, 0, one, one, one, one, one, one, one, one, one),
                blob(name, -1, 0, one), blob(name, 1, 2, one, one, one), blob(name, 1, -1, one), blob(name, 2, 0, one),
                blob(name, 1, 0, one, one), blob(name, 1, 0, new byte[0]), blob(name, 1, 0, new byte[]{0x30, 0})}) {
            assertEquals(Rule.KEY_FORMAT, assertThrows(ProtocolError.class, () -> SshPublicKey.parse(blob)).rule());
        }
    }

    @Test
    void certificateAsTextOrWithBytesBehindItIsRefused() {
        String name = "x509v3-ecdsa-sha2-nistp256";
        byte[] longer = java.util.Arrays.copyOf(der("p256"), der("p256").length + 1);
        assertThrows(ProtocolError.class, () -> SshPublicKey.parse(blob(name, 1, 0, longer)));
        byte[] text = TestKeys.file("x509_p256.pem");
        assertThrows(ProtocolError.class, () -> SshPublicKey.parse(blob(name, 1, 0, text)));
    }

    /** Found by mutation: the JDK's parser throws ArrayIndexOutOfBoundsException. */
    @Test
    void certificateWithAnEmptyKeyIsMalformed() throws Exception {
        var certificate = ASN1Sequence.getInstance(der("ed25519"));
        var parts = ASN1Sequence.getInstance(certificate.getObjectAt(0)).toArray();
        var info = SubjectPublicKeyInfo.getInstance(parts[6]);
        parts[6] = new SubjectPublicKeyInfo(info.getAlgorithm(), new byte[0]);
        byte[] changed = new DERSequence(new ASN1Encodable[]{new DERSequence(parts), certificate.getObjectAt(1),
                certificate.getObjectAt(2)}).getEncoded();
        assertEquals(Rule.KEY_FORMAT, assertThrows(ProtocolError.class,
                () -> SshPublicKey.parse(blob("x509v3-ssh-ed25519", 1, 0, changed))).rule());
    }

    private static byte[] blob(String name, int certificates, int responses, byte[]... strings) {
        var out = new SshWriter().string(name).uint32(certificates);
        for (int i = 0; i < strings.length; i++) {
            if (i == certificates) {
                out.uint32(responses);
            }
            out.string(strings[i]);
        }
        return (strings.length <= certificates ? out.uint32(responses) : out).toByteArray();
    }

    static X509Chain chain(String... names) {
        return X509Chain.of(Stream.of(names).map(X509Test::certificate).toList());
    }

    private static byte[] der(String name) {
        try {
            return certificate(name).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static X509Certificate certificate(String name) {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(TestKeys.file("x509_" + name + ".pem")));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static X509CRL revocations(String name) {
        try {
            return (X509CRL) CertificateFactory.getInstance("X.509")
                    .generateCRL(new ByteArrayInputStream(TestKeys.file("x509_" + name + ".crl")));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static Reason refusal(X509Verdict verdict) {
        return assertInstanceOf(Refused.class, verdict).reason();
    }
}
