package homeport.ssh.crypto;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshWriter;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decompresses the payloads of one direction, which are one zlib stream (RFC 4253 §6.2).
 *
 * <p>It holds about 48 KiB of native memory until {@link #end()}.
 */
public final class Decompressor {
    private static final int STEP_BYTES = 1024;

    private final Inflater inflater = new Inflater();

    Decompressor() {}

    /**
     * Appends the payload that {@code array[offset .. offset + length)} compresses.
     *
     * @param most the most bytes that it may come to
     * @throws ProtocolError with {@code COMPRESSION} when it comes to more, or is not a piece of the stream
     */
    public void decompress(byte[] array, int offset, int length, SshWriter out, int most) {
        inflater.setInput(array, offset, length);
        int left = most;
        try {
            while (true) {
                // One byte more than allowed, to see whether there is more.
                int room = (int) Math.min(STEP_BYTES, left + 1L);
                out.ensure(room);
                int made = inflater.inflate(out.array(), out.size(), room);
                out.advance(made);
                left -= made;
                if (left < 0) {
                    throw new ProtocolError(Rule.COMPRESSION, "more than " + most + " bytes");
                }
                if (inflater.finished() || inflater.needsDictionary()) {
                    throw new ProtocolError(Rule.COMPRESSION, "the stream ends, or asks for a dictionary");
                }
                if (made < room) {
                    return;
                }
            }
        } catch (DataFormatException e) {
            throw new ProtocolError(Rule.COMPRESSION, "not a zlib stream");
        }
    }

    /** Gives its native memory back. Nothing else may be called afterwards. */
    public void end() {
        inflater.end();
    }
}
