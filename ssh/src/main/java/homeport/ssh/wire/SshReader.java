package homeport.ssh.wire;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Reads SSH's data types (RFC 4251 §5) from a slice of an array.
 *
 * <p>Every method moves past what it returns and throws {@link ProtocolError} with {@link Rule#TRUNCATED} when the slice
 * is too short. What is returned is a copy, except from {@link #slice()}.
 */
public final class SshReader {
    /** Names in one list: about five times what any implementation offers. One-letter names cost 30 times their bytes. */
    public static final int MOST_NAMES = 256;

    private final byte[] array;
    private final int end;
    private int position;

    /** Reads {@code array[offset .. offset + length)}. */
    public SshReader(byte[] array, int offset, int length) {
        if ((offset | length) < 0 || length > array.length - offset) {
            throw new IndexOutOfBoundsException("offset " + offset + ", length " + length + " of " + array.length);
        }
        this.array = array;
        this.position = offset;
        this.end = offset + length;
    }

    public SshReader(byte[] array) {
        this(array, 0, array.length);
    }

    public int remaining() {
        return end - position;
    }

    /** Index in the underlying array of the next byte. */
    public int position() {
        return position;
    }

    /** The underlying array, for hot paths that hand out a slice of it. */
    public byte[] array() {
        return array;
    }

    public int uint8() {
        need(1);
        return array[position++] & 0xff;
    }

    /** RFC 4251: zero is false, all else is true. */
    public boolean bool() {
        return uint8() != 0;
    }

    public int int32() {
        need(4);
        int value = (array[position] & 0xff) << 24 | (array[position + 1] & 0xff) << 16
                | (array[position + 2] & 0xff) << 8 | (array[position + 3] & 0xff);
        position += 4;
        return value;
    }

    public long uint32() {
        return Integer.toUnsignedLong(int32());
    }

    public long uint64() {
        need(8);
        return (uint32() << 32) | uint32();
    }

    /** {@code count} bytes without a length before them. */
    public byte[] bytes(int count) {
        need(count);
        byte[] copy = Arrays.copyOfRange(array, position, position + count);
        position += count;
        return copy;
    }

    /** A {@code string} as octets. */
    public byte[] string() {
        return bytes(length());
    }

    /** A {@code string} of at most {@code most} octets. */
    public byte[] string(int most) {
        int length = length();
        if (length > most) {
            throw new ProtocolError(Rule.FIELD_TOO_LONG, length + " bytes, at most " + most);
        }
        return bytes(length);
    }

    /** A {@code string} as a reader over its octets, without a copy. */
    public SshReader slice() {
        int length = length();
        var slice = new SshReader(array, position, length);
        position += length;
        return slice;
    }

    /** Moves past a {@code string}. */
    public void skipString() {
        int length = length();
        position += length;
    }

    /** A {@code string} that holds UTF-8; anything else is {@link Rule#BAD_ENCODING}. */
    public String utf8() {
        int length = length();
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(array, position, length))
                    .toString();
            position += length;
            return text;
        } catch (CharacterCodingException e) {
            throw new ProtocolError(Rule.BAD_ENCODING, "not UTF-8");
        }
    }

    /** A {@code string} that is only shown: octets that are no UTF-8 become U+FFFD, control characters stay. */
    public String text() {
        int length = length();
        var text = new String(array, position, length, StandardCharsets.UTF_8);
        position += length;
        return text;
    }

    /** A {@code string} that holds printable US-ASCII, as names do (RFC 4251 §6). */
    public String ascii() {
        int length = length();
        for (int i = position; i < position + length; i++) {
            if (array[i] < 0x20 || array[i] > 0x7e) {
                throw new ProtocolError(Rule.BAD_ENCODING, "a name is not printable US-ASCII");
            }
        }
        var text = new String(array, position, length, StandardCharsets.US_ASCII);
        position += length;
        return text;
    }

    /** A {@code name-list}: empty, or names between commas, at most {@link #MOST_NAMES}. */
    public List<String> nameList() {
        return names(ascii());
    }

    /** The names of a {@code name-list} that stands in a string of its own. */
    public static List<String> names(String list) {
        if (list.isEmpty()) {
            return List.of();
        }
        int count = 1;
        for (int comma = list.indexOf(','); comma >= 0; comma = list.indexOf(',', comma + 1)) {
            count++;
        }
        if (count > MOST_NAMES) {
            throw new ProtocolError(Rule.FIELD_TOO_LONG, count + " names in a list, at most " + MOST_NAMES);
        }
        var names = new String[count];
        int start = 0;
        for (int i = 0; i < count; i++) {
            int comma = list.indexOf(',', start);
            names[i] = list.substring(start, comma < 0 ? list.length() : comma);
            start = comma + 1;
        }
        return List.of(names);
    }

    /** An {@code mpint}, of at most {@code mostBits} bits; the shortest form is not asked for, as peers differ. */
    public BigInteger mpint(int mostBits) {
        int length = length();
        if (length > mostBits / 8 + 1) {
            throw new ProtocolError(Rule.FIELD_TOO_LONG, "an integer of " + length + " bytes");
        }
        var value = length == 0 ? BigInteger.ZERO : new BigInteger(array, position, length);
        position += length;
        return value;
    }

    /** Everything that is left. */
    public byte[] rest() {
        return bytes(remaining());
    }

    /** Throws {@link Rule#TRAILING_BYTES} unless all was read. */
    public void end() {
        if (position != end) {
            throw new ProtocolError(Rule.TRAILING_BYTES, remaining() + " bytes");
        }
    }

    private int length() {
        int length = int32();
        if (length < 0 || length > end - position) {
            throw new ProtocolError(Rule.TRUNCATED,
                    Integer.toUnsignedString(length) + " bytes announced, " + (end - position) + " left");
        }
        return length;
    }

    private void need(int count) {
        if (count > end - position) {
            throw new ProtocolError(Rule.TRUNCATED, count + " bytes needed, " + (end - position) + " left");
        }
    }
}
