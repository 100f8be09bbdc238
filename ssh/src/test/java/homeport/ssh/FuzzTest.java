package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.KexInit;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.Mutations;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random peers: whatever they send, the connection goes on or ends by a rule, at a bounded cost; no other exception, no
 * hang. Each failure is repeated by its seed: add it to {@link #FINDINGS}.
 */
class FuzzTest {
    /** Seeds that once failed, and some that reach far. */
    private static final long[] FINDINGS = {0, 1, 42, Long.MIN_VALUE, Long.MAX_VALUE};

    /** Messages that are valid somewhere, to be changed. */
    private static final List<byte[]> MESSAGES = messages();

    private static List<byte[]> messages() {
        var all = new ArrayList<byte[]>();
        var kexInit = new SshWriter();
        EvilPeer.proposal(Algorithms.MODERN, KexInit.MARKS, true).write(kexInit);
        all.add(kexInit.toByteArray());
        add(all, MessageNumber.NEWKEYS, out -> {});
        add(all, MessageNumber.KEX_INIT, out -> out.string(new byte[32]));
        add(all, MessageNumber.KEX_REPLY, out -> out.string(Keys.ED25519.publicKey().blob()).string(new byte[32])
                .string(new byte[83]));
        add(all, MessageNumber.KEX_GEX_REQUEST, out -> out.uint32(2048).uint32(3072).uint32(8192));
        add(all, MessageNumber.DISCONNECT, out -> out.uint32(11).string("bye").string(""));
        add(all, MessageNumber.IGNORE, out -> out.string("x"));
        add(all, MessageNumber.DEBUG, out -> out.bool(true).string("x").string(""));
        add(all, MessageNumber.UNIMPLEMENTED, out -> out.uint32(3));
        add(all, MessageNumber.SERVICE_REQUEST, out -> out.string("ssh-userauth"));
        add(all, MessageNumber.SERVICE_ACCEPT, out -> out.string("ssh-userauth"));
        add(all, MessageNumber.EXT_INFO, out -> out.uint32(1).string("server-sig-algs").string("ssh-ed25519,x"));
        add(all, MessageNumber.PING, out -> out.string("x"));
        add(all, MessageNumber.PONG, out -> out.string("x"));
        add(all, MessageNumber.USERAUTH_REQUEST, out -> out.string("a").string("ssh-connection").string("none"));
        add(all, MessageNumber.USERAUTH_REQUEST,
                out -> out.string("a").string("ssh-connection").string("password").bool(true).string("b").string("c"));
        add(all, MessageNumber.USERAUTH_REQUEST, out -> out.string("a").string("ssh-connection").string("publickey")
                .bool(true).string("ssh-ed25519").string(Keys.USER.publicKey().blob()).string(new byte[83]));
        add(all, MessageNumber.USERAUTH_REQUEST, out -> out.string("a").string("ssh-connection")
                .string("keyboard-interactive").string("").string(""));
        add(all, MessageNumber.USERAUTH_FAILURE, out -> out.nameList(List.of("publickey", "password")).bool(true));
        add(all, MessageNumber.USERAUTH_SUCCESS, out -> {});
        add(all, MessageNumber.USERAUTH_BANNER, out -> out.string("hello").string(""));
        add(all, MessageNumber.USERAUTH_INFO_REQUEST,
                out -> out.string("").string("").string("").uint32(1).string("PIN").bool(false));
        add(all, MessageNumber.USERAUTH_INFO_RESPONSE, out -> out.uint32(1).string("1"));
        for (var name : List.of("tcpip-forward", "cancel-tcpip-forward")) {
            add(all, MessageNumber.GLOBAL_REQUEST, out -> out.string(name).bool(true).string("").uint32(0));
        }
        for (var name : List.of("hostkeys-00@openssh.com", "hostkeys-prove-00@openssh.com")) {
            add(all, MessageNumber.GLOBAL_REQUEST,
                    out -> out.string(name).bool(true).string(Keys.ED25519.publicKey().blob()));
        }
        add(all, MessageNumber.GLOBAL_REQUEST, out -> out.string("keepalive@openssh.com").bool(true));
        add(all, MessageNumber.REQUEST_SUCCESS, out -> out.uint32(22));
        add(all, MessageNumber.REQUEST_FAILURE, out -> {});
        add(all, MessageNumber.CHANNEL_OPEN, out -> out.string("session").uint32(1).uint32(1000).uint32(1000));
        add(all, MessageNumber.CHANNEL_OPEN,
                out -> out.string("direct-tcpip").uint32(2).uint32(0).uint32(64).string("h").uint32(1).string("o")
                        .uint32(2));
        for (int id = 0; id < 3; id++) {
            int channel = id;
            add(all, MessageNumber.CHANNEL_OPEN_CONFIRMATION,
                    out -> out.uint32(channel).uint32(5).uint32(1000).uint32(1000));
            add(all, MessageNumber.CHANNEL_OPEN_FAILURE, out -> out.uint32(channel).uint32(1).string("no").string(""));
            add(all, MessageNumber.CHANNEL_WINDOW_ADJUST, out -> out.uint32(channel).uint32(1000));
            add(all, MessageNumber.CHANNEL_DATA, out -> out.uint32(channel).string(new byte[300]));
            add(all, MessageNumber.CHANNEL_EXTENDED_DATA, out -> out.uint32(channel).uint32(1).string(new byte[30]));
            add(all, MessageNumber.CHANNEL_EOF, out -> out.uint32(channel));
            add(all, MessageNumber.CHANNEL_CLOSE, out -> out.uint32(channel));
            add(all, MessageNumber.CHANNEL_SUCCESS, out -> out.uint32(channel));
            add(all, MessageNumber.CHANNEL_FAILURE, out -> out.uint32(channel));
            add(all, MessageNumber.CHANNEL_REQUEST,
                    out -> out.uint32(channel).string("exec").bool(true).string("true"));
            add(all, MessageNumber.CHANNEL_REQUEST, out -> out.uint32(channel).string("exit-signal").bool(false)
                    .string("TERM").bool(true).string("x").string(""));
        }
        return all;
    }

    private static void add(List<byte[]> all, int number, Consumer<SshWriter> fields) {
        var out = new SshWriter().uint8(number);
        fields.accept(out);
        all.add(out.toByteArray());
    }

    // ---- Behind the keys

    @Property(tries = 200)
    void messagesBehindTheKeysDoNoHarm(@ForAll long seed) {
        behindTheKeys(seed);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 42, Long.MIN_VALUE, Long.MAX_VALUE})
    void whatWasFoundStaysFound(long seed) {
        assertTrue(Arrays.stream(FINDINGS).anyMatch(finding -> finding == seed));
        behindTheKeys(seed);
        beforeTheKeys(seed);
    }

    private static SshConnection behindTheKeys(long seed) {
        var random = new Random(seed);
        var role = random.nextBoolean() ? Role.CLIENT : Role.SERVER;
        var evil = (role == Role.CLIENT ? EvilPeer.client() : EvilPeer.server()).owner((victim, event) -> owner(victim,
                event, random));
        try {
            switch (random.nextInt(5)) {
                case 0 -> evil.keyed();
                case 1 -> evil.keyed().send(role == Role.CLIENT
                        ? MessageNumber.SERVICE_REQUEST
                        : MessageNumber.SERVICE_ACCEPT, out -> out.string("ssh-userauth"));
                default -> evil.channelOpen();
            }
        } catch (AssertionError theOwnerDecidedOtherwise) {
            assertTrue(evil.victim.closed().isPresent() || !evil.victim.isAuthenticated());
        }
        if (random.nextInt(4) == 0) {
            evil.dishonest();
        }
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int steps = 1 + random.nextInt(12);
        for (int step = 0; step < steps && evil.victim.closed().isEmpty(); step++) {
            byte[] payload = message(evil.victim, role, random);
            try {
                long before = threads.getCurrentThreadAllocatedBytes();
                evil.send(payload);
                long cost = threads.getCurrentThreadAllocatedBytes() - before;
                assertTrue(cost < 8 << 20, cost + " bytes");
                act(evil.victim, random);
                if (random.nextInt(5) == 0) {
                    evil.pass(Duration.ofMillis(random.nextInt(40_000)));
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ", step " + step + ": " + HexFormat.of().formatHex(payload),
                        e);
            }
        }
        assertEnded(evil.victim, evil.events, "seed " + seed);
        return evil.victim;
    }

    /** Mostly what belongs here, and half of the time as it should be: what is nonsense at once never gets deep. */
    private static byte[] message(SshConnection victim, Role role, Random random) {
        boolean fitting = random.nextInt(10) > 0;
        byte[] message;
        do {
            message = MESSAGES.get(random.nextInt(MESSAGES.size()));
        } while (fitting && !fits(message, victim, role));
        if (random.nextBoolean()) {
            return message;
        }
        // The number and what is next to it, a channel's number for one, stay as they are more often than not.
        int kept = random.nextInt(3) == 0 ? 0 : Math.min(5, message.length);
        byte[] rest = Mutations.mutated(Arrays.copyOfRange(message, kept, message.length), MESSAGES, random);
        return new SshWriter().bytes(message, 0, kept).bytes(rest).toByteArray();
    }

    private static boolean fits(byte[] message, SshConnection victim, Role role) {
        int number = message[0] & 0xff;
        if (!victim.isAuthenticated()) {
            return switch (number) {
                case MessageNumber.IGNORE, MessageNumber.DEBUG, MessageNumber.PING, MessageNumber.EXT_INFO -> true;
                case MessageNumber.USERAUTH_REQUEST, MessageNumber.USERAUTH_INFO_RESPONSE -> role == Role.CLIENT;
                case MessageNumber.USERAUTH_FAILURE, MessageNumber.USERAUTH_BANNER, MessageNumber.USERAUTH_INFO_REQUEST,
                        MessageNumber.USERAUTH_SUCCESS ->
                    role == Role.SERVER;
                default -> false;
            };
        }
        boolean ofChannel = number >= MessageNumber.CHANNEL_OPEN_CONFIRMATION
                && number <= MessageNumber.CHANNEL_FAILURE;
        boolean reply = number == MessageNumber.CHANNEL_SUCCESS || number == MessageNumber.CHANNEL_FAILURE;
        return ofChannel
                ? message[4] < victim.channelCount() && !reply
                : number == MessageNumber.GLOBAL_REQUEST || number == MessageNumber.CHANNEL_OPEN
                        || number == MessageNumber.PING || number == MessageNumber.KEXINIT;
    }

    /** An owner that answers as it pleases, late or never. */
    private static void owner(SshConnection victim, Event event, Random random) {
        int mood = random.nextInt(8);
        switch (event) {
            case Question.ChannelRequested asked when mood < 2 -> {
            }
            case Question.GlobalRequested asked when mood < 2 -> {
            }
            case Question.OpenRequested asked when mood == 0 -> {
            }
            case Question.OpenRequested asked when mood == 1 -> victim.refuse(asked, "not today");
            case Event.Data data when mood == 0 -> data.channel().close();
            case Event.ChannelOpened opened -> opened.channel().send(new byte[100_000], 0, 100_000);
            case Question.PromptsAsked asked -> victim.decide(asked, asked.prompts().stream().map(p -> "x").toList());
            case Question.LoginAsked asked -> victim.decide(asked, mood < 6
                    ? new LoginAttempt.Key("alice", Keys.USER)
                    : new LoginAttempt.Interactive("alice"));
            case Event other -> EvilPeer.lenient(victim, event);
        }
    }

    /** What an owner may do between any two packets. */
    private static void act(SshConnection victim, Random random) {
        switch (random.nextInt(12)) {
            case 0 -> victim.rekey();
            case 1 -> victim.rest();
            case 2 -> victim.tick();
            case 3 -> victim.ping(new byte[4]);
            case 4 -> {
                if (victim.isAuthenticated() && victim.closed().isEmpty() && victim.channelCount() < 100) {
                    victim.openChannel(new ChannelType.Session(), random.nextInt(5000));
                }
            }
            default -> {
            }
        }
    }

    @Test
    void theFuzzReachesFar() {
        var ends = new java.util.TreeMap<String, Integer>();
        for (long seed = 0; seed < 600; seed++) {
            var end = behindTheKeys(seed).closed();
            ends.merge(end.map(reason -> reason.rule().map(Rule::name).orElse("goodbye")).orElse("goes on"), 1,
                    Integer::sum);
        }
        assertTrue(ends.size() >= 12, ends::toString);
        assertTrue(ends.getOrDefault("goes on", 0) > 25, ends::toString);
    }

    // ---- Before the keys

    @Property(tries = 200)
    void bytesBeforeTheKeysDoNoHarm(@ForAll long seed) {
        beforeTheKeys(seed);
    }

    private static void beforeTheKeys(long seed) {
        var random = new Random(seed);
        var role = random.nextBoolean() ? Role.CLIENT : Role.SERVER;
        byte[] stream = recorded(role);
        // Mostly the part in clear, sometimes all of it.
        byte[] start = Arrays.copyOf(stream, random.nextInt(5) == 0 ? stream.length : 60 + random.nextInt(1600));
        byte[] bytes = random.nextInt(10) == 0 ? noise(random) : Mutations.mutated(start, MESSAGES, random);
        var events = new ArrayList<Event>();
        var connections = new ArrayList<SshConnection>();
        var settings = SshSettings.builder().identification("SSH-2.0-Transcript_1").algorithms(Algorithms.MODERN)
                .hostKeys(List.of(Keys.ED25519)).build();
        Event.Handler handler = event -> {
            events.add(event);
            if (event instanceof Question.RoleAsked asked) {
                connections.getFirst().decide(asked, RoleDecision.values()[random.nextInt(3)]);
            } else {
                EvilPeer.lenient(connections.getFirst(), event);
            }
        };
        long[] clock = {0};
        var environment = new Environment(() -> clock[0], new SeededRandom(role.ordinal()));
        var out = new SshWriter();
        var connection = random.nextInt(4) == 0
                ? SshConnection.undecided(settings, environment, out, handler)
                : SshConnection.as(role, settings, environment, out, handler);
        connections.add(connection);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        try {
            connection.start();
            for (int at = 0; at < bytes.length;) {
                int count = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 10 : 3000));
                connection.receive(bytes.clone(), at, count);
                at += count;
                act(connection, random);
            }
            for (int i = 0; i < 4; i++) {
                clock[0] = Math.max(clock[0], Math.min(connection.deadline(), Duration.ofHours(1).toNanos()));
                connection.tick();
            }
        } catch (RuntimeException e) {
            throw new AssertionError("seed " + seed + ": " + HexFormat.of().formatHex(bytes), e);
        }
        long cost = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(cost < 64 << 20, "seed " + seed + ": " + cost + " bytes");
        assertTrue(out.size() < 1 << 16, "seed " + seed + ": " + out.size() + " bytes out");
        assertEnded(connection, events, "seed " + seed);
        // Whoever has not logged in within the limits is gone by now.
        assertTrue(connection.isAuthenticated() || connection.closed().isPresent(), "seed " + seed + events);
    }

    private static byte[] recorded(Role reader) {
        try (var in = FuzzTest.class.getResourceAsStream("transcripts/curve25519-sha256.txt")) {
            var bytes = new SshWriter();
            String prefix = reader == Role.CLIENT ? "S: " : "C: ";
            new String(java.util.Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8).lines().filter(
                    line -> line.startsWith(prefix)).forEach(
                            line -> bytes.bytes(HexFormat.of().parseHex(line
                                    .substring(3))));
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] noise(Random random) {
        var bytes = new byte[random.nextInt(5000)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** It goes on, or it has ended once, last of all, by a rule or a goodbye. */
    private static void assertEnded(SshConnection connection, List<Event> events, String what) {
        long ends = events.stream().filter(Event.Closed.class::isInstance).count();
        assertEquals(connection.closed().isPresent() ? 1 : 0, ends, what);
        if (connection.closed().isPresent()) {
            assertTrue(events.getLast() instanceof Event.Closed, () -> what + ": " + events);
            var reason = connection.closed().get();
            assertTrue(reason.rule().isPresent() || reason.byPeer(), what);
            assertTrue(reason.text().length() < 2500, what);
            assertEquals(0, connection.channelCount());
            assertTrue(reason.rule().filter(rule -> rule == Rule.END_OF_STREAM).isEmpty(), what);
        }
    }

    // ---- For a long night

    /** A minute of new seeds; {@code -Dhomeport.fuzz.seconds} for more. The first seed is printed. */
    @Test
    @Tag("full")
    void manyMoreSeeds() {
        long first = System.nanoTime();
        System.out.println("fuzz: first seed " + first);
        long until = System.nanoTime() + Duration.ofSeconds(Long.getLong("homeport.fuzz.seconds", 60)).toNanos();
        for (long seed = first; System.nanoTime() < until; seed++) {
            behindTheKeys(seed);
            beforeTheKeys(seed);
        }
    }
}
