package homeport.ssh.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every suite alike. */
class PacketCipherTest {

    static List<Suite> suites() {
        return Suite.all();
    }

    @Provide
    Arbitrary<Suite> suite() {
        return Arbitraries.of(Suite.all());
    }

    @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
    void whatIsSealedOpensAndRestingChangesNothing(@ForAll("suite") Suite suite,
            @ForAll @IntRange(min = 2, max = 70) int blocks, @ForAll @IntRange(max = 20) int offset,
            @ForAll int firstSequence, @ForAll long seed) {
        var random = new Random(seed);
        var steady = suite.outbound();
        var outbound = suite.outbound();
        var inbound = suite.inbound();
        int packets = 1 + random.nextInt(2 * AesGcm.NATIVE_FROM);
        for (int sequence = firstSequence; sequence != firstSequence + packets; sequence++) {
            int length = Suite.length(outbound, 1 + random.nextInt(blocks) + (16 / outbound.blockBytes()));
            byte[] expected = Suite.packet(outbound, offset, length, sequence);
            byte[] content = Suite.content(expected, offset, length);
            byte[] array = expected.clone();
            steady.seal(expected, offset, length, sequence);
            outbound.seal(array, offset, length, sequence);
            assertArrayEquals(expected, array);
            if (random.nextInt(16) == 0) {
                outbound.rest();
            }
            assertEquals(length, inbound.length(array, offset, sequence));
            if (random.nextInt(16) == 0) {
                inbound.rest();
            }
            inbound.open(array, offset, length, sequence);
            assertArrayEquals(content, Suite.content(array, offset, length));
            if (random.nextInt(16) == 0) {
                inbound.rest();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void bytesAroundThePacketStayAsTheyAre(Suite suite) {
        var outbound = suite.outbound();
        int length = Suite.length(outbound, 40);
        byte[] array = Arrays.copyOf(Suite.packet(outbound, 9, length, 1), 9 + 4 + length + outbound.tagBytes() + 9);
        Arrays.fill(array, 0, 9, (byte) 0x55);
        Arrays.fill(array, array.length - 9, array.length, (byte) 0x55);
        outbound.seal(array, 9, length, 0);
        var inbound = suite.inbound();
        inbound.length(array, 9, 0);
        inbound.open(array, 9, length, 0);
        for (int i = 0; i < 9; i++) {
            assertEquals(0x55, array[i]);
            assertEquals(0x55, array[array.length - 1 - i]);
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void oneWrongBitAnywhereIsRefused(Suite suite) {
        var outbound = suite.outbound();
        int length = Suite.length(outbound, 5);
        byte[] sealed = Suite.packet(outbound, 0, length, 1);
        outbound.seal(sealed, 0, length, 7);
        for (int at = 0; at < sealed.length; at++) {
            byte[] array = sealed.clone();
            array[at] ^= (byte) (1 << at % 8);
            var inbound = suite.inbound();
            inbound.length(array, 0, 7);
            var error = assertThrows(ProtocolError.class, () -> inbound.open(array, 0, length, 7),
                    "byte " + at + " of " + sealed.length);
            assertEquals(Rule.MAC, error.rule());
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aPacketOutOfOrderIsRefused(Suite suite) {
        var outbound = suite.outbound();
        int length = Suite.length(outbound, 5);
        byte[] first = Suite.packet(outbound, 0, length, 1);
        byte[] second = Suite.packet(outbound, 0, length, 1);
        outbound.seal(first, 0, length, 0);
        outbound.seal(second, 0, length, 1);
        var inbound = suite.inbound();
        inbound.length(second, 0, 0);
        var error = assertThrows(ProtocolError.class, () -> inbound.open(second, 0, length, 0));
        assertEquals(Rule.MAC, error.rule());
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aPacketOfOtherKeysIsRefused(Suite suite) {
        var outbound = suite.outbound();
        int length = Suite.length(outbound, 5);
        byte[] sealed = Suite.packet(outbound, 0, length, 1);
        outbound.seal(sealed, 0, length, 0);
        var inbound = suite.cipher().inbound(suite.mac(), Suite.octets(8, suite.cipher().keyBytes()),
                Suite.octets(2, suite.cipher().ivBytes()), Suite.octets(9, suite.mac().keyBytes()));
        inbound.length(sealed, 0, 0);
        assertThrows(ProtocolError.class, () -> inbound.open(sealed, 0, length, 0));
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aRefusedPacketShowsNoPlainText(Suite suite) {
        var outbound = suite.outbound();
        int length = Suite.length(outbound, 40);
        byte[] sealed = Suite.packet(outbound, 0, length, 1);
        byte[] content = Suite.content(sealed, 0, length);
        outbound.seal(sealed, 0, length, 0);
        sealed[sealed.length - 1] ^= 1;
        var inbound = suite.inbound();
        inbound.length(sealed, 0, 0);
        assertThrows(ProtocolError.class, () -> inbound.open(sealed, 0, length, 0));
        for (int at = 4; at < length - 16; at++) {
            assertFalse(Arrays.equals(content, at, at + 16, sealed, 4 + at, 4 + at + 16), "plain text at " + at);
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void destroyZeroesTheKeys(Suite suite) {
        byte[] key = Suite.octets(1, suite.cipher().keyBytes());
        byte[] iv = Suite.octets(2, suite.cipher().ivBytes());
        byte[] macKey = Suite.octets(3, suite.mac().keyBytes());
        var outbound = suite.cipher().outbound(suite.mac(), key, iv, macKey);
        int length = Suite.length(outbound, 5);
        byte[] array = Suite.packet(outbound, 0, length, 1);
        outbound.seal(array, 0, length, 0);
        outbound.destroy();
        assertArrayEquals(new byte[key.length], key);
        assertArrayEquals(new byte[iv.length], iv);
        assertArrayEquals(new byte[macKey.length], macKey);

        // Where it keeps copies: what a destroyed cipher would do is what zeros as keys do.
        byte[] afterwards = Suite.packet(outbound, 0, length, 1);
        byte[] withZeros = afterwards.clone();
        if (suite.cipher() == CipherAlgorithm.CHACHA20_POLY1305) {
            // Both halves of its key are zeros: the JDK refuses a key and nonce that it just had.
            assertThrows(IllegalStateException.class, () -> outbound.seal(afterwards, 0, length, 0));
            return;
        }
        outbound.seal(afterwards, 0, length, 0);
        suite.cipher().outbound(suite.mac(), new byte[key.length], new byte[iv.length], new byte[macKey.length])
                .seal(withZeros, 0, length, 0);
        assertArrayEquals(withZeros, afterwards);
    }

    @ParameterizedTest
    @MethodSource("suites")
    void a32KiBPacketAllocatesAtMostAKibibyteOnItsWayThrough(Suite suite) {
        var outbound = suite.outbound();
        var inbound = suite.inbound();
        int length = Suite.length(outbound, 32768 / outbound.blockBytes());
        byte[] array = Suite.packet(outbound, 0, length, 1);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int packets = 50;
        long sealing = 0;
        long opening = 0;
        for (int sequence = 0; sequence < 2 * packets; sequence++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            BigEndian.putInt32(array, 0, length);
            outbound.seal(array, 0, length, sequence);
            long between = threads.getCurrentThreadAllocatedBytes();
            inbound.length(array, 0, sequence);
            inbound.open(array, 0, length, sequence);
            long after = threads.getCurrentThreadAllocatedBytes();
            // The first half makes what stays.
            if (sequence >= packets) {
                sealing += between - before;
                opening += after - between;
            }
        }
        // The JDK's GCM makes its tables anew for each packet; the native provider's does not.
        boolean tables = suite.cipher().ivBytes() == 12 && Providers.nativeProvider().isEmpty();
        long most = tables ? 2304 : 1024;
        assertTrue((opening + sealing) / packets <= most,
                suite + ": " + opening / packets + " to open, " + sealing / packets + " bytes to seal");
    }

    @Test
    void aLengthThatIsNoWholeBlocksIsRefused() {
        for (var mac : List.of(MacAlgorithm.HMAC_SHA2_256, MacAlgorithm.HMAC_SHA2_512)) {
            var inbound = new Suite(CipherAlgorithm.AES128_CTR, mac).inbound();
            var array = new byte[200];
            inbound.length(array, 0, 0);
            for (int length : new int[]{0, 11, 13, 29}) {
                var error = assertThrows(ProtocolError.class, () -> inbound.open(array, 0, length, 0));
                assertEquals(Rule.PACKET_LENGTH, error.rule());
            }
        }
    }

    @Test
    void aCipherWithoutCodeOrWithKeysOfOtherSizesIsNotMade() {
        var none = new byte[0];
        assertThrows(IllegalArgumentException.class,
                () -> CipherAlgorithm.AES128_CTR.inbound(MacAlgorithm.NONE, new byte[16], new byte[16], none));
        assertThrows(IllegalArgumentException.class,
                () -> CipherAlgorithm.AES128_CTR.outbound(MacAlgorithm.NONE, new byte[16], new byte[16], none));
        assertThrows(IllegalArgumentException.class,
                () -> CipherAlgorithm.AES256_GCM.inbound(MacAlgorithm.NONE, new byte[16], new byte[12], none));
        assertThrows(IllegalArgumentException.class, () -> CipherAlgorithm.AES128_CTR
                .inbound(MacAlgorithm.HMAC_SHA2_256, new byte[16], new byte[16], new byte[20]));
    }

    @Test
    void authenticatedCiphersIgnoreTheMac() {
        var sealer = CipherAlgorithm.AES128_GCM.outbound(MacAlgorithm.HMAC_SHA2_256, new byte[16], new byte[12],
                new byte[0]);
        assertEquals(16, sealer.tagBytes());
    }

    @Test
    void noneIsNotFoundByName() {
        assertTrue(CipherAlgorithm.byName("none").isEmpty());
        assertTrue(MacAlgorithm.byName("none").isEmpty());
        for (var cipher : CipherAlgorithm.values()) {
            assertEquals(cipher != CipherAlgorithm.NONE, CipherAlgorithm.byName(cipher.wireName()).isPresent());
        }
        for (var mac : MacAlgorithm.values()) {
            assertEquals(mac != MacAlgorithm.NONE, MacAlgorithm.byName(mac.wireName()).isPresent());
        }
    }

    @Test
    void plainPacketsPassAsTheyAre() {
        var none = new byte[0];
        var outbound = CipherAlgorithm.NONE.outbound(MacAlgorithm.NONE, none, none, none);
        var inbound = CipherAlgorithm.NONE.inbound(MacAlgorithm.NONE, none, none, none);
        byte[] packet = Suite.packet(outbound, 3, 12, 1);
        byte[] array = packet.clone();
        outbound.seal(array, 3, 12, 0);
        assertEquals(12, inbound.length(array, 3, 0));
        inbound.open(array, 3, 12, 0);
        assertArrayEquals(packet, array);
    }

    @Test
    void keysAreNeverShown() {
        assertEquals("AES key", new SessionKey(Suite.octets(1, 16), "AES").toString());
    }
}
