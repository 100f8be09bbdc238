package homeport.netconf.session;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The bytes of one message as they come. Keeps no memory between messages. */
final class Collector {
    private static final byte[] NONE = new byte[0];

    private byte[] bytes = NONE;
    private int size;

    int size() {
        return size;
    }

    void add(ByteBuffer slice) {
        int more = slice.remaining();
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, Math.max(256, bytes.length * 2)));
        }
        slice.get(bytes, size, more);
        size += more;
    }

    /** What was collected; valid until the next {@link #add}. */
    byte[] bytes() {
        return bytes;
    }

    /** Gives away what was collected, and begins anew. */
    byte[] take() {
        byte[] taken = size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
        clear();
        return taken;
    }

    void clear() {
        bytes = NONE;
        size = 0;
    }
}
