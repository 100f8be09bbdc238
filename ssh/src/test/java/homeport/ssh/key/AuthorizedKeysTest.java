package homeport.ssh.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.key.AuthorizedKeys.Answer;
import java.net.InetAddress;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorizedKeysTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final PlainKey KEY = PlainKey.parse(TestKeys.publicBlob("id_ed25519.pub"));
    private static final PlainKey OTHER = PlainKey.parse(TestKeys.publicBlob("id_ecdsa256.pub"));
    private static final String LINE = KeyText.write(KEY) + " alice@laptop\n";
    private static final String CA = TestKeys.text("ca_ed25519.pub");

    @Test
    void keyWithoutOptionsMayDoAll() {
        var keys = parse("# operators\n\n" + LINE);
        var allowed = assertInstanceOf(Answer.Allowed.class, lookup(keys, KEY));
        assertEquals(new Answer.Allowed(3, KeyOptions.ALL), allowed);
        assertEquals("alice@laptop", keys.comment(3));
        assertEquals(new Answer.NotListed(), lookup(keys, OTHER));
        assertEquals(List.of(KEY), keys.keys());
        assertTrue(allowed.options().permitsOpen("db", 5432));
    }

    @Test
    void optionsAreReadInTheirOrder() {
        var options = allowed(
                "restrict,PTY,command=\"show \\\"x, y\\\" z\",environment=\"LANG=de\",environment=\"LANG=en\" ");
        assertTrue(options.pty());
        assertFalse(options.portForwarding() || options.agentForwarding() || options.x11Forwarding()
                || options.userRc());
        assertEquals(Optional.of("show \"x, y\" z"), options.command());
        assertEquals(Map.of("LANG", "de"), options.environment());
        assertFalse(allowed("pty,restrict ").pty());
        assertFalse(allowed("no-port-forwarding ").portForwarding());
        assertTrue(allowed("no-port-forwarding ").pty());
    }

    @Test
    void forwardingIsLimitedToWhatIsListed() {
        var options = allowed("permitopen=\"db.lab:5432\",permitopen=\"[2001:db8::1]:*\",permitlisten=\"8080\","
                + "permitlisten=\"*.lab:22\" ");
        assertTrue(options.permitsOpen("DB.lab", 5432));
        assertTrue(options.permitsOpen("2001:db8::1", 1));
        assertFalse(options.permitsOpen("db.lab", 5433));
        assertFalse(options.permitsOpen("x", 5432));
        assertTrue(options.permitsListen("anything", 8080));
        assertTrue(options.permitsListen("a.lab", 22));
        assertFalse(options.permitsListen("a.lab", 23));
        assertFalse(allowed("no-port-forwarding,permitopen=\"db:1\" ").permitsOpen("db", 1));
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.0/24, 192.0.2.9, true", "192.0.2.0/24, 192.0.3.9, false", "192.0.2.*, 192.0.2.9, true",
            "'192.0.2.0/24,!192.0.2.9', 192.0.2.9, false", "'!192.0.2.9,192.0.2.0/24', 192.0.2.8, true",
            "2001:db8::/32, 2001:db8::5, true", "2001:db8::/32, 2001:db9::5, false", "192.0.2.9, 192.0.2.9, true",
            "'!192.0.2.0/24', 10.0.0.1, false", "host.example.com, 192.0.2.9, false",
            "192.0.2.0/24, ::ffff:192.0.2.1, true", "192.0.2.*, ::ffff:192.0.2.1, true",
            "::ffff:192.0.2.1, 192.0.2.1, true", "::ffff:192.0.2.0/120, 192.0.2.9, true",
            "::ffff:192.0.2.0/120, 192.0.3.9, false", "2001:db8::*, 2001:db8::9, true",
            "2001:DB8::*, 2001:db8::9, true", "2001:db8:0:0:*, 2001:db8::9, false", "fe80::?, fe80::1, true",
            "2001:db8::*, 2001:db8:1::9, false", "'*,!2001:db8::*', 2001:db8::9, false",
            "2001:db8:0:0:0:0:0:9, 2001:db8::9, true"})
    void fromAllowsTheseAddresses(String list, String address, boolean allowed) {
        var keys = parse("from=\"" + list + "\" " + LINE);
        assertEquals(List.of(), keys.problems());
        var answer = keys.lookup(KEY, "alice", Optional.of(InetAddress.ofLiteral(address)), NOW);
        assertEquals(allowed, answer instanceof Answer.Allowed);
        assertInstanceOf(Answer.Refused.class, keys.lookup(KEY, "alice", Optional.empty(), NOW));
    }

    @Test
    void expiryIsExclusiveAndInItsZone() {
        var keys = parse("expiry-time=\"202611231200Z\" " + LINE);
        assertInstanceOf(Answer.Refused.class, lookup(keys, KEY));
        assertInstanceOf(Answer.Allowed.class, keys.lookup(KEY, "alice", Optional.empty(), NOW.minusMillis(1)));
        var local = AuthorizedKeys.parse("keys", "expiry-time=\"20261123130000\" " + LINE, ZoneId.of("Europe/Berlin"));
        assertInstanceOf(Answer.Refused.class, lookup(local, KEY));
        var utc = AuthorizedKeys.parse("keys", "expiry-time=\"20261123130000\" " + LINE, ZoneOffset.UTC);
        assertInstanceOf(Answer.Allowed.class, lookup(utc, KEY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"frobnicate ", "command ", "command=x ", "command=\"x ", "command=\"x\"y ", "no-pty, ",
            "from=\"192.0.2.1/24\" ", "from=\"!host.example.com,*\" ", "from=\"\" ", "pty=\"yes\" ",
            "expiry-time=\"2026\" ", "expiry-time=\"20261301\" ", "permitopen=\"22\" ", "permitopen=\"a:0\" ",
            "permitopen=\"a:65536\" ", "permitopen=\"2001:db8::1:22\" ", "environment=\"=x\" ", "principals=\"a,,b\" ",
            "command=\"a\",command=\"b\" ", "tunnel=\"0\" ", "ssh-rsa ", "\"", ","})
    void lineWithAnOptionThatIsNotUnderstoodGrantsNothing(String options) {
        var keys = parse(options + LINE + KeyText.write(OTHER));
        assertEquals(new Answer.NotListed(), lookup(keys, KEY));
        assertInstanceOf(Answer.Allowed.class, lookup(keys, OTHER));
        assertEquals(List.of(1), keys.problems().stream().map(KeyFileError::line).toList());
    }

    @Test
    void laterLineMayAllowWhatAnEarlierRefuses() {
        var keys = parse("from=\"192.0.2.1\" " + LINE + "no-pty " + LINE);
        var answer = keys.lookup(KEY, "alice", Optional.of(InetAddress.ofLiteral("10.0.0.1")), NOW);
        assertEquals(2, assertInstanceOf(Answer.Allowed.class, answer).line());
    }

    @Test
    void verifyRequiredCannotBeMetByAPlainKey() {
        assertInstanceOf(Answer.Refused.class, lookup(parse("verify-required " + LINE), KEY));
        assertInstanceOf(Answer.Allowed.class, lookup(parse("no-touch-required " + LINE), KEY));
    }

    @Test
    void certificateIsAllowedByItsAuthorityForItsPrincipals() {
        var certificate = certificate("user_ed25519");
        var keys = parse("cert-authority,no-pty " + CA);
        var allowed = assertInstanceOf(Answer.Allowed.class, lookup(keys, certificate));
        assertFalse(allowed.options().pty());
        assertTrue(allowed.options().portForwarding());
        assertInstanceOf(Answer.Refused.class, keys.lookup(certificate, "carol", Optional.empty(), NOW));
        assertInstanceOf(Answer.Refused.class,
                keys.lookup(certificate, "alice", Optional.empty(), Instant.parse("2037-01-01T00:00:00Z")));
        var renamed = parse("cert-authority,principals=\"ops,bob\" " + CA);
        assertInstanceOf(Answer.Allowed.class, renamed.lookup(certificate, "carol", Optional.empty(), NOW));
        var others = parse("cert-authority,principals=\"ops\" " + CA);
        assertInstanceOf(Answer.Refused.class, others.lookup(certificate, "alice", Optional.empty(), NOW));
    }

    @Test
    void authorityIsNoKeyAndAKeyNoAuthority() {
        var certificate = certificate("user_ed25519");
        var authority = PlainKey.parse(TestKeys.publicBlob("ca_ed25519.pub"));
        assertEquals(new Answer.NotListed(), lookup(parse("cert-authority " + CA), authority));
        assertEquals(new Answer.NotListed(), lookup(parse(CA), certificate));
        assertEquals(new Answer.NotListed(), lookup(parse(LINE), certificate));
    }

    @Test
    void certificateAndLineAllowOnlyWhatBothDo() {
        var certificate = certificate("limited");
        var from = Optional.of(InetAddress.ofLiteral("192.0.2.1"));
        var allowed = assertInstanceOf(Answer.Allowed.class,
                parse("cert-authority " + CA).lookup(certificate, "alice", from, NOW)).options();
        assertEquals(Optional.of("show version"), allowed.command());
        assertTrue(allowed.pty());
        assertFalse(allowed.portForwarding() || allowed.agentForwarding());
        assertInstanceOf(Answer.Allowed.class, parse("cert-authority,command=\"show version\" " + CA)
                .lookup(certificate, "alice", from, NOW));
        assertInstanceOf(Answer.Refused.class, parse("cert-authority,command=\"reboot\" " + CA)
                .lookup(certificate, "alice", from, NOW));
    }

    @Test
    void keyIdsAndChainsAreNeverListed() {
        var id = HmacKeyId.of(KeyAlgorithm.HMAC_SHA2_256, "router-1");
        assertEquals(new Answer.NotListed(), lookup(parse(KeyText.write(id)), id));
        var chain = X509Test.chain("p256");
        assertEquals(new Answer.NotListed(), lookup(parse(KeyText.write(chain)), chain));
    }

    private static KeyOptions allowed(String options) {
        return assertInstanceOf(Answer.Allowed.class, lookup(parse(options + LINE), KEY)).options();
    }

    private static Answer lookup(AuthorizedKeys keys, SshPublicKey key) {
        return keys.lookup(key, "alice", Optional.empty(), NOW);
    }

    private static SshPublicKey certificate(String name) {
        return SshPublicKey.parse(TestKeys.publicBlob("cert_" + name + ".pub"));
    }

    private static AuthorizedKeys parse(String text) {
        return AuthorizedKeys.parse("keys", text, ZoneOffset.UTC);
    }
}
