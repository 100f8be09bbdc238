package homeport.ssh.crypto;

/** No cipher and no code: packets before the first key exchange ends (RFC 4253 §6). It keeps nothing. */
final class PlainPackets implements InboundCipher, OutboundCipher {
    static final PlainPackets INSTANCE = new PlainPackets();
    private static final int LENGTH_BYTES = 4;
    private static final int ALIGNMENT_BYTES = 8;

    private PlainPackets() {}

    @Override
    public int lengthBytes() {
        return LENGTH_BYTES;
    }

    @Override
    public int blockBytes() {
        return ALIGNMENT_BYTES;
    }

    @Override
    public boolean lengthApart() {
        return false;
    }

    @Override
    public int tagBytes() {
        return 0;
    }

    @Override
    public int length(byte[] array, int offset, int sequence) {
        return BigEndian.int32(array, offset);
    }

    @Override
    public void open(byte[] array, int offset, int length, int sequence) {
        // Already open.
    }

    @Override
    public void seal(byte[] array, int offset, int length, int sequence) {
        // Sent as it is.
    }

    @Override
    public void rest() {
        // Nothing to give up.
    }

    @Override
    public void destroy() {
        // No keys.
    }
}
