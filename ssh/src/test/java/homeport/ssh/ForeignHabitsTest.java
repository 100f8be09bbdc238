package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.crypto.KexAlgorithm;
import homeport.ssh.crypto.MacAlgorithm;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.GlobalRequest;
import homeport.ssh.wire.KexInit;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What implementations in the field do that the RFCs do not say, or forbid: none of it may cost the connection. */
class ForeignHabitsTest {
    private static final KeepAlive KEEP_ALIVE = new KeepAlive(Duration.ofSeconds(10), 3);

    // ---- Channels that are over

    /** The victim opened a channel, number 0 here and 7 there, asked for something, and both have closed it. */
    private static EvilPeer closedWithARequestUnderWay() {
        var evil = EvilPeer.server().loggedIn();
        var channel = evil.victim.openChannel(new ChannelType.Session(), 1 << 16);
        evil.deliver().send(MessageNumber.CHANNEL_OPEN_CONFIRMATION,
                out -> out.uint32(0).uint32(7).uint32(1 << 20).uint32(1 << 15));
        channel.request(new ChannelRequest.Exec("show version"), true);
        evil.deliver().send(MessageNumber.CHANNEL_CLOSE, out -> out.uint32(0));
        assertEquals(1, evil.received(MessageNumber.CHANNEL_CLOSE).size());
        assertEquals(0, evil.victim.channelCount());
        return evil;
    }

    @Test
    void sshdAsksForASignOfLifeOnAChannelThatIsClosed() {
        var evil = closedWithARequestUnderWay();
        for (int i = 1; i <= 3; i++) {
            evil.send(MessageNumber.CHANNEL_REQUEST, out -> out.uint32(0).string("keepalive@openssh.com").bool(true));
            assertEquals(Optional.empty(), evil.verdict());
            assertEquals(i, evil.received(MessageNumber.CHANNEL_FAILURE).size());
            assertEquals(7, evil.received(MessageNumber.CHANNEL_FAILURE).getLast().uint32());
        }
        evil.send(MessageNumber.CHANNEL_REQUEST, out -> out.uint32(0).string("exit-status").bool(false).uint32(0));
        assertEquals(Optional.empty(), evil.verdict());
        assertEquals(3, evil.received(MessageNumber.CHANNEL_FAILURE).size());
    }

    @ParameterizedTest
    @ValueSource(ints = {MessageNumber.CHANNEL_SUCCESS, MessageNumber.CHANNEL_FAILURE})
    void opensshBefore67RepliesToARequestThatCrossedItsClose(int reply) {
        var evil = closedWithARequestUnderWay();
        evil.send(reply, out -> out.uint32(0));
        assertEquals(Optional.empty(), evil.verdict());
        assertEquals(0, evil.events(Event.ChannelReply.class).size());
        evil.send(reply, out -> out.uint32(0));
        assertEquals(Optional.of(Rule.CHANNEL_UNKNOWN), evil.verdict(), "one was due, and no more");
    }

    @Test
    void whatComesLateIsNotTakenForTheNextChannelOfThatNumber() {
        var evil = closedWithARequestUnderWay();
        var next = evil.victim.openChannel(new ChannelType.Session(), 1 << 16);
        assertEquals(0, next.id());
        evil.deliver().send(MessageNumber.CHANNEL_FAILURE, out -> out.uint32(0));
        evil.send(MessageNumber.CHANNEL_WINDOW_ADJUST, out -> out.uint32(0).uint32(1000));
        evil.send(MessageNumber.CHANNEL_OPEN_CONFIRMATION,
                out -> out.uint32(0).uint32(8).uint32(100).uint32(1 << 15));
        assertEquals(Optional.empty(), evil.verdict());
        assertEquals(100, next.sendable());
        evil.send(MessageNumber.CHANNEL_FAILURE, out -> out.uint32(0));
        assertEquals(Optional.of(Rule.REPLY_UNEXPECTED), evil.verdict());
    }

    @Test
    void aWindowMovesAfterItsChannelIsClosed() {
        var evil = closedWithARequestUnderWay();
        evil.send(MessageNumber.CHANNEL_WINDOW_ADJUST, out -> out.uint32(0).uint32(0xffff_ffffL));
        assertEquals(Optional.empty(), evil.verdict());
    }

    @ParameterizedTest
    @ValueSource(ints = {MessageNumber.CHANNEL_DATA, MessageNumber.CHANNEL_EXTENDED_DATA, MessageNumber.CHANNEL_EOF,
            MessageNumber.CHANNEL_CLOSE})
    void nothingElseMayComeForIt(int number) {
        var evil = closedWithARequestUnderWay();
        evil.send(number, out -> out.uint32(0).uint32(0).uint32(0));
        assertEquals(Optional.of(Rule.CHANNEL_UNKNOWN), evil.verdict());
    }

    // ---- Global requests

    @Test
    void libsshSaysThatItKnowsNoGlobalRequests() {
        var evil = EvilPeer.server(SshSettings.builder().keepAlive(KEEP_ALIVE)).loggedIn();
        var request = new GlobalRequest.Unknown("server-channels@example", new byte[0]);
        evil.victim.request(request, true);
        evil.deliver();
        long number = evil.lastReceivedPacket();
        evil.send(MessageNumber.UNIMPLEMENTED, out -> out.uint32(number + 1));
        assertEquals(0, evil.events(Event.GlobalReply.class).size(), "that was about something else");
        evil.send(MessageNumber.UNIMPLEMENTED, out -> out.uint32(number));
        var reply = evil.events(Event.GlobalReply.class).getFirst();
        assertEquals(request, reply.request());
        assertFalse(reply.success());
        evil.send(MessageNumber.UNIMPLEMENTED, out -> out.uint32(number));
        assertEquals(1, evil.events(Event.GlobalReply.class).size());

        // Its word is a sign of life too, and what it was about does not wait for ever.
        for (int i = 0; i < 300; i++) {
            evil.pass(Duration.ofSeconds(10));
            long asked = evil.lastReceivedPacket();
            evil.send(MessageNumber.UNIMPLEMENTED, out -> out.uint32(asked));
        }
        assertEquals(Optional.empty(), evil.verdict());
        assertEquals(301, evil.received(MessageNumber.GLOBAL_REQUEST).size());
        evil.victim.request(request, true);
        evil.deliver().send(MessageNumber.REQUEST_SUCCESS, out -> {});
        assertTrue(evil.events(Event.GlobalReply.class).getLast().success(), "no earlier request is left");
    }

    @Test
    void whoAnswersNoKeepAlivesButLivesIsNotAskedForEver() {
        var evil = EvilPeer.server(SshSettings.builder().keepAlive(KEEP_ALIVE)).loggedIn();
        for (int i = 0; i < 1000; i++) {
            evil.pass(Duration.ofSeconds(10));
            evil.send(MessageNumber.IGNORE, out -> out.string(""));
        }
        assertEquals(Optional.empty(), evil.verdict());
        assertEquals(Limits.DEFAULT.pendingRequests(), evil.received(MessageNumber.GLOBAL_REQUEST).size());
        evil.pass(Duration.ofSeconds(10)).pass(Duration.ofSeconds(10)).pass(Duration.ofSeconds(10));
        assertEquals(Optional.empty(), evil.verdict());
        evil.pass(Duration.ofSeconds(10));
        assertEquals(Optional.of(Rule.KEEPALIVE_TIMEOUT), evil.verdict(), "silence ends it all the same");
    }

    @Test
    void requestsThatNobodyKnowsAreTheOwnersAndHaveTheirAnswers() {
        var evil = EvilPeer.client().owner((victim, event) -> {
            switch (event) {
                case Question.ChannelRequested asked -> victim.decide(asked, false);
                case Question.GlobalRequested asked -> victim.decide(asked, false);
                case Event other -> EvilPeer.lenient(victim, other);
            }
        }).channelOpen();
        evil.send(MessageNumber.CHANNEL_REQUEST,
                out -> out.uint32(0).string("simple@putty.projects.tartarus.org").bool(false));
        evil.send(MessageNumber.CHANNEL_REQUEST,
                out -> out.uint32(0).string("winadj@putty.projects.tartarus.org").bool(true));
        evil.send(MessageNumber.GLOBAL_REQUEST, out -> out.string("no-more-sessions@openssh.com").bool(false));
        evil.send(MessageNumber.GLOBAL_REQUEST, out -> out.string("trilead-ping").bool(true));
        assertEquals(Optional.empty(), evil.verdict());
        assertEquals(1, evil.received(MessageNumber.CHANNEL_FAILURE).size());
        assertEquals(1, evil.received(MessageNumber.REQUEST_FAILURE).size());
    }

    // ---- Further host keys

    @Test
    void opensshBefore89ProvesRsaKeysBySha1() {
        var evil = EvilPeer.server(SshSettings.builder().learnHostKeys(true)).loggedIn();
        byte[] rsa = Keys.RSA.publicKey().blob();
        byte[] other = Keys.USER.publicKey().blob();
        evil.send(MessageNumber.GLOBAL_REQUEST,
                out -> out.string("hostkeys-00@openssh.com").bool(false).string(rsa).string(other));
        byte[] session = evil.victim.sessionId().orElseThrow();
        byte[] bySha1 = Keys.RSA.sign(KeyAlgorithm.SSH_RSA, ownership(session, rsa));
        byte[] good = Keys.USER.sign(KeyAlgorithm.SSH_ED25519, ownership(session, other));
        evil.send(MessageNumber.REQUEST_SUCCESS, out -> out.string(bySha1).string(good));
        assertEquals(Optional.empty(), evil.verdict());
        var proven = evil.events(Event.HostKeysProven.class).getFirst().keys();
        assertEquals(2, proven.size(), "the one in use and the one that SHA-2 proved");
        assertArrayEquals(other, proven.getLast().blob());
    }

    private static byte[] ownership(byte[] session, byte[] blob) {
        return new SshWriter().string("hostkeys-prove-00@openssh.com").string(session).string(blob).toByteArray();
    }

    // ---- Messages with less in them, and messages between the others

    @Test
    void whatIsForPeopleToReadMayBeMissing() {
        var evil = EvilPeer.server().keyed().send(MessageNumber.SERVICE_ACCEPT, out -> {});
        evil.send(MessageNumber.USERAUTH_BANNER, out -> out.string("Unauthorised access is prohibited"));
        assertEquals(1, evil.events(Event.Banner.class).size());
        evil.send(MessageNumber.DISCONNECT, out -> out.uint32(11));
        assertEquals(Optional.of(Rule.PEER_DISCONNECTED), evil.verdict());
    }

    @Test
    void ignoreAndDebugMayStandAnywhereAndBeEmpty() {
        var evil = EvilPeer.client().keyed();
        for (var step : List.<Runnable>of(
                () -> evil.send(MessageNumber.SERVICE_REQUEST, out -> out.string("ssh-userauth")),
                () -> evil.send(MessageNumber.USERAUTH_REQUEST,
                        out -> out.string("alice").string("ssh-connection").string("none")),
                () -> evil.openSession(0),
                () -> evil.send(MessageNumber.CHANNEL_DATA, out -> out.uint32(0).string("x")))) {
            evil.send(MessageNumber.IGNORE, out -> {});
            evil.send(MessageNumber.IGNORE, out -> out.string(new byte[30_000]));
            evil.send(MessageNumber.DEBUG, out -> {});
            evil.send(MessageNumber.DEBUG, out -> out.bool(true).string("debug").string(""));
            step.run();
        }
        assertEquals(Optional.empty(), evil.verdict());
        assertEquals(1, evil.events(Event.Data.class).size());
    }

    @Test
    void extensionInformationMayComeTwice() {
        var evil = EvilPeer.server().keyed();
        evil.send(MessageNumber.EXT_INFO, out -> out.uint32(0));
        evil.send(MessageNumber.SERVICE_ACCEPT, out -> out.string("ssh-userauth"));
        evil.send(MessageNumber.EXT_INFO, out -> out.uint32(1).string("server-sig-algs").string("ssh-ed25519"));
        evil.send(MessageNumber.USERAUTH_SUCCESS, out -> {});
        assertEquals(Optional.empty(), evil.verdict());
        assertTrue(evil.victim.isAuthenticated());
    }

    // ---- Old gear that knows SHA-1 only

    private static final Algorithms OLD = new Algorithms(
            List.of(KexAlgorithm.GROUP14_SHA1), List.of(KeyAlgorithm.SSH_RSA), List.of(KeyAlgorithm.SSH_RSA),
            List.of(CipherAlgorithm.AES128_CBC), List.of(MacAlgorithm.HMAC_SHA1), Algorithms.MODERN.compression());

    /** A router with an OpenSSH of 2010, or IOS 15, and our client with these algorithms and an RSA key. */
    private static EvilPeer router(Algorithms ours) {
        var router = SshSettings.builder().identification("SSH-2.0-Cisco-1.25").algorithms(OLD)
                .hostKeys(List.of(Keys.RSA)).build();
        return new EvilPeer(Role.SERVER, router, SshSettings.builder().algorithms(ours).build())
                .identifiedAs("SSH-2.0-Cisco-1.25").owner((victim, event) -> {
                    if (event instanceof Question.LoginAsked asked) {
                        victim.decide(asked, new LoginAttempt.Key("alice", Keys.RSA));
                    } else {
                        EvilPeer.lenient(victim, event);
                    }
                });
    }

    private static List<String> triedAlgorithms(EvilPeer evil) {
        return evil.received(MessageNumber.USERAUTH_REQUEST).stream().map(request -> {
            request.skipString();
            request.skipString();
            request.skipString();
            request.bool();
            return request.ascii();
        }).toList();
    }

    @Test
    void aRouterOfOldIsSpokenToWhereItsRecordSaysSo() {
        var evil = router(Algorithms.MODERN.withLegacy()).keyed();
        assertTrue(evil.victim.negotiated().orElseThrow().legacy());
        evil.send(MessageNumber.SERVICE_ACCEPT, out -> out.string("ssh-userauth"));
        assertEquals(List.of("rsa-sha2-512"), triedAlgorithms(evil));
        evil.send(MessageNumber.USERAUTH_FAILURE, out -> out.string("publickey,password").bool(false));
        assertEquals(List.of("rsa-sha2-512", "ssh-rsa"), triedAlgorithms(evil));
        assertEquals(1, evil.events(Question.LoginAsked.class).size(), "it is one attempt to the owner");
        evil.send(MessageNumber.USERAUTH_SUCCESS, out -> {});
        assertTrue(evil.victim.isAuthenticated());
    }

    @Test
    void whoRefusesTheKeyBySha1TooIsNotTriedAgain() {
        var evil = router(Algorithms.MODERN.withLegacy()).keyed();
        evil.send(MessageNumber.SERVICE_ACCEPT, out -> out.string("ssh-userauth"));
        evil.send(MessageNumber.USERAUTH_FAILURE, out -> out.string("publickey").bool(false));
        evil.owner((victim, event) -> {});
        evil.send(MessageNumber.USERAUTH_FAILURE, out -> out.string("publickey").bool(false));
        assertEquals(2, evil.events(Question.LoginAsked.class).size());
        assertEquals(2, triedAlgorithms(evil).size());
    }

    @Test
    void sha1DoesNotFollowWhereTheServerTookTheKeyOrWantsNoMore() {
        for (boolean partial : new boolean[]{false, true}) {
            var evil = router(Algorithms.MODERN.withLegacy()).keyed();
            evil.send(MessageNumber.SERVICE_ACCEPT, out -> out.string("ssh-userauth"));
            evil.owner((victim, event) -> {});
            evil.send(MessageNumber.USERAUTH_FAILURE,
                    out -> out.string(partial ? "publickey" : "password").bool(partial));
            assertEquals(List.of("rsa-sha2-512"), triedAlgorithms(evil));
            assertEquals(2, evil.events(Question.LoginAsked.class).size());
        }
    }

    @Test
    void aServerThatAnnouncesSha1OnlyGetsItWhereItsRecordSaysSo() {
        var evil = router(Algorithms.MODERN.withLegacy()).keyed();
        evil.send(MessageNumber.EXT_INFO, out -> out.uint32(1).string("server-sig-algs").string("ssh-rsa,ssh-dss"));
        evil.send(MessageNumber.SERVICE_ACCEPT, out -> out.string("ssh-userauth"));
        assertEquals(List.of("ssh-rsa"), triedAlgorithms(evil));
    }

    @Test
    void withoutThatRecordNothingIsInCommon() {
        assertEquals(Optional.of(Rule.NO_COMMON_ALGORITHM), router(Algorithms.MODERN).scripted()
                .sendInit(EvilPeer.proposal(OLD, List.of(), false)).verdict());
    }

    /** The KEXINIT of OpenSSH 5.3 (2009), by its names: most of them nobody should know today. */
    @Test
    void whatOpenssh53OffersHasACommonPartWithOurLegacy() {
        var ciphers = List.of("aes128-ctr", "aes192-ctr", "aes256-ctr", "arcfour256", "arcfour128", "aes128-cbc",
                "3des-cbc", "blowfish-cbc", "cast128-cbc", "aes192-cbc", "aes256-cbc", "arcfour",
                "rijndael-cbc@lysator.liu.se");
        var macs = List.of("hmac-md5", "hmac-sha1", "umac-64@openssh.com", "hmac-ripemd160",
                "hmac-ripemd160@openssh.com", "hmac-sha1-96", "hmac-md5-96");
        var compression = List.of("none", "zlib@openssh.com");
        var theirs = new KexInit(new byte[16], List.of("diffie-hellman-group-exchange-sha256",
                "diffie-hellman-group-exchange-sha1", "diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"),
                List.of("ssh-rsa", "ssh-dss"), ciphers, ciphers, macs, macs, compression, compression, List.of(),
                List.of(), false);
        var ours = EvilPeer.proposal(Algorithms.MODERN.withLegacy(), List.of(), false);
        var agreed = Negotiated.between(ours, theirs);
        assertEquals(KexAlgorithm.GROUP_EXCHANGE_SHA256, agreed.kex());
        assertEquals(KeyAlgorithm.SSH_RSA, agreed.hostKey());
        assertEquals(CipherAlgorithm.AES128_CTR, agreed.cipherClientToServer());
        assertEquals(MacAlgorithm.HMAC_SHA1, agreed.macServerToClient());
        assertTrue(agreed.legacy());
    }
}
