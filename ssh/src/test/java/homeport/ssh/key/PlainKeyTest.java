package homeport.ssh.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlainKeyTest {
    private static final byte[] DATA = "an exchange hash".getBytes(StandardCharsets.US_ASCII);
    private static final HexFormat HEX = HexFormat.of();

    /** RFC 8032 §7.1, tests 1 to 3: seed, public key, message, signature. */
    @ParameterizedTest
    @CsvSource({
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60,"
                    + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a,'',"
                    + "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                    + "d25bf5f0595bbe24655141438e7a100b",
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb,"
                    + "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c,72,"
                    + "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                    + "387b2eaeb4302aeeb00d291612bb0c00",
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7,"
                    + "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025,af82,"
                    + "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
                    + "4a7c15e9716ed28dc027beceea1ec40a"})
    void ed25519SignsAsRfc8032(String seed, String point, String message, String signature) {
        var signer = PrivateKeys.ed25519(HEX.parseHex(seed));
        assertArrayEquals(HEX.parseHex(point), signer.publicKey().point());
        byte[] blob = signer.sign(KeyAlgorithm.SSH_ED25519, HEX.parseHex(message));
        assertEquals("0000000b7373682d6564323535313900000040" + signature, HEX.formatHex(blob));
        assertTrue(signer.publicKey().verify(KeyAlgorithm.SSH_ED25519, HEX.parseHex(message), blob));
        // And without the native provider.
        assertEquals(signature, HEX.formatHex(
                Ed25519.sign(HEX.parseHex(seed), signer.publicKey().point(), HEX.parseHex(message))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ed25519", "ecdsa256", "ecdsa384", "ecdsa521", "rsa2048"})
    void signatureMadeBySshKeygenVerifies(String kind) {
        var sig = SshSig.parse(TestKeys.file("sshsig_" + kind));
        byte[] signed = SshSig.signed(TestKeys.file("sshsig_data"));
        var algorithm = sig.publicKey().algorithms().getFirst();
        assertTrue(sig.publicKey().verify(algorithm, signed, sig.signature()));
        signed[signed.length - 1] ^= 1;
        assertFalse(sig.publicKey().verify(algorithm, signed, sig.signature()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ed25519", "ecdsa256", "ecdsa384", "ecdsa521", "rsa2048"})
    void sshKeygenVerifiesOurSignature(String kind, @TempDir Path directory) {
        var keygen = new SshKeygen(directory);
        var signer = TestKeys.signer("id_" + kind);
        for (var algorithm : signer.publicKey().algorithms()) {
            byte[] signature = signer.sign(algorithm, SshSig.signed(DATA));
            keygen.write("sig", new SshSig(signer.publicKey(), signature).toFile());
            keygen.run(DATA, "-Y", "check-novalidate", "-n", SshSig.NAMESPACE, "-s", "sig");
        }
    }

    @Test
    void fingerprintIsWhatSshKeygenShows(@TempDir Path directory) {
        var keygen = new SshKeygen(directory);
        keygen.write("key.pub", TestKeys.file("id_ecdsa521.pub"));
        var key = SshPublicKey.parse(TestKeys.publicBlob("id_ecdsa521.pub"));
        assertTrue(keygen.run(new byte[0], "-l", "-f", "key.pub").contains(" " + key.fingerprint() + " "));
        assertEquals(key.fingerprint(), Fingerprint.parse(key.fingerprint().toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SHA256:", "MD5:00:11", "SHA256:BK7sXZt66zKhXQbiW45LnygYiboAYNqngDahpm/bAXB",
            "SHA256:BK7sXZt66zKhXQbiW45LnygYiboAYNqngDahpm/bAX", "SHA256:BK7sXZt66zKhXQbiW45LnygYiboAYNqngDahpm/bAX=",
            "SHA256:BK7sXZt66zKhXQbiW45LnygYiboAYNqngDahpm!bAXA"})
    void fingerprintInAnotherFormIsRefused(String text) {
        assertEquals(Rule.KEY_FORMAT, assertThrows(ProtocolError.class, () -> Fingerprint.parse(text)).rule());
    }

    @Test
    void signatureNamedAsAnotherAlgorithmIsRefused() {
        var signer = TestKeys.signer("id_rsa2048");
        byte[] sha256 = signer.sign(KeyAlgorithm.RSA_SHA2_256, DATA);
        assertTrue(signer.publicKey().verify(KeyAlgorithm.RSA_SHA2_256, DATA, sha256));
        assertFalse(signer.publicKey().verify(KeyAlgorithm.RSA_SHA2_512, DATA, sha256));
        assertFalse(signer.publicKey().verify(KeyAlgorithm.SSH_RSA, DATA, sha256));
        assertFalse(signer.publicKey().verify(KeyAlgorithm.SSH_ED25519, DATA, sha256));
        assertFalse(signer.publicKey().verify(KeyAlgorithm.RSA_SHA2_256_CERT, DATA, sha256));
    }

    @Test
    void sha1IsNeverOfferedButSignedWhenAskedFor() {
        var signer = TestKeys.signer("id_rsa2048");
        assertFalse(signer.publicKey().algorithms().contains(KeyAlgorithm.SSH_RSA));
        byte[] signature = signer.sign(KeyAlgorithm.SSH_RSA, DATA);
        assertTrue(signer.publicKey().verify(KeyAlgorithm.SSH_RSA, DATA, signature));
    }

    @Test
    void rsaSignatureWithoutItsLeadingZeroVerifies() {
        var signer = TestKeys.signer("id_rsa1024");
        for (int i = 0; i < 10_000; i++) {
            byte[] data = ("message " + i).getBytes(StandardCharsets.US_ASCII);
            var in = new SshReader(signer.sign(KeyAlgorithm.RSA_SHA2_256, data));
            in.skipString();
            byte[] raw = in.string();
            if (raw[0] == 0) {
                byte[] shorter = new SshWriter().string("rsa-sha2-256").string(Arrays.copyOfRange(raw, 1, raw.length))
                        .toByteArray();
                assertTrue(signer.publicKey().verify(KeyAlgorithm.RSA_SHA2_256, data, shorter));
                byte[] longer = new SshWriter().string("rsa-sha2-256").string(Arrays.copyOf(raw, raw.length + 1))
                        .toByteArray();
                assertFalse(signer.publicKey().verify(KeyAlgorithm.RSA_SHA2_256, data, longer));
                return;
            }
        }
        throw new AssertionError("no signature of 10,000 began with a zero");
    }

    @Test
    void ecdsaNumbersOutOfRangeAreRefused() {
        var key = TestKeys.signer("id_ecdsa256").publicKey();
        var order = Curve.P256.order();
        for (var r : new BigInteger[]{BigInteger.ZERO, BigInteger.ONE.negate(), order, order.add(BigInteger.ONE)}) {
            byte[] numbers = new SshWriter().mpint(r).mpint(BigInteger.ONE).toByteArray();
            byte[] signature = new SshWriter().string("ecdsa-sha2-nistp256").string(numbers).toByteArray();
            assertFalse(key.verify(KeyAlgorithm.ECDSA_P256, DATA, signature));
        }
    }

    @Test
    void bytesBehindASignatureAreRefused() {
        for (String name : new String[]{"id_ed25519", "id_ecdsa384", "id_rsa2048"}) {
            var signer = TestKeys.signer(name);
            var algorithm = signer.publicKey().algorithms().getFirst();
            byte[] signature = signer.sign(algorithm, DATA);
            assertFalse(signer.publicKey().verify(algorithm, DATA, Arrays.copyOf(signature, signature.length + 1)));
            assertFalse(signer.publicKey().verify(algorithm, DATA, Arrays.copyOf(signature, signature.length - 1)));
            assertFalse(signer.publicKey().verify(algorithm, DATA, new byte[0]));
        }
    }

    @Test
    void pointThatIsNotOnTheCurveIsRefused() {
        byte[] blob = TestKeys.publicBlob("id_ecdsa256.pub");
        blob[blob.length - 1] ^= 1;
        refused(Rule.KEY_FORMAT, blob);
        byte[] compressed = new SshWriter().string("ecdsa-sha2-nistp256").string("nistp256")
                .string(HEX.parseHex("026b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"))
                .toByteArray();
        refused(Rule.KEY_FORMAT, compressed);
    }

    @Test
    void curveThatIsNotTheTypesIsRefused() {
        var key = TestKeys.signer("id_ecdsa384").publicKey();
        refused(Rule.KEY_FORMAT, new SshWriter().string("ecdsa-sha2-nistp256").string("nistp384").string(key.point())
                .toByteArray());
        refused(Rule.KEY_FORMAT, new SshWriter().string("ecdsa-sha2-nistp256").string("nistp256").string(key.point())
                .toByteArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "01", "ec*7f", "ed*7f", "ee*7f", "ff*7f", "ff*ff", "00*80", "01*80",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"})
    void ed25519KeyOfSmallOrderOrNotReducedIsRefused(String pattern) {
        byte[] point = new byte[32];
        if (pattern.length() == 64) {
            point = HEX.parseHex(pattern);
        } else {
            boolean ones = pattern.startsWith("e") || pattern.startsWith("f");
            Arrays.fill(point, (byte) (ones ? 0xff : 0));
            point[0] = HEX.parseHex(pattern.substring(0, 2))[0];
            point[31] = pattern.length() > 2 ? HEX.parseHex(pattern.substring(3))[0] : 0;
        }
        assertFalse(org.bouncycastle.math.ec.rfc8032.Ed25519.validatePublicKeyPartial(point, 0));
        refused(Rule.KEY_FORMAT, new SshWriter().string("ssh-ed25519").string(point).toByteArray());
    }

    @Test
    void rsaNumbersThatNoKeyHasAreRefused() {
        var modulus = BigInteger.ONE.shiftLeft(2047).setBit(0);
        var exponent = BigInteger.valueOf(65537);
        SshPublicKey.parse(rsa(exponent, modulus));
        refused(Rule.KEY_FORMAT, rsa(BigInteger.ONE, modulus));
        refused(Rule.KEY_FORMAT, rsa(BigInteger.valueOf(65536), modulus));
        refused(Rule.KEY_FORMAT, rsa(exponent.negate(), modulus));
        refused(Rule.KEY_FORMAT, rsa(BigInteger.ZERO, modulus));
        refused(Rule.KEY_NOT_SUPPORTED, rsa(BigInteger.ONE.shiftLeft(33).setBit(0), modulus));
        refused(Rule.KEY_FORMAT, rsa(exponent, modulus.clearBit(0)));
        refused(Rule.KEY_NOT_SUPPORTED, rsa(exponent, BigInteger.ONE.shiftLeft(2046).setBit(0)));
        refused(Rule.KEY_FORMAT, rsa(exponent, BigInteger.ONE.shiftLeft(16400).setBit(0)));
        assertEquals(16384,
                ((PlainKey) SshPublicKey.parse(rsa(exponent, BigInteger.ONE.shiftLeft(16383).setBit(0)))).bits());
        byte[] zeroInFront = new SshWriter().string("ssh-rsa").mpint(exponent)
                .string(Arrays.copyOfRange(modulus.shiftLeft(8).toByteArray(), 0, 0)).toByteArray();
        refused(Rule.KEY_FORMAT, zeroInFront);
        byte[] padded = new byte[modulus.toByteArray().length + 1];
        System.arraycopy(modulus.toByteArray(), 0, padded, 1, padded.length - 1);
        refused(Rule.KEY_FORMAT, new SshWriter().string("ssh-rsa").mpint(exponent).string(padded).toByteArray());
    }

    @Test
    void unknownTypesAreNotSupported() {
        for (String type : new String[]{"ssh-dss", "sk-ssh-ed25519@openssh.com", "rsa-sha2-256", "x509v3-sign-rsa",
                "x509v3-unknown", "ssh-dss-cert-v01@openssh.com", "hmac-md5@homeport", ""}) {
            refused(Rule.KEY_NOT_SUPPORTED, new SshWriter().string(type).string(new byte[32]).string(new byte[32])
                    .string(new byte[32]).toByteArray());
        }
    }

    @Test
    void blobLongerThanAnyKeyIsRefused() {
        refused(Rule.KEY_FORMAT, new byte[KeyBlobs.MOST_BYTES + 1]);
        refused(Rule.KEY_FORMAT, new byte[0]);
    }

    private static byte[] rsa(BigInteger exponent, BigInteger modulus) {
        return new SshWriter().string("ssh-rsa").mpint(exponent).mpint(modulus).toByteArray();
    }

    private static void refused(Rule rule, byte[] blob) {
        assertEquals(rule, assertThrows(ProtocolError.class, () -> SshPublicKey.parse(blob)).rule());
    }
}
