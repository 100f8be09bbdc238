package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.wire.KexInit;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.SshWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a peer can make a connection hold, counted over all that the connection refers to. */
class MemoryBoundTest {
    /**
     * For somebody who is not logged in: one packet half there (64 KiB) or the input of a decision that is pending
     * (64 KiB, in a buffer that grew by doubling), and the two KEXINITs of an exchange under way. It is what was sent,
     * times two at most: nothing announced is believed.
     */
    private static final int STRANGER_BYTES = 320 << 10;
    /** The same when nothing large was sent. */
    private static final int QUIET_BYTES = 16 << 10;

    private static long held(EvilPeer evil) {
        assertEquals(Optional.empty(), evil.verdict(), evil.events::toString);
        return Graph.of(evil.victim).bytes();
    }

    private static void assertBelow(long most, EvilPeer evil) {
        long held = held(evil);
        assertTrue(held < most, held + " bytes");
    }

    @Test
    void aConnectionThatSaidHelloIsSmall() {
        assertBelow(QUIET_BYTES, EvilPeer.client().scripted());
        assertBelow(QUIET_BYTES, EvilPeer.client().keyed());
        var idle = EvilPeer.client().loggedIn().pass(Duration.ofSeconds(6));
        assertBelow(5 << 10, idle);
    }

    @Test
    void aPacketThatIsOnlyAnnouncedCostsNothing() {
        var evil = EvilPeer.client().scripted();
        evil.raw(new SshWriter().uint32((64 << 10) - 4).uint8(4).toByteArray()).deliver();
        assertBelow(QUIET_BYTES, evil);
    }

    @Test
    void aPacketThatIsHalfThereCostsItsBytes() {
        var evil = EvilPeer.client().scripted();
        evil.raw(new SshWriter().uint32((64 << 10) - 4).uint8(4).toByteArray()).deliver();
        for (int i = 0; i < 600; i++) {
            evil.raw(new byte[100]).deliver();
        }
        assertBelow(140 << 10, evil);
    }

    @Test
    void aLargeKexInitAndInputDuringADecisionStayWithinTheBound() {
        var evil = new EvilPeer(Role.CLIENT, SshSettings.client(), SshSettings.server(List.of(Keys.ED25519)));
        evil.scripted();
        var proposal = EvilPeer.proposal(EvilPeer.QUICK, List.of(), false);
        var names = new ArrayList<String>(proposal.kex());
        names.addAll(Collections.nCopies(200, "a"));
        var kex = new ArrayList<>(proposal.hostKeys());
        kex.add("x".repeat(50_000));
        evil.sendInit(new KexInit(new byte[16], names, kex, proposal.ciphersClientToServer(), proposal
                .ciphersServerToClient(), proposal.macsClientToServer(), proposal.macsServerToClient(), List.of("none"),
                List.of("none"), List.of(), List.of(), false));
        evil.raw(new SshWriter().uint32((64 << 10) - 4).uint8(4).toByteArray()).deliver();
        for (int i = 0; i < 600; i++) {
            evil.raw(new byte[100]).deliver();
        }
        assertBelow(STRANGER_BYTES, evil);

        var pending = EvilPeer.client().owner((victim, event) -> {}).keyed().send(MessageNumber.SERVICE_REQUEST,
                out -> out.string("ssh-userauth"));
        pending.send(MessageNumber.USERAUTH_REQUEST,
                out -> out.string("a").string("ssh-connection").string("password").bool(false).string(
                        new byte[60_000]));
        for (int i = 0; i < 650; i++) {
            pending.raw(new byte[100]).deliver();
        }
        assertBelow(STRANGER_BYTES, pending);
    }

    @Test
    void anUndecidedRoleHoldsTheKexInitAndLittleElse() {
        var out = new SshWriter();
        var connection = SshConnection.undecided(SshSettings.server(List.of(Keys.ED25519)), new Environment(() -> 0,
                new SeededRandom(1)), out, event -> {});
        connection.start();
        var init = new SshWriter();
        var names = Collections.nCopies(250, "a");
        new KexInit(new byte[16], names, names, names, names, names, names, names, names, names, names, false).write(
                init);
        var theirs = new SshWriter().bytes("SSH-2.0-x\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        var packets = new PacketOutput(theirs, 1 << 16, new SeededRandom(1));
        packets.begin(MessageNumber.KEXINIT).bytes(init.array(), 1, init.size() - 1);
        packets.end();
        connection.receive(theirs.array(), 0, theirs.size());
        assertTrue(connection.closed().isEmpty());
        long held = Graph.of(connection).bytes();
        assertTrue(held < STRANGER_BYTES, held + " bytes");
    }

    /** Logged in: by the number of channels, of requests on each that wait for the owner, and their size. */
    @Test
    void channelsThatAreOpenCostLittle() {
        var evil = EvilPeer.client().loggedIn();
        for (int i = 0; i < Limits.DEFAULT.channels(); i++) {
            evil.openSession(i);
        }
        assertBelow(64 << 10, evil);
    }

    @Test
    void nothingIsLeftOfWhatIsOver() {
        var evil = EvilPeer.client().loggedIn();
        long before = held(evil.pass(Duration.ofSeconds(6)));
        for (int i = 0; i < 100; i++) {
            evil.openSession(i);
            evil.send(MessageNumber.CHANNEL_REQUEST, out -> out.uint32(0).string("exec").bool(true).string("x"));
            evil.send(MessageNumber.CHANNEL_DATA, out -> out.uint32(0).string(new byte[30_000]));
            evil.send(MessageNumber.GLOBAL_REQUEST, out -> out.string("x").bool(true));
            evil.send(MessageNumber.CHANNEL_CLOSE, out -> out.uint32(0));
        }
        long after = held(evil.pass(Duration.ofSeconds(6)));
        assertTrue(after <= before + 256, before + " before, " + after + " after");
    }
}
