package homeport.ssh.key;

import homeport.ssh.crypto.Providers;
import homeport.ssh.key.KeyFileError.Problem;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Makes private keys, reads them from files and writes them. Passphrases are the caller's to overwrite; what is made of
 * them here is overwritten here.
 */
public final class PrivateKeys {
    /** A file of RSA-16384 in OpenSSH's format has some 13 KiB. */
    public static final int MOST_FILE_BYTES = 64 * 1024;
    /** What {@code ssh-keygen} makes unless told otherwise. */
    public static final int DEFAULT_RSA_BITS = 3072;

    /** Room for the numbers of RSA-16384, so that a writer does not grow and leave copies of them behind. */
    static final int SECRET_CAPACITY = 16 * 1024;

    private static final String CONVERT = "convert it with ssh-keygen -p -f FILE, or make a new one";

    private PrivateKeys() {}

    /**
     * A new key.
     *
     * @param algorithm one of a plain key; RSA gets {@link #DEFAULT_RSA_BITS}
     * @param random where the key comes from; a provider with its own source may use that for ECDSA and RSA
     */
    public static PlainSigner generate(KeyAlgorithm algorithm, SecureRandom random) {
        var kind = KeyKind.ofType(algorithm.keyType()).orElseThrow(
                () -> new IllegalArgumentException(algorithm.wireName() + " is not the algorithm of a plain key"));
        return switch (kind) {
            case ED25519 -> {
                byte[] seed = new byte[Ed25519.SIZE];
                random.nextBytes(seed);
                yield ed25519(seed);
            }
            case ECDSA_P256, ECDSA_P384, ECDSA_P521 -> generateEcdsa(kind, random);
            case RSA -> generateRsa(DEFAULT_RSA_BITS, random);
        };
    }

    /** A new RSA key of 2048 to 16384 bits; above 4096 it takes many seconds. */
    public static PlainSigner generateRsa(int bits, SecureRandom random) {
        if (bits < PlainKey.LEAST_RSA_BITS || bits > PlainKey.MOST_RSA_BITS) {
            throw new IllegalArgumentException("RSA of " + bits + " bits");
        }
        try {
            var generator = Providers.keyPairGenerator("RSA");
            generator.initialize(new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4), random);
            var key = (RSAPrivateCrtKey) generator.generateKeyPair().getPrivate();
            return rsa(key.getModulus(), key.getPublicExponent(), key.getPrivateExponent(), key.getCrtCoefficient(),
                    key.getPrimeP(), key.getPrimeQ());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime makes no RSA keys of " + bits + " bits", e);
        }
    }

    /** The key of a seed (RFC 8032 §5.1.5), which is overwritten. */
    static PlainSigner ed25519(byte[] seed) {
        byte[] point = Ed25519.publicKey(seed);
        var out = new SshWriter(160).string(KeyKind.ED25519.type()).string(point);
        int mark = out.beginString();
        out.bytes(seed).bytes(point).endString(mark);
        Arrays.fill(seed, (byte) 0);
        return take(out);
    }

    private static PlainSigner generateEcdsa(KeyKind kind, SecureRandom random) {
        try {
            var generator = Providers.keyPairGenerator("EC");
            generator.initialize(new ECGenParameterSpec(kind.curve().jcaName()), random);
            KeyPair pair = generator.generateKeyPair();
            return ecdsa(PlainKey.of(pair.getPublic()), ((ECPrivateKey) pair.getPrivate()).getS());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime makes no keys on " + kind.curve().jcaName(), e);
        }
    }

    static PlainSigner ecdsa(PlainKey publicKey, BigInteger scalar) {
        var out = new SshWriter(256).string(publicKey.type()).string(publicKey.kind().curve().wireName())
                .string(publicKey.point()).mpint(scalar);
        return take(out);
    }

    static PlainSigner rsa(BigInteger n, BigInteger e, BigInteger d, BigInteger coefficient, BigInteger p,
            BigInteger q) {
        return take(
                new SshWriter(SECRET_CAPACITY).string(KeyKind.RSA.type()).mpint(n).mpint(e).mpint(d).mpint(coefficient)
                        .mpint(p).mpint(q));
    }

    private static PlainSigner take(SshWriter fields) {
        byte[] copy = fields.toByteArray();
        fields.wipe();
        try {
            return PlainSigner.read(new SshReader(copy));
        } finally {
            Arrays.fill(copy, (byte) 0);
        }
    }

    /**
     * Reads a private key that is not encrypted.
     *
     * @param file the name for error messages
     * @param content OpenSSH's format, or PEM: PKCS#8, PKCS#1 (RSA), SEC 1 (EC)
     * @throws KeyFileError with {@code PASSPHRASE_NEEDED} when it is encrypted
     */
    public static PlainSigner read(String file, byte[] content) {
        return readAny(file, content, null);
    }

    /**
     * Reads a private key that may be encrypted.
     *
     * @param passphrase stays the caller's to overwrite; not used when the key is not encrypted
     * @throws KeyFileError among others with {@code PASSPHRASE_WRONG}
     */
    public static PlainSigner read(String file, byte[] content, char[] passphrase) {
        return readAny(file, content, passphrase);
    }

    private static PlainSigner readAny(String file, byte[] content, char @Nullable [] passphrase) {
        if (content.length > MOST_FILE_BYTES) {
            throw new KeyFileError(Problem.TOO_LARGE, file, 0, "a private key file of " + content.length + " bytes",
                    "at most " + MOST_FILE_BYTES + " are read: is it the right file?");
        }
        var pem = Pem.parse(file, content);
        try {
            return switch (pem.label()) {
                case "OPENSSH PRIVATE KEY" -> OpenSshKeyFormat.read(file, pem.content(), passphrase);
                case "PRIVATE KEY" -> PemKeys.pkcs8(file, pem.content());
                case "ENCRYPTED PRIVATE KEY" -> PemKeys.encryptedPkcs8(file, pem.content(), passphrase);
                case "RSA PRIVATE KEY" -> PemKeys.pkcs1(file, pem.content());
                case "EC PRIVATE KEY" -> PemKeys.sec1(file, pem.content());
                default -> throw new KeyFileError(Problem.NOT_SUPPORTED, file, 0,
                        "a private key in the form " + pem.label(), CONVERT);
            };
        } finally {
            Arrays.fill(pem.content(), (byte) 0);
        }
    }

    /** The text of a file in OpenSSH's format, not encrypted. The caller overwrites it after use. */
    public static byte[] write(PlainSigner signer, String comment, SecureRandom random) {
        return Pem.write("OPENSSH PRIVATE KEY", OpenSshKeyFormat.write(signer, comment, null, 0, random), 70);
    }

    /**
     * The text of a file in OpenSSH's format, encrypted with {@code aes256-ctr} under a key from bcrypt.
     *
     * @param passphrase at least one character; stays the caller's to overwrite
     */
    public static byte[] writeEncrypted(PlainSigner signer, String comment, char[] passphrase, SecureRandom random) {
        return writeEncrypted(signer, comment, passphrase, OpenSshKeyFormat.DEFAULT_ROUNDS, random);
    }

    /** @param rounds of bcrypt, 1 to 1024: each costs an attacker, and us, some 15 ms */
    public static byte[] writeEncrypted(PlainSigner signer, String comment, char[] passphrase, int rounds,
            SecureRandom random) {
        if (passphrase.length == 0) {
            throw new IllegalArgumentException("an empty passphrase protects nothing");
        }
        if (rounds < 1 || rounds > BcryptPbkdf.MOST_ROUNDS) {
            throw new IllegalArgumentException(rounds + " rounds of bcrypt");
        }
        return Pem.write("OPENSSH PRIVATE KEY", OpenSshKeyFormat.write(signer, comment, passphrase, rounds, random),
                70);
    }

    static byte[] utf8(char[] passphrase) {
        ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(passphrase));
        byte[] octets = new byte[encoded.remaining()];
        encoded.get(octets);
        Arrays.fill(encoded.array(), (byte) 0);
        return octets;
    }

    static KeyFileError unusable(String file, ProtocolError cause) {
        boolean unknown = cause.rule() == Rule.KEY_NOT_SUPPORTED;
        return new KeyFileError(unknown ? Problem.NOT_SUPPORTED : Problem.MALFORMED, file, 0,
                cause.rule().sentence() + ": " + cause.detail(),
                unknown ? CONVERT : "restore it from a copy, or make a new one");
    }

    static KeyFileError passphraseNeeded(String file) {
        return new KeyFileError(Problem.PASSPHRASE_NEEDED, file, 0, "the private key is encrypted",
                "give its passphrase");
    }

    static KeyFileError passphraseWrong(String file) {
        return new KeyFileError(Problem.PASSPHRASE_WRONG, file, 0, "the passphrase does not open the private key",
                "give the one it was encrypted with");
    }
}
