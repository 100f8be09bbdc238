package homeport.ssh.crypto;

import homeport.ssh.wire.SshWriter;
import java.util.Arrays;

/** Shared secrets in the form in which they enter the exchange hash; what is left behind on the way is overwritten. */
final class Secrets {
    private Secrets() {}

    /** As an {@code mpint}, from the magnitude, which is overwritten. */
    static byte[] mpint(byte[] magnitude) {
        var writer = new SshWriter(magnitude.length + 5);
        byte[] encoded = writer.mpint(magnitude).toByteArray();
        writer.wipe();
        Arrays.fill(magnitude, (byte) 0);
        return encoded;
    }

    /** As a {@code string}, from its octets, which are overwritten. */
    static byte[] string(byte[] octets) {
        var writer = new SshWriter(octets.length + 4);
        byte[] encoded = writer.string(octets).toByteArray();
        writer.wipe();
        Arrays.fill(octets, (byte) 0);
        return encoded;
    }
}
