package homeport.ssh.key;

import java.util.Arrays;
import javax.security.auth.Destroyable;

/** The device's side of an {@link HmacKeyId}: proves that it has the secret. */
public final class HmacSigner implements Signer, Destroyable {
    private final HmacKeyId publicKey;
    private final byte[] secret;
    private volatile boolean destroyed;

    /**
     * @param secret copied; 16 to 1024 octets
     * @throws IllegalArgumentException if the secret is too short or too long
     */
    public HmacSigner(HmacKeyId publicKey, byte[] secret) {
        if (secret.length < HmacKeyId.LEAST_SECRET_BYTES || secret.length > HmacKeyId.MOST_SECRET_BYTES) {
            throw new IllegalArgumentException("a secret is " + HmacKeyId.LEAST_SECRET_BYTES + " to "
                    + HmacKeyId.MOST_SECRET_BYTES + " bytes, this has " + secret.length);
        }
        this.publicKey = publicKey;
        this.secret = secret.clone();
    }

    @Override
    public HmacKeyId publicKey() {
        return publicKey;
    }

    @Override
    public byte[] sign(KeyAlgorithm algorithm, byte[] data) {
        if (!publicKey.algorithms().contains(algorithm)) {
            throw new IllegalArgumentException(publicKey + " does not sign by " + algorithm.wireName());
        }
        if (destroyed) {
            throw new IllegalStateException("the secret of " + publicKey + " was destroyed");
        }
        return publicKey.proof(secret, data);
    }

    /** Overwrites the secret. */
    @Override
    public void destroy() {
        destroyed = true;
        Arrays.fill(secret, (byte) 0);
    }

    @Override
    public boolean isDestroyed() {
        return destroyed;
    }

    @Override
    public String toString() {
        return "signer of " + publicKey;
    }
}
