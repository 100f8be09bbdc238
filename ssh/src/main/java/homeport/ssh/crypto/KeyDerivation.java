package homeport.ssh.crypto;

import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Makes keys out of what a key exchange agreed on (RFC 4253 §7.2): {@code HASH(K || H || letter || session id)}, and as
 * often {@code HASH(K || H || all so far)} behind it as the length asks for.
 */
public final class KeyDerivation {
    /** Which way packets go, by SSH role and not by who dialled: each way has keys of its own. */
    public enum Direction {
        // @formatter:off
        CLIENT_TO_SERVER('A', 'C', 'E'),
        SERVER_TO_CLIENT('B', 'D', 'F');
        // @formatter:on

        private final char iv;
        private final char key;
        private final char macKey;

        Direction(char iv, char key, char macKey) {
            this.iv = iv;
            this.key = key;
            this.macKey = macKey;
        }
    }

    private final MessageDigest digest;
    private final byte[] sessionId;
    private final byte[] secretAndHash;

    /**
     * @param hash         the key exchange's hash, as JCA names it
     * @param secret       K as it entered the exchange hash, with its length field
     * @param exchangeHash H of this key exchange
     * @param sessionId    H of the connection's first key exchange
     */
    public KeyDerivation(String hash, byte[] secret, byte[] exchangeHash, byte[] sessionId) {
        this.digest = Providers.digest(hash);
        this.sessionId = sessionId.clone();
        this.secretAndHash = Arrays.copyOf(secret, secret.length + exchangeHash.length);
        System.arraycopy(exchangeHash, 0, secretAndHash, secret.length, exchangeHash.length);
    }

    /** {@code length} bytes for the letter {@code 'A'} to {@code 'F'}. */
    public byte[] derive(char letter, int length) {
        if (letter < 'A' || letter > 'F' || length < 0) {
            throw new IllegalArgumentException("letter " + letter + ", length " + length);
        }
        int hashBytes = digest.getDigestLength();
        var made = new byte[(length + hashBytes - 1) / hashBytes * hashBytes];
        try {
            for (int at = 0; at < made.length; at += hashBytes) {
                digest.update(secretAndHash);
                if (at == 0) {
                    digest.update((byte) letter);
                    digest.update(sessionId);
                } else {
                    digest.update(made, 0, at);
                }
                digest.digest(made, at, hashBytes);
            }
        } catch (DigestException e) {
            throw new IllegalStateException("the digest is longer than it says", e);
        }
        if (made.length == length) {
            return made;
        }
        byte[] key = Arrays.copyOf(made, length);
        Arrays.fill(made, (byte) 0);
        return key;
    }

    /** What opens the packets that come this way. */
    public InboundCipher inbound(Direction direction, CipherAlgorithm cipher, MacAlgorithm mac) {
        return cipher.inbound(mac, derive(direction.key, cipher.keyBytes()), derive(direction.iv, cipher.ivBytes()),
                derive(direction.macKey, cipher.authenticated() ? 0 : mac.keyBytes()));
    }

    /** What seals the packets that go this way. */
    public OutboundCipher outbound(Direction direction, CipherAlgorithm cipher, MacAlgorithm mac) {
        return cipher.outbound(mac, derive(direction.key, cipher.keyBytes()), derive(direction.iv, cipher.ivBytes()),
                derive(direction.macKey, cipher.authenticated() ? 0 : mac.keyBytes()));
    }

    /** Overwrites the shared secret. Nothing else may be called afterwards. */
    public void destroy() {
        Arrays.fill(secretAndHash, (byte) 0);
        digest.reset();
    }

    @Override
    public String toString() {
        return "KeyDerivation with " + digest.getAlgorithm();
    }
}
