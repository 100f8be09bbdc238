package homeport.ssh.key;

import java.util.List;

/** A public key, certificate, certificate chain or key id, as a peer presents it in a blob. */
public sealed interface SshPublicKey permits PlainKey, OpenSshCertificate, X509Chain, HmacKeyId {
    /** The name at the start of the blob, such as {@code ssh-ed25519}. */
    String type();

    /** The blob (RFC 4253 §6.6). The caller must not change it. */
    byte[] blob();

    /** The algorithms by which this key can sign, the preferred first; without SHA-1. */
    List<KeyAlgorithm> algorithms();

    /**
     * Whether {@code signature} was made over {@code data} by this key. Says nothing about whether the key, or the
     * certificate it stands in, is to be trusted. Always false for an {@link HmacKeyId}: its proof needs the secret.
     *
     * @param algorithm the one that was negotiated or asked for; the name inside the signature must match it
     * @param signature the signature blob
     * @return false too when the signature is malformed
     */
    boolean verify(KeyAlgorithm algorithm, byte[] data, byte[] signature);

    /** SHA-256 of the plain key's blob, so that a key and its certificates share one. */
    Fingerprint fingerprint();

    /**
     * Parses any blob that this engine knows; RSA from {@link PlainKey#LEAST_RSA_BITS} on.
     *
     * @param blob kept, not copied
     * @throws homeport.ssh.wire.ProtocolError with {@code KEY_FORMAT} or {@code KEY_NOT_SUPPORTED}
     */
    static SshPublicKey parse(byte[] blob) {
        return KeyBlobs.parse(blob, PlainKey.LEAST_RSA_BITS);
    }

    /**
     * As {@link #parse(byte[])}, with the smallest RSA key stated: {@link PlainKey#LEGACY_RSA_BITS} only for a peer
     * whose record says so.
     */
    static SshPublicKey parse(byte[] blob, int leastRsaBits) {
        return KeyBlobs.parse(blob, leastRsaBits);
    }
}
