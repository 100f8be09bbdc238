package homeport.ssh.wire;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Turns what is valid into what nearly is. */
public final class Mutations {
    /** Lengths and counts that code gets wrong. */
    private static final int[] AWKWARD = {0, 1, 4, 255, 256, 32767, 32768, 65535, 65536, 1 << 20, Integer.MAX_VALUE,
            Integer.MIN_VALUE, -1, -4};

    private Mutations() {}

    /** {@code valid} with one to four changes: bits, bytes, numbers, cuts, repetitions, pieces of {@code others}. */
    public static byte[] mutated(byte[] valid, List<byte[]> others, RandomGenerator random) {
        byte[] bytes = valid.clone();
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
            if (bytes.length == 0) {
                return new byte[]{(byte) random.nextInt()};
            }
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(8)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt();
                case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0 : 0xff);
                case 3 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
                case 4 -> {
                    int value = AWKWARD[random.nextInt(AWKWARD.length)];
                    for (int i = 0; i < 4 && at + i < bytes.length; i++) {
                        bytes[at + i] = (byte) (value >>> (24 - 8 * i));
                    }
                }
                case 5 -> {
                    byte[] other = others.get(random.nextInt(others.size()));
                    int from = other.length == 0 ? 0 : random.nextInt(other.length);
                    bytes = spliced(bytes, at, at, Arrays.copyOfRange(other, from, other.length));
                }
                case 6 -> bytes = spliced(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(8)), new byte[0]);
                default -> {
                    var more = new byte[random.nextInt(200)];
                    random.nextBytes(more);
                    bytes = spliced(bytes, at, at, more);
                }
            }
        }
        return bytes.length == 0 ? new byte[]{0} : bytes;
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] middle) {
        var made = new byte[bytes.length - (to - from) + middle.length];
        System.arraycopy(bytes, 0, made, 0, from);
        System.arraycopy(middle, 0, made, from, middle.length);
        System.arraycopy(bytes, to, made, from + middle.length, bytes.length - to);
        return made;
    }
}
