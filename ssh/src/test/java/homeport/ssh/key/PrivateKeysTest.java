package homeport.ssh.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.key.KeyFileError.Problem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

    @ParameterizedTest
    @ValueSource(strings = {"PKCS8_rsa2048", "PKCS8_ecdsa256", "PKCS8_ecdsa384", "PKCS8_ecdsa521", "PEM_rsa2048",
            "PEM_ecdsa256", "PEM_ecdsa384", "PEM_ecdsa521"})
    void pemKeyIsRead(String name) {
        assertArrayEquals(TestKeys.publicBlob("id_" + name.substring(name.indexOf('_') + 1) + ".pub"),
                TestKeys.signer("pem_" + name).publicKey().blob());
    }

    @Test
    void pemKeyMadeByOpensslIsRead() throws Exception {
        var spki = Pem.parse("spki", TestKeys.file("pem_PKCS8_ed25519.spki")).content();
        var expected = java.security.KeyFactory.getInstance("Ed25519")
                .generatePublic(new java.security.spec.X509EncodedKeySpec(spki));
        assertEquals(PlainKey.of(expected), TestKeys.signer("pem_PKCS8_ed25519").publicKey());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa2048", "ecdsa256", "ecdsa384", "ecdsa521", "ed25519"})
    void encryptedPkcs8OpensWithItsPassphraseOnly(String kind) {
        String name = "pem_PKCS8enc_" + kind;
        byte[] content = TestKeys.file(name);
        var expected = TestKeys.signer(kind.equals("ed25519") ? "pem_PKCS8_ed25519" : "id_" + kind).publicKey();
        assertEquals(expected, PrivateKeys.read(name, content, TestKeys.PASSPHRASE.toCharArray()).publicKey());
        assertEquals(Problem.PASSPHRASE_NEEDED,
                assertThrows(KeyFileError.class, () -> PrivateKeys.read(name, content)).problem());
        assertEquals(Problem.PASSPHRASE_WRONG,
                assertThrows(KeyFileError.class, () -> PrivateKeys.read(name, content, "wrong".toCharArray()))
                        .problem());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pem_old_encryption", "pem_PKCS8scrypt_ed25519"})
    void otherEncryptionIsNotSupportedAndSaysWhatToDo(String name) {
        var error = assertThrows(KeyFileError.class,
                () -> PrivateKeys.read(name, TestKeys.file(name), TestKeys.PASSPHRASE.toCharArray()));
        assertEquals(Problem.NOT_SUPPORTED, error.problem());
        assertTrue(String.valueOf(error.getMessage()).contains("ssh-keygen -p"), error.getMessage());
    }

    @Test
    void fileThatIsNoPrivateKeyIsMalformed() {
        for (String name : new String[]{"id_ed25519.pub", "sshsig_ed25519", "x509_root.pem", "make-keys.sh"}) {
            var error = assertThrows(KeyFileError.class, () -> PrivateKeys.read(name, TestKeys.file(name)));
            assertTrue(error.problem() == Problem.MALFORMED || error.problem() == Problem.NOT_SUPPORTED, name);
            assertEquals(name, error.file());
        }
        assertEquals(Problem.TOO_LARGE, assertThrows(KeyFileError.class,
                () -> PrivateKeys.read("big", new byte[PrivateKeys.MOST_FILE_BYTES + 1])).problem());
    }

    @ParameterizedTest
    @ValueSource(strings = {"id_ed25519", "id_ecdsa521", "id_rsa2048"})
    void sshKeygenReadsOurFiles(String name, @TempDir Path directory) {
        var keygen = new SshKeygen(directory);
        var signer = TestKeys.signer(name);
        String expected = TestKeys.text(name + ".pub").split(" ")[1];
        keygen.write("plain", PrivateKeys.write(signer, "a comment", RANDOM));
        assertTrue(keygen.run(new byte[0], "-y", "-f", "plain").contains(expected));
        keygen.write("enc", PrivateKeys.writeEncrypted(signer, "a comment", "pass ä €".toCharArray(), RANDOM));
        assertTrue(keygen.run(new byte[0], "-y", "-P", "pass ä €", "-f", "enc").contains(expected));
        assertTrue(keygen.tryRun(new byte[0], "-y", "-P", "pass", "-f", "enc").exit() != 0);
    }

    /** PROTOCOL.key: to a multiple of 8 where there is no cipher; AsyncSSH reads no file with more. */
    @Test
    void aKeyInTheClearIsPaddedToEightBytesWhateverItsComment() {
        var signer = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);
        for (int length = 0; length < 16; length++) {
            byte[] content = OpenSshKeyFormat.write(signer, "c".repeat(length), null, 0, RANDOM);
            byte last = content[content.length - 1];
            assertTrue(last < 8 || last == 'c', () -> "padding of " + last);
        }
    }

    @Test
    void roundsOfBcryptAreBounded() {
        var signer = TestKeys.signer("id_ed25519");
        assertThrows(IllegalArgumentException.class,
                () -> PrivateKeys.writeEncrypted(signer, "", "x".toCharArray(), 1025, RANDOM));
        assertThrows(IllegalArgumentException.class,
                () -> PrivateKeys.writeEncrypted(signer, "", new char[0], 16, RANDOM));
        byte[] content = Pem.parse("", PrivateKeys.writeEncrypted(signer, "", "x".toCharArray(), 1, RANDOM)).content();
        // magic, cipher, kdf, options' length, salt: then the rounds
        content[15 + 4 + 10 + 4 + 6 + 4 + 4 + 16] = 1;
        byte[] file = Pem.write("OPENSSH PRIVATE KEY", content, 70);
        assertEquals(Problem.NOT_SUPPORTED, assertThrows(KeyFileError.class,
                () -> PrivateKeys.read("many rounds", file, "x".toCharArray())).problem());
    }

    @Test
    void publicPartOfAnotherKeyIsRefused() {
        byte[] mine = Pem.parse("", TestKeys.file("id_ed25519")).content();
        byte[] other = TestKeys.publicBlob("ca_ed25519.pub");
        int at = 15 + 4 + 4 + 4 + 4 + 4 + 4 + 4;
        System.arraycopy(other, 0, mine, at, other.length);
        byte[] file = Pem.write("OPENSSH PRIVATE KEY", mine, 70);
        assertEquals(Problem.MALFORMED,
                assertThrows(KeyFileError.class, () -> PrivateKeys.read("mixed", file)).problem());
    }

    @Test
    void nothingShowsTheSecret() {
        var signer = TestKeys.signer("id_ed25519");
        assertEquals("signer of ssh-ed25519 " + signer.publicKey().fingerprint(), signer.toString());
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
