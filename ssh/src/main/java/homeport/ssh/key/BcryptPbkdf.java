package homeport.ssh.key;

import homeport.ssh.crypto.Providers;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * {@code bcrypt_pbkdf}, by which OpenSSH makes a key out of a passphrase: PBKDF2's frame with a variant of bcrypt as its
 * function, from OpenBSD. Bouncy Castle has bcrypt for passwords only, with another salt size, constant and number of
 * rounds and no way to its parts, so the cipher's expensive key schedule stands here (Provos and Mazières, "A
 * Future-Adaptable Password Scheme", 1999; Schneier's Blowfish).
 */
final class BcryptPbkdf {
    /** About 15 s of one core for a 48-byte key; {@code ssh-keygen} writes 16 or 24 unless told otherwise. */
    static final int MOST_ROUNDS = 1024;
    static final int MOST_SALT_BYTES = 1024;
    private static final int BLOCK_BYTES = 32;
    /** Of the inner bcrypt, a constant here: 2^6. */
    private static final int EXPENSIVE_ROUNDS = 64;
    private static final byte[] CONSTANT = "OxychromaticBlowfishSwatDynamite".getBytes(StandardCharsets.US_ASCII);

    private BcryptPbkdf() {}

    /**
     * Derives {@code size} octets.
     *
     * @param passphrase at least one octet
     * @param rounds 1 to {@link #MOST_ROUNDS}
     */
    static byte[] derive(byte[] passphrase, byte[] salt, int rounds, int size) {
        var sha512 = Providers.digest("SHA-512");
        byte[] hashedPassphrase = sha512.digest(passphrase);
        var cipher = new Blowfish();
        byte[] derived = new byte[size];
        // The blocks' bytes are dealt out in turn, so that every block is needed for any part of the key.
        int blocks = (size + BLOCK_BYTES - 1) / BLOCK_BYTES;
        for (int block = 0; block < blocks; block++) {
            byte[] sum = block(cipher, sha512, hashedPassphrase, salt, block + 1, rounds);
            for (int i = 0, at = block; i < BLOCK_BYTES && at < size; i++, at += blocks) {
                derived[at] = sum[i];
            }
            Arrays.fill(sum, (byte) 0);
        }
        Arrays.fill(hashedPassphrase, (byte) 0);
        cipher.wipe();
        return derived;
    }

    private static byte[] block(Blowfish cipher, MessageDigest sha512, byte[] hashedPassphrase, byte[] salt, int number,
            int rounds) {
        sha512.update(salt);
        byte[] hashedSalt = sha512.digest(new byte[]{(byte) (number >>> 24), (byte) (number >>> 16),
                (byte) (number >>> 8), (byte) number});
        byte[] out = hash(cipher, hashedPassphrase, hashedSalt);
        byte[] sum = out.clone();
        for (int round = 1; round < rounds; round++) {
            out = hash(cipher, hashedPassphrase, sha512.digest(out));
            for (int i = 0; i < sum.length; i++) {
                sum[i] ^= out[i];
            }
        }
        return sum;
    }

    private static byte[] hash(Blowfish cipher, byte[] hashedPassphrase, byte[] hashedSalt) {
        int[] key = words(hashedPassphrase);
        int[] salt = words(hashedSalt);
        int[] none = new int[salt.length];
        cipher.reset();
        cipher.expand(key, salt);
        for (int i = 0; i < EXPENSIVE_ROUNDS; i++) {
            cipher.expand(salt, none);
            cipher.expand(key, none);
        }
        int[] text = words(CONSTANT);
        for (int i = 0; i < EXPENSIVE_ROUNDS; i++) {
            for (int at = 0; at < text.length; at += 2) {
                cipher.encrypt(text, at);
            }
        }
        byte[] out = new byte[BLOCK_BYTES];
        for (int i = 0; i < text.length; i++) {
            for (int octet = 0; octet < 4; octet++) {
                out[4 * i + octet] = (byte) (text[i] >>> (8 * octet));
            }
        }
        return out;
    }

    private static int[] words(byte[] octets) {
        int[] words = new int[octets.length / 4];
        for (int i = 0; i < octets.length; i++) {
            words[i / 4] = words[i / 4] << 8 | (octets[i] & 0xff);
        }
        return words;
    }

    /** The cipher's state and its key schedule with a salt ("EksBlowfish"). */
    private static final class Blowfish {
        private static final int SUBKEYS = 18;
        private static final int BOXES = 4 * 256;
        /** What the state starts from: the fraction of pi, 32 bits at a time. */
        private static final int[] PI = pi();

        private final int[] subkeys = new int[SUBKEYS];
        private final int[] boxes = new int[BOXES];

        void reset() {
            System.arraycopy(PI, 0, subkeys, 0, SUBKEYS);
            System.arraycopy(PI, SUBKEYS, boxes, 0, BOXES);
        }

        /** @param salt of an even number of words, all zero where the schedule has no salt */
        void expand(int[] key, int[] salt) {
            for (int i = 0; i < SUBKEYS; i++) {
                subkeys[i] ^= key[i % key.length];
            }
            int[] pair = new int[2];
            int at = fill(subkeys, pair, salt, 0);
            fill(boxes, pair, salt, at);
        }

        private int fill(int[] table, int[] pair, int[] salt, int from) {
            int at = from;
            for (int i = 0; i < table.length; i += 2) {
                pair[0] ^= salt[at];
                pair[1] ^= salt[at + 1];
                at = (at + 2) % salt.length;
                encrypt(pair, 0);
                table[i] = pair[0];
                table[i + 1] = pair[1];
            }
            return at;
        }

        void encrypt(int[] text, int at) {
            int left = text[at] ^ subkeys[0];
            int right = text[at + 1];
            for (int i = 1; i < SUBKEYS - 1; i += 2) {
                right ^= mix(left) ^ subkeys[i];
                left ^= mix(right) ^ subkeys[i + 1];
            }
            text[at] = right ^ subkeys[SUBKEYS - 1];
            text[at + 1] = left;
        }

        private int mix(int word) {
            return (boxes[word >>> 24] + boxes[256 + (word >>> 16 & 0xff)] ^ boxes[512 + (word >>> 8 & 0xff)])
                    + boxes[768 + (word & 0xff)];
        }

        void wipe() {
            Arrays.fill(subkeys, 0);
            Arrays.fill(boxes, 0);
        }

        /** By Machin's formula, pi = 16 arctan(1/5) - 4 arctan(1/239), in fixed point; some 30 ms, once. */
        private static int[] pi() {
            int bits = 32 * (SUBKEYS + BOXES);
            int guard = 64;
            BigInteger pi = arctanOfInverse(5, bits + guard).shiftLeft(4)
                    .subtract(arctanOfInverse(239, bits + guard).shiftLeft(2)).shiftRight(guard);
            int[] fraction = new int[SUBKEYS + BOXES];
            for (int i = fraction.length - 1; i >= 0; i--) {
                fraction[i] = pi.intValue();
                pi = pi.shiftRight(32);
            }
            return fraction;
        }

        private static BigInteger arctanOfInverse(int x, int bits) {
            BigInteger square = BigInteger.valueOf((long) x * x);
            BigInteger power = BigInteger.ONE.shiftLeft(bits).divide(BigInteger.valueOf(x));
            BigInteger sum = power;
            for (int n = 3; power.signum() != 0; n += 2) {
                power = power.divide(square);
                BigInteger term = power.divide(BigInteger.valueOf(n));
                sum = n % 4 == 3 ? sum.subtract(term) : sum.add(term);
            }
            return sum;
        }
    }
}
