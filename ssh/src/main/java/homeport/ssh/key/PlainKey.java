package homeport.ssh.key;

import homeport.ssh.crypto.Providers;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.List;

/**
 * A bare public key: Ed25519 (RFC 8709), ECDSA over a NIST curve (RFC 5656) or RSA (RFC 4253 §6.6).
 *
 * <p>Only the blob is kept; what the crypto provider wants is made from it for each check. There is one blob for one
 * key: numbers must be in their shortest form and points uncompressed. Two keys are equal when their blobs are.
 */
public final class PlainKey implements SshPublicKey {
    /** The smallest RSA key that is taken unless the caller asks for less: 112 bits of strength, as NIST demands. */
    public static final int LEAST_RSA_BITS = 2048;
    /** The smallest RSA key that is ever taken, for old gear whose record says so. */
    public static final int LEGACY_RSA_BITS = 1024;
    /** A check with a key of this size takes about 2 ms, and grows with the square. */
    public static final int MOST_RSA_BITS = 16384;
    /** What every provider takes; 65537 has 17. */
    private static final int MOST_EXPONENT_BITS = 33;

    private final KeyKind kind;
    private final byte[] blob;

    private PlainKey(KeyKind kind, byte[] blob) {
        this.kind = kind;
        this.blob = blob;
    }

    /**
     * Parses a plain key's blob.
     *
     * @throws ProtocolError with {@code KEY_FORMAT} or {@code KEY_NOT_SUPPORTED}
     */
    public static PlainKey parse(byte[] blob) {
        if (KeyBlobs.parse(blob, LEAST_RSA_BITS) instanceof PlainKey key) {
            return key;
        }
        throw KeyBlobs.notSupported("a certificate or key id where a plain key is due");
    }

    static PlainKey parse(KeyKind kind, byte[] blob, int leastRsaBits) {
        var in = new SshReader(blob);
        in.skipString();
        var key = new PlainKey(kind, blob);
        key.check(in, leastRsaBits);
        in.end();
        return key;
    }

    /** The key of a blob whose type and fields stand in {@code in}, as inside a certificate; moves past them. */
    static PlainKey readFields(KeyKind kind, SshReader in, int leastRsaBits) {
        int start = in.position();
        switch (kind) {
            case ED25519 -> in.skipString();
            case ECDSA_P256, ECDSA_P384, ECDSA_P521, RSA -> {
                in.skipString();
                in.skipString();
            }
        }
        var blob = new SshWriter(32 + in.position() - start).string(kind.type())
                .bytes(in.array(), start, in.position() - start).toByteArray();
        return parse(kind, blob, leastRsaBits);
    }

    /**
     * From a key of the Java crypto architecture, such as an X.509 certificate's.
     *
     * @throws ProtocolError with {@code KEY_NOT_SUPPORTED} for another algorithm, curve or size
     */
    public static PlainKey of(PublicKey key) {
        return of(key, LEAST_RSA_BITS);
    }

    static PlainKey of(PublicKey key, int leastRsaBits) {
        if (key instanceof RSAPublicKey rsa) {
            return parse(KeyKind.RSA, new SshWriter(600).string(KeyKind.RSA.type()).mpint(rsa.getPublicExponent())
                    .mpint(rsa.getModulus()).toByteArray(), leastRsaBits);
        }
        byte[] info = key.getEncoded();
        if (info != null && Ed25519.named(info)) {
            return ed25519(Ed25519.point(info));
        }
        for (var kind : List.of(KeyKind.ECDSA_P256, KeyKind.ECDSA_P384, KeyKind.ECDSA_P521)) {
            if (info != null && kind.curve().named(info)) {
                return ecdsa(kind, kind.curve().point(info));
            }
        }
        throw KeyBlobs.notSupported("a public key of the algorithm " + KeyBlobs.printable(key.getAlgorithm()));
    }

    static PlainKey ed25519(byte[] point) {
        return parse(KeyKind.ED25519,
                new SshWriter(64).string(KeyKind.ED25519.type()).string(point).toByteArray(), LEAST_RSA_BITS);
    }

    static PlainKey ecdsa(KeyKind kind, byte[] point) {
        return parse(kind, new SshWriter(192).string(kind.type()).string(kind.curve().wireName()).string(point)
                .toByteArray(), LEAST_RSA_BITS);
    }

    private void check(SshReader in, int leastRsaBits) {
        switch (kind) {
            case ED25519 -> Ed25519.check(in.string());
            case ECDSA_P256, ECDSA_P384, ECDSA_P521 -> {
                String name = in.ascii();
                if (!name.equals(kind.curve().wireName())) {
                    throw KeyBlobs.malformed("the curve " + KeyBlobs.printable(name) + " in a key " + kind.type());
                }
                if (!kind.curve().holds(in.string())) {
                    throw KeyBlobs.malformed("not an uncompressed point of " + kind.curve().wireName());
                }
            }
            case RSA -> {
                BigInteger exponent = KeyBlobs.positive(in, MOST_RSA_BITS, "the RSA exponent");
                BigInteger modulus = KeyBlobs.positive(in, MOST_RSA_BITS, "the RSA modulus");
                int bits = modulus.bitLength();
                int least = Math.max(leastRsaBits, LEGACY_RSA_BITS);
                if (bits < least || bits > MOST_RSA_BITS) {
                    throw KeyBlobs.notSupported("RSA of " + bits + " bits, " + least + " to " + MOST_RSA_BITS + " are");
                }
                if (!modulus.testBit(0)) {
                    throw KeyBlobs.malformed("the RSA modulus is even");
                }
                if (!exponent.testBit(0) || exponent.bitLength() < 2) {
                    throw KeyBlobs.malformed("the RSA exponent is even or one");
                }
                if (exponent.bitLength() > MOST_EXPONENT_BITS) {
                    throw KeyBlobs.notSupported("an RSA exponent of " + exponent.bitLength() + " bits");
                }
            }
        }
    }

    @Override
    public String type() {
        return kind.type();
    }

    KeyKind kind() {
        return kind;
    }

    @Override
    public byte[] blob() {
        return blob;
    }

    @Override
    public List<KeyAlgorithm> algorithms() {
        return kind.algorithms();
    }

    /** Size of the key in bits, as people state it: 256 for Ed25519, the field's or the modulus' length otherwise. */
    public int bits() {
        return switch (kind) {
            case ED25519, ECDSA_P256 -> 256;
            case ECDSA_P384 -> 384;
            case ECDSA_P521 -> 521;
            case RSA -> {
                var in = fields();
                in.skipString();
                yield in.mpint(MOST_RSA_BITS).bitLength();
            }
        };
    }

    @Override
    public boolean verify(KeyAlgorithm algorithm, byte[] data, byte[] signature) {
        return algorithm.keyType().equals(kind.type()) && verifyScheme(algorithm, data, signature);
    }

    /** As {@link #verify}, for a key that stands inside a certificate: {@code algorithm} is the certificate's. */
    boolean verifyScheme(KeyAlgorithm algorithm, byte[] data, byte[] signature) {
        var scheme = SignatureScheme.of(algorithm);
        if (scheme.kind() != kind) {
            return false;
        }
        try {
            return verifyRaw(scheme, data,
                    scheme.fromBlob(algorithm, signature, kind == KeyKind.RSA ? (bits() + 7) / 8 : 0));
        } catch (ProtocolError e) {
            return false;
        }
    }

    private boolean verifyRaw(SignatureScheme scheme, byte[] data, byte[] raw) {
        try {
            if (kind == KeyKind.ED25519) {
                return Ed25519.verify(point(), data, raw);
            }
            var check = Providers.signature(scheme.jcaName());
            check.initVerify(jcaKey());
            check.update(data);
            return check.verify(raw);
        } catch (GeneralSecurityException | RuntimeException e) {
            // A point or number that the provider refuses; the native one has unchecked exceptions for that. The key is
            // a stranger's, so whatever the provider thinks of it, it does not verify.
            return false;
        }
    }

    /** The key as the Java crypto architecture has it; made anew each time. */
    public PublicKey jcaKey() {
        try {
            return switch (kind) {
                case ED25519 -> Ed25519.jcaKey(point());
                case ECDSA_P256, ECDSA_P384, ECDSA_P521 -> {
                    var info = new X509EncodedKeySpec(kind.curve().keyInfo(point()));
                    yield Providers.keyFactory("EC").generatePublic(info);
                }
                case RSA -> {
                    var in = fields();
                    BigInteger exponent = in.mpint(MOST_RSA_BITS);
                    var spec = new RSAPublicKeySpec(in.mpint(MOST_RSA_BITS), exponent);
                    yield Providers.keyFactory("RSA").generatePublic(spec);
                }
            };
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key that passed its checks is refused by the crypto provider", e);
        }
    }

    /** The point of an Ed25519 or ECDSA key, the last field of its blob. */
    byte[] point() {
        int size = kind == KeyKind.ED25519 ? Ed25519.SIZE : 1 + 2 * kind.curve().size();
        return Arrays.copyOfRange(blob, blob.length - size, blob.length);
    }

    /** The fields behind the type. */
    SshReader fields() {
        var in = new SshReader(blob);
        in.skipString();
        return in;
    }

    @Override
    public Fingerprint fingerprint() {
        return Fingerprint.ofBlob(blob);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PlainKey that && Arrays.equals(blob, that.blob);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(blob);
    }

    /** Type and fingerprint. */
    @Override
    public String toString() {
        return type() + " " + fingerprint();
    }
}
