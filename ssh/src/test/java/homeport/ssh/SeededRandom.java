package homeport.ssh;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/** A random source that a seed decides, so that what was made with it can be made again. For tests only. */
final class SeededRandom extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final transient MessageDigest digest;
    private final long seed;
    private long blocks;
    private byte[] block = new byte[0];
    private int used;

    SeededRandom(long seed) {
        this.seed = seed;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void nextBytes(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (used == block.length) {
                block = digest.digest(ByteBuffer.allocate(16).putLong(seed).putLong(blocks++).array());
                used = 0;
            }
            bytes[i] = block[used++];
        }
    }

    @Override
    public String getAlgorithm() {
        return "seeded for a test";
    }
}
