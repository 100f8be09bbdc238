package homeport.ssh.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A cipher with a MAC that it can stand beside, and packets for it. */
record Suite(CipherAlgorithm cipher, MacAlgorithm mac) {

    static List<Suite> all() {
        var suites = new ArrayList<Suite>();
        for (var cipher : CipherAlgorithm.values()) {
            if (cipher == CipherAlgorithm.NONE) {
                continue;
            }
            for (var mac : MacAlgorithm.values()) {
                if (cipher.authenticated() == (mac == MacAlgorithm.NONE)) {
                    suites.add(new Suite(cipher, mac));
                }
            }
        }
        return suites;
    }

    InboundCipher inbound() {
        return cipher.inbound(mac, octets(1, cipher.keyBytes()), octets(2, cipher.ivBytes()),
                octets(3, mac.keyBytes()));
    }

    OutboundCipher outbound() {
        return cipher.outbound(mac, octets(1, cipher.keyBytes()), octets(2, cipher.ivBytes()),
                octets(3, mac.keyBytes()));
    }

    /** Bytes that look random and are always the same. */
    static byte[] octets(int seed, int count) {
        try {
            var made = new byte[count];
            byte[] block = {(byte) seed};
            for (int at = 0; at < count; at += block.length) {
                block = MessageDigest.getInstance("SHA-256").digest(block);
                System.arraycopy(block, 0, made, at, Math.min(block.length, count - at));
            }
            return made;
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** A length field's value for a packet of {@code blocks} blocks under this cipher. */
    static int length(OutboundCipher cipher, int blocks) {
        return blocks * cipher.blockBytes() - (cipher.lengthApart() ? 0 : 4);
    }

    /** A packet with its length field, at {@code offset} of an array with room for the tag. */
    static byte[] packet(OutboundCipher cipher, int offset, int length, int seed) {
        var array = new byte[offset + 4 + length + cipher.tagBytes()];
        System.arraycopy(octets(seed, length), 0, array, offset + 4, length);
        BigEndian.putInt32(array, offset, length);
        return array;
    }

    /** What {@link #packet} put behind the length field. */
    static byte[] content(byte[] array, int offset, int length) {
        return Arrays.copyOfRange(array, offset + 4, offset + 4 + length);
    }
}
