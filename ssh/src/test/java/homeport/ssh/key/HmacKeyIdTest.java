package homeport.ssh.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.SshWriter;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HmacKeyIdTest {
    private static final byte[] SECRET = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HASH = new byte[32];

    /** Computed with Python's hmac and hashlib by the formula in HmacKeyId's description. */
    @Test
    void proofIsWhatTheDescriptionSays() {
        var expected = "00000016686d61632d736861322d32353640686f6d65706f727400000020"
                + "f4a437eead241ba479e0083673893436e6628667aa863f7a71b4c4988d44aab8";
        assertEquals(expected, HexFormat.of().formatHex(signer(KeyAlgorithm.HMAC_SHA2_256)
                .sign(KeyAlgorithm.HMAC_SHA2_256, HASH)));
        var longer = "00000016686d61632d736861322d35313240686f6d65706f727400000040"
                + "e4804ca19853a2341128d273777a4b2339da228ba42d68e7afdedad8d5faf129"
                + "7a9b8eced1684aaf6c9c78070aa74d8da813a3c3c9db5c30cc4a802709f19e42";
        assertEquals(longer, HexFormat.of().formatHex(signer(KeyAlgorithm.HMAC_SHA2_512)
                .sign(KeyAlgorithm.HMAC_SHA2_512, HASH)));
    }

    @ParameterizedTest
    @EnumSource(value = KeyAlgorithm.class, names = {"HMAC_SHA2_256", "HMAC_SHA2_512"})
    void proofHoldsForItsSecretHashIdAndAlgorithmOnly(KeyAlgorithm algorithm) {
        var key = signer(algorithm).publicKey();
        assertEquals(key, SshPublicKey.parse(key.blob()));
        byte[] proof = signer(algorithm).sign(algorithm, HASH);
        assertTrue(key.verify(algorithm, SECRET, HASH, proof));
        assertFalse(key.verify(algorithm, HASH, proof), "without the secret nothing is proved");
        assertFalse(key.verify(algorithm, "0123456789abcdeF".getBytes(StandardCharsets.US_ASCII), HASH, proof));
        assertFalse(key.verify(algorithm, null, HASH, proof));
        assertFalse(key.verify(algorithm, SECRET, new byte[31], proof));
        assertFalse(HmacKeyId.of(algorithm, "router-2").verify(algorithm, SECRET, HASH, proof));
        var other = algorithm == KeyAlgorithm.HMAC_SHA2_256 ? KeyAlgorithm.HMAC_SHA2_512 : KeyAlgorithm.HMAC_SHA2_256;
        assertFalse(key.verify(other, SECRET, HASH, proof));
        assertFalse(HmacKeyId.of(other, "router-1").verify(other, SECRET, HASH, proof));
        assertFalse(key.verify(algorithm, SECRET, HASH, new byte[0]));
    }

    @Test
    void shortSecretIsRefusedOnBothSides() {
        var key = HmacKeyId.of(KeyAlgorithm.HMAC_SHA2_256, "router-1");
        assertThrows(IllegalArgumentException.class, () -> new HmacSigner(key, new byte[15]));
        assertFalse(key.verify(KeyAlgorithm.HMAC_SHA2_256, new byte[15], HASH, key.proof(new byte[15], HASH)));
    }

    @Test
    void keyIdIsPrintableUtf8OfOneTo255Bytes() {
        assertEquals("Gerät-☃", HmacKeyId.of(KeyAlgorithm.HMAC_SHA2_256, "Gerät-☃").keyId());
        for (String id : new String[]{"", "a\nb", "x".repeat(256), "\u0085"}) {
            assertThrows(ProtocolError.class, () -> HmacKeyId.of(KeyAlgorithm.HMAC_SHA2_256, id));
        }
        assertThrows(ProtocolError.class, () -> SshPublicKey.parse(
                new SshWriter().string("hmac-sha2-256@homeport").string(new byte[]{(byte) 0xff}).toByteArray()));
        assertThrows(ProtocolError.class, () -> SshPublicKey.parse(
                new SshWriter().string("hmac-sha2-256@homeport").string("a").uint8(0).toByteArray()));
    }

    @Test
    void destroyedSignerProvesNothing() {
        var signer = signer(KeyAlgorithm.HMAC_SHA2_256);
        signer.destroy();
        assertThrows(IllegalStateException.class, () -> signer.sign(KeyAlgorithm.HMAC_SHA2_256, HASH));
        assertArrayEquals("0123456789abcdef".getBytes(StandardCharsets.US_ASCII), SECRET, "the caller's copy stays");
        assertFalse(signer.toString().contains("0123"));
    }

    private static HmacSigner signer(KeyAlgorithm algorithm) {
        return new HmacSigner(HmacKeyId.of(algorithm, "router-1"), SECRET);
    }
}
