package homeport.callhome;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.key.HmacKeyId;
import homeport.ssh.key.HmacSigner;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.wire.AuthenticationMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each design from the first byte to a command's exit status, our device against our gateway. */
class DesignsTest {
    static final byte[] SECRET = "a secret of the device's, long enough".getBytes(StandardCharsets.UTF_8);

    static Stream<DepartureSettings> designs() {
        return Stream.of(
                DepartureSettings.bootstrap(
                        BootstrapMessage.signed("r1", Meeting.DEVICE_HOST.publicKey(), SECRET),
                        Meeting.deviceServer(Meeting.DEVICE_HOST)),
                DepartureSettings.callHome(Meeting.deviceServer(Meeting.DEVICE_HOST)),
                DepartureSettings.serverChannels(Meeting.deviceClient(), Meeting.deviceLogin()),
                DepartureSettings.tunnel(Meeting.deviceClient(), Meeting.deviceLogin(),
                        Meeting.deviceServer(Meeting.DEVICE_HOST)));
    }

    @ParameterizedTest
    @MethodSource("designs")
    void deviceIsFoundAsWhatItIsAndRunsACommand(DepartureSettings settings) {
        var meeting = new Meeting().dial(settings);
        assertNotNull(meeting.link, meeting::why);
        assertEquals(settings.design(), meeting.link.design());
        assertEquals("r1", meeting.link.deviceId());
        assertTrue(meeting.departure.isRegistered());
        assertEquals("ran uptime opened,exit 7,eof,closed", meeting.exec("uptime"));
    }

    @ParameterizedTest
    @MethodSource("designs")
    void bytesMayBeCutAnywhere(DepartureSettings settings) {
        var meeting = new Meeting();
        meeting.cut = 1;
        meeting.dial(settings);
        assertEquals("ran uptime opened,exit 7,eof,closed", meeting.exec("uptime"));
    }

    @ParameterizedTest
    @MethodSource("designs")
    void subsystemIsAStreamBothWays(DepartureSettings settings) {
        var meeting = new Meeting().dial(settings);
        var seen = new Meeting.Seen();
        var channel = meeting.link.open(new SessionStart.Subsystem("netconf"), seen);
        meeting.run();
        byte[] hello = "hello".getBytes(StandardCharsets.UTF_8);
        assertEquals(hello.length, channel.send(hello, 0, hello.length));
        meeting.run();
        assertEquals("HELLO", seen.text.toString());
        channel.close();
        meeting.run();
        assertEquals(List.of("opened", "closed"), seen.log);
    }

    @ParameterizedTest
    @MethodSource("designs")
    void subsystemThatTheDeviceLacksIsRefused(DepartureSettings settings) {
        var seen = new Meeting().dial(settings).open(new SessionStart.Subsystem("sftp"));
        assertEquals(List.of("refused"), seen.log);
        assertEquals("the device refuses the subsystem", seen.refused);
    }

    @ParameterizedTest
    @MethodSource("designs")
    void answerMayComeLater(DepartureSettings settings) {
        var meeting = new Meeting();
        meeting.admission = asked -> null;
        meeting.dial(settings);
        assertEquals(null, meeting.link);
        meeting.admission = asked -> Meeting.admit("r1");
        meeting.arrival.decide(meeting.asked, Meeting.admit("r1"));
        meeting.run();
        assertEquals("ran uptime opened,exit 7,eof,closed", meeting.exec("uptime"));
    }

    /** RFC 4252 §5.1: a device may want several proofs, in this order or in that. */
    @ParameterizedTest
    @ValueSource(strings = {"password", "publickey", "publickey,password", "password,publickey",
            "publickey,keyboard-interactive"})
    void aDeviceGetsThePasswordAndWhereItWantsOneAKey(String wanted) {
        var parts = List.of(wanted.split(","));
        var given = new ArrayList<String>();
        var meeting = new Meeting();
        var password = "hunter2".getBytes(StandardCharsets.UTF_8);
        meeting.admission = asked -> new Admission.Admit("r1",
                new Credentials("admin", List.of(Meeting.GATEWAY_USER), Optional.of(password), true));
        meeting.login = asked -> {
            var due = parts.get(given.size());
            boolean right = switch (asked.credential()) {
                case Question.Credential.Key key -> due.equals("publickey")
                        && key.key().equals(Meeting.GATEWAY_USER.publicKey());
                case Question.Credential.Password offered -> due.equals("password")
                        && Arrays.equals(password, offered.password());
                case Question.Credential.Responses responses -> responses.texts().equals(List.of("hunter2"));
                case Question.Credential other -> false;
            };
            if (asked.credential() instanceof Question.Credential.Interactive && due.equals("keyboard-interactive")) {
                return new LoginDecision.Ask("", "", List.of(new AuthenticationMessage.Prompt("Password: ", false)));
            }
            if (!right) {
                return new LoginDecision.Refuse(List.of(due));
            }
            given.add(due);
            return given.size() == parts.size()
                    ? new LoginDecision.Accept()
                    : new LoginDecision.Partial(List.of(parts.get(given.size())));
        };
        meeting.dial(DepartureSettings.callHome(Meeting.deviceServer(Meeting.DEVICE_HOST)));
        assertNotNull(meeting.link, meeting::why);
        assertEquals(parts, given);
    }

    /** A device that is never content gets no more than a few tries. */
    @Test
    void aDeviceThatTakesOneProofAfterTheOtherIsGivenUp() {
        var tries = new ArrayList<String>();
        var meeting = new Meeting();
        meeting.admission = asked -> new Admission.Admit("r1", Credentials.byPassword("admin", "hunter2"));
        meeting.login = asked -> {
            tries.add("one");
            return new LoginDecision.Partial(List.of("password"));
        };
        meeting.dial(DepartureSettings.callHome(Meeting.deviceServer(Meeting.DEVICE_HOST)));
        assertEquals(Refusal.LOGIN_FAILED, meeting.ended().cause());
        assertTrue(tries.size() < 6, tries::toString);
    }

    @ParameterizedTest
    @MethodSource("designs")
    void manySessionsAtOnce(DepartureSettings settings) {
        var meeting = new Meeting().dial(settings);
        var all = new ArrayList<Meeting.Seen>();
        for (int i = 0; i < 20; i++) {
            var seen = new Meeting.Seen();
            all.add(seen);
            meeting.link.open(new SessionStart.Exec("n" + i), seen);
        }
        meeting.run();
        for (int i = 0; i < 20; i++) {
            assertEquals("ran n" + i, all.get(i).text.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("designs")
    void closingTellsBothEnds(DepartureSettings settings) {
        var meeting = new Meeting().dial(settings);
        var seen = meeting.open(new SessionStart.Shell(java.util.Optional.empty()));
        meeting.link.close(Refusal.DISPLACED, "");
        meeting.run();
        assertEquals(Refusal.DISPLACED, meeting.ended().cause());
        assertTrue(meeting.departure.isClosed());
        assertEquals(List.of("opened", "closed"), seen.log);
        var late = meeting.open(new SessionStart.Exec("x"));
        assertEquals(List.of("refused"), late.log);
    }

    @Test
    void hmacHostKeyIsCheckedWithTheSecret() {
        var meeting = new Meeting();
        meeting.admission = asked -> new Admission.AdmitWithSecret(asked.evidence().name(), SECRET.clone(),
                Credentials.byKey("admin", Meeting.GATEWAY_USER));
        var key = HmacKeyId.of(KeyAlgorithm.HMAC_SHA2_256, "r9");
        meeting.dial(DepartureSettings.callHome(Meeting.deviceServer(new HmacSigner(key, SECRET.clone()))));
        assertNotNull(meeting.link, meeting::why);
        assertEquals("r9", meeting.link.deviceId());
        assertInstanceOf(Proof.SecretToCheck.class, meeting.link.evidence().proof());
        assertEquals("ran uptime opened,exit 7,eof,closed", meeting.exec("uptime"));
    }

    @Test
    void callbackVersionLineClaimsAnId() {
        var server = homeport.ssh.SshSettings.builder().identification("SSH-2.0-CallbackClient_r5")
                .hostKeys(List.of(Meeting.DEVICE_HOST)).build();
        var meeting = new Meeting().dial(DepartureSettings.callHome(server));
        assertEquals("r5", meeting.link.evidence().name());
        assertInstanceOf(Claim.InVersionLine.class, meeting.link.evidence().claim().orElseThrow());
    }

    @Test
    void tunnelHandsOutTheRawStream() {
        var meeting = new Meeting();
        meeting.stream = (device, asked) -> device.accept(asked, 1 << 16, new Meeting.DeviceSession());
        var opened = new ArrayList<LinkChannel>();
        meeting.stream = (device, asked) -> opened.add(device.accept(asked, 1 << 16, new Meeting.Seen()));
        meeting.dial(DepartureSettings.tunnelToStream(Meeting.deviceClient(), Meeting.deviceLogin()));
        assertTrue(meeting.link.reachesRaw());
        var seen = new Meeting.Seen();
        meeting.link.openRaw(1 << 16, seen);
        meeting.run();
        byte[] line = "SSH-2.0-own\r\n".getBytes(StandardCharsets.UTF_8);
        opened.getFirst().send(line, 0, line.length);
        meeting.run();
        assertEquals("SSH-2.0-own\r\n", seen.text.toString());
    }

    @Test
    void directLinkHandsOutNoRawStream() {
        var meeting = new Meeting().dial(DepartureSettings.callHome(Meeting.deviceServer(Meeting.DEVICE_HOST)));
        var seen = new Meeting.Seen();
        meeting.link.openRaw(1 << 16, seen);
        assertEquals(List.of("refused"), seen.log);
    }

    /** The inner server's key is asked about on its own: the outer login says nothing about it. */
    @Test
    void tunnelAsksAboutTheInnerHostKey() {
        var meeting = new Meeting();
        var inner = new ArrayList<ArrivalEvent.AdmissionAsked>();
        meeting.admission = asked -> {
            if (asked.inner()) {
                inner.add(asked);
                return new Admission.Refuse("another key is pinned");
            }
            return Meeting.admit("r1");
        };
        meeting.dial(designs().toList().getLast());
        var seen = meeting.open(new SessionStart.Exec("x"));
        assertEquals(List.of("refused"), seen.log);
        assertEquals(1, inner.size());
        assertEquals(Meeting.DEVICE_HOST.publicKey().fingerprint(),
                inner.getFirst().evidence().fingerprint().orElseThrow());
        assertTrue(!meeting.arrival.isClosed(), "the outer connection stays");
        // And again: the next session tries anew.
        meeting.admission = asked -> Meeting.admit("r1");
        assertEquals("ran x opened,exit 7,eof,closed", meeting.exec("x"));
    }

    @Test
    void idleConnectionsAskForNoTicks() {
        var meeting = new Meeting().dial(DepartureSettings.callHome(Meeting.deviceServer(Meeting.DEVICE_HOST)));
        meeting.pass(java.time.Duration.ofMinutes(10));
        assertEquals(Long.MAX_VALUE, meeting.arrival.deadline());
        assertEquals("ran uptime opened,exit 7,eof,closed", meeting.exec("uptime"));
    }
}
