package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.GlobalRequest;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.OpenFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Channels and requests (RFC 4254) between our own two ends. */
class ChannelTest {

    /** Answers channel opens with this window, and nothing else. */
    private static Pair pair(int window) {
        var pair = new Pair(SshSettings.client(), SshSettings.server(List.of(Keys.ED25519)));
        pair.client.on(Pair::friendlyClient);
        pair.server.on((end, event) -> {
            switch (event) {
                case Question.OpenRequested asked -> end.connection.accept(asked, window);
                case Question.LoginRequested asked -> end.connection.decide(asked, new LoginDecision.Accept());
                case Event other -> {
                }
            }
        });
        pair.client.on((end, event) -> {
            if (event instanceof Question.OpenRequested asked) {
                end.connection.accept(asked, window);
            }
        });
        return pair.start();
    }

    // ---- Windows

    @Test
    void noMoreIsTakenThanTheWindowAllows() {
        var evil = EvilPeer.server().loggedIn();
        var channel = evil.victim.openChannel(new ChannelType.Session(), 1 << 16);
        evil.deliver();
        evil.send(MessageNumber.CHANNEL_OPEN_CONFIRMATION, out -> out.uint32(0).uint32(7).uint32(100).uint32(64));
        assertEquals(100, channel.sendable());
        assertEquals(100, channel.send(new byte[1000], 0, 1000));
        evil.deliver();
        assertEquals(List.of(64, 36), evil.received(MessageNumber.CHANNEL_DATA).stream().map(in -> {
            assertEquals(7, in.uint32());
            return in.string().length;
        }).toList());
        assertEquals(0, channel.send(new byte[1], 0, 1));
        evil.send(MessageNumber.CHANNEL_WINDOW_ADJUST, out -> out.uint32(0).uint32(0));
        assertEquals(0, evil.events(Event.Writable.class).size(), "no room, no word");
        evil.send(MessageNumber.CHANNEL_WINDOW_ADJUST, out -> out.uint32(0).uint32(5));
        assertEquals(1, evil.events(Event.Writable.class).size());
        assertEquals(5, channel.send(new byte[9], 0, 9));
    }

    @Test
    void aWindowOfZeroStopsTheWriterUntilItGrows() {
        var pair = pair(0);
        var channel = pair.session();
        assertEquals(0, channel.send(new byte[5], 0, 5));
        channel.sendEof();
        pair.run();
        assertEquals(1, pair.server.events(Event.Eof.class).size(), "EOF needs no window");
        assertTrue(pair.client.connection.closed().isEmpty());
    }

    @Test
    void aReaderThatStopsStopsTheWriter() {
        var pair = Pair.friendly();
        var held = new ArrayList<Channel>();
        pair.start();
        var channel = pair.client.connection.openChannel(new ChannelType.Session(), 1000);
        pair.run();
        var far = pair.accepted();
        assertEquals(1000, far.send(new byte[5000], 0, 5000));
        pair.run();
        // Pair's own handler consumed what came, so that the window grew again.
        assertEquals(List.of(far), pair.server.events(Event.Writable.class).stream().map(Event.Writable::channel)
                .toList());
        assertEquals(1000, far.sendable());
        assertTrue(held.isEmpty());
        assertThrows(IllegalArgumentException.class, () -> channel.consumed(1));
    }

    @Test
    void largeDataIsCutToWhatThePeerTakesInOneMessage() {
        var pair = pair(1 << 20);
        var sizes = new ArrayList<Integer>();
        pair.server.on((end, event) -> {
            if (event instanceof Event.Data data) {
                sizes.add(data.length());
            }
        });
        var channel = pair.session();
        assertEquals(100_000, channel.send(new byte[100_000], 0, 100_000));
        pair.run();
        assertEquals(List.of(32768, 32768, 32768, 100_000 - 3 * 32768), sizes);
    }

    @Test
    void extendedDataCountsInTheSameWindowAndKeepsItsType() {
        var pair = pair(100);
        var types = new ArrayList<Integer>();
        pair.server.on((end, event) -> {
            if (event instanceof Event.Data data) {
                types.add(data.dataType());
            }
        });
        var channel = pair.session();
        assertEquals(60, channel.sendExtended(Channel.STDERR, new byte[60], 0, 60));
        assertEquals(40, channel.send(new byte[60], 0, 60));
        assertEquals(0, channel.sendExtended(7, new byte[1], 0, 1));
        pair.run();
        assertEquals(List.of(1, 0), types);
        assertEquals(1, channel.sendExtended(7, new byte[1], 0, 1));
        pair.run();
        assertEquals(List.of(1, 0, 7), types);
    }

    // ---- EOF and CLOSE

    enum Act {
        CLIENT_EOF,
        SERVER_EOF,
        CLIENT_CLOSE,
        SERVER_CLOSE
    }

    static List<List<Act>> everyOrder() {
        var orders = new ArrayList<List<Act>>();
        permute(new ArrayList<>(List.of(Act.values())), 0, orders);
        return orders;
    }

    private static void permute(List<Act> acts, int from, List<List<Act>> into) {
        if (from == acts.size()) {
            into.add(List.copyOf(acts));
        }
        for (int i = from; i < acts.size(); i++) {
            Collections.swap(acts, from, i);
            permute(acts, from + 1, into);
            Collections.swap(acts, from, i);
        }
    }

    /** Each order both with the bytes carried between the acts and with all acts crossing on the way. */
    @ParameterizedTest
    @MethodSource("everyOrder")
    void aChannelEndsOnceAtEachEndInWhateverOrder(List<Act> order) {
        for (boolean crossing : new boolean[]{false, true}) {
            var pair = pair(1000);
            var near = pair.session();
            var far = pair.accepted();
            for (var act : order) {
                switch (act) {
                    case CLIENT_EOF -> near.sendEof();
                    case SERVER_EOF -> far.sendEof();
                    case CLIENT_CLOSE -> near.close();
                    case SERVER_CLOSE -> far.close();
                }
                if (!crossing) {
                    pair.run();
                }
            }
            pair.run();
            for (var end : List.of(pair.client, pair.server)) {
                assertTrue(end.connection.closed().isEmpty(), end.events::toString);
                assertEquals(1, end.events(Event.ChannelClosed.class).size());
                assertTrue(end.events(Event.Eof.class).size() <= 1);
                assertEquals(0, end.connection.channelCount());
            }
            assertFalse(near.isOpen());
            assertEquals(0, near.send(new byte[1], 0, 1));
        }
    }

    @Test
    void halfClosedTheOtherDirectionGoesOn() {
        var pair = Pair.friendly().start();
        var near = pair.session();
        var far = pair.accepted();
        near.sendEof();
        pair.run();
        assertEquals(0, near.sendable());
        far.send("after your end".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, 14);
        pair.run();
        assertEquals("after your end", pair.client.text());
        far.sendEof();
        far.close();
        pair.run();
        assertEquals(1, pair.client.events(Event.Eof.class).size());
    }

    @Test
    void dataOnItsWayToAClosedChannelIsDropped() {
        var pair = Pair.friendly().start();
        var near = pair.session();
        near.close();
        pair.accepted().send(new byte[500], 0, 500);
        pair.accepted().request(new ChannelRequest.ExitStatus(0), false);
        pair.run();
        assertEquals("", pair.client.text());
        assertEquals(0, pair.client.events(Question.ChannelRequested.class).size());
        assertEquals(1, pair.client.events(Event.ChannelClosed.class).size());
    }

    @Test
    void aChannelClosedBeforeItWasConfirmedIsClosedThen() {
        var pair = pair(1000);
        var near = pair.client.connection.openChannel(new ChannelType.Session(), 10);
        near.close();
        pair.run();
        assertEquals(0, pair.client.events(Event.ChannelOpened.class).size());
        assertEquals(1, pair.client.events(Event.ChannelClosed.class).size());
        assertEquals(1, pair.server.events(Event.ChannelClosed.class).size());
    }

    @Test
    void theEndOfTheConnectionIsTheEndOfItsChannels() {
        var pair = Pair.friendly().start();
        var near = pair.session();
        pair.session();
        pair.client.connection.disconnect("that is all");
        pair.run();
        for (var end : List.of(pair.client, pair.server)) {
            assertEquals(2, end.events(Event.ChannelClosed.class).size());
            assertInstanceOf(Event.Closed.class, end.events.getLast());
        }
        assertEquals(0, near.send(new byte[1], 0, 1));
        near.close();
        near.sendEof();
        near.consumed(0);
        near.request(new ChannelRequest.Shell(), true);
        assertEquals(0, pair.client.out.size());
        assertThrows(IllegalStateException.class,
                () -> pair.client.connection.openChannel(new ChannelType.Session(), 1));
    }

    @Test
    void numbersAreUsedAgain() {
        var pair = pair(1000);
        var first = pair.session();
        var second = pair.session();
        assertEquals(List.of(0, 1), List.of(first.id(), second.id()));
        first.close();
        pair.accepted().connection();
        pair.run();
        assertEquals(0, pair.session().id());
        assertEquals(2, pair.session().id());
    }

    // ---- Requests

    @Test
    void answersGoOutInTheOrderOfTheRequestsWhateverTheOrderOfTheDecisions() {
        var random = new Random(3);
        for (int turn = 0; turn < 20; turn++) {
            var pair = pair(1000);
            var channel = pair.session();
            var expected = new ArrayList<Boolean>();
            for (int i = 0; i < 12; i++) {
                channel.request(new ChannelRequest.Exec("c" + i), true);
                pair.client.connection.request(new GlobalRequest.Unknown("g" + i + "@test", new byte[0]), true);
                expected.add(i % 3 == 0);
            }
            pair.run();
            var onChannel = new ArrayList<>(pair.server.events(Question.ChannelRequested.class));
            var global = new ArrayList<>(pair.server.events(Question.GlobalRequested.class));
            Collections.shuffle(onChannel, random);
            Collections.shuffle(global, random);
            for (int i = 0; i < 12; i++) {
                var one = onChannel.get(i);
                int number = Integer.parseInt(((ChannelRequest.Exec) one.request()).text().substring(1));
                pair.server.connection.decide(one, number % 3 == 0);
                var other = global.get(i);
                int index = Integer.parseInt(other.request().type().replaceAll("\\D", ""));
                pair.server.connection.decide(other, index % 3 == 0, new byte[index % 3 == 0 ? index : 0]);
                pair.run();
            }
            assertEquals(expected, pair.client.events(Event.ChannelReply.class).stream().map(
                    Event.ChannelReply::success).toList());
            var replies = pair.client.events(Event.GlobalReply.class);
            assertEquals(expected, replies.stream().map(Event.GlobalReply::success).toList());
            assertEquals(9, replies.get(9).data().length);
        }
    }

    @Test
    void everyKindOfRequestArrivesAsItWas() {
        var requests = List.of(new ChannelRequest.Pty("xterm", 80, 24, 640, 480, new byte[]{0}),
                new ChannelRequest.WindowChange(132, 50, 0, 0),
                new ChannelRequest.Env("LANG", new byte[]{(byte) 0xff, 0}), new ChannelRequest.Shell(),
                new ChannelRequest.Exec("ls 'ä'"), new ChannelRequest.Subsystem("netconf"),
                new ChannelRequest.Signal("TERM"), new ChannelRequest.ExitStatus(-1),
                new ChannelRequest.ExitSignal("KILL", true, "oom", "en"), new ChannelRequest.FlowControl(true),
                new ChannelRequest.Break(500), new ChannelRequest.Unknown("x@test", new byte[]{1, 2, 3}));
        var pair = Pair.friendly().start();
        var channel = pair.session();
        requests.forEach(request -> channel.request(request, false));
        pair.run();
        var came = pair.server.events(Question.ChannelRequested.class);
        assertEquals(requests.size(), came.size());
        for (int i = 0; i < requests.size(); i++) {
            assertEquals(requests.get(i).getClass(), came.get(i).request().getClass());
            assertFalse(came.get(i).wantReply());
            assertArrayEquals(bytes(requests.get(i)), bytes(came.get(i).request()));
        }
        assertEquals(0, pair.client.events(Event.ChannelReply.class).size());
    }

    private static byte[] bytes(ChannelRequest request) {
        var out = new homeport.ssh.wire.SshWriter().string(request.type());
        request.write(out);
        return out.toByteArray();
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void eitherSideOpensAnyChannel(Role opener) {
        var pair = pair(5000);
        var from = opener == Role.CLIENT ? pair.client : pair.server;
        var to = opener == Role.CLIENT ? pair.server : pair.client;
        var types = List.of(new ChannelType.Session(), new ChannelType.DirectTcpip("device", 22, "127.0.0.1", 5000),
                new ChannelType.ForwardedTcpip("0.0.0.0", 830, "::1", 65535),
                new ChannelType.Unknown("tun@openssh.com", new byte[]{0, 0, 0, 1}));
        for (var type : types) {
            var channel = from.connection.openChannel(type, 4000);
            pair.run();
            var asked = to.events(Question.OpenRequested.class).getLast();
            assertEquals(type.name(), asked.type().name());
            assertTrue(channel.isOpen());
            assertTrue(channel.openedHere());
            assertFalse(asked.channel().openedHere());
            assertEquals(3, channel.send(new byte[]{1, 2, 3}, 0, 3));
            assertEquals(2, asked.channel().send(new byte[]{4, 5}, 0, 2));
            pair.run();
        }
        assertEquals(types.subList(0, 3), to.events(Question.OpenRequested.class).stream().limit(3).map(
                Question.OpenRequested::type).toList());
    }

    @Test
    void aRefusalArrivesWithItsReason() {
        var pair = new Pair(SshSettings.client(), SshSettings.server(List.of(Keys.ED25519)));
        pair.client.on(Pair::friendlyClient);
        pair.server.on((end, event) -> {
            if (event instanceof Question.OpenRequested asked) {
                end.connection.refuse(asked, OpenFailure.UNKNOWN_CHANNEL_TYPE, "no\u0007 such\nthing");
            } else {
                Pair.friendlyServer(end, event);
            }
        });
        pair.start();
        var channel = pair.session();
        var refused = pair.client.events(Event.ChannelRefused.class).getFirst();
        assertEquals(channel, refused.channel());
        assertEquals(3, refused.reasonCode());
        assertEquals("no  such thing", refused.text());
        assertEquals(0, pair.client.connection.channelCount());
        assertEquals(0, pair.server.connection.channelCount());
    }

    @Test
    void forwardingIsAskedForAndAnswersWithItsPort() {
        var pair = pair(100);
        pair.client.connection.request(new GlobalRequest.TcpipForward("localhost", 0), true);
        pair.client.connection.request(new GlobalRequest.CancelTcpipForward("localhost", 40000), true);
        pair.run();
        var asked = pair.server.events(Question.GlobalRequested.class);
        assertEquals(new GlobalRequest.TcpipForward("localhost", 0), asked.getFirst().request());
        assertEquals(new GlobalRequest.CancelTcpipForward("localhost", 40000), asked.getLast().request());
        pair.server.connection.decide(asked.getFirst(), true, new byte[]{0, 0, (byte) 0x9c, 0x40});
        pair.server.connection.decide(asked.getLast(), false);
        pair.run();
        var replies = pair.client.events(Event.GlobalReply.class);
        assertArrayEquals(new byte[]{0, 0, (byte) 0x9c, 0x40}, replies.getFirst().data());
        assertFalse(replies.getLast().success());
    }

    // ---- Deadlines

    @Test
    void whatNobodyDecidesIsRefusedInTimeAndALateDecisionIsIgnored() {
        var pair = new Pair(SshSettings.client(), SshSettings.server(List.of(Keys.ED25519)));
        pair.client.on(Pair::friendlyClient);
        pair.server.on((end, event) -> {
            if (event instanceof Question.LoginRequested asked) {
                end.connection.decide(asked, new LoginDecision.Accept());
            }
        });
        pair.start();
        pair.client.connection.openChannel(new ChannelType.Session(), 100);
        pair.client.connection.request(new GlobalRequest.Unknown("x@test", new byte[0]), true);
        pair.run();
        var open = pair.server.events(Question.OpenRequested.class).getFirst();
        var global = pair.server.events(Question.GlobalRequested.class).getFirst();
        pair.pass(Limits.DEFAULT.decisionTime().minusMillis(1));
        assertEquals(0, pair.client.events(Event.ChannelRefused.class).size());
        pair.pass(Duration.ofMillis(1));
        pair.pass(Duration.ofMillis(1));
        var refused = pair.client.events(Event.ChannelRefused.class);
        assertEquals(1, refused.size());
        assertEquals(OpenFailure.CONNECT_FAILED.code(), refused.getFirst().reasonCode());
        assertEquals("no answer within 30 s: try again", refused.getFirst().text());
        assertEquals(List.of(false), pair.client.events(Event.GlobalReply.class).stream().map(
                Event.GlobalReply::success).toList());
        pair.server.connection.accept(open, 100);
        pair.server.connection.decide(global, true);
        pair.run();
        assertEquals(0, pair.server.connection.channelCount());
        assertEquals(1, pair.client.events(Event.GlobalReply.class).size());
    }

    @Test
    void theOwnerHasTheLastWordWhenTheTimeForAnAnswerIsOver() {
        var refuse = new Pair(SshSettings.client(), SshSettings.server(List.of(Keys.ED25519)));
        var accept = new Pair(SshSettings.client(), SshSettings.server(List.of(Keys.ED25519)));
        for (var pair : List.of(refuse, accept)) {
            pair.client.on(Pair::friendlyClient);
            pair.server.on((end, event) -> {
                switch (event) {
                    case Question.LoginRequested asked -> end.connection.decide(asked, new LoginDecision.Accept());
                    case Question.OpenRequested asked -> asked.whenOverdue(time -> {
                        if (pair == accept) {
                            end.connection.accept(asked, 100);
                        } else {
                            end.connection.refuse(asked, OpenFailure.RESOURCE_SHORTAGE, "after " + time.toSeconds());
                        }
                    });
                    default -> {
                    }
                }
            });
            pair.start();
            pair.client.connection.openChannel(new ChannelType.Session(), 100);
            pair.run();
            pair.pass(Limits.DEFAULT.decisionTime());
            pair.run();
        }
        var refused = refuse.client.events(Event.ChannelRefused.class).getFirst();
        assertEquals("4 after 30", refused.reasonCode() + " " + refused.text());
        assertEquals(1, accept.client.events(Event.ChannelOpened.class).size());
        assertEquals(1, accept.server.connection.channelCount());
    }

    @Test
    void aRequestThatNobodyDecidesIsAnsweredWithFailureInOrder() {
        var pair = pair(100);
        var channel = pair.session();
        channel.request(new ChannelRequest.Shell(), true);
        channel.request(new ChannelRequest.Exec("b"), true);
        pair.run();
        var asked = pair.server.events(Question.ChannelRequested.class);
        pair.server.connection.decide(asked.get(1), true);
        pair.run();
        assertEquals(0, pair.client.events(Event.ChannelReply.class).size());
        pair.pass(Limits.DEFAULT.decisionTime().plusMillis(1));
        assertEquals(List.of(false, true), pair.client.events(Event.ChannelReply.class).stream().map(
                Event.ChannelReply::success).toList());
        pair.server.connection.decide(asked.get(0), true);
        assertThrows(IllegalStateException.class, () -> pair.server.connection.decide(asked.get(1), true));
    }

    @Test
    void theOwnerHasTheLastWordOnARequestToo() {
        var pair = pair(100);
        var channel = pair.session();
        channel.request(new ChannelRequest.Shell(), true);
        pair.run();
        var asked = pair.server.events(Question.ChannelRequested.class).getFirst();
        asked.whenOverdue(time -> pair.server.connection.decide(asked, true));
        pair.pass(Limits.DEFAULT.decisionTime().plusMillis(1));
        assertEquals(List.of(true), pair.client.events(Event.ChannelReply.class).stream().map(
                Event.ChannelReply::success).toList());
    }

    @Test
    void noMoreChannelsThanTheLimit() {
        var limits = Limits.DEFAULT.withChannels(5);
        var pair = Pair.friendly(SshSettings.client(), SshSettings.builder().limits(limits).hostKeys(List.of(
                Keys.ED25519)).build()).start();
        var channels = IntStream.range(0, 7).mapToObj(i -> pair.session()).toList();
        assertEquals(5, pair.server.connection.channelCount());
        assertEquals(List.of(4L, 4L), pair.client.events(Event.ChannelRefused.class).stream().map(
                Event.ChannelRefused::reasonCode).toList());
        channels.getFirst().close();
        pair.run();
        pair.session();
        assertEquals(5, pair.server.connection.channelCount());
    }

    @Test
    void manyChannelsKeepTheirDataApart() {
        var pair = Pair.friendly().cut(Pair.Cut.RANDOM).start();
        var perChannel = new int[64];
        pair.server.on((end, event) -> {
            if (event instanceof Event.Data data) {
                int expected = data.channel().id();
                for (byte value : Arrays.copyOfRange(data.array(), data.offset(), data.offset() + data.length())) {
                    assertEquals((byte) expected, value);
                }
                perChannel[expected] += data.length();
            }
        });
        var channels = IntStream.range(0, 64).mapToObj(i -> pair.session()).toList();
        for (int turn = 0; turn < 5; turn++) {
            for (int i = 0; i < 64; i++) {
                var data = new byte[100 + i];
                Arrays.fill(data, (byte) i);
                assertEquals(data.length, channels.get(i).send(data, 0, data.length));
            }
        }
        pair.run();
        for (int i = 0; i < 64; i++) {
            assertEquals(5 * (100 + i), perChannel[i]);
        }
    }
}
