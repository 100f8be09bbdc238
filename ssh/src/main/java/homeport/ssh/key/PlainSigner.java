package homeport.ssh.key;

import homeport.ssh.crypto.Providers;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.util.Arrays;
import javax.security.auth.DestroyFailedException;
import javax.security.auth.Destroyable;

/**
 * A private key in memory. It is made by {@link PrivateKeys}, can sign from several threads at once, and is overwritten
 * by {@link #destroy()} as far as Java lets: the crypto provider may keep a copy until it is collected.
 */
public final class PlainSigner implements Signer, Destroyable {
    private static final byte[] TRIAL = "homeport: does this private key belong to its public key?".getBytes(
            java.nio.charset.StandardCharsets.US_ASCII);

    private final PlainKey publicKey;
    /** As OpenSSH's private key format writes a key: its type, then fields by type. */
    private final byte[] fields;
    private final PrivateKey jcaKey;
    private volatile boolean destroyed;

    private PlainSigner(PlainKey publicKey, byte[] fields, PrivateKey jcaKey) {
        this.publicKey = publicKey;
        this.fields = fields;
        this.jcaKey = jcaKey;
    }

    /**
     * Reads a private key's type and fields from {@code in} and tries whether the private half belongs to the public one.
     *
     * @throws ProtocolError with {@code KEY_FORMAT} or {@code KEY_NOT_SUPPORTED}
     */
    static PlainSigner read(SshReader in) {
        int start = in.position();
        String type = in.ascii();
        var kind = KeyKind.ofType(type).orElseThrow(() -> KeyBlobs.notSupported(KeyBlobs.printable(type)));
        try {
            var halves = switch (kind) {
                case ED25519 -> ed25519(in);
                case ECDSA_P256, ECDSA_P384, ECDSA_P521 -> ecdsa(in, kind);
                case RSA -> rsa(in);
            };
            byte[] fields = Arrays.copyOfRange(in.array(), start, in.position());
            var signer = new PlainSigner(halves.publicKey, fields, halves.jcaKey);
            signer.tryOut();
            return signer;
        } catch (GeneralSecurityException e) {
            throw KeyBlobs.malformed("the crypto provider refuses the private key");
        }
    }

    private record Halves(PlainKey publicKey, PrivateKey jcaKey) {}

    private static Halves ed25519(SshReader in) throws GeneralSecurityException {
        var publicKey = PlainKey.ed25519(in.string());
        var pair = in.slice();
        byte[] seed = pair.bytes(Ed25519.SIZE);
        try {
            byte[] point = pair.rest();
            if (!Arrays.equals(point, publicKey.point()) || !Arrays.equals(point, Ed25519.publicKey(seed))) {
                throw KeyBlobs.malformed("the private key does not belong to the public key");
            }
            return new Halves(publicKey, Ed25519.jcaPrivateKey(seed));
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
    }

    private static Halves ecdsa(SshReader in, KeyKind kind) throws GeneralSecurityException {
        var curve = kind.curve();
        var publicKey = PlainKey.readFields(kind, in, PlainKey.LEAST_RSA_BITS);
        BigInteger scalar = KeyBlobs.positive(in, 8 * curve.size(), "the scalar");
        if (scalar.compareTo(curve.order()) >= 0) {
            throw KeyBlobs.malformed("the scalar is out of range");
        }
        var spec = new ECPrivateKeySpec(scalar, curve.parameters());
        return new Halves(publicKey, Providers.keyFactory("EC").generatePrivate(spec));
    }

    private static Halves rsa(SshReader in) throws GeneralSecurityException {
        var n = number(in);
        var e = number(in);
        var d = number(in);
        var inverse = number(in);
        var p = number(in);
        var q = number(in);
        var publicKey = PlainKey.parse(KeyKind.RSA,
                new SshWriter(600).string(KeyKind.RSA.type()).mpint(e).mpint(n).toByteArray(),
                PlainKey.LEGACY_RSA_BITS);
        if (!p.multiply(q).equals(n) || p.bitLength() < 2 || q.bitLength() < 2 || d.compareTo(n) >= 0
                || !inverse.multiply(q).mod(p).equals(BigInteger.ONE)) {
            throw KeyBlobs.malformed("the numbers of the RSA key do not belong together");
        }
        var spec = new RSAPrivateCrtKeySpec(n, e, d, p, q, d.mod(p.subtract(BigInteger.ONE)),
                d.mod(q.subtract(BigInteger.ONE)), inverse);
        return new Halves(publicKey, Providers.keyFactory("RSA").generatePrivate(spec));
    }

    private static BigInteger number(SshReader in) {
        return KeyBlobs.positive(in, PlainKey.MOST_RSA_BITS, "an RSA number");
    }

    private void tryOut() {
        var algorithm = publicKey.algorithms().getFirst();
        boolean good;
        try {
            good = publicKey.verify(algorithm, TRIAL, sign(algorithm, TRIAL));
        } catch (RuntimeException e) {
            // The native provider has unchecked exceptions of its own for numbers that contradict each other.
            good = false;
        }
        if (!good) {
            throw KeyBlobs.malformed("the private key does not belong to the public key");
        }
    }

    @Override
    public PlainKey publicKey() {
        return publicKey;
    }

    /**
     * {@inheritDoc}
     *
     * <p>{@code SSH_RSA}, with SHA-1, is signed by an RSA key that is asked for it, though its algorithms do not list it.
     */
    @Override
    public byte[] sign(KeyAlgorithm algorithm, byte[] data) {
        if (!algorithm.keyType().equals(publicKey.type())) {
            throw new IllegalArgumentException(publicKey.type() + " does not sign by " + algorithm.wireName());
        }
        var scheme = SignatureScheme.of(algorithm);
        if (destroyed) {
            throw new IllegalStateException("the private key of " + publicKey + " was destroyed");
        }
        try {
            return scheme.toBlob(algorithm,
                    scheme == SignatureScheme.ED25519 ? signEd25519(data) : signJca(scheme, data));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the crypto provider does not sign with " + publicKey, e);
        }
    }

    private byte[] signJca(SignatureScheme scheme, byte[] data) throws GeneralSecurityException {
        var signing = Providers.signature(scheme.jcaName());
        signing.initSign(jcaKey);
        signing.update(data);
        return signing.sign();
    }

    private byte[] signEd25519(byte[] data) throws GeneralSecurityException {
        if (Ed25519.keepsKeys()) {
            return Ed25519.sign(jcaKey, data);
        }
        var in = fields();
        in.skipString();
        byte[] seed = in.slice().bytes(Ed25519.SIZE);
        try {
            return Ed25519.sign(seed, publicKey.point(), data);
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
    }

    /** The private fields behind the type. For writing key files; what is read from it is secret. */
    private SshReader fields() {
        var in = new SshReader(fields);
        in.skipString();
        return in;
    }

    /** Writes type and fields as OpenSSH's private key format has them. */
    void write(SshWriter out) {
        if (destroyed) {
            throw new IllegalStateException("the private key of " + publicKey + " was destroyed");
        }
        out.bytes(fields);
    }

    @Override
    public void destroy() {
        destroyed = true;
        Arrays.fill(fields, (byte) 0);
        try {
            jcaKey.destroy();
        } catch (DestroyFailedException e) {
            // Most providers cannot; the key is unreachable from here on and goes with the next collection.
            return;
        }
    }

    @Override
    public boolean isDestroyed() {
        return destroyed;
    }

    @Override
    public String toString() {
        return "signer of " + publicKey;
    }
}
