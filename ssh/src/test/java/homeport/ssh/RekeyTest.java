package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.crypto.KexAlgorithm;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.GlobalRequest;
import homeport.ssh.wire.KexInit;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.Rule;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** New keys while channels are busy, from either side and from both at once; and group exchange and guesses. */
class RekeyTest {

    /** Who asks for new keys, while both sides send 8 MiB. */
    enum Starter {
        CLIENT,
        SERVER,
        BOTH,
        BY_BYTES
    }

    @ParameterizedTest
    @EnumSource(Starter.class)
    void dataGoesOnWithoutAGapUnderNewKeys(Starter starter) throws Exception {
        var limits = starter == Starter.BY_BYTES ? Limits.DEFAULT.withRekeyAfterBytes(600_000) : Limits.DEFAULT;
        var pair = Pair.friendly(SshSettings.builder().limits(limits).build(),
                SshSettings.builder().limits(limits).hostKeys(List.of(Keys.ED25519)).build()).cut(Pair.Cut.RANDOM);
        pair.start();
        var channel = pair.session();
        var total = 8 << 20;
        var up = new Stream(total, 1);
        var down = new Stream(total, 2);
        pair.client.on((end, event) -> down.take(event));
        pair.server.on((end, event) -> up.take(event));
        pair.client.on((end, event) -> up.sendMore(event));
        pair.server.on((end, event) -> down.sendMore(event));
        up.send(channel);
        down.send(pair.accepted());
        for (int turn = 0; turn < 6; turn++) {
            if (starter == Starter.CLIENT || starter == Starter.BOTH) {
                pair.client.connection.rekey();
            }
            if (starter == Starter.SERVER || starter == Starter.BOTH) {
                pair.server.connection.rekey();
            }
            pair.run();
            up.send(channel);
            down.send(pair.accepted());
        }
        pair.run();
        up.check();
        down.check();
        int exchanges = pair.client.events(Event.KeysExchanged.class).size();
        assertTrue(starter == Starter.BY_BYTES ? exchanges > 10 : exchanges == 7, exchanges + " key exchanges");
        assertEquals(exchanges, pair.server.events(Event.KeysExchanged.class).size());
    }

    /** Bytes that one side sends as room allows, and the other checks. */
    private static final class Stream {
        private final int total;
        private final int seed;
        private final MessageDigest sent;
        private final MessageDigest came;
        private int at;
        private int received;

        Stream(int total, int seed) throws Exception {
            this.total = total;
            this.seed = seed;
            sent = MessageDigest.getInstance("SHA-256");
            came = MessageDigest.getInstance("SHA-256");
        }

        void send(Channel channel) {
            while (at < total) {
                var part = new byte[Math.min(50_000, total - at)];
                for (int i = 0; i < part.length; i++) {
                    part[i] = (byte) ((at + i) * 31 >>> 3 ^ seed);
                }
                int taken = channel.send(part, 0, part.length);
                sent.update(part, 0, taken);
                at += taken;
                if (taken < part.length) {
                    return;
                }
            }
        }

        void sendMore(Event event) {
            if (event instanceof Event.Writable writable) {
                send(writable.channel());
            }
        }

        void take(Event event) {
            if (event instanceof Event.Data data) {
                came.update(data.array(), data.offset(), data.length());
                received += data.length();
            }
        }

        void check() {
            assertEquals(total, received);
            assertArrayEquals(sent.digest(), came.digest());
        }
    }

    @Test
    void requestsMadeDuringAnExchangeFollowItInOrder() {
        var pair = Pair.friendly().start();
        var channel = pair.session();
        var seen = new ArrayList<String>();
        pair.server.on((end, event) -> {
            if (event instanceof Question.ChannelRequested asked
                    && asked.request() instanceof ChannelRequest.Exec exec) {
                seen.add(exec.text());
            } else if (event instanceof Question.GlobalRequested asked) {
                seen.add(asked.request().type());
                end.connection.decide(asked, true);
            } else if (event instanceof Event.KeysExchanged) {
                seen.add("keys");
            }
        });
        pair.client.connection.rekey();
        assertEquals(0, channel.sendable());
        var expected = new ArrayList<>(List.of("keys"));
        for (int i = 0; i < 20; i++) {
            channel.request(new ChannelRequest.Exec("command " + i), true);
            pair.client.connection.request(new GlobalRequest.Unknown("global-" + i + "@test", new byte[0]), true);
            expected.add("command " + i);
            expected.add("global-" + i + "@test");
        }
        pair.run();
        assertEquals(expected, seen);
        assertEquals(20, pair.client.events(Event.ChannelReply.class).size());
        assertEquals(IntStream.range(0, 20).mapToObj(i -> "global-" + i + "@test").toList(), pair.client
                .events(Event.GlobalReply.class).stream().map(reply -> reply.request().type()).toList());
    }

    @Test
    void aChannelThatWasRefusedRoomDuringAnExchangeIsToldAfterwards() {
        var pair = Pair.friendly().start();
        var channel = pair.session();
        pair.client.connection.rekey();
        assertEquals(0, channel.send(new byte[10], 0, 10));
        pair.run();
        assertEquals(List.of(channel), pair.client.events(Event.Writable.class).stream().map(Event.Writable::channel)
                .toList());
        assertEquals(10, channel.send(new byte[10], 0, 10));
    }

    @Test
    void keysWearOutByAgeAndByPackets() {
        var aged = Pair.friendly().start();
        var channel = aged.session();
        aged.pass(Duration.ofHours(1));
        channel.send(new byte[1], 0, 1);
        aged.run();
        assertEquals(2, aged.client.events(Event.KeysExchanged.class).size());

        var limits = new Limits(8 << 10, 64 << 10, 64 << 10, 64 << 10, 128, 32, 6, 24, 16, Duration.ofSeconds(10),
                Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofMillis(500),
                1L << 30,
                100, Duration.ofHours(1), Duration.ofSeconds(5));
        var counted = Pair
                .friendly(SshSettings.builder().limits(limits).build(), SshSettings.server(List.of(Keys.ED25519)))
                .start();
        var small = counted.session();
        for (int i = 0; i < 250; i++) {
            small.send(new byte[1], 0, 1);
            counted.run();
        }
        assertEquals(3, counted.client.events(Event.KeysExchanged.class).size());
    }

    @Test
    void theSessionIdStaysThatOfTheFirstExchange() {
        var pair = Pair.friendly().start();
        byte[] before = pair.client.connection.sessionId().orElseThrow();
        pair.with(p -> p.client.connection.rekey());
        assertArrayEquals(before, pair.client.connection.sessionId().orElseThrow());
        assertArrayEquals(before, pair.server.connection.sessionId().orElseThrow());
    }

    @Test
    void anExchangeThatThePeerDoesNotFinishEndsTheConnection() {
        var evil = EvilPeer.client().loggedIn().dishonest();
        evil.victim.rekey();
        evil.deliver();
        evil.pass(Limits.DEFAULT.exchangeTime());
        assertEquals(Rule.KEX_TIMEOUT, evil.verdict().orElseThrow());
    }

    @Test
    void timeForTheDecisionOnTheHostKeyIsNotTakenFromTheExchange() {
        var patient = Limits.DEFAULT.withLoginTime(Duration.ofMinutes(5));
        var pair = new Pair(SshSettings.builder().limits(patient).build(),
                SshSettings.builder().limits(patient).hostKeys(List.of(Keys.ED25519)).build());
        pair.start();
        var asked = pair.client.events(Question.HostKeyAsked.class).getFirst();
        pair.pass(Duration.ofSeconds(25));
        pair.client.connection.decide(asked, new HostKeyDecision.Accept());
        // The server's NEWKEYS was there already; what is left is the login.
        assertTrue(pair.client.connection.closed().isEmpty());

        var evil = EvilPeer.server(SshSettings.builder().limits(patient)).owner((victim, event) -> {});
        evil.keyedWithoutNewKeys();
        evil.pass(Duration.ofSeconds(25));
        evil.victim.decide(evil.events(Question.HostKeyAsked.class).getFirst(), new HostKeyDecision.Accept());
        evil.pass(Duration.ofSeconds(29));
        assertTrue(evil.victim.closed().isEmpty(), evil.events::toString);
        evil.pass(Duration.ofSeconds(1));
        assertEquals(Rule.KEX_TIMEOUT, evil.verdict().orElseThrow());
    }

    @ParameterizedTest
    @CsvSource({"2048, 2048, 2048, 2048", "2048, 3072, 8192, 3072", "1024, 1024, 8192, 2048", "2048, 5000, 8192, 6144",
            "4096, 4096, 4096, 4096", "2048, 7000, 7000, 6144", "0, 0, 4294967295, 2048"})
    void groupExchangeAnswersWithTheGroupThatComesClosest(long least, long preferred, long most, int bits) {
        var only = Algorithms.MODERN.withKex(List.of(KexAlgorithm.GROUP_EXCHANGE_SHA256));
        var evil = EvilPeer.client(only).scripted().sendInit(EvilPeer.proposal(only, List.of(), false));
        evil.send(MessageNumber.KEX_GEX_REQUEST, out -> out.uint32(least).uint32(preferred).uint32(most));
        var group = evil.received(MessageNumber.KEX_GEX_GROUP).getFirst();
        assertEquals(bits, group.mpint(9000).bitLength());
    }

    @ParameterizedTest
    @CsvSource({"curve25519-sha256, true", "ecdh-sha2-nistp256, false"})
    void aGuessedFirstPacketIsUsedWhenRightAndIgnoredWhenWrong(String guessed, boolean right) {
        var evil = EvilPeer.client(Algorithms.MODERN.withKex(List.of(KexAlgorithm.CURVE25519_SHA256,
                KexAlgorithm.ECDH_NISTP256))).scripted();
        var ours = EvilPeer.proposal(Algorithms.MODERN.withKex(right
                ? List.of(KexAlgorithm.CURVE25519_SHA256)
                : List.of(KexAlgorithm.ECDH_NISTP256, KexAlgorithm.CURVE25519_SHA256))
                .withHostKeys(List.of(KeyAlgorithm.SSH_ED25519)), List.of(), true);
        assertEquals(guessed, ours.kex().getFirst());
        // Right or wrong, the two sides choose the client's first that both have.
        byte[] point = KexAlgorithm.byName(guessed).orElseThrow().method().orElseThrow().initiate(new SeededRandom(9))
                .value();
        evil.sendInit(ours);
        evil.send(MessageNumber.KEX_INIT, out -> out.string(point));
        if (right) {
            assertEquals(1, evil.received(MessageNumber.KEX_REPLY).size());
            return;
        }
        assertEquals(0, evil.received(MessageNumber.KEX_REPLY).size(), "the guess is ignored");
        evil.send(MessageNumber.KEX_INIT, out -> out.string(point));
        assertEquals(1, evil.received(MessageNumber.KEX_REPLY).size(), evil.events::toString);
    }

    @Test
    void onlyOneGuessIsIgnored() {
        var evil = EvilPeer.client().scripted();
        var wrong = EvilPeer.proposal(Algorithms.MODERN.withKex(List.of(KexAlgorithm.CURVE25519_SHA256)), List.of(),
                true);
        evil.sendInit(new KexInit(wrong.cookie(), List.of("mlkem768x25519-sha256x", "curve25519-sha256"),
                wrong.hostKeys(), wrong.ciphersClientToServer(), wrong.ciphersServerToClient(),
                wrong.macsClientToServer(), wrong.macsServerToClient(), wrong.compressionClientToServer(),
                wrong.compressionServerToClient(), List.of(), List.of(), true));
        evil.send(MessageNumber.KEX_INIT, out -> out.string(new byte[3]));
        assertTrue(evil.victim.closed().isEmpty(), evil.events::toString);
        evil.send(MessageNumber.KEX_INIT, out -> out.string(new byte[3]));
        assertEquals(Rule.KEX_VALUE, evil.verdict().orElseThrow());
    }
}
