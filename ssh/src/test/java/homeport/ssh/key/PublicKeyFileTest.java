package homeport.ssh.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.key.KeyFileError.Problem;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicKeyFileTest {
    @ParameterizedTest
    @ValueSource(strings = {"id_ed25519.pub", "id_ecdsa384.pub", "id_rsa2048.pub", "cert_user_rsa2048.pub"})
    void lineOfSshKeygenIsReadAndWrittenAsItWas(String name) {
        var file = PublicKeyFile.read(name, TestKeys.text(name));
        assertEquals("homeport test", file.comment());
        assertEquals(TestKeys.text(name), file.write());
    }

    @ParameterizedTest
    @ValueSource(strings = {"id_ed25519.pub", "id_rsa2048.pub"})
    void rfc4716BlockOfSshKeygenIsRead(String name, @TempDir Path directory) {
        var keygen = new SshKeygen(directory);
        keygen.write("key.pub", TestKeys.file(name));
        var file = PublicKeyFile.read(name, keygen.run(new byte[0], "-e", "-m", "RFC4716", "-f", "key.pub"));
        assertArrayEquals(TestKeys.publicBlob(name), file.key().blob());
        assertTrue(file.comment().contains("homeport test") || file.comment().contains("converted"), file.comment());
    }

    @Test
    void rfc4716HeadersContinueOnTheNextLine() {
        String base64 = TestKeys.text("id_ed25519.pub").split(" ")[1];
        var file = PublicKeyFile.read("f", "\n---- BEGIN SSH2 PUBLIC KEY ----\r\nx-Own: 1\r\nComment: \"a long \\\r\n"
                + "comment\"\r\n" + base64.substring(0, 30) + "\r\n" + base64.substring(30)
                + "\r\n---- END SSH2 PUBLIC KEY ----\r\n");
        assertEquals("a long comment", file.comment());
        assertEquals("ssh-ed25519", file.key().type());
    }

    @Test
    void privateKeyInsteadIsNamedAsSuch() {
        var error = assertThrows(KeyFileError.class,
                () -> PublicKeyFile.read("id", TestKeys.text("id_ed25519")));
        assertTrue(String.valueOf(error.getMessage()).contains("private key"), error.getMessage());
        assertEquals(1, error.line());
    }

    @Test
    void otherFilesAreRefused() {
        for (String text : new String[]{"", "# only\n", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-rsa "
                + TestKeys.text("id_ed25519.pub").split(" ")[1], "---- BEGIN SSH2 PUBLIC KEY ----\nAAAA",
                "---- BEGIN SSH2 PUBLIC KEY ----\n!!\n---- END SSH2 PUBLIC KEY ----"}) {
            assertEquals(Problem.MALFORMED,
                    assertThrows(KeyFileError.class, () -> PublicKeyFile.read("f", text)).problem(), text);
        }
        assertEquals(Problem.NOT_SUPPORTED, assertThrows(KeyFileError.class,
                () -> PublicKeyFile.read("f", TestKeys.text("id_rsa1024.pub"))).problem());
        assertEquals(1024, ((PlainKey) PublicKeyFile
                .read("f", TestKeys.text("id_rsa1024.pub"), PlainKey.LEGACY_RSA_BITS).key()).bits());
        assertEquals(Problem.TOO_LARGE, assertThrows(KeyFileError.class,
                () -> PublicKeyFile.read("f", "#".repeat(200_000))).problem());
    }

    @Test
    void commentCannotBecomeAnotherLine() {
        var file = new PublicKeyFile(PublicKeyFile.read("f", TestKeys.text("id_ed25519.pub")).key(), " a\nb\0 ");
        assertEquals("a b", file.comment());
        assertEquals(1, file.write().lines().count());
    }

    @Test
    void everyKeyOfAFileIsRead() {
        var ed25519 = TestKeys.text("id_ed25519.pub").strip();
        var rfc4716 = "---- BEGIN SSH2 PUBLIC KEY ----\n" + ed25519.split(" ", -1)[1]
                + "\n---- END SSH2 PUBLIC KEY ----";
        var ecdsa = TestKeys.text("id_ecdsa384.pub").strip();
        var all = PublicKeyFile.readAll("f", "# mine\n" + ecdsa + "\n\n" + rfc4716 + "\n" + ecdsa + "\n");
        assertEquals(List.of("ecdsa-sha2-nistp384", "ssh-ed25519", "ecdsa-sha2-nistp384"),
                all.stream().map(file -> file.key().type()).toList());
        var error = assertThrows(KeyFileError.class, () -> PublicKeyFile.readAll("f", ecdsa + "\nno key\n"));
        assertEquals(2, error.line());
        assertThrows(KeyFileError.class, () -> PublicKeyFile.readAll("f", "# none\n"));
    }
}
