package homeport.net;

import java.util.ArrayDeque;

/**
 * Arrays that packets cross from one loop to another in. Those for full packets are used again, the last one given first:
 * it is still in the processor's cache, where a new one would be written to memory that is not. One that is never given
 * back is garbage like any other.
 *
 * <p>Safe for use by all loops.
 */
final class PacketArrays {
    /** The data of a full packet (RFC 4253 §6.1); what fills less than half of one is not worth an array of this size. */
    private static final int FULL_BYTES = 32 << 10;
    private static final int MOST = 64;

    private final ArrayDeque<byte[]> free = new ArrayDeque<>(MOST);

    /** An array of at least so many bytes, whatever is in it. */
    byte[] take(int length) {
        if (length <= FULL_BYTES / 2 || length > FULL_BYTES) {
            return new byte[length];
        }
        synchronized (free) {
            var last = free.pollLast();
            if (last != null) {
                return last;
            }
        }
        return new byte[FULL_BYTES];
    }

    /** Whoever gives an array back must not touch it again. */
    void give(byte[] array) {
        if (array.length == FULL_BYTES) {
            synchronized (free) {
                if (free.size() < MOST) {
                    free.addLast(array);
                }
            }
        }
    }
}
