package homeport.gateway.inventory;

import homeport.gateway.inventory.InventoryError.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals secrets for the database with AES-256-GCM under a key that lies in a file of its own, so that a copy of the
 * database alone opens nothing. Safe for many threads.
 *
 * <pre>
 * byte 1 (form), byte[8] name of the key, byte[12] nonce, ciphertext with a tag of 16 bytes
 * </pre>
 *
 * What a secret is for, and whose it is, is authenticated with it: a sealed secret does not open in another row.
 * Nonces are random: a collision has a chance of 2^-33 after 2^32 secrets (NIST SP 800-38D §8.3).
 */
public final class Sealer {
    private static final int KEY_BYTES = 32;
    private static final int NAME_BYTES = 8;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final int HEADER_BYTES = 1 + NAME_BYTES + NONCE_BYTES;
    private static final byte FORM = 1;
    /** Private keys of RSA-16384 are the largest secrets there are, with 13 KiB. */
    private static final int MOST_SECRET_BYTES = 64 << 10;

    private final SecretKey key;
    private final byte[] name;
    private final SecureRandom random;

    private Sealer(byte[] key, SecureRandom random) {
        this.key = new SecretKeySpec(key, "AES");
        this.random = random;
        name = Arrays.copyOf(sha256("homeport key name".getBytes(StandardCharsets.US_ASCII), key), NAME_BYTES);
    }

    /**
     * Reads the key, or makes the file with a new one, of mode 0600.
     *
     * @throws InventoryError with {@code KEY_FILE} when the file is none, or others may read it
     */
    public static Sealer open(Path file, SecureRandom random) {
        try {
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                byte[] fresh = new byte[KEY_BYTES];
                random.nextBytes(fresh);
                SecretFile.create(file, fresh);
            }
            SecretFile.exposed(file).ifPresent(exposed -> {
                throw new InventoryError(Problem.KEY_FILE, exposed);
            });
            byte[] key;
            try (var in = Files.newInputStream(file)) {
                key = in.readNBytes(KEY_BYTES + 1);
            }
            try {
                if (key.length != KEY_BYTES) {
                    throw new InventoryError(Problem.KEY_FILE, file + " is not " + KEY_BYTES + " bytes long");
                }
                return new Sealer(key, random);
            } finally {
                Arrays.fill(key, (byte) 0);
            }
        } catch (IOException e) {
            throw new InventoryError(Problem.KEY_FILE, file + " cannot be read", e);
        }
    }

    /**
     * Seals a secret. It stays the caller's to overwrite.
     *
     * @param purpose such as {@code device-secret}
     * @param owner such as the device's id
     */
    byte[] seal(String purpose, String owner, byte[] secret) {
        if (secret.length > MOST_SECRET_BYTES) {
            throw new IllegalArgumentException("a secret of " + secret.length + " bytes");
        }
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            var cipher = cipher(Cipher.ENCRYPT_MODE, nonce, purpose, owner);
            return ByteBuffer.allocate(HEADER_BYTES + secret.length + TAG_BYTES).put(FORM).put(name).put(nonce)
                    .put(cipher.doFinal(secret)).array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no AES-GCM", e);
        }
    }

    /**
     * Opens what {@link #seal} made. The caller overwrites it after use.
     *
     * @throws InventoryError with {@code KEY_FILE} when another key sealed it, with {@code DAMAGED} when it was changed
     */
    byte[] open(String purpose, String owner, byte[] sealed) {
        if (sealed.length < HEADER_BYTES + TAG_BYTES || sealed[0] != FORM) {
            throw new InventoryError(Problem.DAMAGED, "a sealed secret of " + owner);
        }
        if (!MessageDigest.isEqual(name, Arrays.copyOfRange(sealed, 1, 1 + NAME_BYTES))) {
            throw new InventoryError(Problem.KEY_FILE, "a secret of " + owner + " is sealed with another");
        }
        try {
            var cipher = cipher(Cipher.DECRYPT_MODE, Arrays.copyOfRange(sealed, 1 + NAME_BYTES, HEADER_BYTES), purpose,
                    owner);
            return cipher.doFinal(sealed, HEADER_BYTES, sealed.length - HEADER_BYTES);
        } catch (AEADBadTagException e) {
            throw new InventoryError(Problem.DAMAGED, "a sealed secret of " + owner, e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no AES-GCM", e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String purpose, String owner) throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(8 * TAG_BYTES, nonce));
        cipher.updateAAD((purpose + "\0" + owner).getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    static byte[] sha256(byte[]... parts) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "Sealer[]";
    }
}
