package homeport.ssh.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.KEM;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class KexMethodTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final SecureRandom RANDOM = new SecureRandom();

    @ParameterizedTest
    @EnumSource(KexAlgorithm.class)
    void bothSidesAgreeAndNeverTwiceOnTheSame(KexAlgorithm algorithm) {
        var method = method(algorithm);
        assertEquals(algorithm.hash(), method.hash());
        var initiator = method.initiate(RANDOM);
        var answer = method.answer(initiator.value(), RANDOM);
        byte[] secret = initiator.agree(answer.value());
        assertArrayEquals(answer.secret(), secret);
        assertEquals(secret.length - 4, BigEndian.int32(secret, 0), "the length field");
        assertTrue(secret[4] >= 0 || algorithm == KexAlgorithm.MLKEM768X25519_SHA256, "an mpint is not negative");
        assertFalse(Arrays.equals(secret, method.answer(method.initiate(RANDOM).value(), RANDOM).secret()));
        assertFalse(answer.toString().contains(HEX.formatHex(secret)));
    }

    @ParameterizedTest
    @EnumSource(KexAlgorithm.class)
    void valuesOfImpossibleLengthsAreRefused(KexAlgorithm algorithm) {
        var method = method(algorithm);
        byte[] good = method.initiate(RANDOM).value();
        for (byte[] value : List.of(new byte[0], new byte[1], Arrays.copyOf(good, good.length - 1), Arrays
                .copyOf(good, good.length + 2), Arrays.copyOf(good, 4 * good.length))) {
            if (method.valuesAreIntegers() && value.length == good.length - 1) {
                continue;
            }
            refused(() -> method.answer(value, RANDOM));
            refused(() -> method.initiate(RANDOM).agree(value));
        }
    }

    @Test
    void byNameFindsEachAndNothingElse() {
        for (var algorithm : KexAlgorithm.values()) {
            assertEquals(algorithm, KexAlgorithm.byName(algorithm.wireName()).orElseThrow());
        }
        assertTrue(KexAlgorithm.byName("diffie-hellman-group1-sha1").isEmpty());
        assertTrue(KexAlgorithm.byName("ext-info-c").isEmpty());
    }

    // X25519

    @Test
    void x25519IsThatOfRfc7748() {
        byte[] alice = HEX.parseHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        byte[] bob = HEX.parseHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        String aliceValue = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
        String bobValue = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
        String secret = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

        var method = method(KexAlgorithm.CURVE25519_SHA256);
        var initiator = method.initiate(new FixedRandom(alice));
        assertEquals(aliceValue, HEX.formatHex(initiator.value()));
        var answer = method.answer(initiator.value(), new FixedRandom(bob));
        assertEquals(bobValue, HEX.formatHex(answer.value()));
        assertEquals("00000020" + secret, HEX.formatHex(answer.secret()));
        assertArrayEquals(answer.secret(), initiator.agree(answer.value()));
    }

    /** Points of order 1, 2, 4 and 8, and encodings of them beyond p (RFC 8731 §3 refuses what they give: zeros). */
    @ParameterizedTest
    @ValueSource(strings = {"0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"})
    void x25519ValuesOfSmallOrderAreRefused(String value) {
        byte[] point = HEX.parseHex(value);
        var plain = method(KexAlgorithm.CURVE25519_SHA256);
        refused(() -> plain.answer(point, RANDOM));
        refused(() -> plain.initiate(RANDOM).agree(point));

        var hybrid = method(KexAlgorithm.MLKEM768X25519_SHA256);
        byte[] clientValue = hybrid.initiate(RANDOM).value();
        System.arraycopy(point, 0, clientValue, MlKem768X25519.KEY_BYTES, point.length);
        refused(() -> hybrid.answer(clientValue, RANDOM));
        var initiator = hybrid.initiate(RANDOM);
        byte[] serverValue = hybrid.answer(initiator.value(), RANDOM).value();
        System.arraycopy(point, 0, serverValue, MlKem768X25519.CIPHER_TEXT_BYTES, point.length);
        refused(() -> initiator.agree(serverValue));
    }

    /** Where a native library serves, it and Bouncy Castle must agree, and its private keys must go as well. */
    @Test
    @DisabledIfSystemProperty(named = "homeport.crypto", matches = "jdk", disabledReason = "leaves native libraries out")
    void nativeX25519AgreesWithThePortableOne() {
        assertTrue(Providers.conscrypt().isPresent(), "Conscrypt is on the tests' class path");
        for (int i = 0; i < 100; i++) {
            var one = X25519Pair.generate(RANDOM);
            var other = X25519Pair.portable(RANDOM);
            assertNotEquals(one.getClass(), other.getClass());
            byte[] secret = other.agree(one.value(), 0, one.value().length);
            byte[] embedded = join(new byte[i], other.value());
            assertArrayEquals(secret, one.agree(embedded, i, X25519Pair.VALUE_BYTES));
            var again = assertThrows(IllegalStateException.class, () -> one.agree(embedded, 0, X25519Pair.VALUE_BYTES));
            assertFalse(String.valueOf(again).contains(HEX.formatHex(secret)));
        }
    }

    // ML-KEM with X25519

    @Test
    void theHybridAgreesWithTheJdksMlKemAsServer() throws GeneralSecurityException {
        var initiator = method(KexAlgorithm.MLKEM768X25519_SHA256).initiate(RANDOM);
        byte[] clientValue = initiator.value();
        byte[] header = Arrays.copyOf(jdkPair().getPublic().getEncoded(), 22);
        byte[] encoded = Arrays.copyOf(header, header.length + MlKem768X25519.KEY_BYTES);
        System.arraycopy(clientValue, 0, encoded, header.length, MlKem768X25519.KEY_BYTES);
        var key = KeyFactory.getInstance("ML-KEM").generatePublic(new X509EncodedKeySpec(encoded));
        var encapsulated = KEM.getInstance("ML-KEM").newEncapsulator(key).encapsulate();

        byte[] scalar = Suite.octets(1, 32);
        var exchanged = new byte[32];
        X25519.scalarMult(scalar, 0, clientValue, MlKem768X25519.KEY_BYTES, exchanged, 0);
        byte[] serverValue = join(encapsulated.encapsulation(), x25519Value(scalar));
        byte[] expected = hybridSecret(encapsulated.key().getEncoded(), exchanged);
        assertArrayEquals(expected, initiator.agree(serverValue));
    }

    @Test
    void theHybridAgreesWithTheJdksMlKemAsClient() throws GeneralSecurityException {
        var pair = jdkPair();
        byte[] encoded = pair.getPublic().getEncoded();
        byte[] scalar = Suite.octets(2, 32);
        byte[] clientValue = join(Arrays.copyOfRange(encoded, 22, encoded.length), x25519Value(scalar));
        var answer = method(KexAlgorithm.MLKEM768X25519_SHA256).answer(clientValue, RANDOM);

        var decapsulated = KEM.getInstance("ML-KEM").newDecapsulator(pair.getPrivate())
                .decapsulate(Arrays.copyOf(answer.value(), MlKem768X25519.CIPHER_TEXT_BYTES));
        var exchanged = new byte[32];
        X25519.scalarMult(scalar, 0, answer.value(), MlKem768X25519.CIPHER_TEXT_BYTES, exchanged, 0);
        assertArrayEquals(hybridSecret(decapsulated.getEncoded(), exchanged), answer.secret());
    }

    @Test
    void anMlKemKeyBeyondTheModulusIsRefused() {
        var method = method(KexAlgorithm.MLKEM768X25519_SHA256);
        byte[] clientValue = method.initiate(RANDOM).value();
        clientValue[0] = (byte) 0xff;
        clientValue[1] |= 0x0f;
        refused(() -> method.answer(clientValue, RANDOM));
    }

    @Test
    void aChangedMlKemCipherTextGivesAnotherSecretAndNoError() {
        var method = method(KexAlgorithm.MLKEM768X25519_SHA256);
        var initiator = method.initiate(RANDOM);
        var answer = method.answer(initiator.value(), RANDOM);
        answer.value()[17] ^= 1;
        assertFalse(Arrays.equals(answer.secret(), initiator.agree(answer.value())));
    }

    private static KeyPair jdkPair() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("ML-KEM");
        generator.initialize(NamedParameterSpec.ML_KEM_768);
        return generator.generateKeyPair();
    }

    private static byte[] hybridSecret(byte[] kemSecret, byte[] exchanged) throws GeneralSecurityException {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(join(kemSecret, exchanged));
        return new SshWriter().string(hash).toByteArray();
    }

    private static byte[] x25519Value(byte[] scalar) {
        var value = new byte[32];
        X25519.scalarMultBase(scalar, 0, value, 0);
        return value;
    }

    // ECDH over NIST curves

    @ParameterizedTest
    @EnumSource(value = KexAlgorithm.class, names = {"ECDH_NISTP256", "ECDH_NISTP384", "ECDH_NISTP521"})
    void ellipticCurveSecretsAreThoseOfAnotherImplementation(KexAlgorithm algorithm) {
        var curve = curve(algorithm);
        var method = method(algorithm);
        for (int i = 1; i < 6; i++) {
            var scalar = new BigInteger(1, Suite.octets(i, 70)).mod(curve.getN());
            byte[] value = curve.getG().multiply(scalar).normalize().getEncoded(false);
            var answer = method.answer(value, RANDOM);
            assertArrayEquals(ecdh(curve, scalar, answer.value()), answer.secret());
            var initiator = method.initiate(RANDOM);
            assertArrayEquals(ecdh(curve, scalar, initiator.value()), initiator.agree(value));
        }
    }

    @ParameterizedTest
    @EnumSource(value = KexAlgorithm.class, names = {"ECDH_NISTP256", "ECDH_NISTP384", "ECDH_NISTP521"})
    void pointsThatAreNotOnTheCurveAreRefused(KexAlgorithm algorithm) {
        var curve = curve(algorithm);
        var method = method(algorithm);
        int fieldBytes = (curve.getCurve().getFieldSize() + 7) / 8;
        byte[] good = curve.getG().getEncoded(false);

        byte[] offCurve = good.clone();
        offCurve[offCurve.length - 1] ^= 1;
        byte[] zeros = new byte[good.length];
        zeros[0] = 4;
        byte[] hybridForm = good.clone();
        hybridForm[0] = 6;
        byte[] beyondField = good.clone();
        Arrays.fill(beyondField, 1, 1 + fieldBytes, (byte) 0xff);
        byte[] compressed = curve.getG().getEncoded(true);
        for (byte[] value : List.of(offCurve, zeros, hybridForm, beyondField, compressed, new byte[]{0})) {
            refused(() -> method.answer(value, RANDOM));
            refused(() -> method.initiate(RANDOM).agree(value));
        }
    }

    private static X9ECParameters curve(KexAlgorithm algorithm) {
        return CustomNamedCurves.getByName(algorithm.wireName().replace("ecdh-sha2-nistp", "P-"));
    }

    private static byte[] ecdh(X9ECParameters curve, BigInteger scalar, byte[] value) {
        var point = curve.getCurve().decodePoint(value).multiply(scalar).normalize();
        return new SshWriter().mpint(point.getAffineXCoord().toBigInteger()).toByteArray();
    }

    // Diffie-Hellman

    @Test
    void diffieHellmanSecretsAreThePowersOfTheirValues() {
        var group = GroupExchange.known(2048);
        var method = method(KexAlgorithm.GROUP14_SHA256);
        var exponent = new BigInteger(1, Suite.octets(1, 40));
        byte[] value = group.g().modPow(exponent, group.p()).toByteArray();
        var answer = method.answer(value, RANDOM);
        var secret = new BigInteger(1, answer.value()).modPow(exponent, group.p());
        assertArrayEquals(new SshWriter().mpint(secret).toByteArray(), answer.secret());
    }

    @Test
    void diffieHellmanValuesAtTheEdgesAreRefused() {
        var p = GroupExchange.known(2048).p();
        var method = method(KexAlgorithm.GROUP14_SHA256);
        var one = BigInteger.ONE;
        for (var value : List.of(BigInteger.ZERO, one, p.subtract(one), p, p.add(one), p.shiftLeft(1))) {
            refused(() -> method.answer(value.toByteArray(), RANDOM));
            refused(() -> method.initiate(RANDOM).agree(value.toByteArray()));
        }
        assertFalse(method.answer(p.subtract(BigInteger.TWO).toByteArray(), RANDOM).secret().length == 0);
    }

    private static KexMethod method(KexAlgorithm algorithm) {
        assertEquals(algorithm.asksForGroup(), algorithm.method().isEmpty());
        return algorithm.method().orElseGet(() -> GroupExchange.known(3072).method(algorithm.hash()));
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static void refused(Runnable exchange) {
        assertEquals(Rule.KEX_VALUE, assertThrows(ProtocolError.class, exchange::run).rule());
    }
}
