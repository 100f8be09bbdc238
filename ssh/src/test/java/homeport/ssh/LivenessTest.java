package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.Disconnect;
import homeport.ssh.wire.GlobalRequest;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Silence, signs of life, rest, and the end; and the host keys that a server tells after the login. */
class LivenessTest {
    private static final KeepAlive KEEP_ALIVE = new KeepAlive(Duration.ofSeconds(10), 3);

    @Test
    void aPingIsAnsweredWithItsData() {
        var pair = Pair.friendly().start();
        assertTrue(pair.client.connection.ping(new byte[]{1, 2, 3}));
        pair.run();
        assertArrayEquals(new byte[]{1, 2, 3}, pair.client.events(Event.Pong.class).getFirst().data());
        assertFalse(pair.server.connection.ping(new byte[0]), "a client announces no pings");
    }

    @Test
    void keepAlivesFindADeadPeer() {
        var evil = EvilPeer.client(SshSettings.builder().keepAlive(KEEP_ALIVE)).loggedIn();
        for (int i = 1; i <= 3; i++) {
            evil.pass(Duration.ofSeconds(10));
            assertEquals(i, evil.received(MessageNumber.GLOBAL_REQUEST).size());
            assertTrue(evil.victim.closed().isEmpty());
        }
        evil.pass(Duration.ofSeconds(10));
        assertEquals(Rule.KEEPALIVE_TIMEOUT, evil.verdict().orElseThrow());
    }

    @Test
    void anythingFromThePeerIsLife() {
        var evil = EvilPeer.client(SshSettings.builder().keepAlive(KEEP_ALIVE)).loggedIn();
        for (int i = 0; i < 20; i++) {
            evil.pass(Duration.ofSeconds(9));
            evil.send(MessageNumber.IGNORE, out -> out.string(""));
        }
        assertEquals(0, evil.received(MessageNumber.GLOBAL_REQUEST).size());
    }

    @Test
    void ourOwnPeersAnswerKeepAlives() {
        var settings = SshSettings.builder().keepAlive(KEEP_ALIVE).hostKeys(List.of(Keys.ED25519)).build();
        var pair = Pair.friendly(SshSettings.builder().keepAlive(KEEP_ALIVE).build(), settings).start();
        pair.pass(Duration.ofMinutes(30));
        assertTrue(pair.client.connection.closed().isEmpty());
        assertEquals(0, pair.server.events(Question.GlobalRequested.class).size(), "the engine answers for itself");
    }

    @Test
    void foreignKeepAlivesAreAnsweredOnChannelsToo() {
        var evil = EvilPeer.client().channelOpen();
        evil.send(MessageNumber.CHANNEL_REQUEST,
                out -> out.uint32(0).string("keepalive@openssh.com").bool(true));
        evil.send(MessageNumber.GLOBAL_REQUEST, out -> out.string("keepalive@ietf.org").bool(true));
        assertEquals(1, evil.received(MessageNumber.CHANNEL_FAILURE).size());
        assertEquals(1, evil.received(MessageNumber.REQUEST_FAILURE).size());
    }

    // ---- Rest

    /** Whatever moment: resting changes nothing. */
    @ParameterizedTest
    @EnumSource(RestAt.class)
    void restChangesNothing(RestAt when) {
        var pair = Pair.friendly().cut(when == RestAt.EVERY_BYTE ? Pair.Cut.SINGLE : Pair.Cut.RANDOM);
        for (var end : List.of(pair.client, pair.server)) {
            if (when == RestAt.EVERY_EVENT) {
                end.on((e, event) -> e.connection.rest());
            }
        }
        pair.beforeEachPart(end -> {
            if (when != RestAt.EVERY_EVENT) {
                end.connection.rest();
            }
        });
        pair.start();
        var channel = pair.session();
        channel.send("one ".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, 4);
        pair.run();
        pair.client.connection.rekey();
        pair.run();
        channel.send("two".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, 3);
        channel.request(new ChannelRequest.Shell(), true);
        pair.run();
        assertEquals("one two", pair.server.text());
        assertEquals(1, pair.client.events(Event.ChannelReply.class).size());
        assertEquals(2, pair.client.events(Event.KeysExchanged.class).size());
    }

    enum RestAt {
        EVERY_EVENT,
        EVERY_PART,
        EVERY_BYTE
    }

    @Test
    void anIdleConnectionComesToRestAndHasNoDeadline() {
        var pair = Pair.friendly().start();
        pair.pass(Duration.ofSeconds(6));
        assertEquals(Long.MAX_VALUE, pair.client.connection.deadline());
        assertEquals(Long.MAX_VALUE, pair.server.connection.deadline());
    }

    // ---- Deadlines before the login

    @Test
    void aSilentPeerIsNotWaitedFor() {
        var evil = EvilPeer.client();
        evil.victim.start();
        evil.pass(Limits.DEFAULT.versionTime());
        assertEquals(Rule.FIRST_BYTE_TIMEOUT, evil.verdict().orElseThrow());
    }

    @Test
    void aPeerThatNeverLogsInIsNotWaitedFor() {
        var evil = EvilPeer.client().keyed();
        evil.pass(Limits.DEFAULT.loginTime());
        assertEquals(Rule.LOGIN_TIMEOUT, evil.verdict().orElseThrow());
    }

    @Test
    void aKeyExchangeThatStallsIsNotWaitedFor() {
        var evil = EvilPeer.client(SshSettings.builder().limits(Limits.DEFAULT.withLoginTime(Duration.ofHours(1))))
                .scripted();
        evil.pass(Limits.DEFAULT.exchangeTime());
        assertEquals(Rule.KEX_TIMEOUT, evil.verdict().orElseThrow());
    }

    // ---- The end

    @Test
    void anOrderlyEndIsNobodysFault() {
        var pair = Pair.friendly().start();
        pair.client.connection.disconnect("good night");
        pair.run();
        var here = pair.client.connection.closed().orElseThrow();
        var there = pair.server.connection.closed().orElseThrow();
        assertEquals(new CloseReason(Optional.empty(), Disconnect.BY_APPLICATION, "good night", false), here);
        assertEquals(new CloseReason(Optional.empty(), Disconnect.BY_APPLICATION, "good night", true), there);
    }

    @Test
    void aLinkThatBreaksIsToldOnce() {
        var pair = Pair.friendly().start();
        pair.session();
        pair.client.connection.endOfStream();
        pair.client.connection.endOfStream();
        assertEquals(1, pair.client.events(Event.Closed.class).size());
        assertEquals(1, pair.client.events(Event.ChannelClosed.class).size());
        assertEquals(0, pair.client.out.size(), "nothing is sent into a broken link");
        assertEquals(Long.MAX_VALUE, pair.client.connection.deadline());
    }

    @Test
    void aClosedConnectionTakesNothingAndSaysNothing() {
        var pair = Pair.friendly().start();
        pair.client.connection.disconnect("done");
        pair.client.take();
        int events = pair.client.events.size();
        pair.client.connection.receive(new byte[100], 0, 100);
        pair.client.connection.tick();
        pair.client.connection.rekey();
        pair.client.connection.rest();
        pair.client.connection.request(new GlobalRequest.Unknown("x", new byte[0]), true);
        assertFalse(pair.client.connection.ping(new byte[0]));
        pair.client.connection.disconnect("again");
        assertEquals(events, pair.client.events.size());
        assertEquals(0, pair.client.out.size());
    }

    @Test
    void aRefusedHostKeyEndsTheConnectionWithItsReason() {
        var pair = new Pair(SshSettings.client(), SshSettings.server(List.of(Keys.ED25519)));
        pair.client.on((end, event) -> {
            if (event instanceof Question.HostKeyAsked asked) {
                end.connection.decide(asked, new HostKeyDecision.Refuse("not the key on record"));
            }
        });
        pair.start();
        assertEquals(Optional.of(Rule.HOST_KEY_REFUSED), pair.client.connection.closed().orElseThrow().rule());
        var told = pair.server.connection.closed().orElseThrow();
        assertEquals(Disconnect.HOST_KEY_NOT_VERIFIABLE, told.disconnectCode());
        assertTrue(told.text().contains("not the key on record"), told.text());
        assertTrue(pair.server.connection.sessionId().isEmpty() || !pair.server.connection.isAuthenticated());
    }

    // ---- Further host keys

    private static Pair withHostKeys(boolean learn) {
        var server = SshSettings.server(List.of(Keys.ED25519, Keys.RSA,
                Keys.of(homeport.ssh.key.KeyAlgorithm.ECDSA_P256)));
        return Pair.friendly(SshSettings.builder().learnHostKeys(learn).build(), server).start();
    }

    @Test
    void aServerProvesItsFurtherHostKeys() {
        var pair = withHostKeys(true);
        var proven = pair.client.events(Event.HostKeysProven.class).getFirst().keys();
        assertEquals(List.of("ecdsa-sha2-nistp256", "ssh-ed25519", "ssh-rsa"), proven.stream().map(key -> key.type())
                .sorted().toList());
        assertEquals(0, withHostKeys(false).client.events(Event.HostKeysProven.class).size());
    }

    @Test
    void anAnnouncementThatWantsAReplyGetsOneInOrder() {
        var evil = EvilPeer.server().loggedIn();
        evil.send(MessageNumber.GLOBAL_REQUEST, out -> out.string("hostkeys-00@openssh.com").bool(true)
                .string(Keys.RSA.publicKey().blob()));
        evil.send(MessageNumber.GLOBAL_REQUEST, out -> out.string("keepalive@openssh.com").bool(true));
        assertEquals(1, evil.received(MessageNumber.REQUEST_SUCCESS).size());
        assertEquals(1, evil.received(MessageNumber.REQUEST_FAILURE).size());
    }

    @Test
    void aFurtherHostKeyWithoutProofEndsTheConnection() {
        var evil = EvilPeer.server(SshSettings.builder().learnHostKeys(true)).loggedIn();
        byte[] blob = Keys.USER.publicKey().blob();
        evil.send(MessageNumber.GLOBAL_REQUEST,
                out -> out.string("hostkeys-00@openssh.com").bool(false).string(blob));
        assertEquals("hostkeys-prove-00@openssh.com", evil.received(MessageNumber.GLOBAL_REQUEST).getFirst().ascii());
        byte[] signature = Keys.USER.sign(homeport.ssh.key.KeyAlgorithm.SSH_ED25519, new byte[10]);
        evil.send(MessageNumber.REQUEST_SUCCESS, out -> out.string(signature));
        assertEquals(Rule.HOST_KEY_SIGNATURE, evil.verdict().orElseThrow());
        assertEquals(0, evil.events(Event.HostKeysProven.class).size());
    }

    @Test
    void proofsAreMadeForOurOwnKeysAndNotForEver() {
        var evil = EvilPeer.client().loggedIn();
        byte[] own = Keys.ED25519.publicKey().blob();
        var refused = new ArrayList<List<byte[]>>();
        refused.add(List.of(Keys.USER.publicKey().blob()));
        refused.add(java.util.Collections.nCopies(64, own));
        refused.add(List.of(own, new byte[0]));
        for (var blobs : refused) {
            evil.send(MessageNumber.GLOBAL_REQUEST, out -> {
                out.string("hostkeys-prove-00@openssh.com").bool(true);
                blobs.forEach(out::string);
            });
        }
        assertEquals(3, evil.received(MessageNumber.REQUEST_FAILURE).size());
        evil.send(MessageNumber.GLOBAL_REQUEST,
                out -> out.string("hostkeys-prove-00@openssh.com").bool(true).string(own));
        assertEquals(1, evil.received(MessageNumber.REQUEST_SUCCESS).size());
    }
}
