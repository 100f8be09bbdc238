package homeport.ssh.key;

import homeport.ssh.crypto.Providers;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.engines.ChaChaEngine;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/** The ciphers of OpenSSH's private key files. The derived bytes are the key, then the IV. */
enum KeyFileCipher {
    AES128_CTR("aes128-ctr", "AES/CTR/NoPadding", 16, 16, 16, 0), //
    AES192_CTR("aes192-ctr", "AES/CTR/NoPadding", 24, 16, 16, 0), //
    AES256_CTR("aes256-ctr", "AES/CTR/NoPadding", 32, 16, 16, 0), //
    AES128_CBC("aes128-cbc", "AES/CBC/NoPadding", 16, 16, 16, 0), //
    AES192_CBC("aes192-cbc", "AES/CBC/NoPadding", 24, 16, 16, 0), //
    AES256_CBC("aes256-cbc", "AES/CBC/NoPadding", 32, 16, 16, 0), //
    AES128_GCM("aes128-gcm@openssh.com", "AES/GCM/NoPadding", 16, 12, 16, 16), //
    AES256_GCM("aes256-gcm@openssh.com", "AES/GCM/NoPadding", 32, 12, 16, 16), //
    /** With packet number 0 and nothing in the clear; of its two keys only the first is used then. */
    CHACHA20_POLY1305("chacha20-poly1305@openssh.com", "", 64, 0, 8, 16);

    private final String wireName;
    private final String transformation;
    private final int keyBytes;
    private final int ivBytes;
    private final int blockBytes;
    private final int tagBytes;

    KeyFileCipher(String wireName, String transformation, int keyBytes, int ivBytes, int blockBytes, int tagBytes) {
        this.wireName = wireName;
        this.transformation = transformation;
        this.keyBytes = keyBytes;
        this.ivBytes = ivBytes;
        this.blockBytes = blockBytes;
        this.tagBytes = tagBytes;
    }

    static Optional<KeyFileCipher> byName(String wireName) {
        for (var cipher : values()) {
            if (cipher.wireName.equals(wireName)) {
                return Optional.of(cipher);
            }
        }
        return Optional.empty();
    }

    String wireName() {
        return wireName;
    }

    int keyBytes() {
        return keyBytes;
    }

    int ivBytes() {
        return ivBytes;
    }

    /** What the private part is padded to. */
    int blockBytes() {
        return blockBytes;
    }

    /** Octets that stand behind the private part. */
    int tagBytes() {
        return tagBytes;
    }

    /** @return empty when the tag does not match */
    Optional<byte[]> decrypt(byte[] derived, byte[] encrypted, byte[] tag) {
        if (this == CHACHA20_POLY1305) {
            return chacha(derived, encrypted, tag);
        }
        byte[] sealed = Arrays.copyOf(encrypted, encrypted.length + tag.length);
        System.arraycopy(tag, 0, sealed, encrypted.length, tag.length);
        try {
            return Optional.of(cipher(Cipher.DECRYPT_MODE, derived).doFinal(sealed));
        } catch (AEADBadTagException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime does not decrypt " + transformation, e);
        }
    }

    /** For the ciphers without a tag. */
    byte[] encrypt(byte[] derived, byte[] open) {
        try {
            return cipher(Cipher.ENCRYPT_MODE, derived).doFinal(open);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime does not encrypt " + transformation, e);
        }
    }

    private Cipher cipher(int mode, byte[] derived) throws GeneralSecurityException {
        var key = new SecretKeySpec(derived, 0, keyBytes, "AES");
        var cipher = Providers.cipher(transformation);
        cipher.init(mode, key,
                tagBytes > 0
                        ? new GCMParameterSpec(8 * tagBytes, derived, keyBytes, ivBytes)
                        : new IvParameterSpec(derived, keyBytes, ivBytes));
        return cipher;
    }

    private static Optional<byte[]> chacha(byte[] derived, byte[] encrypted, byte[] tag) {
        var stream = new ChaChaEngine(20);
        stream.init(true, new ParametersWithIV(new KeyParameter(derived, 0, 32), new byte[8]));
        byte[] block = new byte[64];
        stream.processBytes(block, 0, block.length, block, 0);
        var mac = new Poly1305();
        mac.init(new KeyParameter(block, 0, 32));
        mac.update(encrypted, 0, encrypted.length);
        byte[] expected = new byte[16];
        mac.doFinal(expected, 0);
        if (!MessageDigest.isEqual(expected, tag)) {
            return Optional.empty();
        }
        byte[] open = new byte[encrypted.length];
        stream.processBytes(encrypted, 0, encrypted.length, open, 0);
        return Optional.of(open);
    }
}
