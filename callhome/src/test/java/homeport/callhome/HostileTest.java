package homeport.callhome;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.wire.Rule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Connections that are no device's: each ends within its time, for a reason that has a name. */
class HostileTest {

    @Test
    void silentConnectionIsGreetedAndThenClosed() {
        var meeting = new Meeting().gateway();
        assertEquals(0, meeting.toDevice.all.size());
        meeting.pass(Duration.ofMillis(400));
        assertEquals("SSH-2.0-Homeport_0.1\r\n", meeting.toDevice.all.toString(StandardCharsets.US_ASCII));
        meeting.pass(Duration.ofSeconds(9));
        assertFalse(meeting.arrival.isClosed());
        meeting.pass(Duration.ofSeconds(1));
        assertEquals(Refusal.SILENT, meeting.ended().cause());
        assertTrue(meeting.toDevice.ended);
    }

    @ParameterizedTest
    @CsvSource({"'GET / HTTP/1.1\r\n\r\n', HTTP", "'\u0016\u0003\u0001\u0002', TLS", "'<?xml version=', NOT_SSH",
            "'\u0000\u0000\u0000\u000c\u0006', NOT_SSH"})
    void otherProtocolsAreClosedAtOnceByName(String bytes, Refusal refusal) {
        var meeting = new Meeting().gateway().send(bytes.getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(refusal, meeting.ended().cause());
        assertTrue(meeting.toDevice.ended);
    }

    @ParameterizedTest
    @CsvSource({"MSG-ID: DEVICE-CONN-INFO-", "SSH-2.0-drip", "Welcome to my shell", "<version>1</version><ide"})
    void dripIsClosedInTime(String text) {
        var meeting = new Meeting().gateway();
        for (int i = 0; i < 60 && !meeting.arrival.isClosed(); i++) {
            meeting.send(text.substring(i % text.length(), i % text.length() + 1));
            meeting.pass(Duration.ofSeconds(1));
            assertTrue(i <= 22, "still open after " + i + " s");
        }
        assertTrue(meeting.arrival.isClosed());
    }

    @Test
    void endlessBannerIsCutOff() {
        var meeting = new Meeting().gateway();
        var line = "All work and no play makes Jack a dull boy.\r\n".repeat(100);
        int sent = 0;
        while (!meeting.arrival.isClosed()) {
            meeting.send(line);
            sent += line.length();
            assertTrue(sent < 1 << 16, "1 MiB of banner is never read");
        }
        assertEquals(new Cause.BrokenRule(Rule.BANNER_TOO_LONG), meeting.ended().cause());
    }

    @Test
    void endlessBootstrapMessageIsCutOff() {
        var meeting = new Meeting().gateway().send("MSG-ID: DEVICE-CONN-INFO\r\n");
        for (int i = 0; i < 5; i++) {
            meeting.send("X".repeat(1000));
        }
        assertEquals(Refusal.PREFACE_TOO_LONG, meeting.ended().cause());
    }

    @Test
    void endlessIdentityIsCutOff() {
        var meeting = new Meeting().gateway().send("<version>1</version><identity>");
        for (int i = 0; i < 9; i++) {
            meeting.send("<x/>".repeat(250));
        }
        assertEquals(Refusal.PREFACE_TOO_LONG, meeting.ended().cause());
    }

    @Test
    void malformedMessageIsRefusedWithItsReason() {
        var meeting = new Meeting().gateway()
                .send("MSG-ID: DEVICE-CONN-INFO\r\nMSG-VER: V2\r\nDEVICE-ID: x\r\nSSH-2.0-x\r\n");
        assertEquals("the bootstrap message is malformed: MSG-VER is not V1", meeting.ended().text());
    }

    @Test
    void calixIdentityIsAcknowledgedBeforeOurVersionLine() {
        var meeting = new Meeting().gateway()
                .send("<version>1</version><identity><mac>1</mac><serial-number>CX1</serial-number></identity>");
        assertEquals("<ack>ok</ack>SSH-2.0-Homeport_0.1\r\n", meeting.toDevice.all.toString(StandardCharsets.US_ASCII));
    }

    @Test
    void calixDeviceIsLinkedUnderItsSerialNumber() {
        var meeting = new Meeting();
        meeting.gateway();
        meeting.send("<version>1</version><identity><mac>1</mac><serial-number>CX1</serial-number></identity>");
        meeting.toDevice.parts.removeFirst(); // the acknowledgement, which the device reads before SSH begins
        meeting.departure = new Departure(DepartureSettings.callHome(Meeting.deviceServer(Meeting.DEVICE_HOST)),
                meeting.environment, meeting.deviceOutput, meeting.toGateway, (device, event) -> {
                    if (event instanceof DepartureEvent.LoginAsked asked) {
                        device.decide(asked, new homeport.ssh.LoginDecision.Accept());
                    }
                });
        meeting.departure.start();
        meeting.run();
        assertEquals("CX1", meeting.link.evidence().name());
        assertEquals(Design.BOOTSTRAP, meeting.link.design());
    }

    @Test
    void halfOpenHandshakeIsClosedInTime() {
        var meeting = new Meeting().gateway().send("SSH-2.0-halfopen\r\n");
        meeting.pass(Duration.ofSeconds(31));
        assertTrue(meeting.arrival.isClosed());
        assertInstanceOf(Cause.BrokenRule.class, meeting.ended().cause());
    }

    /**
     * A line that dies after each of the device's flights and within them, in every design and with a password and a key:
     * nothing waits for it longer than the login grace and the time to offer something, and each end has a reason of its
     * own.
     */
    @Test
    void silenceInEveryStageIsClosedInTime() {
        var reasons = new TreeSet<String>();
        for (var settings : DesignsTest.designs().toList()) {
            boolean linked = false;
            for (int flights = 0; !linked; flights++) {
                for (int bytes = 0; bytes < 2048; bytes += 64) {
                    var meeting = new Meeting();
                    meeting.untilDead = flights;
                    meeting.ofTheNext = bytes;
                    meeting.dial(settings);
                    if (meeting.link != null) {
                        assertTrue(flights >= 2, "linked after " + flights);
                        linked = true;
                        break;
                    }
                    meeting.pass(Duration.ofSeconds(42));
                    assertTrue(meeting.arrival.isClosed(), settings.design() + " after " + flights + " and " + bytes);
                    reasons.add(meeting.ended().stage() + " " + meeting.ended().cause().code());
                }
            }
        }
        assertEquals(new TreeSet<>(
                List.of("CONNECTED silent", "FIRST_BYTE slow", "IDENTITY ssh-login-timeout",
                        "KEY_EXCHANGE ssh-login-timeout", "LOGIN login-failed", "LOGIN nothing-offered",
                        "VERSION ssh-login-timeout")),
                reasons);
    }

    /** It floods the gateway with KEXINITs: the second one is a breach, and costs no key exchange. */
    @Test
    void secondKexInitIsRefused() {
        var whole = new Meeting().dial(DesignsTest.designs().toList().get(2));
        byte[] recorded = whole.toGateway.all.toByteArray();
        int line = new String(recorded, StandardCharsets.ISO_8859_1).indexOf('\n') + 1;
        int packet = 4 + new homeport.ssh.wire.SshReader(recorded, line, 4).int32();
        byte[] flood = Arrays.copyOf(recorded, line + 8 * packet);
        for (int i = 0; i < 8; i++) {
            System.arraycopy(recorded, line, flood, line + i * packet, packet);
        }
        var meeting = new Meeting().gateway().send(flood);
        assertInstanceOf(Cause.BrokenRule.class, meeting.ended().cause());
        assertTrue(meeting.atGateway.stream().noneMatch(ArrivalEvent.AdmissionAsked.class::isInstance));
    }

    /** While it waits for its turn a peer may send little more, however it cuts it. */
    @Test
    void whoFloodsWhileItWaitsForItsTurnIsClosed() {
        var whole = new Meeting().dial(DesignsTest.designs().toList().get(2));
        byte[] recorded = whole.toGateway.all.toByteArray();
        int line = new String(recorded, StandardCharsets.ISO_8859_1).indexOf('\n') + 1;
        int first = line + 4 + new homeport.ssh.wire.SshReader(recorded, line, 4).int32();
        var meeting = new Meeting();
        meeting.turns = arrival -> {};
        meeting.gateway().send(Arrays.copyOf(recorded, first));
        assertFalse(meeting.arrival.wantsInput());
        int sent = 0;
        while (!meeting.arrival.isClosed()) {
            meeting.send(new byte[1000]);
            sent += 1000;
            assertTrue(sent < 100_000, "it keeps all that comes");
        }
        assertEquals(new Cause.BrokenRule(Rule.INPUT_BACKLOG), meeting.ended().cause());
    }

    /** The wait for a turn has an end of its own; it is not the device's time for the login. */
    @Test
    void waitForATurnDoesNotCountAsTheDevicesTime() {
        var settings = DesignsTest.designs().toList().get(1);
        var meeting = new Meeting();
        meeting.turns = arrival -> {};
        meeting.dial(settings).pass(Duration.ofSeconds(29));
        assertFalse(meeting.arrival.isClosed());
        meeting.arrival.takeTurn();
        meeting.untilDead = 0;
        meeting.run().pass(Duration.ofSeconds(28));
        assertFalse(meeting.arrival.isClosed(), "it has 30 s from here");
        meeting.pass(Duration.ofSeconds(3));
        assertTrue(meeting.arrival.isClosed());

        var forgotten = new Meeting();
        forgotten.turns = arrival -> {};
        forgotten.dial(settings).pass(Duration.ofSeconds(31));
        assertEquals(new Cause.BrokenRule(Rule.DECISION_TIMEOUT), forgotten.ended().cause());
    }

    /** Text before a server's version line, cut at every place, with the line end of either kind. */
    @Test
    void linesBeforeTheVersionLineMayBeCutAnywhere() {
        for (var text : List.of("Welcome\r\nto router 7\r\n", "x\n", "\r\n", "SS\r\n", "SSH is next\n",
                "MSG of the day\n", "\u001b[31mKEEP OUT\u001b[0m\r\n")) {
            for (int cut = 1; cut <= text.length(); cut++) {
                var meeting = new Meeting().gateway();
                meeting.departure = new Departure(
                        DepartureSettings.callHome(Meeting.deviceServer(Meeting.DEVICE_HOST)), meeting.environment,
                        meeting.deviceOutput, meeting.toGateway, (device, event) -> {
                            if (event instanceof DepartureEvent.LoginAsked asked) {
                                device.decide(asked, new homeport.ssh.LoginDecision.Accept());
                            }
                        });
                meeting.send(text.substring(0, cut));
                if (cut < text.length()) {
                    meeting.send(text.substring(cut));
                }
                meeting.departure.start();
                meeting.run();
                assertTrue(meeting.link != null, text + " cut at " + cut + ": " + meeting.why());
            }
        }
    }

    /** A device that is given up by its owner and taken up again in another design is a new connection, and found as such. */
    @Test
    void designMayChangeBetweenDials() {
        for (var first : DesignsTest.designs().toList()) {
            for (var second : DesignsTest.designs().toList()) {
                var presence = new Presence<DeviceLink>();
                presence.add("r1", new Meeting().dial(first).link, true);
                var again = new Meeting().dial(second).link;
                assertEquals(second.design(), again.design());
                assertInstanceOf(Presence.Outcome.Displaced.class, presence.add("r1", again, true));
            }
        }
    }

    /** The stream ends after every single byte of a good connection: always closed, always with a reason. */
    @Test
    void endOfStreamAnywhereLeavesNothingOpen() {
        for (var settings : DesignsTest.designs().toList()) {
            var whole = new Meeting().dial(settings);
            int length = whole.toGateway.all.size();
            byte[] recorded = whole.toGateway.all.toByteArray();
            for (int cut = 0; cut < length; cut += 97) {
                var meeting = new Meeting().gateway();
                meeting.send(Arrays.copyOf(recorded, cut));
                meeting.arrival.endOfStream();
                assertTrue(meeting.arrival.isClosed(), settings.design() + " at " + cut);
                assertTrue(meeting.toDevice.ended);
                assertEquals(1, meeting.atGateway.stream().filter(ArrivalEvent.Closed.class::isInstance).count());
            }
        }
    }

    /** One byte of a good first flight is changed: never an exception, and never a link. */
    @Test
    void changedBytesAreRefusedInOrder() {
        var random = new Random(4);
        for (var settings : DesignsTest.designs().toList()) {
            var whole = new Meeting().dial(settings);
            byte[] recorded = whole.toGateway.all.toByteArray();
            for (int i = 0; i < 300; i++) {
                byte[] changed = recorded.clone();
                changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
                var meeting = new Meeting().gateway().send(changed);
                assertEquals(List.of(),
                        meeting.atGateway.stream().filter(ArrivalEvent.Linked.class::isInstance).toList());
                meeting.pass(Duration.ofSeconds(40));
                assertTrue(meeting.arrival.isClosed());
            }
        }
    }
}
