package homeport.ssh.key;

import homeport.ssh.crypto.Providers;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import java.security.MessageDigest;
import java.util.Base64;

/**
 * The SHA-256 of a key blob, by which people and records name a key. Its text is OpenSSH's: {@code SHA256:} and 43
 * characters of base64 without padding.
 */
public final class Fingerprint {
    private static final String PREFIX = "SHA256:";
    private static final int SIZE = 32;
    private static final int TEXT_LENGTH = PREFIX.length() + 43;

    private final byte[] digest;

    private Fingerprint(byte[] digest) {
        this.digest = digest;
    }

    /** Of a plain key's blob. */
    public static Fingerprint ofBlob(byte[] blob) {
        return new Fingerprint(Providers.digest("SHA-256").digest(blob));
    }

    /**
     * From its text. Padding and other digests are not accepted.
     *
     * @throws ProtocolError with {@code KEY_FORMAT}
     */
    public static Fingerprint parse(String text) {
        if (text.length() == TEXT_LENGTH && text.startsWith(PREFIX)) {
            try {
                byte[] digest = Base64.getDecoder().decode(text.substring(PREFIX.length()));
                var fingerprint = new Fingerprint(digest);
                // The last character holds two bits too many: only one spelling is right.
                if (digest.length == SIZE && fingerprint.toString().equals(text)) {
                    return fingerprint;
                }
            } catch (IllegalArgumentException e) {
                throw new ProtocolError(Rule.KEY_FORMAT, "a fingerprint is SHA256: and base64");
            }
        }
        throw new ProtocolError(Rule.KEY_FORMAT, "a fingerprint is SHA256: and 43 characters of base64");
    }

    /** The 32 octets; a copy. */
    public byte[] digest() {
        return digest.clone();
    }

    /** In constant time. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Fingerprint that && MessageDigest.isEqual(digest, that.digest);
    }

    @Override
    public int hashCode() {
        return (digest[0] & 0xff) << 24 | (digest[1] & 0xff) << 16 | (digest[2] & 0xff) << 8 | (digest[3] & 0xff);
    }

    /** {@code SHA256:…} */
    @Override
    public String toString() {
        return PREFIX + Base64.getEncoder().withoutPadding().encodeToString(digest);
    }
}
