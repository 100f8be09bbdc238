package homeport.ssh.wire;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Writes SSH's data types (RFC 4251 §5) into an array that grows. Every method returns this writer.
 *
 * <p>Also what the engine sends stands in one of these: its owner takes the bytes from {@link #array()} and calls
 * {@link #clear()}.
 */
public final class SshWriter {
    private static final int LARGEST = 1 << 30;

    private byte[] array;
    private int size;

    public SshWriter(int capacity) {
        array = new byte[capacity];
    }

    public SshWriter() {
        this(128);
    }

    /** The bytes written stand in {@code array()[0 .. size())}; the array changes when the writer grows. */
    public byte[] array() {
        return array;
    }

    public int size() {
        return size;
    }

    public byte[] toByteArray() {
        return Arrays.copyOf(array, size);
    }

    public SshWriter clear() {
        size = 0;
        return this;
    }

    /** Overwrites with zeros what was written, then empties the writer. */
    public SshWriter wipe() {
        Arrays.fill(array, 0, size, (byte) 0);
        return clear();
    }

    /** Makes room for {@code count} more bytes. */
    public SshWriter ensure(int count) {
        if (count > array.length - size) {
            if (count > LARGEST - size) {
                throw new IllegalStateException("more than 1 GiB in one buffer");
            }
            array = Arrays.copyOf(array, Math.max(size + count, Math.min(LARGEST, array.length * 2)));
        }
        return this;
    }

    /** Moves past {@code count} bytes that the caller put, or will put, at {@code array()[size()]}. */
    public SshWriter advance(int count) {
        ensure(count);
        size += count;
        return this;
    }

    /** Drops what was written after the first {@code newSize} bytes. */
    public SshWriter truncate(int newSize) {
        if (newSize < 0 || newSize > size) {
            throw new IndexOutOfBoundsException("size " + newSize + " of " + size);
        }
        size = newSize;
        return this;
    }

    public SshWriter uint8(int value) {
        ensure(1);
        array[size++] = (byte) value;
        return this;
    }

    public SshWriter bool(boolean value) {
        return uint8(value ? 1 : 0);
    }

    /** A {@code uint32} from the low 32 bits. */
    public SshWriter uint32(long value) {
        ensure(4);
        putInt32(size, (int) value);
        size += 4;
        return this;
    }

    /** Overwrites four bytes that were written before. */
    public SshWriter putInt32(int at, int value) {
        array[at] = (byte) (value >>> 24);
        array[at + 1] = (byte) (value >>> 16);
        array[at + 2] = (byte) (value >>> 8);
        array[at + 3] = (byte) value;
        return this;
    }

    public SshWriter uint64(long value) {
        return uint32(value >>> 32).uint32(value);
    }

    /** Bytes without a length before them. */
    public SshWriter bytes(byte[] source, int offset, int length) {
        ensure(length);
        System.arraycopy(source, offset, array, size, length);
        size += length;
        return this;
    }

    public SshWriter bytes(byte[] source) {
        return bytes(source, 0, source.length);
    }

    public SshWriter string(byte[] source, int offset, int length) {
        return uint32(length).bytes(source, offset, length);
    }

    public SshWriter string(byte[] source) {
        return string(source, 0, source.length);
    }

    /** A {@code string} that holds the text as UTF-8. */
    public SshWriter string(String text) {
        return string(text.getBytes(StandardCharsets.UTF_8));
    }

    public SshWriter nameList(List<String> names) {
        return string(String.join(",", names));
    }

    public SshWriter mpint(BigInteger value) {
        return value.signum() == 0 ? uint32(0) : string(value.toByteArray());
    }

    /** An {@code mpint} that is not negative, from its magnitude, big end first; leading zeros are dropped. */
    public SshWriter mpint(byte[] magnitude) {
        int start = 0;
        while (start < magnitude.length && magnitude[start] == 0) {
            start++;
        }
        int length = magnitude.length - start;
        if (length > 0 && magnitude[start] < 0) {
            return uint32(length + 1L).uint8(0).bytes(magnitude, start, length);
        }
        return string(magnitude, start, length);
    }

    /** Starts a {@code string} whose length is not known yet; give the result to {@link #endString}. */
    public int beginString() {
        uint32(0);
        return size;
    }

    public SshWriter endString(int mark) {
        return putInt32(mark - 4, size - mark);
    }
}
