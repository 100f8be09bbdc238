package homeport.ssh.crypto;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.crypto.generators.MLKEMKeyPairGenerator;
import org.bouncycastle.crypto.kems.MLKEMExtractor;
import org.bouncycastle.crypto.kems.MLKEMGenerator;
import org.bouncycastle.crypto.params.MLKEMKeyGenerationParameters;
import org.bouncycastle.crypto.params.MLKEMParameters;
import org.bouncycastle.crypto.params.MLKEMPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLKEMPublicKeyParameters;

/**
 * {@code mlkem768x25519-sha256} (RFC 10042): ML-KEM-768 and X25519 side by side, so that breaking one is not enough. The
 * client sends the ML-KEM key and its X25519 value, the server the ML-KEM cipher text and its own value; the secret is
 * SHA-256 of both secrets, as a {@code string}.
 *
 * <p>Bouncy Castle's ML-KEM: as fast as the JDK's, half the garbage, and it takes the bare encodings that are on the wire.
 */
final class MlKem768X25519 implements KexMethod {
    static final int KEY_BYTES = 1184;
    static final int CIPHER_TEXT_BYTES = 1088;
    private static final int SECRET_BYTES = 32;
    private static final MLKEMParameters PARAMETERS = MLKEMParameters.ml_kem_768;

    @Override
    public String hash() {
        return "SHA-256";
    }

    @Override
    public boolean valuesAreIntegers() {
        return false;
    }

    @Override
    public Initiator initiate(SecureRandom random) {
        var generator = new MLKEMKeyPairGenerator();
        generator.init(new MLKEMKeyGenerationParameters(random, PARAMETERS));
        var pair = generator.generateKeyPair();
        var privateKey = (MLKEMPrivateKeyParameters) pair.getPrivate();
        var x25519 = X25519Pair.generate(random);
        byte[] value = join(((MLKEMPublicKeyParameters) pair.getPublic()).getEncoded(), x25519.value());
        return new Initiator() {
            @Override
            public byte[] value() {
                return value;
            }

            @Override
            public byte[] agree(byte[] serverValue) {
                checkLength(serverValue, CIPHER_TEXT_BYTES);
                byte[] secret = x25519.agree(serverValue, CIPHER_TEXT_BYTES, X25519Pair.VALUE_BYTES);
                // A wrong cipher text gives a secret that nobody knows (FIPS 203 §6.3): the signature then fails.
                byte[] kemSecret = new MLKEMExtractor(privateKey)
                        .extractSecret(Arrays.copyOf(serverValue, CIPHER_TEXT_BYTES));
                return combine(kemSecret, secret);
            }

            @Override
            public void destroy() {
                // The ML-KEM half is in an object of Bouncy Castle's that gives only copies of it.
                x25519.destroy();
            }
        };
    }

    @Override
    public Answer answer(byte[] clientValue, SecureRandom random) {
        checkLength(clientValue, KEY_BYTES);
        var x25519 = X25519Pair.generate(random);
        byte[] secret = x25519.agree(clientValue, KEY_BYTES, X25519Pair.VALUE_BYTES);
        var encapsulated = new MLKEMGenerator(random).generateEncapsulated(key(Arrays.copyOf(clientValue, KEY_BYTES)));
        return new Answer(join(encapsulated.getEncapsulation(), x25519.value()),
                combine(encapsulated.getSecret(), secret));
    }

    private static MLKEMPublicKeyParameters key(byte[] encoded) {
        try {
            return new MLKEMPublicKeyParameters(PARAMETERS, encoded);
        } catch (IllegalArgumentException e) {
            throw new ProtocolError(Rule.KEX_VALUE, "an ML-KEM key that is not in its range");
        }
    }

    private static void checkLength(byte[] value, int kemBytes) {
        if (value.length != kemBytes + X25519Pair.VALUE_BYTES) {
            throw new ProtocolError(Rule.KEX_VALUE, "a hybrid value of " + value.length + " bytes");
        }
    }

    private static byte[] combine(byte[] kemSecret, byte[] secret) {
        var digest = Providers.digest("SHA-256");
        digest.update(kemSecret, 0, SECRET_BYTES);
        digest.update(secret);
        Arrays.fill(kemSecret, (byte) 0);
        Arrays.fill(secret, (byte) 0);
        return Secrets.string(digest.digest());
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
