package homeport.ssh.key;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;

/** The key files beside these tests (see make-keys.sh there), and other small things that many tests want. */
final class TestKeys {
    static final String PASSPHRASE = "correct horse";

    private TestKeys() {}

    static byte[] file(String name) {
        try (var in = TestKeys.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalArgumentException("no test resource " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(String name) {
        return new String(file(name), StandardCharsets.UTF_8);
    }

    static PlainSigner signer(String name) {
        return PrivateKeys.read(name, file(name));
    }

    /** The blob in a one-line public key file. */
    static byte[] publicBlob(String name) {
        return Base64.getDecoder().decode(text(name).split(" ", 3)[1].strip());
    }

    /** {@code valid} with one to four random changes: bits, bytes, cuts, insertions, repetitions. */
    static byte[] mutated(byte[] valid, Random random) {
        byte[] bytes = valid.clone();
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
            if (bytes.length == 0) {
                return bytes;
            }
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt();
                case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0 : 0xff);
                case 3 -> bytes = java.util.Arrays.copyOf(bytes, at);
                case 4 -> bytes = splice(bytes, at, at, 1 + random.nextInt(8), random);
                default -> bytes = splice(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(8)), 0, random);
            }
        }
        return bytes;
    }

    private static byte[] splice(byte[] bytes, int from, int to, int inserted, Random random) {
        byte[] spliced = new byte[bytes.length - (to - from) + inserted];
        byte[] middle = new byte[inserted];
        random.nextBytes(middle);
        System.arraycopy(bytes, 0, spliced, 0, from);
        System.arraycopy(middle, 0, spliced, from, inserted);
        System.arraycopy(bytes, to, spliced, from + inserted, bytes.length - to);
        return spliced;
    }
}
