package homeport.ssh.crypto;

/** Seals outgoing packets in place: one direction's cipher with its authentication (RFC 4253 §6). */
public interface OutboundCipher {
    /** What the padded packet is a multiple of; at least 8. */
    int blockBytes();

    /** Whether the padding aligns {@code length} alone (AEAD and encrypt-then-MAC), not {@code 4 + length}. */
    boolean lengthApart();

    /** Bytes of tag or MAC that {@link #seal} adds behind the packet. */
    int tagBytes();

    /**
     * Encrypts the packet at {@code array[offset .. offset + 4 + length)}, which begins with its length field in clear,
     * and writes {@link #tagBytes()} behind it.
     */
    void seal(byte[] array, int offset, int length, int sequence);

    /** Gives up what can be made again from the keys; the next packet makes it. */
    void rest();

    /** Overwrites the keys. Nothing else may be called afterwards. */
    void destroy();
}
