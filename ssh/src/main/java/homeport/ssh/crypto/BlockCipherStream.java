package homeport.ssh.crypto;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * One direction of AES in counter mode (RFC 4344 §4) or, for old devices, in cipher-block chaining (RFC 4253 §6.3): one
 * stream of blocks over all packets.
 *
 * <p>The register, which is the counter or the last block of cipher text, is kept beside the provider's object, so that
 * the object can be given up between any two calls and made again.
 */
final class BlockCipherStream {
    static final int BLOCK_BYTES = 16;
    /** The JDK copies all input that it must transform in place; up to here it may, beyond we copy into one scratch. */
    private static final int COPIED_BYTES = 256;
    private static final int SCRATCH_BYTES = 4096;

    /** How blocks are chained, by JCA's name. */
    enum Mode {
        CTR,
        CBC
    }

    private final Mode mode;
    private final boolean encrypting;
    private final SessionKey key;
    private final byte[] register;
    private @Nullable Cipher cipher;
    private byte @Nullable [] scratch;

    BlockCipherStream(Mode mode, boolean encrypting, byte[] key, byte[] register) {
        this.mode = mode;
        this.encrypting = encrypting;
        this.key = new SessionKey(key, "AES");
        this.register = register;
    }

    /** Encrypts or decrypts {@code length} bytes, whole blocks, in place. */
    void transform(byte[] array, int offset, int length) {
        if (length < 0 || length % BLOCK_BYTES != 0) {
            throw new ProtocolError(Rule.PACKET_LENGTH, "not whole blocks");
        }
        if (length == 0) {
            return;
        }
        try {
            var ready = cipher();
            if (mode == Mode.CBC && !encrypting) {
                System.arraycopy(array, offset + length - BLOCK_BYTES, register, 0, BLOCK_BYTES);
            }
            if (length <= COPIED_BYTES) {
                ready.update(array, offset, length, array, offset);
            } else {
                transformByScratch(ready, array, offset, length);
            }
            if (mode == Mode.CTR) {
                BigEndian.add(register, 0, BLOCK_BYTES, length / BLOCK_BYTES);
            } else if (encrypting) {
                System.arraycopy(array, offset + length - BLOCK_BYTES, register, 0, BLOCK_BYTES);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES/" + mode + " does not work here", e);
        }
    }

    private void transformByScratch(Cipher ready, byte[] array, int offset, int length)
            throws GeneralSecurityException {
        var copy = scratch;
        if (copy == null) {
            copy = new byte[SCRATCH_BYTES];
            scratch = copy;
        }
        for (int at = offset, end = offset + length; at < end; at += SCRATCH_BYTES) {
            int part = Math.min(SCRATCH_BYTES, end - at);
            System.arraycopy(array, at, copy, 0, part);
            ready.update(copy, 0, part, array, at);
        }
    }

    private Cipher cipher() throws GeneralSecurityException {
        var ready = cipher;
        if (ready == null) {
            ready = Providers.cipher("AES/" + mode + "/NoPadding");
            ready.init(encrypting ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE, key, new IvParameterSpec(register));
            cipher = ready;
        }
        return ready;
    }

    void rest() {
        cipher = null;
        scratch = null;
    }

    void destroy() {
        rest();
        key.destroy();
        Arrays.fill(register, (byte) 0);
    }
}
