package homeport.ssh.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshWriter;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.Deflater;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CompressionTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final int MOST = 35000;

    @Property(tries = 100)
    void everyPayloadComesOutWhole(@ForAll @Size(max = 8) int[] seeds) {
        var compressor = CompressionAlgorithm.ZLIB_OPENSSH.compressor().orElseThrow();
        var decompressor = CompressionAlgorithm.ZLIB_OPENSSH.decompressor().orElseThrow();
        try {
            for (int seed : seeds) {
                var random = new Random(seed);
                var payload = new byte[random.nextInt(MOST + 1)];
                if (random.nextBoolean()) {
                    random.nextBytes(payload);
                }
                var wire = new SshWriter(16);
                wire.uint8(9);
                compressor.compress(payload, 0, payload.length, wire);
                var out = new SshWriter(16);
                decompressor.decompress(wire.array(), 1, wire.size() - 1, out, payload.length);
                assertArrayEquals(payload, out.toByteArray());
            }
        } finally {
            compressor.end();
            decompressor.end();
        }
    }

    @Test
    void aStreamFlushedAsOpenSshDoesIsRead() throws IOException {
        var decompressor = new Decompressor();
        for (String[] line : Vectors.lines("partial-flush.txt")) {
            byte[] compressed = HEX.parseHex(line[1]);
            var out = new SshWriter();
            decompressor.decompress(compressed, 0, compressed.length, out, MOST);
            assertEquals(line[0], HEX.formatHex(out.toByteArray()));
        }
        decompressor.end();
    }

    @Test
    void aBombIsRefusedBeforeItIsUnpacked() {
        var compressor = new Compressor();
        var wire = new SshWriter();
        compressor.compress(new byte[20_000_000], 0, 20_000_000, wire);
        compressor.end();
        assertTrue(wire.size() < 30_000);
        var decompressor = new Decompressor();
        var out = new SshWriter();
        var error = assertThrows(ProtocolError.class,
                () -> decompressor.decompress(wire.array(), 0, wire.size(), out, MOST));
        assertEquals(Rule.COMPRESSION, error.rule());
        assertTrue(out.array().length <= 2 * MOST + 4096);
        decompressor.end();
    }

    @Test
    void aPayloadOfOneByteMoreIsRefused() {
        var compressor = new Compressor();
        var wire = new SshWriter();
        compressor.compress(new byte[1001], 0, 1001, wire);
        compressor.end();
        var decompressor = new Decompressor();
        assertEquals(Rule.COMPRESSION, assertThrows(ProtocolError.class,
                () -> decompressor.decompress(wire.array(), 0, wire.size(), new SshWriter(), 1000)).rule());
        decompressor.end();
    }

    @Test
    void whatIsNotAZlibStreamIsRefused() {
        for (byte[] wire : new byte[][]{HEX.parseHex("ffffffff"), HEX.parseHex("789cffffffffff"), finished(),
                withDictionary()}) {
            var decompressor = new Decompressor();
            assertEquals(Rule.COMPRESSION, assertThrows(ProtocolError.class,
                    () -> decompressor.decompress(wire, 0, wire.length, new SshWriter(), MOST)).rule());
            decompressor.end();
        }
    }

    @Test
    void noneCompressesNothing() {
        assertTrue(CompressionAlgorithm.byName("none").orElseThrow().compressor().isEmpty());
        assertTrue(CompressionAlgorithm.NONE.decompressor().isEmpty());
        assertEquals(CompressionAlgorithm.ZLIB_OPENSSH, CompressionAlgorithm.byName("zlib@openssh.com").orElseThrow());
        assertTrue(CompressionAlgorithm.byName("zlib").isEmpty());
    }

    private static byte[] finished() {
        var deflater = new Deflater();
        deflater.setInput(new byte[100]);
        deflater.finish();
        var wire = new byte[100];
        byte[] whole = Arrays.copyOf(wire, deflater.deflate(wire));
        System.arraycopy(wire, 0, whole, 0, whole.length);
        deflater.end();
        return whole;
    }

    private static byte[] withDictionary() {
        var deflater = new Deflater();
        deflater.setDictionary(new byte[10]);
        deflater.setInput(new byte[100]);
        var wire = new byte[100];
        int length = deflater.deflate(wire, 0, wire.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(wire, length);
    }
}
