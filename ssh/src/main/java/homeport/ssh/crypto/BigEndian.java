package homeport.ssh.crypto;

/** Integers inside arrays, big end first. */
final class BigEndian {
    private BigEndian() {}

    static int int32(byte[] array, int at) {
        return (array[at] & 0xff) << 24 | (array[at + 1] & 0xff) << 16 | (array[at + 2] & 0xff) << 8
                | (array[at + 3] & 0xff);
    }

    static void putInt32(byte[] array, int at, int value) {
        array[at] = (byte) (value >>> 24);
        array[at + 1] = (byte) (value >>> 16);
        array[at + 2] = (byte) (value >>> 8);
        array[at + 3] = (byte) value;
    }

    /** Adds one to the integer at {@code array[at .. at + length)}, which wraps. */
    static void increment(byte[] array, int at, int length) {
        add(array, at, length, 1);
    }

    /** Adds {@code count}, not negative, to the integer at {@code array[at .. at + length)}, which wraps. */
    static void add(byte[] array, int at, int length, long count) {
        long carry = count;
        for (int i = at + length - 1; i >= at && carry != 0; i--) {
            carry += array[i] & 0xff;
            array[i] = (byte) carry;
            carry >>>= 8;
        }
    }
}
