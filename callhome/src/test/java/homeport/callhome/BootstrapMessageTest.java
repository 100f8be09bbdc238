package homeport.callhome;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.BootstrapMessage.Check;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.PrivateKeys;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DEVICE-CONN-INFO: reading it, writing it, and what its HMAC is worth. */
class BootstrapMessageTest {
    private static final byte[] SECRET = "s3cret".getBytes(StandardCharsets.UTF_8);
    private static final PlainKey KEY = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, new SecureRandom())
            .publicKey();
    private static final PlainKey OTHER = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, new SecureRandom())
            .publicKey();

    private static BootstrapMessage parse(String text) {
        byte[] bytes = (text + "SSH-2.0-x\r\n").getBytes(StandardCharsets.UTF_8);
        int end = BootstrapMessage.end(bytes, bytes.length, 0);
        assertEquals(bytes.length - 11, end, "no byte beyond the message");
        return BootstrapMessage.parse(bytes, end);
    }

    @Test
    void hmacOfTheKnownVector() {
        var mac = BootstrapMessage.mac("HmacSHA1", SECRET, "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC testkey");
        assertEquals("42d38004786a3ff4ee5b5b5b567db9d55475b13f", HexFormat.of().formatHex(mac));
    }

    @Test
    void hmacCoversTheTextAsSentWithoutItsNul() {
        var message = parse("MSG-ID: DEVICE-CONN-INFO\r\nMSG-VER: V1\r\nDEVICE-ID: r1\r\n"
                + "HOST-KEY: ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC testkey\0\r\n"
                + "HMAC: 42d38004786a3ff4ee5b5b5b567db9d55475b13f\r\n\r\n\r\n\r\n");
        // The text is right and the key in it is none: proved for nothing that could sign.
        assertEquals(Check.OTHER_KEY, message.check(SECRET, KEY, false));
        assertEquals(Check.WRONG, message.check("other".getBytes(StandardCharsets.UTF_8), KEY, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"MSG-ID: DEVICE-CONN-INFO\r\nMSG-VER: V1\r\nDEVICE-ID: r1\r\n",
            "MSG-ID: DEVICE-CONN-INFO\nMSG-VER: V1\nDEVICE-ID: r1\n",
            "DEVICE-ID:r1\nMSG-VER:V1\nMSG-ID:  DEVICE-CONN-INFO\n\n\n",
            "MSG-ID: DEVICE-CONN-INFO\r\nMSG-VER: V1\r\nDEVICE-ID: : r1\r\nX-NEW: 7\r\n"})
    void dialectsAreRead(String text) {
        assertEquals("r1", parse(text).deviceId());
    }

    @Test
    void unknownLinesAreCounted() {
        assertEquals(2, parse("A: 1\nMSG-ID: DEVICE-CONN-INFO\nMSG-VER: V1\nb\nDEVICE-ID: r1\n").unknownLines());
    }

    @ParameterizedTest
    @ValueSource(strings = {"MSG-VER: V1\nDEVICE-ID: r1\n", "MSG-ID: DEVICE-CONN-INFO\nDEVICE-ID: r1\n",
            "MSG-ID: DEVICE-CONN-INFO\nMSG-VER: V1\n", "MSG-ID: X\nMSG-VER: V1\nDEVICE-ID: r\n",
            "MSG-ID: DEVICE-CONN-INFO\nMSG-VER: V2\nDEVICE-ID: r1\n",
            "MSG-ID: DEVICE-CONN-INFO\nMSG-VER: V1\nDEVICE-ID: r1\nDEVICE-ID: r2\n",
            "MSG-ID: DEVICE-CONN-INFO\nMSG-VER: V1\nDEVICE-ID: \u001b[1m\n",
            "MSG-ID: DEVICE-CONN-INFO\nMSG-VER: V1\nDEVICE-ID: r1\nHMAC: 42\n",
            "MSG-ID: DEVICE-CONN-INFO\nMSG-VER: V1\nDEVICE-ID: r1\nHMAC: zz\n",
            "MSG-ID: DEVICE-CONN-INFO\nMSG-VER: V1\nDEVICE-ID:\n"})
    void malformedMessagesAreRefused(String text) {
        assertThrows(BootstrapMessage.Malformed.class, () -> parse(text));
    }

    @Test
    void whatIsWrittenIsReadBack() {
        var message = BootstrapMessage.signed("router-1", KEY, SECRET);
        var read = parse(new String(message.encode(), StandardCharsets.UTF_8));
        assertEquals(message, read);
        assertArrayEquals(message.hmacSha256().orElseThrow(), read.hmacSha256().orElseThrow());
        assertEquals(Optional.of("ssh-ed25519"), read.hostKeyType());
        assertEquals(Optional.of(KEY), read.announcedKey());
    }

    @Test
    void rightSecretAndRightKeyProve() {
        assertEquals(Check.PROVED_SHA2_256, BootstrapMessage.signed("r", KEY, SECRET).check(SECRET, KEY, false));
        var junos = sha1Only(BootstrapMessage.signed("r", KEY, SECRET));
        assertEquals(Check.PROVED_SHA1, junos.check(SECRET, KEY, false));
    }

    private static BootstrapMessage sha1Only(BootstrapMessage message) {
        return new BootstrapMessage(message.deviceId(), message.hostKey(), message.hmacSha1(), Optional.empty(), 0);
    }

    @Test
    void replayedMessageWithAnotherKeyProvesNothing() {
        assertEquals(Check.OTHER_KEY, BootstrapMessage.signed("r", KEY, SECRET).check(SECRET, OTHER, false));
    }

    @Test
    void messageWithoutHmacIsADowngrade() {
        assertEquals(Check.MISSING, BootstrapMessage.claim("r").check(SECRET, KEY, false));
        assertEquals(Check.MISSING,
                sha1Only(BootstrapMessage.signed("r", KEY, SECRET)).check(SECRET, KEY, true));
    }

    /** An HMAC without the key that it is over, or over a key in several lines, is none. */
    @Test
    void hmacWithoutItsKeyIsMissing() {
        var head = "MSG-ID: DEVICE-CONN-INFO\r\nMSG-VER: V1\r\nDEVICE-ID: r1\r\n";
        var overNothing = parse(head + "HMAC: "
                + HexFormat.of().formatHex(BootstrapMessage.mac("HmacSHA1", SECRET, "")) + "\r\n\r\n");
        assertEquals(Check.MISSING, overNothing.check(SECRET, KEY, false));
        var good = new String(BootstrapMessage.signed("r1", KEY, SECRET).encode(), StandardCharsets.UTF_8);
        var folded = parse(good.replace("HOST-KEY: ssh-ed25519 ", "HOST-KEY: ssh-ed25519\r\n "));
        assertEquals(Check.WRONG, folded.check(SECRET, KEY, false));
    }

    @Test
    void strongerHmacCountsWhereBothAreThere() {
        var good = BootstrapMessage.signed("r", KEY, SECRET);
        var mixed = new BootstrapMessage("r", good.hostKey(), good.hmacSha1(), Optional.of(new byte[32]), 0);
        assertEquals(Check.WRONG, mixed.check(SECRET, KEY, false));
    }

    @Test
    void emptySecretProvesNothing() {
        var forged = BootstrapMessage.signed("r", KEY, new byte[32]);
        assertTrue(!forged.check(new byte[0], KEY, false).proved());
    }

    @Test
    void calixIdentityIsRead() {
        var text = "<version>1</version><identity><mac>00:02:5d:00:00:01</mac><serial-number>CX1</serial-number>"
                + "<model-name>E7</model-name><source-ip>10.0.0.1</source-ip></identity>";
        byte[] bytes = (text + "SSH-2.0-x").getBytes(StandardCharsets.UTF_8);
        int end = CalixIdentity.end(bytes, bytes.length, 0);
        assertEquals(text.length(), end);
        assertEquals(new CalixIdentity("CX1", "00:02:5d:00:00:01", "E7", "10.0.0.1"), CalixIdentity.parse(bytes, end));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<version>1</version><identity></identity>", "<identity><serial-number>a</identity>",
            "<!DOCTYPE x [<!ENTITY e 'v'>]><identity><serial-number>&e;</serial-number></identity>",
            "<identity><serial-number>&amp;e;</serial-number><serial-number>x</serial-number></identity>",
            "<identity><serial-number>&e;</serial-number></identity>"})
    void xmlThatIsNoIdentityIsRefused(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertThrows(BootstrapMessage.Malformed.class,
                () -> CalixIdentity.parse(bytes, CalixIdentity.end(bytes, bytes.length, 0)));
    }
}
