package homeport.ssh.crypto;

/**
 * Opens incoming packets in place: one direction's cipher with its authentication (RFC 4253 §6).
 *
 * <p>Per packet: {@link #length} as soon as {@link #lengthBytes()} bytes are there, exactly once; then {@link #open} when
 * {@code 4 + length + tagBytes()} are.
 */
public interface InboundCipher {
    /** How many bytes must have come before the packet's length can be known. */
    int lengthBytes();

    /** What {@code 4 + length}, or {@code length} where the length field is not encrypted, is a multiple of; at least 8. */
    int blockBytes();

    /** Whether the padding aligns {@code length} alone (AEAD and encrypt-then-MAC), not {@code 4 + length}. */
    boolean lengthApart();

    /** Bytes of tag or MAC behind the packet. */
    int tagBytes();

    /**
     * The packet_length field, not yet authenticated: the caller checks it against its limit before it waits for more.
     *
     * @return the field as a signed 32-bit value; may be anything
     */
    int length(byte[] array, int offset, int sequence);

    /**
     * Authenticates and decrypts: afterwards {@code array[offset + 4 .. offset + 4 + length)} is plain text
     * (padding_length, payload, padding).
     *
     * @throws homeport.ssh.wire.ProtocolError with {@code MAC}; the array then holds nothing of use
     */
    void open(byte[] array, int offset, int length, int sequence);

    /** Gives up what can be made again from the keys; the next packet makes it. */
    void rest();

    /** Overwrites the keys. Nothing else may be called afterwards. */
    void destroy();
}
