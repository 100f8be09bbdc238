package homeport.callhome;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.Event;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginAttempt;
import homeport.ssh.Question;
import homeport.ssh.Role;
import homeport.ssh.SshSettings;
import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.CertificateVerdict;
import homeport.ssh.key.CertifiedSigner;
import homeport.ssh.key.HmacKeyId;
import homeport.ssh.key.HmacSigner;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.X509Chain;
import homeport.ssh.key.X509Trust;
import homeport.ssh.key.X509Verdict;
import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.Rule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The first-time questions of the deck, per design: the good answer is in {@link DesignsTest} or beside it, the attack on
 * it is here. The gateway's owner is played by small policies, as a real one would judge the evidence.
 */
class AttacksTest {
    private static final byte[] SECRET = DesignsTest.SECRET;
    private static final byte[] OTHER_SECRET = "another secret, as long as the first".getBytes(StandardCharsets.UTF_8);
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private static SshSettings server(homeport.ssh.key.Signer... keys) {
        return Meeting.deviceServer(keys);
    }

    // ---- bootstrap

    /** The policy for a device with a secret on record. */
    private static Meeting bootstrapMeeting(List<BootstrapMessage.Check> checks) {
        var meeting = new Meeting();
        meeting.admission = asked -> {
            var claim = assertInstanceOf(Claim.InMessage.class, asked.evidence().claim().orElseThrow());
            var key = assertInstanceOf(Proof.HoldsKey.class, asked.evidence().proof()).key();
            var check = claim.message().check(SECRET, key, false);
            checks.add(check);
            return check.proved() ? Meeting.admit(claim.id()) : new Admission.Refuse("HMAC " + check);
        };
        return meeting;
    }

    private static void assertRefusedBootstrap(BootstrapMessage message, PlainSigner hostKey,
            BootstrapMessage.Check why) {
        var checks = new ArrayList<BootstrapMessage.Check>();
        var meeting = bootstrapMeeting(checks).dial(DepartureSettings.bootstrap(message, server(hostKey)));
        assertEquals(List.of(why), checks);
        assertNull(meeting.link);
        assertEquals(Refusal.REFUSED, meeting.ended().cause());
        assertEquals(Stage.IDENTITY, meeting.ended().stage());
        var seenByPeer = meeting.departure.ended().orElseThrow();
        assertTrue(seenByPeer.byPeer() && seenByPeer.text().contains("host key"), seenByPeer::text);
    }

    @Test
    void bootstrapWithTheRightSecretIsIn() {
        var checks = new ArrayList<BootstrapMessage.Check>();
        var message = BootstrapMessage.signed("r1", Meeting.DEVICE_HOST.publicKey(), SECRET);
        var meeting = bootstrapMeeting(checks).dial(DepartureSettings.bootstrap(message, server(Meeting.DEVICE_HOST)));
        assertEquals(List.of(BootstrapMessage.Check.PROVED_SHA2_256), checks);
        assertNotNull(meeting.link);
    }

    @Test
    void replayedBootstrapMessageWithAnotherKeyIsRefused() {
        assertRefusedBootstrap(BootstrapMessage.signed("r1", Meeting.DEVICE_HOST.publicKey(), SECRET),
                Meeting.STRANGER, BootstrapMessage.Check.OTHER_KEY);
    }

    @Test
    void bootstrapWithAWrongSecretIsRefused() {
        assertRefusedBootstrap(BootstrapMessage.signed("r1", Meeting.DEVICE_HOST.publicKey(), OTHER_SECRET),
                Meeting.DEVICE_HOST, BootstrapMessage.Check.WRONG);
    }

    @Test
    void bootstrapWithoutHmacIsADowngradeAndRefused() {
        assertRefusedBootstrap(BootstrapMessage.claim("r1"), Meeting.DEVICE_HOST, BootstrapMessage.Check.MISSING);
    }

    /** A group's secret proves membership; which member it is, only the key says. */
    @Test
    void groupIdAdmitsEachDeviceUnderItsOwnKey() {
        for (var key : List.of(Meeting.DEVICE_HOST, Meeting.STRANGER)) {
            var meeting = new Meeting();
            meeting.admission = asked -> {
                var claim = (Claim.InMessage) asked.evidence().claim().orElseThrow();
                var shown = ((Proof.HoldsKey) asked.evidence().proof()).key();
                return claim.message().check(SECRET, shown, false).proved()
                        ? Meeting.admit(claim.id() + "/" + shown.fingerprint())
                        : new Admission.Refuse("no");
            };
            meeting.dial(
                    DepartureSettings.bootstrap(BootstrapMessage.signed("org", key.publicKey(), SECRET), server(key)));
            assertEquals("org/" + key.publicKey().fingerprint(), meeting.link.deviceId());
        }
    }

    @Test
    void bootstrapMessageBeforeAnSshClientIsAContradiction() {
        var meeting = new Meeting().gateway();
        var device = new Departure(DepartureSettings.serverChannels(Meeting.deviceClient(), Meeting.deviceLogin()),
                meeting.environment, meeting.deviceOutput, meeting.toGateway, (d, e) -> {});
        meeting.departure = device;
        byte[] message = BootstrapMessage.claim("r1").encode();
        meeting.toGateway.write(message, 0, message.length);
        device.start();
        meeting.run();
        assertEquals(Refusal.CONTRADICTION, meeting.ended().cause());
    }

    // ---- call-home, plain

    @Test
    void swappedHostKeyIsRefused() {
        var pinned = Meeting.DEVICE_HOST.publicKey().fingerprint();
        for (var key : List.of(Meeting.DEVICE_HOST, Meeting.STRANGER)) {
            var meeting = new Meeting();
            meeting.admission = asked -> asked.evidence().fingerprint().orElseThrow().equals(pinned)
                    ? Meeting.admit("r1")
                    : new Admission.Refuse("a known device with another key");
            meeting.dial(DepartureSettings.callHome(server(key)));
            assertEquals(key == Meeting.DEVICE_HOST, meeting.link != null);
        }
    }

    @Test
    void newHostKeyIsHeldAndNotLoggedIn() {
        var meeting = new Meeting();
        meeting.admission = asked -> new Admission.Hold("nobody knows this key");
        meeting.dial(DepartureSettings.callHome(server(Meeting.DEVICE_HOST)));
        assertTrue(meeting.atDevice.stream().noneMatch(DepartureEvent.LoginAsked.class::isInstance), "not logged in");
        assertTrue(!meeting.arrival.isClosed());
        meeting.pass(Duration.ofSeconds(31));
        assertEquals(Refusal.HELD, meeting.ended().cause());
        assertEquals("held for an operator: nobody knows this key", meeting.ended().text());
    }

    @Test
    void approvalWhileHeldServesAtOnce() {
        var meeting = new Meeting();
        meeting.admission = asked -> new Admission.Hold("nobody knows this key");
        meeting.dial(DepartureSettings.callHome(server(Meeting.DEVICE_HOST)));
        meeting.pass(Duration.ofSeconds(5));
        meeting.arrival.decide(meeting.asked, Meeting.admit("r1"));
        meeting.run();
        assertEquals("ran uptime opened,exit 7,eof,closed", meeting.exec("uptime"));
    }

    /** RFC 8071 C7: credentials come with the answer about the presented key, so another key gets none. */
    @Test
    void deviceThatTakesNoneOfOurCredentialsSaysSo() {
        var meeting = new Meeting();
        meeting.admission = asked -> new Admission.Admit("r1", Credentials.byKey("admin", Meeting.STRANGER));
        meeting.dial(DepartureSettings.callHome(server(Meeting.DEVICE_HOST)));
        assertEquals(Refusal.LOGIN_FAILED, meeting.ended().cause());
    }

    // ---- call-home, certificates

    private static OpenSshCertificate certificate(PlainSigner key, PlainSigner authority, Instant until, String name) {
        return OpenSshCertificate.issue(key.publicKey(),
                CertificateTerms.forHost("device " + name, List.of(name), NOW.minusSeconds(3600), until), authority,
                Meeting.RANDOM);
    }

    private static Object certificateVerdict(OpenSshCertificate shown) {
        var meeting = new Meeting();
        var verdicts = new ArrayList<CertificateVerdict>();
        meeting.admission = asked -> {
            var certificate = assertInstanceOf(Proof.HoldsCertificate.class, asked.evidence().proof()).certificate();
            var verdict = certificate.check(CertificateTerms.Kind.HOST, Set.of(Meeting.GATEWAY_HOST.publicKey()), NOW,
                    Set.of("r1"), Optional.empty());
            verdicts.add(verdict);
            return verdict instanceof CertificateVerdict.Good
                    ? Meeting.admit("r1")
                    : new Admission.Refuse(verdict.toString());
        };
        meeting.dial(DepartureSettings.callHome(server(new CertifiedSigner(Meeting.DEVICE_HOST, shown))));
        var verdict = verdicts.getFirst();
        assertEquals(verdict instanceof CertificateVerdict.Good, meeting.link != null);
        return verdict instanceof CertificateVerdict.Refused refused ? refused.reason() : "good";
    }

    @Test
    void certificateIsJudgedByAuthorityTimeAndName() {
        var key = Meeting.DEVICE_HOST;
        var authority = Meeting.GATEWAY_HOST;
        var later = NOW.plusSeconds(3600);
        assertEquals("good", certificateVerdict(certificate(key, authority, later, "r1")));
        assertEquals(CertificateVerdict.Reason.UNKNOWN_AUTHORITY,
                certificateVerdict(certificate(key, Meeting.STRANGER, later, "r1")));
        assertEquals(CertificateVerdict.Reason.EXPIRED,
                certificateVerdict(certificate(key, authority, NOW.minusSeconds(60), "r1")));
        assertEquals(CertificateVerdict.Reason.WRONG_PRINCIPAL,
                certificateVerdict(certificate(key, authority, later, "r2")));
    }

    private static String chainVerdict(X509Chain shown, PlainSigner key, X509Authority trusted, String serial) {
        var meeting = new Meeting();
        var trust = new X509Trust(List.of(trusted.certificate()), List.of());
        var verdicts = new ArrayList<String>();
        meeting.admission = asked -> {
            var chain = assertInstanceOf(Proof.HoldsChain.class, asked.evidence().proof()).chain();
            return switch (trust.check(chain, X509Trust.Purpose.SERVER, NOW)) {
                case X509Verdict.Good good when good.identifiers().serialNumbers().contains(serial) -> {
                    verdicts.add("good");
                    yield Meeting.admit(serial);
                }
                case X509Verdict.Good good -> {
                    verdicts.add("other serial");
                    yield new Admission.Hold("a device of this manufacturer that nobody ordered");
                }
                case X509Verdict.Refused refused -> {
                    verdicts.add(refused.reason().name());
                    yield new Admission.Refuse(refused.detail());
                }
            };
        };
        meeting.dial(DepartureSettings.callHome(server(new CertifiedSigner(key, shown))));
        assertEquals(verdicts.equals(List.of("good")), meeting.link != null, meeting::why);
        return verdicts.getFirst();
    }

    @Test
    void chainIsJudgedByAuthorityTimeAndSerial() {
        var maker = new X509Authority("Maker", NOW);
        var other = new X509Authority("Another", NOW);
        var key = X509Authority.newKey();
        assertEquals("good", chainVerdict(maker.issue(key, "SN1", NOW.plusSeconds(60)), key, maker, "SN1"));
        assertEquals("UNKNOWN_AUTHORITY",
                chainVerdict(other.issue(key, "SN1", NOW.plusSeconds(60)), key, maker, "SN1"));
        assertEquals("EXPIRED", chainVerdict(maker.issue(key, "SN1", NOW.minusSeconds(60)), key, maker, "SN1"));
        assertEquals("other serial", chainVerdict(maker.issue(key, "SN2", NOW.plusSeconds(60)), key, maker, "SN1"));
    }

    // ---- call-home, hmac

    private static Ended hmac(byte[] deviceSecret, Admission answer) {
        var meeting = new Meeting();
        meeting.admission = asked -> answer;
        var key = HmacKeyId.of(KeyAlgorithm.HMAC_SHA2_512, "r9");
        meeting.dial(DepartureSettings.callHome(server(new HmacSigner(key, deviceSecret.clone()))));
        assertNull(meeting.link);
        assertTrue(meeting.atDevice.stream().noneMatch(DepartureEvent.LoginAsked.class::isInstance), "not logged in");
        var peer = meeting.departure.ended().orElseThrow();
        assertEquals(new Cause.BrokenRule(Rule.PEER_DISCONNECTED), peer.cause());
        return new Ended(peer.stage(), peer.cause(), peer.text(), peer.byPeer());
    }

    /** Wrong, unknown, refused, held: from outside it is all the same. */
    @Test
    void unknownKeyIdLooksLikeAWrongSecret() {
        var login = Credentials.byKey("admin", Meeting.GATEWAY_USER);
        var wrong = hmac(OTHER_SECRET, new Admission.AdmitWithSecret("r9", SECRET.clone(), login));
        assertEquals(wrong, hmac(SECRET, new Admission.Refuse("no such key id")));
        assertEquals(wrong, hmac(SECRET, new Admission.Hold("no such key id")));
        assertEquals(wrong, hmac(SECRET, new Admission.Admit("r9", login)), "an id alone is never enough");
    }

    // ---- server-channels and tunnel: the device logs in

    private static List<DepartureSettings> loginDesigns(Credentials credentials) {
        return List.of(DepartureSettings.serverChannels(Meeting.deviceClient(), credentials),
                DepartureSettings.tunnel(Meeting.deviceClient(), credentials, server(Meeting.DEVICE_HOST)));
    }

    private static Admission byPinnedUserKey(ArrivalEvent.AdmissionAsked asked) {
        if (asked.inner()) {
            return Meeting.admit("r1");
        }
        var id = assertInstanceOf(Claim.LoginName.class, asked.evidence().claim().orElseThrow()).id();
        return id.equals("r1") && asked.evidence().proof() instanceof Proof.HoldsKey holds
                && holds.key().equals(Meeting.DEVICE_USER.publicKey())
                        ? Meeting.admit(id)
                        : new Admission.Refuse("this id has another key");
    }

    @Test
    void stolenDeviceIdIsRefused() {
        for (var thief : List.of(Credentials.byKey("r1", Meeting.STRANGER), Credentials.byPassword("r1", "guess"))) {
            for (var design : loginDesigns(thief)) {
                var meeting = new Meeting();
                meeting.admission = AttacksTest::byPinnedUserKey;
                meeting.dial(design);
                assertNull(meeting.link);
                assertEquals(Refusal.REFUSED, meeting.ended().cause(), meeting::why);
                assertEquals("refused: this id has another key", meeting.ended().text());
            }
        }
    }

    @Test
    void ownKeyIsIn() {
        for (var design : loginDesigns(Meeting.deviceLogin())) {
            var meeting = new Meeting();
            meeting.admission = AttacksTest::byPinnedUserKey;
            assertEquals("ran x opened,exit 7,eof,closed", meeting.dial(design).exec("x"));
        }
    }

    @Test
    void claimTokenIsInAndForgotten() {
        for (var design : loginDesigns(Credentials.byPassword("r1", "one-time"))) {
            var meeting = new Meeting();
            meeting.admission = asked -> {
                if (!asked.inner()) {
                    var token = assertInstanceOf(Proof.Token.class, asked.evidence().proof());
                    assertEquals("one-time", new String(token.value(), StandardCharsets.UTF_8));
                }
                return Meeting.admit("r1");
            };
            meeting.dial(design);
            assertNotNull(meeting.link, meeting::why);
            var token = (Proof.Token) meeting.link.evidence().proof();
            assertEquals("\0".repeat(8), new String(token.value(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void gatewayWithAnotherHostKeyGetsNoLogin() {
        for (var design : loginDesigns(Meeting.deviceLogin())) {
            var meeting = new Meeting();
            meeting.gatewaySettings = new ArrivalSettings(SshSettings.server(List.of(Meeting.STRANGER)));
            meeting.dial(design);
            assertEquals(Refusal.HOST_KEY, meeting.departure.ended().orElseThrow().cause());
            assertTrue(meeting.atGateway.stream().noneMatch(ArrivalEvent.AdmissionAsked.class::isInstance));
        }
    }

    /** The gateway's host key may be known by its authority: the right one's certificate is good, another one's is not. */
    @Test
    void gatewayIsKnownByItsAuthority() {
        for (var authority : List.of(Meeting.DEVICE_HOST, Meeting.STRANGER)) {
            for (var design : loginDesigns(Meeting.deviceLogin())) {
                var meeting = new Meeting();
                var shown = certificate(Meeting.GATEWAY_HOST, authority, NOW.plusSeconds(60), "gateway");
                meeting.gatewaySettings = new ArrivalSettings(SshSettings.builder()
                        .algorithms(homeport.ssh.Algorithms.MODERN.withDeviceKeys())
                        .hostKeys(List.of(new CertifiedSigner(Meeting.GATEWAY_HOST, shown))).build());
                meeting.gatewayKey = (device, asked) -> device.decide(asked,
                        asked.key() instanceof OpenSshCertificate given
                                && given.check(CertificateTerms.Kind.HOST, Set.of(Meeting.DEVICE_HOST.publicKey()), NOW,
                                        Set.of("gateway"), Optional.empty()) instanceof CertificateVerdict.Good
                                                ? new HostKeyDecision.Accept()
                                                : new HostKeyDecision.Refuse("not of our authority"));
                meeting.dial(design);
                assertEquals(authority == Meeting.DEVICE_HOST, meeting.link != null, meeting::why);
            }
        }
    }

    /** Certificates and chains prove a device that logs in as well: judged by authority, time and name. */
    @Test
    void loginByCertificateIsJudgedByAuthorityTimeAndName() {
        record Try(PlainSigner authority, Instant until, String name, boolean good) {}
        for (var one : List.of(new Try(Meeting.GATEWAY_HOST, NOW.plusSeconds(60), "r1", true),
                new Try(Meeting.STRANGER, NOW.plusSeconds(60), "r1", false),
                new Try(Meeting.GATEWAY_HOST, NOW.minusSeconds(60), "r1", false),
                new Try(Meeting.GATEWAY_HOST, NOW.plusSeconds(60), "r2", false))) {
            var shown = OpenSshCertificate.issue(Meeting.DEVICE_USER.publicKey(), CertificateTerms.forUser(
                    "device " + one.name(), List.of(one.name()), NOW.minusSeconds(3600), one.until()), one.authority(),
                    Meeting.RANDOM);
            for (var design : loginDesigns(Credentials.byKey("r1", new CertifiedSigner(Meeting.DEVICE_USER, shown)))) {
                var meeting = new Meeting();
                meeting.admission = asked -> asked.inner()
                        || ((Proof.HoldsCertificate) asked.evidence().proof()).certificate().check(
                                CertificateTerms.Kind.USER, Set.of(Meeting.GATEWAY_HOST.publicKey()), NOW,
                                Set.of(asked.evidence().name()), Optional.empty()) instanceof CertificateVerdict.Good
                                        ? Meeting.admit("r1")
                                        : new Admission.Refuse("certificate");
                meeting.dial(design);
                assertEquals(one.good(), meeting.link != null, meeting::why);
            }
        }
    }

    // ---- Every design: shown, but not held

    /** Shows what was recorded of a device, a key or its certificate, and can only sign with a key of its own. */
    private record Impostor(homeport.ssh.key.SshPublicKey publicKey) implements homeport.ssh.key.Signer {
        @Override
        public byte[] sign(KeyAlgorithm algorithm, byte[] data) {
            return Meeting.STRANGER.sign(KeyAlgorithm.SSH_ED25519, data);
        }
    }

    @Test
    void hostKeyThatTheDeviceDoesNotHoldNeverReachesAdmission() {
        var certificate = certificate(Meeting.DEVICE_HOST, Meeting.GATEWAY_HOST, NOW.plusSeconds(60), "r1");
        for (var shown : List.of(Meeting.DEVICE_HOST.publicKey(), certificate)) {
            var server = server(new Impostor(shown));
            var message = BootstrapMessage.signed("r1", Meeting.DEVICE_HOST.publicKey(), SECRET);
            for (var design : List.of(DepartureSettings.callHome(server),
                    DepartureSettings.bootstrap(message, server))) {
                var meeting = new Meeting().dial(design);
                assertNull(meeting.link);
                assertEquals(new Cause.BrokenRule(Rule.HOST_KEY_SIGNATURE), meeting.ended().cause(), meeting::why);
                assertTrue(meeting.atGateway.stream().noneMatch(ArrivalEvent.AdmissionAsked.class::isInstance));
            }
        }
    }

    @Test
    void loginKeyThatTheDeviceDoesNotHoldNeverReachesAdmission() {
        for (var design : loginDesigns(Credentials.byKey("r1", new Impostor(Meeting.DEVICE_USER.publicKey())))) {
            var meeting = new Meeting();
            meeting.admission = AttacksTest::byPinnedUserKey;
            meeting.dial(design);
            assertNull(meeting.link);
            assertTrue(meeting.atGateway.stream().noneMatch(ArrivalEvent.AdmissionAsked.class::isInstance));
        }
    }

    /** Whoever the gateway is, a device that is the SSH server takes the login of the right one only. */
    @Test
    void gatewayWithAnotherUserKeyGetsNoSession() {
        var hmac = new HmacSigner(HmacKeyId.of(KeyAlgorithm.HMAC_SHA2_256, "r1"), SECRET.clone());
        for (var design : List.of(
                DepartureSettings.bootstrap(BootstrapMessage.signed("r1", Meeting.DEVICE_HOST.publicKey(), SECRET),
                        server(Meeting.DEVICE_HOST)),
                DepartureSettings.callHome(server(Meeting.DEVICE_HOST)), DepartureSettings.callHome(server(hmac)),
                DepartureSettings.callHome(server(new CertifiedSigner(Meeting.DEVICE_HOST,
                        certificate(Meeting.DEVICE_HOST, Meeting.GATEWAY_HOST, NOW.plusSeconds(60), "r1")))))) {
            for (var user : List.of(Meeting.GATEWAY_USER, Meeting.STRANGER)) {
                var login = Credentials.byKey("admin", user);
                var meeting = new Meeting();
                meeting.admission = asked -> asked.evidence().proof() instanceof Proof.SecretToCheck
                        ? new Admission.AdmitWithSecret("r1", SECRET.clone(), login)
                        : new Admission.Admit("r1", login);
                meeting.dial(design);
                assertEquals(user == Meeting.GATEWAY_USER, meeting.link != null, meeting::why);
                if (user == Meeting.STRANGER) {
                    assertEquals(Refusal.LOGIN_FAILED, meeting.ended().cause());
                }
            }
        }
    }

    /** The outer login is right and the server inside has another key than the pinned one: no session is opened to it. */
    @Test
    void swappedKeyInsideTheTunnelIsRefused() {
        var pinned = Meeting.DEVICE_HOST.publicKey().fingerprint();
        for (var inside : List.of(Meeting.DEVICE_HOST, Meeting.STRANGER)) {
            var meeting = new Meeting();
            meeting.admission = asked -> !asked.inner()
                    ? byPinnedUserKey(asked)
                    : asked.evidence().fingerprint().orElseThrow().equals(pinned)
                            ? Meeting.admit("r1")
                            : new Admission.Refuse("another key is pinned");
            meeting.dial(DepartureSettings.tunnel(Meeting.deviceClient(), Meeting.deviceLogin(), server(inside)));
            var seen = meeting.open(new SessionStart.Exec("x"));
            assertEquals(inside == Meeting.STRANGER, seen.log.equals(List.of("refused")), seen.log::toString);
        }
    }

    /** A device offers; it opens nothing: not a session at the gateway, not a connection into the data centre. */
    @Test
    void deviceMayNotOpenChannels() {
        var meeting = new Meeting();
        var reasons = new ArrayList<String>();
        meeting.gateway();
        var client = new SshLink[1];
        client[0] = SshLink.as(Role.CLIENT, SshSettings.client(), meeting.environment, meeting.deviceOutput,
                meeting.toGateway, event -> {
                    var connection = client[0].connection();
                    switch (event) {
                        case Question.HostKeyAsked asked -> connection.decide(asked, new HostKeyDecision.Accept());
                        case Question.LoginAsked asked ->
                            connection.decide(asked, new LoginAttempt.Key("r1", Meeting.DEVICE_USER));
                        case Event.Authenticated in -> {
                            for (var type : List.of(new ChannelType.Session(),
                                    new ChannelType.DirectTcpip("10.0.0.1", 22, "127.0.0.1", 1))) {
                                client[0].open(type, Optional.empty(), 1000, new Meeting.Seen() {
                                    @Override
                                    public void refused(LinkChannel channel, ChannelRefusal refusal) {
                                        reasons.add(refusal.text());
                                    }
                                });
                            }
                        }
                        case Question.GlobalRequested asked -> connection.decide(asked, false);
                        default -> {
                        }
                    }
                });
        client[0].start();
        pump(meeting, client[0]);
        assertEquals(2, reasons.size());
        assertTrue(reasons.getFirst().contains(Arrival.OPENS_NOTHING.text()), reasons::toString);
        // It offered nothing either: out, within the stated time.
        meeting.pass(Duration.ofSeconds(11));
        assertEquals(Refusal.NOTHING_OFFERED, meeting.ended().cause());
    }

    private static void pump(Meeting meeting, SshLink client) {
        while (!meeting.toGateway.parts.isEmpty() || !meeting.toDevice.parts.isEmpty()) {
            while (!meeting.toGateway.parts.isEmpty()) {
                meeting.send(meeting.toGateway.parts.remove());
            }
            while (!meeting.toDevice.parts.isEmpty()) {
                byte[] part = meeting.toDevice.parts.remove();
                client.receive(part, 0, part.length);
            }
        }
    }

    /** Of an SSH server that dialled: neither may it open channels towards us. */
    @Test
    void callingDeviceMayNotOpenChannels() {
        var meeting = new Meeting().dial(DepartureSettings.callHome(server(Meeting.DEVICE_HOST)));
        var asked = meeting.atDevice.stream().filter(DepartureEvent.LoginAsked.class::isInstance)
                .map(DepartureEvent.LoginAsked.class::cast).findFirst().orElseThrow();
        var seen = new Meeting.Seen();
        asked.on().open(new ChannelType.Session(), Optional.empty(), 1000, seen);
        meeting.run();
        assertTrue(seen.refused.contains(Arrival.OPENS_NOTHING.text()), seen.refused);
    }

    // ---- Designs that are switched off

    @Test
    void designThatIsOffIsRefusedByName() {
        for (var settings : DesignsTest.designs().toList()) {
            var meeting = new Meeting();
            var others = new ArrayList<>(List.of(Design.values()));
            others.remove(settings.design());
            if (settings.design() == Design.SERVER_CHANNELS || settings.design() == Design.TUNNEL) {
                others.removeAll(List.of(Design.SERVER_CHANNELS, Design.TUNNEL));
            }
            meeting.gatewaySettings = new ArrivalSettings(Meeting.GATEWAY, Set.copyOf(others));
            meeting.dial(settings);
            assertEquals(Refusal.DESIGN_OFF, meeting.ended().cause(), settings.design().text());
        }
    }

    @Test
    void peerThatClosesLeavesAReason() {
        var meeting = new Meeting().dial(DepartureSettings.callHome(server(Meeting.DEVICE_HOST)));
        meeting.departure.close(Refusal.CLOSED, "shutting down");
        meeting.run();
        assertEquals("shutting down", meeting.ended().text());
        assertTrue(meeting.ended().byPeer());
    }
}
