package homeport.ssh.key;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The inside of {@code BEGIN OPENSSH PRIVATE KEY} (OpenSSH's PROTOCOL.key).
 *
 * <pre>
 * "openssh-key-v1" NUL
 * string cipher, string kdf, string kdf-options        bcrypt: string salt, uint32 rounds
 * uint32 number of keys                                one here
 * string public key blob
 * string private part, encrypted                       then the tag of an authenticating cipher
 *
 * private part:
 *   uint32 check, uint32 the same
 *   string type, fields by type, string comment
 *   padding 1, 2, 3, … to the cipher's block
 * </pre>
 */
final class OpenSshKeyFormat {
    /** What {@code ssh-keygen} 9.x writes; about a quarter of a second here. */
    static final int DEFAULT_ROUNDS = 24;
    /** What is not encrypted is padded to as much; AsyncSSH takes a longer padding for a broken file. */
    private static final int CLEAR_BLOCK_BYTES = 8;

    private static final byte[] MAGIC = "openssh-key-v1\0".getBytes(StandardCharsets.US_ASCII);
    private static final int SALT_BYTES = 16;

    private OpenSshKeyFormat() {}

    /** @param passphrase null when there is none */
    static PlainSigner read(String file, byte[] content, char @Nullable [] passphrase) {
        try {
            var in = new SshReader(content);
            if (!Arrays.equals(in.bytes(MAGIC.length), MAGIC)) {
                throw KeyBlobs.malformed("the version is not openssh-key-v1");
            }
            String cipherName = in.ascii();
            String kdf = in.ascii();
            var kdfOptions = in.slice();
            long keys = in.uint32();
            if (keys != 1) {
                throw KeyBlobs.notSupported(keys + " keys in one file");
            }
            byte[] publicBlob = in.string(KeyBlobs.MOST_BYTES);
            byte[] encrypted = in.string();
            byte[] tag = in.rest();
            byte[] open = decrypt(file, cipherName, kdf, kdfOptions, encrypted, tag, passphrase);
            try {
                var signer = readPrivate(file, new SshReader(open), !cipherName.equals("none"));
                if (!Arrays.equals(signer.publicKey().blob(), publicBlob)) {
                    throw KeyBlobs.malformed("the public and the private part are of different keys");
                }
                return signer;
            } finally {
                Arrays.fill(open, (byte) 0);
            }
        } catch (ProtocolError e) {
            throw PrivateKeys.unusable(file, e);
        }
    }

    private static byte[] decrypt(String file, String cipherName, String kdf, SshReader kdfOptions, byte[] encrypted,
            byte[] tag, char @Nullable [] passphrase) {
        if (cipherName.equals("none") && kdf.equals("none")) {
            kdfOptions.end();
            new SshReader(tag).end();
            return encrypted;
        }
        var cipher = KeyFileCipher.byName(cipherName)
                .orElseThrow(() -> KeyBlobs.notSupported("the cipher " + KeyBlobs.printable(cipherName)));
        if (!kdf.equals("bcrypt")) {
            throw KeyBlobs.notSupported("the key derivation " + KeyBlobs.printable(kdf));
        }
        byte[] salt = kdfOptions.string(BcryptPbkdf.MOST_SALT_BYTES);
        long rounds = kdfOptions.uint32();
        kdfOptions.end();
        if (salt.length == 0 || rounds == 0 || tag.length != cipher.tagBytes()
                || encrypted.length % cipher.blockBytes() != 0) {
            throw KeyBlobs.malformed("the encryption's parameters are not possible");
        }
        if (rounds > BcryptPbkdf.MOST_ROUNDS) {
            throw KeyBlobs.notSupported(rounds + " rounds of bcrypt, at most " + BcryptPbkdf.MOST_ROUNDS);
        }
        if (passphrase == null || passphrase.length == 0) {
            throw PrivateKeys.passphraseNeeded(file);
        }
        byte[] key = key(cipher, passphrase, salt, (int) rounds);
        try {
            return cipher.decrypt(key, encrypted, tag).orElseThrow(() -> PrivateKeys.passphraseWrong(file));
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static PlainSigner readPrivate(String file, SshReader in, boolean wasEncrypted) {
        int check = in.int32();
        if (check != in.int32()) {
            throw wasEncrypted ? PrivateKeys.passphraseWrong(file) : KeyBlobs.malformed("the check numbers differ");
        }
        var signer = PlainSigner.read(in);
        in.skipString();
        for (int due = 1; in.remaining() > 0; due++) {
            if (in.uint8() != due) {
                throw KeyBlobs.malformed("the padding is not 1, 2, 3, …");
            }
        }
        return signer;
    }

    /** @param passphrase null to write it in the clear */
    static byte[] write(PlainSigner signer, String comment, char @Nullable [] passphrase, int rounds,
            SecureRandom random) {
        var cipher = KeyFileCipher.AES256_CTR;
        var open = new SshWriter(PrivateKeys.SECRET_CAPACITY);
        int check = random.nextInt();
        open.uint32(check).uint32(check);
        signer.write(open);
        open.string(comment);
        int block = passphrase == null ? CLEAR_BLOCK_BYTES : cipher.blockBytes();
        for (int pad = 1; open.size() % block != 0; pad++) {
            open.uint8(pad);
        }
        var out = new SshWriter(2 * PrivateKeys.SECRET_CAPACITY).bytes(MAGIC);
        if (passphrase == null) {
            out.string("none").string("none").string("");
            byte[] plain = open.toByteArray();
            out.uint32(1).string(signer.publicKey().blob()).string(plain);
            Arrays.fill(plain, (byte) 0);
        } else {
            byte[] salt = new byte[SALT_BYTES];
            random.nextBytes(salt);
            byte[] key = key(cipher, passphrase, salt, rounds);
            out.string(cipher.wireName()).string("bcrypt")
                    .string(new SshWriter(32).string(salt).uint32(rounds).toByteArray());
            byte[] plain = open.toByteArray();
            out.uint32(1).string(signer.publicKey().blob()).string(cipher.encrypt(key, plain));
            Arrays.fill(plain, (byte) 0);
            Arrays.fill(key, (byte) 0);
        }
        open.wipe();
        byte[] content = out.toByteArray();
        out.wipe();
        return content;
    }

    private static byte[] key(KeyFileCipher cipher, char[] passphrase, byte[] salt, int rounds) {
        byte[] octets = PrivateKeys.utf8(passphrase);
        try {
            return BcryptPbkdf.derive(octets, salt, rounds, cipher.keyBytes() + cipher.ivBytes());
        } finally {
            Arrays.fill(octets, (byte) 0);
        }
    }
}
