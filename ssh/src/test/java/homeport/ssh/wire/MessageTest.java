package homeport.ssh.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every message parser: what was written is read again, and anything else is a rule broken, never another error. */
class MessageTest {

    /** A parser, and a valid input for it. */
    private record Parser(String name, byte[] valid, Function<SshReader, Object> parse) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Parser> parsers() {
        var all = new ArrayList<Parser>();
        add(all, "KEXINIT", MessageTest::kexInit, KexInit::read);
        for (var request : List.of(new ChannelRequest.Pty("xterm", 80, 24, 0, 0, new byte[]{1, 0}),
                new ChannelRequest.WindowChange(1, 2, 3, 4), new ChannelRequest.Env("A", new byte[]{1}),
                new ChannelRequest.Shell(), new ChannelRequest.Exec("ls"), new ChannelRequest.Subsystem("netconf"),
                new ChannelRequest.Signal("TERM"), new ChannelRequest.ExitStatus(3),
                new ChannelRequest.ExitSignal("TERM", true, "why", "en"), new ChannelRequest.FlowControl(false),
                new ChannelRequest.Break(9), new ChannelRequest.Unknown("x@y", new byte[]{7}))) {
            add(all, request.type(), request::write, in -> ChannelRequest.read(request.type(), in));
        }
        for (var type : List.of(new ChannelType.Session(), new ChannelType.DirectTcpip("h", 1, "o", 2),
                new ChannelType.ForwardedTcpip("h", 1, "o", 2), new ChannelType.Unknown("z", new byte[]{1, 2}))) {
            add(all, type.name(), type::write, in -> ChannelType.read(type.name(), in));
        }
        for (var request : List.of(new GlobalRequest.TcpipForward("", 22), new GlobalRequest.CancelTcpipForward("", 22),
                new GlobalRequest.HostKeys(List.of(new byte[]{1}, new byte[0])),
                new GlobalRequest.HostKeysProve(List.of(new byte[]{1})),
                new GlobalRequest.Unknown("x", new byte[]{5}))) {
            add(all, request.type(), request::write, in -> GlobalRequest.read(request.type(), in));
        }
        for (var method : List.<Consumer<SshWriter>>of(out -> out.string("none"),
                out -> out.string("publickey").bool(false).string("ssh-ed25519").string(new byte[]{1}),
                out -> out.string("publickey").bool(true).string("ssh-ed25519").string(new byte[]{1}).string(
                        new byte[]{2}),
                out -> out.string("publickey-hostbound-v00@openssh.com").bool(true).string("x").string(new byte[1])
                        .string(new byte[2]).string(new byte[3]),
                out -> out.string("password").bool(false).string("secret"),
                out -> out.string("password").bool(true).string("old").string("new"),
                out -> out.string("keyboard-interactive").string("").string("pam"),
                out -> out.string("gssapi-with-mic").uint32(1))) {
            add(all, "USERAUTH_REQUEST", out -> method.accept(out.string("user").string("ssh-connection")),
                    AuthenticationMessage.Request::read);
        }
        add(all, "INFO_REQUEST", out -> new AuthenticationMessage.InfoRequest("n", "i", List.of(
                new AuthenticationMessage.Prompt("p", true))).write(out), in -> AuthenticationMessage.InfoRequest.read(
                        in, 16));
        add(all, "USERAUTH_FAILURE", out -> out.nameList(List.of("a", "b")).bool(true),
                AuthenticationMessage.Failure::read);
        add(all, "fields", out -> out.mpint(BigInteger.TEN).string("x").nameList(List.of("a")).uint64(1),
                in -> List.of(in.mpint(2048), in.text(), in.nameList(), in.uint64(), in.remaining()));
        return all;
    }

    private static void kexInit(SshWriter out) {
        new KexInit(new byte[16], List.of("a", "b"), List.of("c"), List.of("d"), List.of("e"), List.of("f"), List.of(),
                List.of("g"), List.of("h"), List.of(), List.of(), true).write(out);
    }

    private static void add(List<Parser> all, String name, Consumer<SshWriter> write,
            Function<SshReader, Object> parse) {
        var out = new SshWriter();
        write.accept(out);
        all.add(new Parser(name, out.toByteArray(), parse));
    }

    @ParameterizedTest
    @MethodSource("parsers")
    void whatIsValidIsRead(Parser parser) {
        assertTrue(parser.parse.apply(new SshReader(parser.valid)) != null);
    }

    @ParameterizedTest
    @MethodSource("parsers")
    void everyTruncationIsARuleBrokenOrAnotherMessage(Parser parser) {
        for (int length = 0; length < parser.valid.length; length++) {
            // Bytes behind the slice must not be read.
            byte[] padded = Arrays.copyOf(Arrays.copyOf(parser.valid, length), length + 64);
            Arrays.fill(padded, length, padded.length, (byte) 1);
            parses(parser, new SshReader(padded, 0, length));
        }
    }

    @Property(tries = 200)
    void anythingElseIsARuleBrokenAndCostsNoMoreThanItsSize(@ForAll long seed) {
        var random = new Random(seed);
        var parsers = parsers();
        var others = parsers.stream().map(Parser::valid).toList();
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < 50; i++) {
            var parser = parsers.get(random.nextInt(parsers.size()));
            byte[] bytes = Mutations.mutated(parser.valid, others, random);
            parses(parser, new SshReader(bytes)); // what is made once and for all is not this message's cost
            long before = threads.getCurrentThreadAllocatedBytes();
            parses(parser, new SshReader(bytes));
            long cost = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(cost < 65_536 + 64L * bytes.length, () -> parser + " allocated " + cost + " for "
                    + HexFormat.of().formatHex(bytes));
        }
    }

    /** Reads it, or throws a ProtocolError, whose words are fit to be shown. */
    private static void parses(Parser parser, SshReader in) {
        try {
            parser.parse.apply(in);
        } catch (ProtocolError expected) {
            assertFalse(expected.sentence().chars().anyMatch(Character::isISOControl), expected::sentence);
        }
    }

    @Test
    void whatWasWrittenIsReadTheSame() {
        for (var parser : parsers()) {
            var read = parser.parse.apply(new SshReader(parser.valid));
            var out = new SshWriter();
            switch (read) {
                case KexInit init -> init.write(out);
                case ChannelRequest request -> request.write(out);
                case ChannelType type -> type.write(out);
                case GlobalRequest request -> request.write(out);
                case AuthenticationMessage.InfoRequest request -> request.write(out);
                default -> {
                    continue;
                }
            }
            assertArrayEquals(parser.valid, out.toByteArray(), parser.name);
        }
    }

    @Test
    void countsAreBelievedOnlyUpToTheirLimit() {
        var keys = new SshWriter();
        for (int i = 0; i < 65; i++) {
            keys.string(new byte[0]);
        }
        assertRule(Rule.FIELD_TOO_LONG, () -> GlobalRequest.read("hostkeys-00@openssh.com",
                new SshReader(keys.toByteArray())));
        var names = new SshWriter().nameList(Collections.nCopies(SshReader.MOST_NAMES + 1, "a")).toByteArray();
        assertRule(Rule.FIELD_TOO_LONG, () -> new SshReader(names).nameList());
        var most = new SshWriter().nameList(Collections.nCopies(SshReader.MOST_NAMES, "a")).toByteArray();
        assertEquals(SshReader.MOST_NAMES, new SshReader(most).nameList().size());
        var prompts = new SshWriter().string("").string("").string("").uint32(0xffff_ffffL).toByteArray();
        assertRule(Rule.FIELD_TOO_LONG, () -> AuthenticationMessage.InfoRequest.read(new SshReader(prompts), 16));
    }

    @Test
    void encodingsAreChecked() {
        assertRule(Rule.BAD_ENCODING, () -> new SshReader(new SshWriter().string(new byte[]{(byte) 0xff}).toByteArray())
                .utf8());
        // An overlong form of '/', a surrogate, and more than Unicode has.
        for (var hex : List.of("c0af", "eda080", "f4908080", "e28080ff")) {
            assertRule(Rule.BAD_ENCODING, () -> new SshReader(new SshWriter().string(HexFormat.of().parseHex(hex))
                    .toByteArray()).utf8());
        }
        for (byte control : new byte[]{0, 9, 10, 13, 27, 127, -1}) {
            assertRule(Rule.BAD_ENCODING, () -> new SshReader(new SshWriter().string(new byte[]{'a', control})
                    .toByteArray()).ascii());
        }
    }

    @Test
    void integersAreReadBothWaysRound() {
        for (var value : List.of(BigInteger.ZERO, BigInteger.ONE, BigInteger.ONE.negate(), BigInteger.valueOf(128),
                BigInteger.valueOf(-129), BigInteger.ONE.shiftLeft(2047))) {
            assertEquals(value, new SshReader(new SshWriter().mpint(value).toByteArray()).mpint(2048));
        }
        assertRule(Rule.FIELD_TOO_LONG, () -> new SshReader(new SshWriter().mpint(BigInteger.ONE.shiftLeft(2064))
                .toByteArray()).mpint(2048));
        assertArrayEquals(new byte[]{0, 0, 0, 2, 0, (byte) 0x80}, new SshWriter().mpint(new byte[]{0, 0, (byte) 0x80})
                .toByteArray());
        assertArrayEquals(new byte[4], new SshWriter().mpint(new byte[]{0, 0}).toByteArray());
    }

    @Test
    void leftoverBytesAreRefused() {
        assertRule(Rule.TRAILING_BYTES, () -> ChannelRequest.read("shell", new SshReader(new byte[1])));
        assertRule(Rule.TRAILING_BYTES, () -> ChannelType.read("session", new SshReader(new byte[1])));
    }

    @Test
    void aPasswordIsNotInItsRequestsWords() {
        var out = new SshWriter().string("user").string("ssh-connection").string("password").bool(true)
                .string("hunter2").string("hunter3").toByteArray();
        String words = AuthenticationMessage.Request.read(new SshReader(out)).toString();
        assertFalse(words.contains("hunter") || words.contains("[B"), words);
    }

    private static void assertRule(Rule rule, Runnable parse) {
        assertEquals(rule, assertThrows(ProtocolError.class, parse::run).rule());
    }
}
