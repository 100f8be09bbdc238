package homeport.ssh.crypto;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/** One direction's HMAC over {@code sequence number || packet} (RFC 4253 §6.4). */
final class PacketMac {
    private final MacAlgorithm algorithm;
    private final SessionKey key;
    private @Nullable Mac mac;

    PacketMac(MacAlgorithm algorithm, byte[] key) {
        this.algorithm = algorithm;
        this.key = new SessionKey(key, algorithm.providerName());
    }

    int bytes() {
        return algorithm.tagBytes();
    }

    /** Writes the code of {@code array[offset .. offset + length)} behind it. */
    void append(byte[] array, int offset, int length, int sequence) {
        compute(array, offset, length, sequence, array, offset + length);
    }

    /** Throws unless the code of {@code array[offset .. offset + length)} stands behind it. */
    void verify(byte[] array, int offset, int length, int sequence) {
        var wanted = new byte[bytes()];
        compute(array, offset, length, sequence, wanted, 0);
        byte[] found = Arrays.copyOfRange(array, offset + length, offset + length + wanted.length);
        if (!MessageDigest.isEqual(wanted, found)) {
            throw new ProtocolError(Rule.MAC);
        }
    }

    private void compute(byte[] array, int offset, int length, int sequence, byte[] code, int at) {
        try {
            var ready = mac();
            ready.update((byte) (sequence >>> 24));
            ready.update((byte) (sequence >>> 16));
            ready.update((byte) (sequence >>> 8));
            ready.update((byte) sequence);
            ready.update(array, offset, length);
            ready.doFinal(code, at);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm.providerName() + " does not work here", e);
        }
    }

    private Mac mac() throws GeneralSecurityException {
        var ready = mac;
        if (ready == null) {
            ready = Providers.mac(algorithm.providerName());
            ready.init(key);
            mac = ready;
        }
        return ready;
    }

    void rest() {
        mac = null;
    }

    void destroy() {
        rest();
        key.destroy();
    }
}
