package homeport.ssh.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.key.KnownHosts.Answer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KnownHostsTest {
    private static final PlainKey ED25519 = key("id_ed25519");
    private static final PlainKey P256 = key("id_ecdsa256");
    private static final PlainKey RSA = key("id_rsa2048");
    private static final PlainKey CA = key("ca_ecdsa384");
    private static final SecureRandom RANDOM = new SecureRandom();

    @ParameterizedTest
    @ValueSource(strings = {"known_hosts", "known_hosts_hashed"})
    void hostsInTheClearAndHashedBySshKeygenAreFound(String file) {
        var hosts = KnownHosts.parse(file, TestKeys.text(file));
        assertEquals(List.of(), hosts.problems());
        assertEquals(new Answer.Match(1), hosts.lookup("gw.example.com", 22, ED25519));
        assertEquals(new Answer.Match(1), hosts.lookup("GW.Example.com", 22, ED25519));
        assertEquals(new Answer.Match(2), hosts.lookup("device.lab", 2222, P256));
        assertEquals(new Answer.Match(3), hosts.lookup("192.0.2.7", 22, RSA));
        assertEquals(new Answer.Unknown(), hosts.lookup("device.lab", 22, P256));
        assertEquals(new Answer.Unknown(), hosts.lookup("device.lab", 2223, P256));
        assertEquals(new Answer.Changed(List.of(ED25519)), hosts.lookup("gw.example.com", 22, key("ca_ed25519")));
        assertEquals(new Answer.Changed(List.of(ED25519)), hosts.lookup("gw.example.com", 22, P256),
                "a key of another type is no less another key");
        assertEquals(List.of(P256), hosts.keys("device.lab", 2222));
    }

    @Test
    void sshKeygenFindsHostsInOurLines(@TempDir Path directory) {
        var keygen = new SshKeygen(directory);
        keygen.write("hosts", KnownHosts.line("gw", 22, ED25519) + KnownHosts.hashedLine("device", 22, P256, RANDOM)
                + KnownHosts.hashedLine("device", 2222, RSA, RANDOM));
        assertTrue(keygen.run(new byte[0], "-F", "gw", "-f", "hosts").contains("line 1"));
        assertTrue(keygen.run(new byte[0], "-F", "device", "-f", "hosts").contains("line 2"));
        assertTrue(keygen.run(new byte[0], "-F", "[device]:2222", "-f", "hosts").contains("line 3"));
        assertTrue(keygen.tryRun(new byte[0], "-F", "other", "-f", "hosts").exit() != 0);
    }

    @Test
    void patternsMatchAndNegationsExclude() {
        var hosts = parse("*.example.com,!bad.example.com,r? " + KeyText.write(ED25519));
        assertInstanceOf(Answer.Match.class, hosts.lookup("a.example.com", 22, ED25519));
        assertInstanceOf(Answer.Match.class, hosts.lookup("r1", 22, ED25519));
        assertInstanceOf(Answer.Unknown.class, hosts.lookup("bad.example.com", 22, ED25519));
        assertInstanceOf(Answer.Unknown.class, hosts.lookup("r12", 22, ED25519));
        assertInstanceOf(Answer.Unknown.class, hosts.lookup("r1", 2222, ED25519));
    }

    @Test
    void certificateOfAKnownAuthorityIsNamedForChecking() {
        var certificate = SshPublicKey.parse(TestKeys.publicBlob("cert_host_ed25519.pub"));
        var hosts = parse(KnownHosts.authorityLine("*.example.com", CA));
        assertEquals(new Answer.CertAuthority(Set.of(CA)), hosts.lookup("gw.example.com", 22, certificate));
        assertEquals(new Answer.Unknown(), hosts.lookup("gw.example.org", 22, certificate));
        assertEquals(new Answer.Unknown(), hosts.lookup("gw.example.com", 22, ED25519));
        assertEquals(new Answer.Unknown(), hosts.lookup("gw.example.com", 22, CA), "an authority is no host");
        assertTrue(hosts.hasAuthority("gw.example.com", 22));
        assertFalse(hosts.hasAuthority("gw.example.org", 22));
        assertEquals(new Answer.Match(1), parse(KnownHosts.line("gw", 22, ED25519)).lookup("gw", 22, certificate),
                "the plain key of a certificate may be known");
    }

    @Test
    void revokedKeyOrAuthorityIsRefusedWhateverElseIsSaid() {
        var certificate = SshPublicKey.parse(TestKeys.publicBlob("cert_host_ed25519.pub"));
        var hosts = parse(KnownHosts.line("gw.example.com", 22, ED25519) + KnownHosts.authorityLine("*", CA)
                + KnownHosts.revokedLine(ED25519));
        assertEquals(new Answer.Revoked(3), hosts.lookup("gw.example.com", 22, ED25519));
        assertEquals(new Answer.Revoked(3), hosts.lookup("gw.example.com", 22, certificate));
        assertEquals(new Answer.Unknown(), hosts.lookup("other", 22, P256));
        var authority = parse(KnownHosts.authorityLine("*", CA) + KnownHosts.revokedLine(CA));
        assertEquals(new Answer.Revoked(2), authority.lookup("gw.example.com", 22, certificate));
    }

    @ParameterizedTest
    @ValueSource(strings = {"@revoked * ssh-ed25519 AAAA", "@revoked", "@revoked *", "@Revoked * ssh-ed25519 AAAAC3",
            "@revoke *", "@revoked |1|x|y ssh-ed25519 AAAA", "\ufeff@revoked * ssh-ed25519 AAAA"})
    void revokedLineThatCannotBeReadRefusesEveryKey(String line) {
        var hosts = parse(line + "\n" + KnownHosts.line("gw", 22, ED25519));
        assertEquals(new Answer.Revoked(1), hosts.lookup("gw", 22, ED25519));
        assertEquals(1, hosts.problems().size());
        assertEquals(1, hosts.problems().getFirst().line());
    }

    @Test
    void overlongMarkedLineRefusesEveryKey() {
        var hosts = parse("@revoked * ssh-ed25519 " + "A".repeat(KeyText.MOST_LINE_CHARACTERS));
        assertEquals(new Answer.Revoked(1), hosts.lookup("gw", 22, ED25519));
    }

    @Test
    void unreadableRevokedLineForSomeHostsRefusesThese() {
        var hosts = parse("@revoked gw,*.lab ssh-ed25519 AAAA\n* " + KeyText.write(ED25519));
        assertEquals(new Answer.Revoked(1), hosts.lookup("gw", 22, ED25519));
        assertEquals(new Answer.Revoked(1), hosts.lookup("a.lab", 22, ED25519));
        assertEquals(new Answer.Match(2), hosts.lookup("other", 22, ED25519));
    }

    @Test
    void revokedKeyOfAKindThatIsNeverAcceptedHarmsNobody() {
        var hosts = parse("@revoked * ssh-dss AAAAB3NzaC1kc3MAAAAA\n" + KnownHosts.line("gw", 22, ED25519));
        assertEquals(new Answer.Match(2), hosts.lookup("gw", 22, ED25519));
        assertEquals(1, hosts.problems().size());
    }

    @Test
    void badLinesAreReportedByNumberAndTheOthersKept() {
        var hosts = parse("# comment\n\n  gw ssh-ed25519 !!!!\nhost\ngw " + KeyText.write(ED25519)
                + " comment here\n|2|a|b ssh-rsa AAAA\ngw ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIA==\n"
                + "old " + TestKeys.text("id_rsa1024.pub") + "cert " + TestKeys.text("cert_host_ed25519.pub"));
        assertEquals(List.of(3, 4, 6, 7, 8, 9), hosts.problems().stream().map(KeyFileError::line).toList());
        assertEquals(new Answer.Match(5), hosts.lookup("gw", 22, ED25519));
        assertTrue(String.valueOf(hosts.problems().getFirst().getMessage()).startsWith("hosts line 3: "));
    }

    @Test
    void keyIdIsNeverKnown() {
        var id = HmacKeyId.of(KeyAlgorithm.HMAC_SHA2_256, "gw");
        assertEquals(new Answer.Unknown(), parse("gw " + KeyText.write(ED25519)).lookup("gw", 22, id));
        assertEquals(1, parse("gw " + KeyText.write(id)).problems().size());
    }

    @Test
    void nameOfAHostCannotBecomeAPatternOrAnotherLine() {
        for (String name : new String[]{"", "*", "a,b", "a b", "a\nb", "!a", "|1|", "#a", "@revoked", "a?"}) {
            assertThrows(IllegalArgumentException.class, () -> KnownHosts.line(name, 22, ED25519), name);
            if (!name.equals("a b") && !name.equals("a\nb") && !name.startsWith("#") && !name.startsWith("@")) {
                assertThrows(IllegalArgumentException.class, () -> KnownHosts.hashedLine(name, 22, ED25519, RANDOM));
            }
        }
    }

    @Test
    void fileLargerThanAnyIsRefused() {
        assertThrows(KeyFileError.class, () -> parse("#".repeat(KeyLines.MOST_FILE_CHARACTERS + 1)));
    }

    private static KnownHosts parse(String text) {
        return KnownHosts.parse("hosts", text);
    }

    private static PlainKey key(String name) {
        return PlainKey.parse(TestKeys.publicBlob(name + ".pub"));
    }
}
