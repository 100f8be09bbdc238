package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.wire.KexInit;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A connection that finds out whether it is the client or the server. */
class RoleTest {

    @ParameterizedTest
    @EnumSource(Role.class)
    void marksTellTheRole(Role peer) {
        var pair = undecided(peer, new ArrayList<>(), null);
        pair.start();
        check(pair, peer);
    }

    /** Marked peers too: an owner may not look at the marks. */
    @ParameterizedTest
    @EnumSource(Role.class)
    void watchingTellsTheRoleOfAMarkedPeer(Role peer) {
        var pair = undecided(peer, new ArrayList<>(), RoleDecision.WATCH);
        pair.start();
        pair.pass(Limits.DEFAULT.roleTime());
        check(pair, peer);
    }

    @Test
    void watchingTellsAClientWithoutMarksByItsFirstMessage() {
        var undecided = new Undecided(SshSettings.server(List.of(Keys.ED25519, Keys.RSA)));
        undecided.greet(EvilPeer.proposal(Algorithms.MODERN, List.of(), false));
        assertEquals(List.of(), undecided.role());
        undecided.send(MessageNumber.KEX_INIT, new byte[5]);
        assertEquals(List.of(Role.SERVER), undecided.role());
        assertEquals(Rule.KEX_VALUE, undecided.connection.closed().orElseThrow().rule().orElseThrow());
    }

    @Test
    void watchingTellsAServerWithoutMarksByItsSilence() {
        var undecided = new Undecided(SshSettings.server(List.of(Keys.ED25519, Keys.RSA)));
        undecided.greet(EvilPeer.proposal(Algorithms.MODERN, List.of(), false));
        undecided.clock += Limits.DEFAULT.roleTime().toNanos() - 1;
        undecided.connection.tick();
        assertEquals(List.of(), undecided.role());
        undecided.clock += 1;
        undecided.connection.tick();
        assertEquals(List.of(Role.CLIENT), undecided.role());
    }

    @Test
    void whatIsChosenWhileWatchingIsFromTheListThatWasSent() {
        // As a client we would take Ed25519 first, but the one KEXINIT that is good in both roles says RSA only.
        var undecided = new Undecided(SshSettings.server(List.of(Keys.RSA)));
        undecided.greet(EvilPeer.proposal(Algorithms.MODERN, List.of(), false));
        undecided.clock += Limits.DEFAULT.roleTime().toNanos();
        undecided.connection.tick();
        assertEquals(KeyAlgorithm.RSA_SHA2_512, undecided.connection.negotiated().orElseThrow().hostKey());
    }

    /** An old router's only key may be RSA or on a NIST curve. */
    @ParameterizedTest
    @EnumSource(value = KeyAlgorithm.class, names = {"SSH_ED25519", "ECDSA_P256", "RSA_SHA2_512"})
    void aServerWithoutMarksMayHaveAnyKeyOfWhichWeHaveTheKindToo(KeyAlgorithm theirs) {
        var settings = SshSettings.builder().hostKeys(List.of(Keys.ED25519))
                .furtherHostKeys(List.of(Keys.P256, Keys.RSA)).build();
        var undecided = new Undecided(settings);
        undecided.greet(EvilPeer.proposal(Algorithms.MODERN.withHostKeys(List.of(theirs)), List.of(), false));
        undecided.clock += Limits.DEFAULT.roleTime().toNanos();
        undecided.connection.tick();
        assertEquals(theirs, undecided.connection.negotiated().orElseThrow().hostKey());
    }

    @Test
    void whoIsAClientForSureIsNotOfferedTheFurtherHostKeys() {
        var settings = SshSettings.builder().hostKeys(List.of(Keys.ED25519)).furtherHostKeys(List.of(Keys.RSA)).build();
        var undecided = new Undecided(settings);
        undecided.decision = RoleDecision.SERVER;
        undecided.greet(EvilPeer.proposal(Algorithms.MODERN.withHostKeys(List.of(KeyAlgorithm.RSA_SHA2_512)),
                List.of(KexInit.EXT_INFO_C), false));
        assertEquals(Rule.NO_COMMON_ALGORITHM, undecided.connection.closed().orElseThrow().rule().orElseThrow());
    }

    @Test
    void aStrictPeerMayNotSlipAPacketInWhileItIsWatched() {
        var undecided = new Undecided(SshSettings.server(List.of(Keys.ED25519)));
        undecided.greet(EvilPeer.proposal(Algorithms.MODERN, List.of(KexInit.STRICT_C), false));
        undecided.send(MessageNumber.IGNORE, new byte[4]);
        undecided.send(MessageNumber.KEX_INIT, new byte[5]);
        assertEquals(Rule.STRICT_KEX, undecided.connection.closed().orElseThrow().rule().orElseThrow());
    }

    @Test
    void nobodyAnswersWhichRoleItIsAndTheConnectionEnds() {
        var undecided = new Undecided(SshSettings.builder().hostKeys(List.of(Keys.ED25519))
                .limits(Limits.DEFAULT.withLoginTime(Duration.ofMinutes(2))).build());
        undecided.decision = null;
        undecided.greet(EvilPeer.proposal(Algorithms.MODERN, List.of(), false));
        undecided.clock += Limits.DEFAULT.decisionTime().toNanos();
        undecided.connection.tick();
        assertEquals(Rule.DECISION_TIMEOUT, undecided.connection.closed().orElseThrow().rule().orElseThrow());
    }

    @Test
    void aPeerThatSendsNoKexInitIsNotWaitedForForEver() {
        var undecided = new Undecided(SshSettings.server(List.of(Keys.ED25519)));
        undecided.connection.start();
        undecided.bytes("SSH-2.0-silent\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertTrue(undecided.connection.deadline() <= undecided.clock + Duration.ofSeconds(30).toNanos());
        undecided.clock += Limits.DEFAULT.loginTime().toNanos();
        undecided.connection.tick();
        assertEquals(Rule.LOGIN_TIMEOUT, undecided.connection.closed().orElseThrow().rule().orElseThrow());
    }

    private static void check(Pair pair, Role peer) {
        var end = peer == Role.CLIENT ? pair.server : pair.client;
        assertEquals(peer.other(), end.connection.role().orElseThrow());
        assertTrue(pair.client.connection.isAuthenticated(), () -> pair.client.events + "\n" + pair.server.events);
        pair.session();
        assertEquals(1, pair.client.events(Event.ChannelOpened.class).size());
        // New keys go by the role that was found.
        end.connection.rekey();
        pair.run();
        assertEquals(2, pair.client.events(Event.KeysExchanged.class).size());
    }

    /** The end that is not {@code peer} finds out; null decides by the marks. */
    private static Pair undecided(Role peer, List<Question.RoleAsked> asked,
            @org.jspecify.annotations.Nullable RoleDecision decision) {
        var either = SshSettings.server(List.of(Keys.ED25519));
        var pair = peer == Role.CLIENT
                ? new Pair(SshSettings.client(), true, either, false)
                : new Pair(either, false, SshSettings.server(List.of(Keys.ED25519)), true);
        var end = peer == Role.CLIENT ? pair.server : pair.client;
        end.on((e, event) -> {
            if (event instanceof Question.RoleAsked question) {
                asked.add(question);
                e.connection.decide(question, decision != null
                        ? decision
                        : question.peerKexInit().markedAsServer() ? RoleDecision.CLIENT : RoleDecision.SERVER);
            }
        });
        pair.client.on(Pair::friendlyClient);
        pair.server.on(Pair::friendlyServer);
        return pair;
    }

    /** An engine without a role, against bytes that the test writes. */
    private static final class Undecided {
        final homeport.ssh.wire.SshWriter out = new homeport.ssh.wire.SshWriter();
        final homeport.ssh.wire.SshWriter theirs = new homeport.ssh.wire.SshWriter();
        final PacketOutput peer = new PacketOutput(theirs, 1 << 16, new SeededRandom(1));
        final SshConnection connection;
        @org.jspecify.annotations.Nullable
        RoleDecision decision = RoleDecision.WATCH;
        long clock = 1;

        Undecided(SshSettings settings) {
            connection = SshConnection.undecided(settings, new Environment(() -> clock, new SeededRandom(2)), out,
                    this::on);
        }

        private void on(Event event) {
            if (event instanceof Question.RoleAsked asked && decision != null) {
                connection.decide(asked, decision);
            }
        }

        void greet(KexInit init) {
            connection.start();
            bytes("SSH-2.0-either\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            var payload = new homeport.ssh.wire.SshWriter();
            init.write(payload);
            peer.begin(MessageNumber.KEXINIT).bytes(payload.array(), 1, payload.size() - 1);
            peer.end();
            flush();
        }

        void send(int number, byte[] field) {
            peer.begin(number).string(field);
            peer.end();
            flush();
        }

        private void flush() {
            bytes(theirs.toByteArray());
            theirs.clear();
        }

        void bytes(byte[] bytes) {
            connection.receive(bytes, 0, bytes.length);
        }

        List<Role> role() {
            return connection.role().stream().toList();
        }
    }
}
