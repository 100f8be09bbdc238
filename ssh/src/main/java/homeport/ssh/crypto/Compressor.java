package homeport.ssh.crypto;

import homeport.ssh.wire.SshWriter;
import java.util.zip.Deflater;

/**
 * Compresses the payloads of one direction as one zlib stream that is flushed after each (RFC 4253 §6.2).
 *
 * <p>It holds about 256 KiB of native memory until {@link #end()}.
 */
public final class Compressor {
    /** More than a packet needs at once in most cases; the rest comes with the next turn. */
    private static final int STEP_BYTES = 1024;

    private final Deflater deflater = new Deflater();

    Compressor() {}

    /** Appends the compressed payload {@code array[offset .. offset + length)}. */
    public void compress(byte[] array, int offset, int length, SshWriter out) {
        deflater.setInput(array, offset, length);
        int made;
        int room;
        do {
            out.ensure(STEP_BYTES);
            room = out.array().length - out.size();
            made = deflater.deflate(out.array(), out.size(), room, Deflater.SYNC_FLUSH);
            out.advance(made);
        } while (made == room);
    }

    /** Gives its native memory back. Nothing else may be called afterwards. */
    public void end() {
        deflater.end();
    }
}
