package homeport.ssh.crypto;

import homeport.ssh.wire.ProtocolError;
import java.util.Arrays;

/**
 * A block cipher with a MAC as RFC 4253 §6.4 has it: all of the packet is encrypted, its length too, and the code covers
 * the plain text.
 *
 * <p>A wrong code is told only after the whole packet was decrypted, whatever the plain text looks like.
 */
final class EncryptAndMac implements InboundCipher, OutboundCipher {
    private static final int LENGTH_BYTES = 4;

    private final BlockCipherStream cipher;
    private final PacketMac mac;

    EncryptAndMac(BlockCipherStream cipher, PacketMac mac) {
        this.cipher = cipher;
        this.mac = mac;
    }

    @Override
    public int lengthBytes() {
        return BlockCipherStream.BLOCK_BYTES;
    }

    @Override
    public int blockBytes() {
        return BlockCipherStream.BLOCK_BYTES;
    }

    @Override
    public boolean lengthApart() {
        return false;
    }

    @Override
    public int tagBytes() {
        return mac.bytes();
    }

    @Override
    public int length(byte[] array, int offset, int sequence) {
        cipher.transform(array, offset, BlockCipherStream.BLOCK_BYTES);
        return BigEndian.int32(array, offset);
    }

    @Override
    public void open(byte[] array, int offset, int length, int sequence) {
        int known = BlockCipherStream.BLOCK_BYTES;
        cipher.transform(array, offset + known, LENGTH_BYTES + length - known);
        try {
            mac.verify(array, offset, LENGTH_BYTES + length, sequence);
        } catch (ProtocolError e) {
            Arrays.fill(array, offset, offset + LENGTH_BYTES + length, (byte) 0);
            throw e;
        }
    }

    @Override
    public void seal(byte[] array, int offset, int length, int sequence) {
        mac.append(array, offset, LENGTH_BYTES + length, sequence);
        cipher.transform(array, offset, LENGTH_BYTES + length);
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
