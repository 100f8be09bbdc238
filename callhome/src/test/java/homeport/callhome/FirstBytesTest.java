package homeport.callhome;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told from a dialler's first bytes. */
class FirstBytesTest {
    private static FirstBytes of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return FirstBytes.of(bytes, 0, bytes.length);
    }

    @Test
    void versionLineIsSsh() {
        assertInstanceOf(FirstBytes.Ssh.class, of("SSH-2.0-OpenSSH_9.2p1\r\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"MSG-ID: DEVICE-CONN-INFO\r\n", "MSG-VER: V1\n", "DEVICE-ID: x", "HOST-KEY: ssh-rsa",
            "HMAC: 4"})
    void anyLineOfTheMessageMayComeFirst(String start) {
        assertInstanceOf(FirstBytes.Bootstrap.class, of(start));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<version>1</version><identity>", "<identity><mac>"})
    void xmlIdentityIsCalix(String start) {
        assertInstanceOf(FirstBytes.Calix.class, of(start));
    }

    @Test
    void linesOfTextAreAServers() {
        assertInstanceOf(FirstBytes.ServerText.class, of("Welcome to router 7\r\nSSH-2.0-x"));
        assertInstanceOf(FirstBytes.ServerText.class, of("Grüße\n"));
    }

    /** RFC 4253 §4.2 asks for UTF-8; what devices send is any 8-bit code, and colours for a terminal. */
    @Test
    void linesOfAServerMayBeInAnyCodeAndColour() {
        for (int value = 0; value < 256; value++) {
            byte[] line = ("Anlage " + (char) value + " 7\r\nSSH-2.0-x\r\n\0\0\1")
                    .getBytes(StandardCharsets.ISO_8859_1);
            boolean text = value >= 0x20 && value != 0x7f || value >= 0x07 && value <= 0x0f || value == 0x1b;
            assertEquals(text ? FirstBytes.ServerText.class : FirstBytes.Foreign.class,
                    FirstBytes.of(line, 0, line.length).getClass(), "byte " + value);
        }
        assertInstanceOf(FirstBytes.ServerText.class, of("\u001b[2J\u001b[31mKEEP OUT\u001b[0m\r\n"));
    }

    @ParameterizedTest
    @CsvSource({"'GET / HTTP/1.1\r\n', HTTP", "'POST /x HTTP/1.1\r\n', HTTP", "'PRI * HTTP/2.0\r\n', HTTP",
            "'PROXY TCP4 1.2.3.4', PROXY_HEADER", "'<hello xmlns', NOT_SSH", "'<?xml version', NOT_SSH"})
    void othersAreRefusedByName(String start, Refusal refusal) {
        assertEquals(refusal, assertInstanceOf(FirstBytes.Foreign.class, of(start)).refusal());
    }

    @ParameterizedTest
    @CsvSource({"16030102, TLS", "0300002f, NOT_SSH", "050100, NOT_SSH", "0d0a0d0a000d0a515549540a, PROXY_HEADER"})
    void binaryIsRefusedByName(String hex, Refusal refusal) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertEquals(refusal,
                assertInstanceOf(FirstBytes.Foreign.class, FirstBytes.of(bytes, 0, bytes.length)).refusal());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "S", "SSH", "MSG-", "M", "<", "<ver", "GE", "H", "Welcome to"})
    void tooFewBytesAreUndecided(String start) {
        assertInstanceOf(FirstBytes.Undecided.class, of(start));
    }

    /** However the bytes are cut: a verdict, once there, does not change with more bytes. */
    @Test
    void moreBytesNeverChangeAVerdict() {
        var random = new Random(7);
        for (var start : new String[]{"SSH-2.0-x\r\n", "MSG-ID: DEVICE", "<version>1", "GET / HTTP/1.1\r\n\r\n",
                "Hi\nSSH-2.0"}) {
            byte[] bytes = (start + "y".repeat(80)).getBytes(StandardCharsets.UTF_8);
            FirstBytes last = FirstBytes.UNDECIDED;
            for (int length = 0; length <= bytes.length; length++) {
                var now = FirstBytes.of(bytes, 0, length);
                if (!(last instanceof FirstBytes.Undecided)) {
                    assertEquals(last.getClass(), now.getClass(), start + " at " + length);
                }
                last = now;
            }
        }
        // Noise may by chance begin with a line of text; hardly ever does it.
        int foreign = 0;
        for (int i = 0; i < 2000; i++) {
            var noise = new byte[FirstBytes.MOST_BYTES];
            random.nextBytes(noise);
            foreign += FirstBytes.of(noise, 0, noise.length) instanceof FirstBytes.Foreign ? 1 : 0;
        }
        assertTrue(foreign > 1800, foreign + " of 2000");
    }

    @Test
    void mostBytesSuffice() {
        assertInstanceOf(FirstBytes.ServerText.class, of("x".repeat(FirstBytes.MOST_BYTES)));
    }
}
