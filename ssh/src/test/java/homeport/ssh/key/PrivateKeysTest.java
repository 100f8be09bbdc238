package homeport.ssh.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.key.KeyFileError.Problem;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateKeysTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final byte[] DATA = "an exchange hash".getBytes(StandardCharsets.US_ASCII);

    @ParameterizedTest
    @ValueSource(strings = {"id_ed25519", "id_ecdsa256", "id_ecdsa384", "id_ecdsa521", "id_rsa2048"})
    void keyMadeBySshKeygenSignsForItsPublicKey(String name) {
        var signer = TestKeys.signer(name);
        var publicKey = SshPublicKey.parse(TestKeys.publicBlob(name + ".pub"));
        assertEquals(publicKey, signer.publicKey());
        for (var algorithm : publicKey.algorithms()) {
            byte[] signature = signer.sign(algorithm, DATA);
            assertTrue(publicKey.verify(algorithm, DATA, signature), algorithm.wireName());
            assertFalse(publicKey.verify(algorithm, "another hash".getBytes(StandardCharsets.US_ASCII), signature));
        }
    }

    @Test
    void legacyRsa1024IsReadAndItsPublicKeyOnlyOnRequest() {
        var signer = TestKeys.signer("id_rsa1024");
        byte[] blob = signer.publicKey().blob();
        assertThrows(homeport.ssh.wire.ProtocolError.class, () -> SshPublicKey.parse(blob));
        assertEquals(signer.publicKey(), SshPublicKey.parse(blob, PlainKey.LEGACY_RSA_BITS));
        assertEquals(1024, signer.publicKey().bits());
    }

    @ParameterizedTest
    @ValueSource(strings = {"aes128-ctr", "aes192-ctr", "aes256-ctr", "aes128-cbc", "aes192-cbc", "aes256-cbc",
            "aes128-gcm", "aes256-gcm", "chacha20-poly1305", "rsa", "ecdsa"})
    void encryptedKeyOpensWithItsPassphraseOnly(String cipher) {
        String name = "id_enc_" + cipher;
        byte[] content = TestKeys.file(name);
        assertArrayEquals(TestKeys.publicBlob(name + ".pub"),
                PrivateKeys.read(name, content, TestKeys.PASSPHRASE.toCharArray()).publicKey().blob());
        var needed = assertThrows(KeyFileError.class, () -> PrivateKeys.read(name, content));
        assertEquals(Problem.PASSPHRASE_NEEDED, needed.problem());
        var wrong = assertThrows(KeyFileError.class,
                () -> PrivateKeys.read(name, content, "correct horsf".toCharArray()));
        assertEquals(Problem.PASSPHRASE_WRONG, wrong.problem());
    }

    @Test
    void passphraseIsUtf8() {
        var signer = PrivateKeys.read("id_enc_utf8", TestKeys.file("id_enc_utf8"), "pass ä ü € 𝄞".toCharArray());
        assertArrayEquals(TestKeys.publicBlob("id_enc_utf8.pub"), signer.publicKey().blob());
    }

    @ParameterizedTest
    @EnumSource(value = KeyAlgorithm.class, names = {"SSH_ED25519", "ECDSA_P256", "ECDSA_P384", "ECDSA_P521",
            "RSA_SHA2_512"})
    void generatedKeySurvivesItsFile(KeyAlgorithm algorithm) {
        var signer = PrivateKeys.generate(algorithm, RANDOM);
        byte[] plain = PrivateKeys.write(signer, "a comment", RANDOM);
        assertEquals(signer.publicKey(), PrivateKeys.read("plain", plain).publicKey());
        byte[] encrypted = PrivateKeys.writeEncrypted(signer, "", "geheim".toCharArray(), 1, RANDOM);
        assertEquals(signer.publicKey(), PrivateKeys.read("enc", encrypted, "geheim".toCharArray()).publicKey());
        assertTrue(Arrays.stream(new String(plain, StandardCharsets.US_ASCII).split("\n"))
                .allMatch(line -> line.length() <= 70));
    }

    @Test
    void destroyedKeySignsNoMore() {
        var signer = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);
        signer.destroy();
        assertTrue(signer.isDestroyed());
        assertThrows(IllegalStateException.class, () -> signer.sign(KeyAlgorithm.SSH_ED25519, DATA));
        assertThrows(IllegalStateException.class, () -> PrivateKeys.write(signer, "", RANDOM));
    }
}
