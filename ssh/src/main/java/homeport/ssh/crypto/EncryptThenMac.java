package homeport.ssh.crypto;

/**
 * A block cipher with a MAC of the {@code -etm@openssh.com} kind: the length field stays in clear, the code covers it
 * and the cipher text, and is checked before anything is decrypted.
 */
final class EncryptThenMac implements InboundCipher, OutboundCipher {
    private static final int LENGTH_BYTES = 4;

    private final BlockCipherStream cipher;
    private final PacketMac mac;

    EncryptThenMac(BlockCipherStream cipher, PacketMac mac) {
        this.cipher = cipher;
        this.mac = mac;
    }

    @Override
    public int lengthBytes() {
        return LENGTH_BYTES;
    }

    @Override
    public int blockBytes() {
        return BlockCipherStream.BLOCK_BYTES;
    }

    @Override
    public boolean lengthApart() {
        return true;
    }

    @Override
    public int tagBytes() {
        return mac.bytes();
    }

    @Override
    public int length(byte[] array, int offset, int sequence) {
        return BigEndian.int32(array, offset);
    }

    @Override
    public void open(byte[] array, int offset, int length, int sequence) {
        mac.verify(array, offset, LENGTH_BYTES + length, sequence);
        cipher.transform(array, offset + LENGTH_BYTES, length);
    }

    @Override
    public void seal(byte[] array, int offset, int length, int sequence) {
        cipher.transform(array, offset + LENGTH_BYTES, length);
        mac.append(array, offset, LENGTH_BYTES + length, sequence);
    }

    @Override
    public void rest() {
        cipher.rest();
        mac.rest();
    }

    @Override
    public void destroy() {
        cipher.destroy();
        mac.destroy();
    }
}
