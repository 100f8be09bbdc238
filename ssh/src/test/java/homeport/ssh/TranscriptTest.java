package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.crypto.CompressionAlgorithm;
import homeport.ssh.crypto.KexAlgorithm;
import homeport.ssh.crypto.MacAlgorithm;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.GlobalRequest;
import homeport.ssh.wire.SshWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any split: a recorded exchange gives the same events and the same bytes out, fed whole, a byte at a time, and cut at
 * random.
 *
 * <p>The recordings stand in {@code transcripts/}: every byte of both directions and every event of both ends, from keys
 * and random numbers that are always the same. {@code -Dhomeport.transcripts=refresh} writes them anew, which is right
 * after a change of what we send and wrong otherwise.
 *
 * <p>Not recorded, because the provider takes no randomness from us or the bytes are the zlib library's: ECDH on the NIST
 * curves, ECDSA host keys, compression. For these both ends live and the cuts are compared with each other.
 */
class TranscriptTest {
    private static final Path SOURCES = Path.of("src/test/resources/homeport/ssh/transcripts");
    private static final Algorithms BASE = Algorithms.MODERN.withKex(List.of(KexAlgorithm.CURVE25519_SHA256))
            .withHostKeys(List.of(KeyAlgorithm.SSH_ED25519)).withCiphers(List.of(CipherAlgorithm.AES128_GCM));

    static List<String> names() {
        return List.copyOf(recorded().keySet());
    }

    private static Map<String, Algorithms> recorded() {
        var all = new LinkedHashMap<String, Algorithms>();
        for (var kex : KexAlgorithm.values()) {
            // Each large group is as good as the others here, and costs seconds a byte at a time.
            if (!kex.wireName().startsWith("ecdh") && kex != KexAlgorithm.GROUP18_SHA512) {
                all.put(name(kex), BASE.withKex(List.of(kex)));
            }
        }
        for (var cipher : CipherAlgorithm.values()) {
            if (cipher != CipherAlgorithm.NONE) {
                all.put(name(cipher), BASE.withCiphers(List.of(cipher))
                        .withMacs(List.of(MacAlgorithm.HMAC_SHA2_256_ETM)));
            }
        }
        for (var mac : MacAlgorithm.values()) {
            if (mac != MacAlgorithm.NONE) {
                all.put(name(mac), BASE.withCiphers(List.of(CipherAlgorithm.AES256_CTR)).withMacs(List.of(mac)));
            }
        }
        for (var hostKey : List.of(KeyAlgorithm.RSA_SHA2_512, KeyAlgorithm.RSA_SHA2_256, KeyAlgorithm.ED25519_CERT,
                KeyAlgorithm.RSA_SHA2_256_CERT, KeyAlgorithm.X509V3_ED25519, KeyAlgorithm.X509V3_RSA2048_SHA256,
                KeyAlgorithm.HMAC_SHA2_256, KeyAlgorithm.HMAC_SHA2_512)) {
            all.put("hostkey_" + name(hostKey), BASE.withHostKeys(List.of(hostKey)));
        }
        return all;
    }

    private static String name(Enum<?> algorithm) {
        return algorithm.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @ParameterizedTest
    @MethodSource("names")
    void aRecordedExchangeComesOutTheSameHoweverItIsCut(String name) throws IOException {
        var algorithms = recorded().get(name);
        if ("refresh".equals(System.getProperty("homeport.transcripts"))) {
            record(algorithms).write(SOURCES.resolve(name + ".txt"));
        }
        var transcript = Transcript.read(name);
        for (var role : Role.values()) {
            byte[] in = role == Role.CLIENT ? transcript.fromServer : transcript.fromClient;
            byte[] out = role == Role.CLIENT ? transcript.fromClient : transcript.fromServer;
            var events = role == Role.CLIENT ? transcript.clientEvents : transcript.serverEvents;
            for (var cut : List.of(Pair.Cut.WHOLE, Pair.Cut.SINGLE, Pair.Cut.RANDOM, Pair.Cut.RANDOM)) {
                var replay = new Actor(role, algorithms);
                replay.connection.start();
                var random = RandomGenerator.of("L64X128MixRandom");
                for (int at = 0; at < in.length;) {
                    int count = cut.next(in.length - at, random);
                    replay.connection.receive(Arrays.copyOfRange(in, at, at + count), 0, count);
                    at += count;
                }
                assertEquals(events, replay.events, role + " of " + name);
                assertArrayEquals(out, replay.out.toByteArray(), role + " of " + name);
            }
        }
    }

    static List<Algorithms> live() {
        return List.of(BASE.withKex(List.of(KexAlgorithm.ECDH_NISTP256)), BASE.withKex(List.of(
                KexAlgorithm.ECDH_NISTP384)), BASE.withKex(List.of(KexAlgorithm.ECDH_NISTP521)), BASE.withHostKeys(
                        List
                                .of(KeyAlgorithm.ECDSA_P256)),
                BASE.withHostKeys(List.of(KeyAlgorithm.X509V3_ECDSA_P384)), BASE
                        .withHostKeys(List.of(KeyAlgorithm.ECDSA_P521_CERT)),
                BASE.withCompression(List.of(
                        CompressionAlgorithm.ZLIB_OPENSSH)));
    }

    @ParameterizedTest
    @MethodSource("live")
    void aLiveExchangeHasTheSameEventsHoweverItIsCut(Algorithms algorithms) {
        var whole = events(algorithms, Pair.Cut.WHOLE);
        assertEquals(whole, events(algorithms, Pair.Cut.SINGLE));
        assertEquals(whole, events(algorithms, Pair.Cut.RANDOM));
    }

    @Test
    void everyRecordingHasAnAlgorithm() throws IOException {
        try (var files = Files.list(SOURCES)) {
            assertEquals(names().stream().sorted().toList(), files.map(file -> file.getFileName().toString().replace(
                    ".txt", "")).sorted().toList());
        }
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void theExchangeThatIsRecordedReachesItsEnd(Role role) {
        var events = role == Role.CLIENT ? record(BASE).clientEvents : record(BASE).serverEvents;
        for (var needed : List.of("VersionReceived", "KeysExchanged first", "KeysExchanged again", "Authenticated",
                "Data", "Eof", "ChannelClosed", "Closed")) {
            assertTrue(events.stream().anyMatch(event -> event.startsWith(needed)), needed + " in " + events);
        }
    }

    private static List<List<String>> events(Algorithms algorithms, Pair.Cut cut) {
        var random = RandomGenerator.of("L64X128MixRandom");
        var client = new Actor(Role.CLIENT, algorithms);
        var server = new Actor(Role.SERVER, algorithms);
        join(client, server, cut, random);
        return List.of(client.events, server.events);
    }

    private static Transcript record(Algorithms algorithms) {
        var client = new Actor(Role.CLIENT, algorithms);
        var server = new Actor(Role.SERVER, algorithms);
        join(client, server, Pair.Cut.WHOLE, RandomGenerator.of("L64X128MixRandom"));
        return new Transcript(client.out.toByteArray(), server.out.toByteArray(), client.events, server.events);
    }

    private static void join(Actor client, Actor server, Pair.Cut cut, RandomGenerator random) {
        client.connection.start();
        server.connection.start();
        int[] read = new int[2];
        boolean moved = true;
        while (moved) {
            moved = false;
            for (var from : List.of(client, server)) {
                var to = from == client ? server : client;
                int side = from == client ? 0 : 1;
                if (read[side] < from.out.size()) {
                    int count = cut.next(from.out.size() - read[side], random);
                    to.connection.receive(Arrays.copyOfRange(from.out.array(), read[side], read[side] + count), 0,
                            count);
                    read[side] += count;
                    moved = true;
                }
            }
        }
    }

    /** One end, whose every act follows from an event: so its bytes follow from the bytes that it is given. */
    private static final class Actor {
        final SshWriter out = new SshWriter();
        final List<String> events = new ArrayList<>();
        final SshConnection connection;
        private final Role role;
        private int exchanges;
        private int received;

        Actor(Role role, Algorithms algorithms) {
            this.role = role;
            var hostKey = algorithms.hostKeys().getFirst();
            var settings = SshSettings.builder().algorithms(algorithms).banner("hello")
                    .identification("SSH-2.0-Transcript_1").hostKeys(role == Role.SERVER
                            ? List.of(Keys.of(hostKey))
                            : List.of())
                    .build();
            connection = SshConnection.as(role, settings,
                    new Environment(() -> 1_000, new SeededRandom(role.ordinal())),
                    out, this::on);
        }

        private void on(Event event) {
            events.add(describe(event));
            switch (event) {
                case Question.HostKeyAsked asked -> connection.decide(asked, asked
                        .key() instanceof homeport.ssh.key.HmacKeyId
                                ? new HostKeyDecision.CheckHmac(java.util.Optional.of(Keys.SECRET))
                                : new HostKeyDecision.Accept());
                case Question.LoginAsked asked -> connection.decide(asked, asked.methods().isEmpty()
                        ? new LoginAttempt.None("alice")
                        : new LoginAttempt.Key("alice", Keys.USER));
                case Question.LoginRequested asked -> connection.decide(asked,
                        asked.credential() instanceof Question.Credential.Key
                                ? new LoginDecision.Accept()
                                : new LoginDecision.Refuse(List.of("publickey")));
                case Event.Authenticated in when role == Role.CLIENT -> {
                    connection.openChannel(new ChannelType.Session(), 5_000);
                    connection.request(new GlobalRequest.TcpipForward("", 0), true);
                }
                case Question.OpenRequested asked -> connection.accept(asked, 5_000);
                case Event.ChannelOpened opened -> {
                    opened.channel().request(new ChannelRequest.Env("LANG", new byte[]{'C'}), false);
                    opened.channel().request(new ChannelRequest.Exec("cat"), true);
                }
                case Question.ChannelRequested asked -> connection.decide(asked, true);
                case Question.GlobalRequested asked -> connection.decide(asked, true, new byte[]{0, 0, 1, 0});
                case Event.ChannelReply reply -> reply.channel().send(new byte[3_000], 0, 3_000);
                case Event.Data data -> data(data);
                case Event.KeysExchanged keys -> {
                    if (++exchanges == 2 && role == Role.CLIENT) {
                        connection.ping(new byte[]{1});
                    }
                }
                case Event.Pong pong -> connection.disconnect("done");
                case Event.Eof eof -> {
                    eof.channel().sendEof();
                    eof.channel().close();
                }
                case Event.ChannelClosed closed when role == Role.CLIENT -> connection.rekey();
                case Event other -> {
                }
            }
        }

        private void data(Event.Data data) {
            byte[] copy = Arrays.copyOfRange(data.array(), data.offset(), data.offset() + data.length());
            data.channel().consumed(data.length());
            received += data.length();
            if (role == Role.SERVER) {
                data.channel().send(copy, 0, copy.length);
                data.channel().sendExtended(Channel.STDERR, copy, 0, 10);
            } else if (received >= 3_010) {
                data.channel().sendEof();
            }
        }

        private static String describe(Event event) {
            return switch (event) {
                case Event.Data data -> "Data " + data.dataType() + " " + data.length() + " " + Arrays.hashCode(Arrays
                        .copyOfRange(data.array(), data.offset(), data.offset() + data.length()));
                case Event.KeysExchanged keys -> "KeysExchanged " + (keys.first() ? "first" : "again");
                case Event.Pong pong -> "Pong " + Arrays.toString(pong.data());
                case Event.GlobalReply reply -> "GlobalReply " + reply.request() + Arrays.toString(reply.data());
                case Event.ChannelReply reply -> "ChannelReply " + reply.request().type() + " " + reply.success();
                case Question.LoginRequested asked -> "LoginRequested " + asked.user() + " " + asked.credential()
                        .getClass().getSimpleName();
                case Question.HostKeyAsked asked -> "HostKeyAsked " + asked.algorithm();
                case Question.ChannelRequested asked -> "ChannelRequested " + asked.request().type();
                case Event other -> other.toString();
            };
        }
    }

    /** The bytes of both directions, and what happened at both ends. */
    private static final class Transcript {
        private static final int LINE_BYTES = 64;

        final byte[] fromClient;
        final byte[] fromServer;
        final List<String> clientEvents;
        final List<String> serverEvents;

        Transcript(byte[] fromClient, byte[] fromServer, List<String> clientEvents, List<String> serverEvents) {
            this.fromClient = fromClient;
            this.fromServer = fromServer;
            this.clientEvents = clientEvents;
            this.serverEvents = serverEvents;
        }

        static Transcript read(String name) throws IOException {
            try (var in = TranscriptTest.class.getResourceAsStream("transcripts/" + name + ".txt")) {
                String text = in != null
                        ? new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        : Files.readString(SOURCES.resolve(name + ".txt"));
                var bytes = List.of(new SshWriter(), new SshWriter());
                var events = List.of(new ArrayList<String>(), new ArrayList<String>());
                text.lines().forEach(line -> {
                    int side = line.charAt(0) == 'C' ? 0 : 1;
                    if (line.charAt(1) == '!') {
                        events.get(side).add(line.substring(3));
                    } else {
                        bytes.get(side).bytes(HexFormat.of().parseHex(line.substring(3)));
                    }
                });
                return new Transcript(bytes.get(0).toByteArray(), bytes.get(1).toByteArray(), events.get(0), events.get(
                        1));
            }
        }

        void write(Path file) throws IOException {
            var lines = new ArrayList<String>();
            clientEvents.forEach(event -> lines.add("C! " + event));
            serverEvents.forEach(event -> lines.add("S! " + event));
            hex("C: ", fromClient, lines);
            hex("S: ", fromServer, lines);
            Files.createDirectories(file.getParent());
            Files.writeString(file, String.join("\n", lines) + "\n");
        }

        private static void hex(String prefix, byte[] bytes, List<String> lines) {
            for (int at = 0; at < bytes.length; at += LINE_BYTES) {
                lines.add(prefix + HexFormat.of().formatHex(bytes, at, Math.min(bytes.length, at + LINE_BYTES)));
            }
        }
    }
}
