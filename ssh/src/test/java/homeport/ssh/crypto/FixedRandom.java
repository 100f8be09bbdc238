package homeport.ssh.crypto;

import java.security.SecureRandom;

/** Gives the octets it was made with, and then stops the test. */
final class FixedRandom extends SecureRandom {
    private final byte[] octets;
    private int given;

    FixedRandom(byte[] octets) {
        this.octets = octets;
    }

    @Override
    public void nextBytes(byte[] bytes) {
        if (bytes.length > octets.length - given) {
            throw new AssertionError("more randomness is asked for than was expected");
        }
        System.arraycopy(octets, given, bytes, 0, bytes.length);
        given += bytes.length;
    }
}
