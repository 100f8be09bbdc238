package homeport.ssh.crypto;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.ChaCha20ParameterSpec;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.jspecify.annotations.Nullable;

/**
 * {@code chacha20-poly1305@openssh.com} (OpenSSH's PROTOCOL.chacha20poly1305), one direction: the length field and the
 * rest are encrypted under keys of their own, with the packet's sequence number as the nonce; the first block of the
 * payload's key stream is the packet's Poly1305 key, and the code covers the cipher text of both.
 *
 * <p>OpenSSH's 8-byte nonce and 8-byte block counter are RFC 8439's 12-byte nonce with four zeros before it, as no packet
 * has 2^32 blocks. ChaCha20 is the JDK's, which has vector code for it; Poly1305 is Bouncy Castle's, because the JDK's
 * can be had only in RFC 8439's own construction.
 */
final class ChaCha20Poly1305 implements InboundCipher, OutboundCipher {
    static final int KEY_BYTES = 64;
    private static final int HALF = KEY_BYTES / 2;
    private static final int CHACHA_BLOCK_BYTES = 64;
    private static final int ALIGNMENT_BYTES = 8;
    private static final int TAG_BYTES = 16;
    private static final int LENGTH_BYTES = 4;
    private static final int NONCE_BYTES = 12;

    private final int mode;
    private final SessionKey payloadKey;
    private final SessionKey lengthKey;
    private @Nullable Contexts contexts;

    private ChaCha20Poly1305(int mode, byte[] key) {
        this.mode = mode;
        this.payloadKey = new SessionKey(Arrays.copyOfRange(key, 0, HALF), "ChaCha20");
        this.lengthKey = new SessionKey(Arrays.copyOfRange(key, HALF, KEY_BYTES), "ChaCha20");
        Arrays.fill(key, (byte) 0);
    }

    static ChaCha20Poly1305 inbound(byte[] key) {
        return new ChaCha20Poly1305(Cipher.DECRYPT_MODE, key);
    }

    static ChaCha20Poly1305 outbound(byte[] key) {
        return new ChaCha20Poly1305(Cipher.ENCRYPT_MODE, key);
    }

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
        return true;
    }

    @Override
    public int tagBytes() {
        return TAG_BYTES;
    }

    @Override
    public int length(byte[] array, int offset, int sequence) {
        try {
            var ready = contexts();
            // The array keeps the cipher text, which the code covers.
            ready.begin(mode, lengthKey, sequence).update(array, offset, LENGTH_BYTES, ready.block, 0);
            return BigEndian.int32(ready.block, 0);
        } catch (GeneralSecurityException e) {
            throw unusable(e);
        }
    }

    @Override
    public void open(byte[] array, int offset, int length, int sequence) {
        try {
            var ready = contexts();
            var cipher = ready.begin(mode, payloadKey, sequence);
            ready.takePolyKey();
            ready.poly.update(array, offset, LENGTH_BYTES + length);
            int end = offset + LENGTH_BYTES + length;
            ready.poly.doFinal(ready.tag, 0);
            if (!MessageDigest.isEqual(ready.tag, Arrays.copyOfRange(array, end, end + TAG_BYTES))) {
                throw new ProtocolError(Rule.MAC);
            }
            cipher.update(array, offset + LENGTH_BYTES, length, array, offset + LENGTH_BYTES);
        } catch (GeneralSecurityException e) {
            throw unusable(e);
        }
    }

    @Override
    public void seal(byte[] array, int offset, int length, int sequence) {
        try {
            var ready = contexts();
            ready.begin(mode, lengthKey, sequence).update(array, offset, LENGTH_BYTES, array, offset);
            var cipher = ready.begin(mode, payloadKey, sequence);
            ready.takePolyKey();
            cipher.update(array, offset + LENGTH_BYTES, length, array, offset + LENGTH_BYTES);
            ready.poly.update(array, offset, LENGTH_BYTES + length);
            ready.poly.doFinal(array, offset + LENGTH_BYTES + length);
        } catch (GeneralSecurityException e) {
            throw unusable(e);
        }
    }

    private Contexts contexts() {
        var ready = contexts;
        if (ready == null) {
            ready = new Contexts();
            contexts = ready;
        }
        return ready;
    }

    @Override
    public void rest() {
        contexts = null;
    }

    @Override
    public void destroy() {
        contexts = null;
        payloadKey.destroy();
        lengthKey.destroy();
    }

    private static IllegalStateException unusable(GeneralSecurityException e) {
        return new IllegalStateException("ChaCha20 does not work here", e);
    }

    /** What a busy direction keeps between packets and a resting one does not. */
    private static final class Contexts {
        final Cipher cipher = Providers.cipher("ChaCha20");
        final Poly1305 poly = new Poly1305();
        final byte[] nonce = new byte[NONCE_BYTES];
        final byte[] block = new byte[CHACHA_BLOCK_BYTES];
        final byte[] tag = new byte[TAG_BYTES];

        /** The key stream from block 0. */
        Cipher begin(int mode, SessionKey key, int sequence) throws GeneralSecurityException {
            BigEndian.putInt32(nonce, NONCE_BYTES - Integer.BYTES, sequence);
            cipher.init(mode, key, new ChaCha20ParameterSpec(nonce, 0));
            return cipher;
        }

        /** Uses block 0 up; the payload then begins with block 1. */
        void takePolyKey() throws GeneralSecurityException {
            Arrays.fill(block, (byte) 0);
            cipher.update(block, 0, CHACHA_BLOCK_BYTES, block, 0);
            poly.init(new KeyParameter(block, 0, HALF));
            Arrays.fill(block, (byte) 0);
        }
    }
}
