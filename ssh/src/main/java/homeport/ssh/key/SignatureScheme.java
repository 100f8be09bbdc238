package homeport.ssh.key;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * What is computed under an algorithm's name: the same for a plain key, a certificate and a chain. And the form in which
 * the result stands in a signature blob (RFC 8709 §6, RFC 5656 §3.1.2, RFC 8332 §3).
 */
enum SignatureScheme {
    ED25519(KeyKind.ED25519, KeyAlgorithm.SSH_ED25519, "Ed25519"), //
    ECDSA_P256(KeyKind.ECDSA_P256, KeyAlgorithm.ECDSA_P256, "SHA256withECDSAinP1363Format"), //
    ECDSA_P384(KeyKind.ECDSA_P384, KeyAlgorithm.ECDSA_P384, "SHA384withECDSAinP1363Format"), //
    ECDSA_P521(KeyKind.ECDSA_P521, KeyAlgorithm.ECDSA_P521, "SHA512withECDSAinP1363Format"), //
    RSA_SHA1(KeyKind.RSA, KeyAlgorithm.SSH_RSA, "SHA1withRSA"), //
    RSA_SHA256(KeyKind.RSA, KeyAlgorithm.RSA_SHA2_256, "SHA256withRSA"), //
    RSA_SHA512(KeyKind.RSA, KeyAlgorithm.RSA_SHA2_512, "SHA512withRSA");

    private static final int ED25519_SIGNATURE_SIZE = 64;

    private final KeyKind kind;
    private final KeyAlgorithm algorithm;
    private final String jcaName;

    SignatureScheme(KeyKind kind, KeyAlgorithm algorithm, String jcaName) {
        this.kind = kind;
        this.algorithm = algorithm;
        this.jcaName = jcaName;
    }

    KeyKind kind() {
        return kind;
    }

    /** By which a plain key signs so. */
    KeyAlgorithm algorithm() {
        return algorithm;
    }

    String jcaName() {
        return jcaName;
    }

    /** @throws IllegalArgumentException for an {@code hmac-*} algorithm, which no public key signs by */
    static SignatureScheme of(KeyAlgorithm algorithm) {
        return switch (algorithm) {
            case SSH_ED25519, ED25519_CERT, X509V3_ED25519 -> ED25519;
            case ECDSA_P256, ECDSA_P256_CERT, X509V3_ECDSA_P256 -> ECDSA_P256;
            case ECDSA_P384, ECDSA_P384_CERT, X509V3_ECDSA_P384 -> ECDSA_P384;
            case ECDSA_P521, ECDSA_P521_CERT, X509V3_ECDSA_P521 -> ECDSA_P521;
            case RSA_SHA2_512, RSA_SHA2_512_CERT -> RSA_SHA512;
            case RSA_SHA2_256, RSA_SHA2_256_CERT, X509V3_RSA2048_SHA256 -> RSA_SHA256;
            case SSH_RSA, X509V3_SSH_RSA -> RSA_SHA1;
            case HMAC_SHA2_256, HMAC_SHA2_512 ->
                throw new IllegalArgumentException(algorithm.wireName() + " is no public-key algorithm");
        };
    }

    /** {@code string name, string signature} from what the provider made. */
    byte[] toBlob(KeyAlgorithm algorithm, byte[] raw) {
        var out = new SshWriter(32 + raw.length).string(algorithm.signatureName());
        return switch (kind) {
            case ED25519, RSA -> out.string(raw).toByteArray();
            case ECDSA_P256, ECDSA_P384, ECDSA_P521 -> {
                int size = kind.curve().size();
                int mark = out.beginString();
                out.mpint(Arrays.copyOf(raw, size)).mpint(Arrays.copyOfRange(raw, size, 2 * size)).endString(mark);
                yield out.toByteArray();
            }
        };
    }

    /**
     * What the provider is to check, out of a signature blob.
     *
     * @param rsaSize octets of the RSA modulus; a shorter signature is padded on the left, as some peers drop zeros
     * @throws ProtocolError when it is not a signature by this algorithm
     */
    byte[] fromBlob(KeyAlgorithm algorithm, byte[] signature, int rsaSize) {
        var in = new SshReader(signature);
        String name = in.ascii();
        if (!name.equals(algorithm.signatureName())) {
            throw KeyBlobs.malformed("a signature by " + name + " where " + algorithm.signatureName() + " is due");
        }
        byte[] raw = switch (kind) {
            case ED25519 -> in.string(ED25519_SIGNATURE_SIZE);
            case ECDSA_P256, ECDSA_P384, ECDSA_P521 -> pair(in.slice(), kind.curve());
            case RSA -> padded(in.string(rsaSize), rsaSize);
        };
        in.end();
        if (kind == KeyKind.ED25519 && raw.length != ED25519_SIGNATURE_SIZE) {
            throw KeyBlobs.malformed("an Ed25519 signature of " + raw.length + " bytes");
        }
        return raw;
    }

    private static byte[] pair(SshReader in, Curve curve) {
        BigInteger r = inRange(in, curve);
        BigInteger s = inRange(in, curve);
        in.end();
        return curve.fixed(r, s);
    }

    private static BigInteger inRange(SshReader in, Curve curve) {
        BigInteger value = in.mpint(8 * curve.size());
        if (value.signum() <= 0 || value.compareTo(curve.order()) >= 0) {
            throw new ProtocolError(Rule.KEY_FORMAT, "a signature's number is out of range");
        }
        return value;
    }

    private static byte[] padded(byte[] raw, int size) {
        if (raw.length == size || raw.length == 0) {
            return raw;
        }
        byte[] padded = new byte[size];
        System.arraycopy(raw, 0, padded, size - raw.length, raw.length);
        return padded;
    }
}
