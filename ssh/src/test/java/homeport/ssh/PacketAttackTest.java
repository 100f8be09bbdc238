package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.crypto.CompressionAlgorithm;
import homeport.ssh.crypto.KexAlgorithm;
import homeport.ssh.crypto.MacAlgorithm;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets that are not what they should be (RFC 4253 §6), in clear and under each cipher. */
class PacketAttackTest {
    private static final Algorithms FAST = Algorithms.MODERN.withKex(List.of(KexAlgorithm.CURVE25519_SHA256));

    static List<Algorithms> suites() {
        var suites = new ArrayList<Algorithms>();
        for (var cipher : CipherAlgorithm.values()) {
            for (var mac : MacAlgorithm.values()) {
                boolean pointless = cipher == CipherAlgorithm.NONE || mac == MacAlgorithm.NONE
                        || (cipher.authenticated() && mac != MacAlgorithm.HMAC_SHA2_256);
                if (!pointless) {
                    suites.add(FAST.withCiphers(List.of(cipher)).withMacs(List.of(mac)));
                }
            }
        }
        return suites;
    }

    /** Whether a bad length is told only after a whole packet's worth of bytes, as a wrong code. */
    private static boolean concealed(Algorithms suite) {
        return suite.ciphers().getFirst().legacy() && !suite.macs().getFirst().encryptThenMac();
    }

    private static byte[] ignore(EvilPeer evil) {
        return evil.write(MessageNumber.IGNORE, out -> out.string(new byte[40])).take();
    }

    @ParameterizedTest
    @MethodSource("suites")
    void wrongMacIsRefused(Algorithms suite) {
        var random = new Random(5);
        for (int turn = 0; turn < 12; turn++) {
            var evil = EvilPeer.client(suite).keyed();
            byte[] packet = ignore(evil);
            // Behind the first block, so that the length stays what it was.
            int at = 16 + random.nextInt(packet.length - 16);
            packet[at] ^= (byte) (1 << random.nextInt(8));
            evil.raw(packet).deliver();
            assertEquals(Optional.of(Rule.MAC), evil.verdict(), "byte " + at);
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aWrongLengthIsNeverWorthAPacket(Algorithms suite) {
        for (int bit = 0; bit < 32; bit += 3) {
            var evil = EvilPeer.client(suite).keyed();
            byte[] packet = ignore(evil);
            packet[bit / 8] ^= (byte) (0x80 >>> bit % 8);
            evil.raw(packet).deliver();
            int events = evil.events.size();
            evil.raw(new byte[70_000]).deliver();
            assertTrue(Set.of(Rule.MAC, Rule.PACKET_LENGTH, Rule.PACKET_TOO_LONG).contains(evil.verdict()
                    .orElseThrow()), "bit " + bit + evil.verdict());
            assertTrue(evil.events.size() <= events + 1);
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aReplayedPacketIsRefused(Algorithms suite) {
        var evil = EvilPeer.client(suite).keyed();
        byte[] packet = ignore(evil);
        evil.raw(packet).deliver();
        assertEquals(Optional.empty(), evil.verdict());
        refused(suite, evil.raw(packet));
    }

    @ParameterizedTest
    @MethodSource("suites")
    void adroppedPacketIsNoticedAtTheNext(Algorithms suite) {
        var evil = EvilPeer.client(suite).keyed();
        ignore(evil);
        refused(suite, evil.raw(ignore(evil)));
    }

    @ParameterizedTest
    @MethodSource("suites")
    void swappedPacketsAreRefused(Algorithms suite) {
        var evil = EvilPeer.client(suite).keyed();
        byte[] first = ignore(evil);
        refused(suite, evil.raw(ignore(evil)).raw(first));
    }

    /** Where the length is encrypted it comes out as anything first; more bytes then bring the end. */
    private static void refused(Algorithms suite, EvilPeer evil) {
        evil.deliver();
        evil.raw(new byte[70_000]).deliver();
        var rule = evil.verdict().orElseThrow();
        assertTrue(rule == Rule.MAC || rule == Rule.PACKET_LENGTH || rule == Rule.PACKET_TOO_LONG, rule::name);
        if (concealed(suite)) {
            assertEquals(Rule.MAC, rule);
        }
    }

    // ---- Padding and lengths, in clear and sealed

    private static EvilPeer peer(boolean sealed) {
        return sealed
                ? EvilPeer.client(FAST.withCiphers(List.of(CipherAlgorithm.AES128_GCM))).keyed()
                : EvilPeer.client(FAST).scripted();
    }

    private static byte[] packet(int length, int padding, int contents) {
        return Arrays.copyOf(new SshWriter().uint32(length).uint8(padding).uint8(MessageNumber.IGNORE).uint32(0)
                .toByteArray(), 4 + contents);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void wrongPaddingIsRefused(boolean sealed) {
        int length = sealed ? 32 : 28;
        for (int padding : new int[]{0, 1, 2, 3, length - 1, length, length + 1, 255}) {
            var evil = peer(sealed).sealed(packet(length, padding, length)).deliver();
            assertEquals(Optional.of(Rule.PADDING), evil.verdict(), padding + " bytes");
        }
        for (int padding : new int[]{4, length - 6}) {
            var evil = peer(sealed).sealed(packet(length, padding, length)).deliver();
            assertEquals(Optional.empty(), evil.verdict().filter(rule -> rule == Rule.PADDING), padding + " bytes");
        }
    }

    @Test
    void theLongestPaddingIsFine() {
        assertEquals(Optional.empty(), peer(true).sealed(packet(272, 255, 272)).deliver().verdict());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPacketBeyondTheLimitIsRefusedByItsLengthAlone(boolean sealed) {
        for (int length : new int[]{(64 << 10) + 16, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE, -1, -16}) {
            var evil = peer(sealed).raw(new SshWriter().uint32(length).toByteArray()).deliver();
            assertEquals(Optional.of(Rule.PACKET_TOO_LONG), evil.verdict(), length + " bytes");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLengthThatIsNoMultipleOfTheBlockIsRefused(boolean sealed) {
        for (int length : new int[]{0, 1, 5, 13, 15, 17, 29, 8191, 65535}) {
            var evil = peer(sealed).raw(new SshWriter().uint32(length).toByteArray()).deliver();
            assertEquals(Optional.of(Rule.PACKET_LENGTH), evil.verdict(), length + " bytes");
        }
    }

    @Test
    void cbcTellsNothingAboutALengthThatCannotBe() {
        var suite = FAST.withCiphers(List.of(CipherAlgorithm.AES128_CBC)).withMacs(List.of(MacAlgorithm.HMAC_SHA1));
        var random = new Random(8);
        for (int turn = 0; turn < 20; turn++) {
            var evil = EvilPeer.client(suite).keyed();
            var block = new byte[16];
            random.nextBytes(block);
            evil.raw(block).deliver();
            for (int sent = 16; sent < 60_000; sent += 1000) {
                evil.raw(new byte[1000]).deliver();
                if (evil.verdict().isPresent()) {
                    break;
                }
            }
            evil.raw(new byte[20_000]).deliver();
            assertEquals(Optional.of(Rule.MAC), evil.verdict());
        }
    }

    @Test
    void aPacketThatNeverEndsIsTheEndOfTheStream() {
        var evil = EvilPeer.client(FAST).keyed();
        byte[] packet = ignore(evil);
        evil.raw(Arrays.copyOf(packet, packet.length - 1)).deliver();
        assertEquals(Optional.empty(), evil.verdict());
        evil.victim.endOfStream();
        assertEquals(Optional.of(Rule.END_OF_STREAM), evil.verdict());
    }

    // ---- Compression

    private static EvilPeer compressing() {
        return EvilPeer.client(FAST.withCompression(List.of(CompressionAlgorithm.ZLIB_OPENSSH))).loggedIn();
    }

    private static byte[] deflated(byte[] plain) {
        var deflater = new Deflater(9);
        deflater.setInput(plain);
        var out = new byte[plain.length + 100];
        int made = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(out, made);
    }

    @Test
    void aCompressionBombIsRefusedAtTheLimit() {
        var bomb = deflated(new byte[30 << 20]);
        assertTrue(bomb.length < 60_000);
        assertEquals(Optional.of(Rule.COMPRESSION), compressing().send(bomb).verdict());
    }

    @Test
    void whatIsNotTheStreamIsRefused() {
        assertEquals(Optional.of(Rule.COMPRESSION), compressing().send(new byte[]{2, 0, 0, 0, 0}).verdict());
        assertEquals(Optional.of(Rule.COMPRESSION), compressing().send(deflated(new byte[0])).verdict(), "empty");
        var dictionary = new Deflater();
        dictionary.setDictionary(new byte[]{1, 2, 3});
        dictionary.setInput(new byte[]{2, 0, 0, 0, 0});
        var out = new byte[100];
        int made = dictionary.deflate(out, 0, 100, Deflater.SYNC_FLUSH);
        dictionary.end();
        assertEquals(Optional.of(Rule.COMPRESSION), compressing().send(Arrays.copyOf(out, made)).verdict());
    }

    @Test
    void compressionBeginsOnlyAfterTheLogin() {
        var evil = EvilPeer.client(FAST.withCompression(List.of(CompressionAlgorithm.ZLIB_OPENSSH))).keyed();
        evil.send(deflated(new byte[100]));
        assertTrue(evil.verdict().isEmpty() || evil.verdict().get() != Rule.COMPRESSION);
    }
}
