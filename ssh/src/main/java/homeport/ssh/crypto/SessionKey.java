package homeport.ssh.crypto;

import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import javax.crypto.SecretKey;

/**
 * A symmetric key that can be overwritten: JCA's own {@code SecretKeySpec} keeps a copy that cannot.
 *
 * <p>Providers take what {@link #getEncoded()} gives, a copy, and overwrite it themselves or keep it as long as the
 * cipher object lives; that part of a key's life is theirs.
 */
final class SessionKey implements SecretKey {
    private static final long serialVersionUID = 1L;

    private final transient byte[] octets;
    private final String algorithm;

    /** The octets belong to this key from here on. */
    SessionKey(byte[] octets, String algorithm) {
        this.octets = octets;
        this.algorithm = algorithm;
    }

    @Override
    public String getAlgorithm() {
        return algorithm;
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    @Override
    public byte[] getEncoded() {
        return octets.clone();
    }

    @Override
    public void destroy() {
        Arrays.fill(octets, (byte) 0);
    }

    @Override
    public boolean isDestroyed() {
        for (byte octet : octets) {
            if (octet != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return algorithm + " key";
    }

    private void writeObject(ObjectOutputStream out) throws NotSerializableException {
        throw new NotSerializableException("session keys do not leave the process");
    }
}
