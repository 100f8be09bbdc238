package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.GlobalRequest;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks on channels and requests by somebody who is logged in, and floods of what is harmless once. */
class ChannelAttackTest {
    /** An owner that lets people in and channels open, and answers nothing else. */
    private static void silent(SshConnection victim, Event event) {
        if (!(event instanceof Question.ChannelRequested || event instanceof Question.GlobalRequested
                || event instanceof Event.Data)) {
            EvilPeer.lenient(victim, event);
        }
    }

    // ---- Windows

    @Test
    void dataBeyondTheWindowIsRefused() {
        var evil = EvilPeer.client().owner(ChannelAttackTest::silent).channelOpen();
        for (int i = 0; i < 2; i++) {
            evil.send(MessageNumber.CHANNEL_DATA, out -> out.uint32(0).string(new byte[1 << 15]));
            assertEquals(Optional.empty(), evil.verdict());
        }
        evil.send(MessageNumber.CHANNEL_DATA, out -> out.uint32(0).string(new byte[1]));
        assertEquals(Optional.of(Rule.WINDOW_EXCEEDED), evil.verdict());
        assertEquals(2, evil.events(Event.Data.class).size());
    }

    @Test
    void extendedDataBeyondTheWindowIsRefused() {
        var evil = EvilPeer.client().owner(ChannelAttackTest::silent).channelOpen();
        for (int i = 0; i < 2; i++) {
            evil.send(MessageNumber.CHANNEL_EXTENDED_DATA, out -> out.uint32(0).uint32(1).string(new byte[1 << 15]));
        }
        evil.send(MessageNumber.CHANNEL_EXTENDED_DATA, out -> out.uint32(0).uint32(9).string(new byte[1]));
        assertEquals(Optional.of(Rule.WINDOW_EXCEEDED), evil.verdict());
    }

    @Test
    void zeroWindowWritesAreRefusedButForEmptyOnes() {
        var evil = EvilPeer.client().owner((victim, event) -> {
            if (event instanceof Question.OpenRequested asked) {
                victim.accept(asked, 0);
            } else {
                EvilPeer.lenient(victim, event);
            }
        }).channelOpen();
        evil.send(MessageNumber.CHANNEL_DATA, out -> out.uint32(0).string(new byte[0]));
        assertEquals(Optional.empty(), evil.verdict());
        evil.send(MessageNumber.CHANNEL_DATA, out -> out.uint32(0).string(new byte[1]));
        assertEquals(Optional.of(Rule.WINDOW_EXCEEDED), evil.verdict());
    }

    @Test
    void aWindowThatOverflowsIsRefused() {
        var evil = EvilPeer.client().channelOpen();
        evil.send(MessageNumber.CHANNEL_WINDOW_ADJUST, out -> out.uint32(0).uint32(0xffff_ffffL - (1 << 20)));
        assertEquals(Optional.empty(), evil.verdict());
        evil.send(MessageNumber.CHANNEL_WINDOW_ADJUST, out -> out.uint32(0).uint32(1));
        assertEquals(Optional.of(Rule.WINDOW_OVERFLOW), evil.verdict());
    }

    @Test
    void aPacketBeyondTheMaximumIsRefused() {
        var evil = EvilPeer.client().channelOpen();
        evil.send(MessageNumber.CHANNEL_DATA, out -> out.uint32(0).string(new byte[(1 << 15) + 1]));
        assertEquals(Optional.of(Rule.CHANNEL_PACKET_TOO_LONG), evil.verdict());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 63})
    void aMaximumPacketThatCarriesNothingIsRefused(long maximum) {
        var evil = EvilPeer.client().loggedIn();
        evil.send(MessageNumber.CHANNEL_OPEN,
                out -> out.string("session").uint32(0).uint32(1 << 20).uint32(maximum));
        assertEquals(Optional.of(Rule.CHANNEL_STATE), evil.verdict());
    }

    @Test
    void sizesOf32BitsAreTakenAsUnsigned() {
        var evil = EvilPeer.client().loggedIn();
        evil.send(MessageNumber.CHANNEL_OPEN,
                out -> out.string("session").uint32(0xffff_ffffL).uint32(0xffff_ffffL).uint32(0xffff_ffffL));
        assertEquals(Optional.empty(), evil.verdict());
        var channel = evil.events(Question.OpenRequested.class).getFirst().channel();
        assertEquals(Integer.MAX_VALUE, channel.sendable());
        assertEquals(100_000, channel.send(new byte[100_000], 0, 100_000));
        evil.deliver();
        var data = evil.received(MessageNumber.CHANNEL_DATA);
        assertEquals(0xffff_ffffL, data.getFirst().uint32());
        assertTrue(data.getFirst().string().length <= 1 << 15);
    }

    // ---- Wrong states

    @ParameterizedTest
    @ValueSource(ints = {91, 92, 93, 94, 95, 96, 97, 98, 99, 100})
    void messagesForAChannelThatIsNotThereAreRefused(int number) {
        for (int id : new int[]{1, 2, 127, 128, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
            var evil = EvilPeer.client().channelOpen();
            evil.send(number, out -> out.uint32(id).uint32(0).uint32(0).uint32(0));
            assertEquals(Optional.of(Rule.CHANNEL_UNKNOWN), evil.verdict());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {93, 94, 95, 96, 97, 98, 99, 100})
    void messagesForAChannelThatIsNotConfirmedAreRefused(int number) {
        var undecided = EvilPeer.client().owner((victim, event) -> {
            if (!(event instanceof Question.OpenRequested)) {
                EvilPeer.lenient(victim, event);
            }
        }).loggedIn().openSession(0);
        undecided.send(number, out -> out.uint32(0).uint32(0));
        assertEquals(Optional.of(Rule.CHANNEL_STATE), undecided.verdict());

        var opening = EvilPeer.client().loggedIn();
        opening.victim.openChannel(new ChannelType.Session(), 100);
        opening.send(number, out -> out.uint32(0).uint32(0));
        assertEquals(Optional.of(Rule.CHANNEL_STATE), opening.verdict());
    }

    @ParameterizedTest
    @ValueSource(ints = {91, 92})
    void aConfirmationOfWhatWasNotAskedForIsRefused(int number) {
        var open = EvilPeer.client().channelOpen();
        open.send(number, out -> out.uint32(0).uint32(0).uint32(1000).uint32(1000));
        assertEquals(Optional.of(Rule.CHANNEL_STATE), open.verdict());
        var theirs = EvilPeer.client().owner((victim, event) -> {
            if (!(event instanceof Question.OpenRequested)) {
                EvilPeer.lenient(victim, event);
            }
        }).loggedIn().openSession(0);
        theirs.send(number, out -> out.uint32(0).uint32(0).uint32(1000).uint32(1000));
        assertEquals(Optional.of(Rule.CHANNEL_STATE), theirs.verdict());
    }

    @Test
    void dataBehindEofIsRefused() {
        var evil = EvilPeer.client().channelOpen();
        evil.send(MessageNumber.CHANNEL_EOF, out -> out.uint32(0));
        evil.send(MessageNumber.CHANNEL_DATA, out -> out.uint32(0).string("x"));
        assertEquals(Optional.of(Rule.CHANNEL_STATE), evil.verdict());
    }

    @Test
    void closedTwiceIsRefused() {
        var evil = EvilPeer.client().channelOpen();
        evil.send(MessageNumber.CHANNEL_CLOSE, out -> out.uint32(0));
        assertEquals(1, evil.received(MessageNumber.CHANNEL_CLOSE).size());
        evil.send(MessageNumber.CHANNEL_CLOSE, out -> out.uint32(0));
        assertEquals(Optional.of(Rule.CHANNEL_UNKNOWN), evil.verdict());
    }

    @ParameterizedTest
    @ValueSource(ints = {MessageNumber.REQUEST_SUCCESS, MessageNumber.REQUEST_FAILURE, MessageNumber.CHANNEL_SUCCESS,
            MessageNumber.CHANNEL_FAILURE})
    void repliesThatNothingAskedForAreRefused(int number) {
        var evil = EvilPeer.client().channelOpen();
        evil.send(number, out -> {
            if (number >= MessageNumber.CHANNEL_SUCCESS) {
                out.uint32(0);
            }
        });
        assertEquals(Optional.of(Rule.REPLY_UNEXPECTED), evil.verdict());
    }

    // ---- Floods

    @Test
    void channelFloodsAreRefusedWithoutEndingTheConnection() {
        var evil = EvilPeer.client().loggedIn();
        for (int i = 0; i < 1000; i++) {
            evil.openSession(i);
        }
        assertEquals(Limits.DEFAULT.channels(), evil.victim.channelCount());
        assertEquals(1000 - Limits.DEFAULT.channels(), evil.received(MessageNumber.CHANNEL_OPEN_FAILURE).size());
        assertEquals(Limits.DEFAULT.channels(), evil.events(Question.OpenRequested.class).size());
    }

    @Test
    void channelFloodsOfUndecidedOnesAreBoundedToo() {
        var evil = EvilPeer.client().owner((victim, event) -> {
            if (!(event instanceof Question.OpenRequested)) {
                EvilPeer.lenient(victim, event);
            }
        }).loggedIn();
        for (int i = 0; i < 1000; i++) {
            evil.openSession(i);
        }
        assertEquals(Limits.DEFAULT.channels(), evil.events(Question.OpenRequested.class).size());
    }

    @Test
    void requestFloodsOnAChannelAreRefused() {
        var evil = EvilPeer.client().owner(ChannelAttackTest::silent).channelOpen();
        int sent = 0;
        while (evil.verdict().isEmpty() && sent < 1000) {
            evil.send(MessageNumber.CHANNEL_REQUEST, out -> out.uint32(0).string("shell").bool(true));
            sent++;
        }
        assertEquals(Optional.of(Rule.TOO_MANY_REQUESTS), evil.verdict());
        assertEquals(Limits.DEFAULT.pendingRequests() + 1, sent);
    }

    @Test
    void globalRequestFloodsAreRefused() {
        var evil = EvilPeer.client().owner(ChannelAttackTest::silent).loggedIn();
        int sent = 0;
        while (evil.verdict().isEmpty() && sent < 1000) {
            evil.send(MessageNumber.GLOBAL_REQUEST, out -> out.string("x@test").bool(true));
            sent++;
        }
        assertEquals(Optional.of(Rule.TOO_MANY_REQUESTS), evil.verdict());
        assertEquals(Limits.DEFAULT.pendingRequests() + 1, sent);
    }

    @Test
    void requestsWithoutReplyAreNotKept() {
        var evil = EvilPeer.client().owner(ChannelAttackTest::silent).channelOpen();
        for (int i = 0; i < 1000; i++) {
            evil.send(MessageNumber.CHANNEL_REQUEST, out -> out.uint32(0).string("shell").bool(false));
            evil.send(MessageNumber.GLOBAL_REQUEST, out -> out.string("x@test").bool(false));
        }
        assertEquals(Optional.empty(), evil.verdict());
        evil.pass(Limits.DEFAULT.decisionTime());
        assertEquals(0, evil.messages.size());
    }

    /** While the victim waits for its keys it may not send answers: what that holds is bounded. */
    @ParameterizedTest
    @EnumSource(Flood.class)
    void deferredOutputBacklogIsBounded(Flood flood) {
        var evil = EvilPeer.client().channelOpen().dishonest();
        evil.victim.rekey();
        evil.deliver();
        int sent = 0;
        while (evil.verdict().isEmpty() && sent < 200_000) {
            switch (flood) {
                case PINGS -> evil.write(MessageNumber.PING, out -> out.string(new byte[1000]));
                case GLOBAL_REQUESTS -> evil.write(MessageNumber.GLOBAL_REQUEST,
                        out -> out.string("keepalive@x").bool(true));
                case CHANNEL_REQUESTS -> evil.write(MessageNumber.CHANNEL_REQUEST,
                        out -> out.uint32(0).string("keepalive@x").bool(true));
                case REFUSED_CHANNELS -> evil.write(MessageNumber.CHANNEL_OPEN,
                        out -> out.string("session").uint32(0).uint32(0).uint32(100));
            }
            if (++sent % 50 == 0) {
                evil.deliver();
            }
        }
        assertEquals(Optional.of(Rule.OUTPUT_BACKLOG), evil.verdict());
    }

    enum Flood {
        PINGS,
        GLOBAL_REQUESTS,
        CHANNEL_REQUESTS,
        REFUSED_CHANNELS
    }

    @Test
    void ownCommandsThatFillTheBacklogEndTheConnectionAndThrowNothing() {
        var evil = EvilPeer.client().channelOpen().dishonest();
        evil.victim.rekey();
        evil.deliver();
        for (int i = 0; i < 10_000 && evil.verdict().isEmpty(); i++) {
            evil.victim.request(new GlobalRequest.Unknown("x@test", new byte[100]), false);
        }
        assertEquals(Optional.of(Rule.OUTPUT_BACKLOG), evil.verdict());
    }

    @Test
    void unimplementedFloodsAreAnsweredWithNothing() {
        var evil = EvilPeer.client().loggedIn();
        for (int i = 0; i < 1000; i++) {
            evil.send(MessageNumber.UNIMPLEMENTED, out -> out.uint32(7));
            evil.send(MessageNumber.IGNORE, out -> out.string("x"));
            evil.send(MessageNumber.DEBUG, out -> out.bool(true).string("x").string(""));
        }
        assertEquals(Optional.empty(), evil.verdict());
        assertEquals(0, evil.messages.size());
    }

    @Test
    void unknownMessagesAreAnsweredByTheirNumberAndNoLonger() {
        var evil = EvilPeer.client().loggedIn();
        for (int i = 0; i < 100; i++) {
            evil.send(200, out -> out.bytes(new byte[1000]));
        }
        var replies = evil.received(MessageNumber.UNIMPLEMENTED);
        assertEquals(100, replies.size());
        long first = replies.getFirst().uint32();
        assertEquals(first + 99, replies.getLast().uint32());
        assertTrue(replies.stream().allMatch(in -> in.remaining() <= 4));
    }

    // ---- Re-entrance: the owner does things at awkward moments

    @Test
    void anOwnerThatEndsTheConnectionDuringAnyEventIsToldNothingMore() {
        var kinds = new ArrayList<Class<?>>(List.of(Event.VersionReceived.class, Event.KeysExchanged.class,
                Question.LoginRequested.class, Event.Authenticated.class, Question.OpenRequested.class,
                Question.ChannelRequested.class, Question.GlobalRequested.class, Event.Data.class, Event.Eof.class,
                Event.ChannelClosed.class));
        for (var kind : kinds) {
            var seen = new ArrayList<Event>();
            var evil = EvilPeer.client().owner((victim, event) -> {
                seen.add(event);
                if (kind.isInstance(event)) {
                    victim.disconnect("enough");
                }
                EvilPeer.lenient(victim, event);
            });
            try {
                evil.channelOpen();
            } catch (AssertionError tooEarly) {
                assertTrue(evil.victim.closed().isPresent(), tooEarly::getMessage);
            }
            if (evil.victim.closed().isEmpty()) {
                evil.send(MessageNumber.CHANNEL_REQUEST, out -> out.uint32(0).string("shell").bool(true));
            }
            if (evil.victim.closed().isEmpty()) {
                evil.send(MessageNumber.GLOBAL_REQUEST, out -> out.string("x").bool(true));
            }
            if (evil.victim.closed().isEmpty()) {
                evil.send(MessageNumber.CHANNEL_DATA, out -> out.uint32(0).string("x"));
            }
            if (evil.victim.closed().isEmpty()) {
                evil.send(MessageNumber.CHANNEL_EOF, out -> out.uint32(0));
            }
            if (evil.victim.closed().isEmpty()) {
                evil.send(MessageNumber.CHANNEL_CLOSE, out -> out.uint32(0));
            }
            assertTrue(evil.victim.closed().isPresent(), kind::getName);
            assertTrue(seen.getLast() instanceof Event.Closed, () -> kind + ": " + seen);
        }
    }
}
