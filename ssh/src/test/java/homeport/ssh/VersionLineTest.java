package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first line, and what comes before it (RFC 4253 §4.2). */
class VersionLineTest {

    private record Outcome(Optional<Rule> rule, List<String> lines) {}

    /** What an engine in {@code role} makes of these bytes, whole and one at a time. */
    private static Outcome read(Role role, byte[] bytes) {
        var whole = read(role, bytes, bytes.length);
        assertEquals(whole, read(role, bytes, 1));
        return whole;
    }

    private static Outcome read(Role role, byte[] bytes, int part) {
        var lines = new ArrayList<String>();
        var connection = SshConnection.as(role, SshSettings.server(List.of(Keys.ED25519)), new Environment(() -> 0,
                new SeededRandom(1)), new SshWriter(), event -> {
                    if (event instanceof Event.VersionReceived version) {
                        lines.add(version.identification());
                    }
                });
        connection.start();
        for (int at = 0; at < bytes.length; at += part) {
            connection.receive(bytes.clone(), at, Math.min(part, bytes.length - at));
        }
        return new Outcome(connection.closed().flatMap(CloseReason::rule), lines);
    }

    private static Outcome read(Role role, String text) {
        return read(role, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SSH-2.0-OpenSSH_9.2p1 Debian-2", "SSH-2.0-", "SSH-1.99-Cisco-1.25", "SSH-2.0-a b  c"})
    void goodLinesAreTakenWithAndWithoutCr(String line) {
        for (var role : Role.values()) {
            assertEquals(new Outcome(Optional.empty(), List.of(line)), read(role, line + "\r\n"));
            assertEquals(new Outcome(Optional.empty(), List.of(line)), read(role, line + "\n"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SSH-1.5-old", "SSH-2.1-new", "SSH-", "SSH-2.0", "SSH-2.00-x", "SSH-1.9-x", "SSH-2.0_x"})
    void otherVersionsAreNotSupported(String line) {
        for (var role : Role.values()) {
            assertEquals(new Outcome(Optional.of(Rule.VERSION_NOT_SUPPORTED), List.of()), read(role, line + "\r\n"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SSH-2.0-a\0b", "SSH-2.0-a\rb", "SSH-2.0-a\r", "SSH-2.0-\u001b[31m", "SSH-2.0-a\tb",
            "SSH-2.0-\u007f", "SSH-2.0-\u00e9", "SSH-2.0-\u0085"})
    void controlCharactersAndOtherAlphabetsAreRefused(String line) {
        for (var role : Role.values()) {
            assertEquals(new Outcome(Optional.of(Rule.NOT_SSH), List.of()), read(role, line + "\r\n"));
        }
    }

    @Test
    void theLineHas255BytesAtMost() {
        String longest = "SSH-2.0-" + "x".repeat(245);
        assertEquals(List.of(longest), read(Role.SERVER, longest + "\r\n").lines());
        assertEquals(List.of(longest + "x"), read(Role.SERVER, longest + "x\n").lines());
        assertEquals(Optional.of(Rule.VERSION_LINE_TOO_LONG), read(Role.SERVER, longest + "x\r\n").rule());
        assertEquals(Optional.of(Rule.VERSION_LINE_TOO_LONG), read(Role.SERVER, longest + "xx\n").rule());
        assertEquals(Optional.of(Rule.VERSION_LINE_TOO_LONG), read(Role.SERVER, "SSH-2.0-" + "x".repeat(2_000))
                .rule());
    }

    @Test
    void aLineWithoutItsEndIsWaitedFor() {
        assertEquals(new Outcome(Optional.empty(), List.of()), read(Role.SERVER, "SSH-2.0-x"));
    }

    @Test
    void aServerMaySendOtherLinesBefore() {
        assertEquals(List.of("SSH-2.0-x"), read(Role.CLIENT, "hello\r\n\r\nSSX\nSS\nS\n\nSSSH-2.0-no\nSSH-2.0-x\r\n")
                .lines());
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1", "\u0016\u0003\u0001", "ssh-2.0-x", "SSSH-2.0-x", " SSH-2.0-x"})
    void aClientMayNot(String line) {
        assertEquals(Optional.of(Rule.NOT_SSH), read(Role.SERVER, line + "\nSSH-2.0-x\r\n").rule());
    }

    @Test
    void bannersBeforeTheVersionLineAreBounded() {
        int most = Limits.DEFAULT.bannerBytes();
        var fits = "x".repeat(99) + "\n";
        assertEquals(List.of("SSH-2.0-x"), read(Role.CLIENT, fits.repeat(most / 100) + "SSH-2.0-x\r\n").lines());
        assertEquals(Optional.of(Rule.BANNER_TOO_LONG), read(Role.CLIENT, fits.repeat(most / 100 + 1) + "SSH-2.0-x\r\n")
                .rule());
        assertEquals(Optional.of(Rule.BANNER_TOO_LONG), read(Role.CLIENT, "y".repeat(most + 1)).rule());
        assertEquals(Optional.of(Rule.BANNER_TOO_LONG), read(Role.CLIENT, "\n".repeat(most + 1)).rule());
    }

    @Test
    void whatFollowsTheLineInTheSameBytesIsReadAsPackets() {
        var evil = EvilPeer.client().scripted();
        assertTrue(evil.victim.peerIdentification().equals(EvilPeer.VERSION));
        assertEquals(Optional.of(Rule.PACKET_TOO_LONG), read(Role.SERVER, "SSH-2.0-x\r\nSSH-2.0-x\r\n").rule());
    }
}
