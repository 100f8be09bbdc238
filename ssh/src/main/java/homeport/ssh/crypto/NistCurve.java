package homeport.ssh.crypto;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/** {@code ecdh-sha2-*} (RFC 5656 §4): uncompressed points as strings, the secret, a coordinate, as an {@code mpint}. */
final class NistCurve implements KexMethod {
    private static final int UNCOMPRESSED = 4;

    static final NistCurve P256 = new NistCurve("secp256r1", 32, "SHA-256",
            "3059301306072a8648ce3d020106082a8648ce3d030107034200");
    static final NistCurve P384 = new NistCurve("secp384r1", 48, "SHA-384",
            "3076301006072a8648ce3d020106052b81040022036200");
    static final NistCurve P521 = new NistCurve("secp521r1", 66, "SHA-512",
            "30819b301006072a8648ce3d020106052b8104002303818600");

    private final ECGenParameterSpec name;
    private final int fieldBytes;
    private final String hash;
    /** What stands before the point in a SubjectPublicKeyInfo, the form that providers take and give. */
    private final byte[] header;
    private final BigInteger p;
    private final BigInteger a;
    private final BigInteger b;

    private NistCurve(String name, int fieldBytes, String hash, String header) {
        this.name = new ECGenParameterSpec(name);
        this.fieldBytes = fieldBytes;
        this.hash = hash;
        this.header = HexFormat.of().parseHex(header);
        try {
            var parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(this.name);
            var curve = parameters.getParameterSpec(ECParameterSpec.class).getCurve();
            this.p = ((ECFieldFp) curve.getField()).getP();
            this.a = curve.getA();
            this.b = curve.getB();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime does not know " + name, e);
        }
    }

    @Override
    public String hash() {
        return hash;
    }

    @Override
    public boolean valuesAreIntegers() {
        return false;
    }

    @Override
    public Initiator initiate(SecureRandom random) {
        var pair = pair(random);
        byte[] value = point(pair);
        return new Initiator() {
            @Override
            public byte[] value() {
                return value;
            }

            @Override
            public byte[] agree(byte[] serverValue) {
                return NistCurve.this.agree(pair.getPrivate(), serverValue);
            }

            @Override
            public void destroy() {
                // The provider's key; none of those used lets itself be destroyed.
            }
        };
    }

    @Override
    public Answer answer(byte[] clientValue, SecureRandom random) {
        // Before the key pair is made: a bad value must not cost us one.
        checkPoint(clientValue);
        var pair = pair(random);
        return new Answer(point(pair), agree(pair.getPrivate(), clientValue));
    }

    private KeyPair pair(SecureRandom random) {
        try {
            var generator = Providers.keyPairGenerator("EC");
            generator.initialize(name, random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no key pairs for " + name.getName(), e);
        }
    }

    private byte[] point(KeyPair pair) {
        byte[] encoded = pair.getPublic().getEncoded();
        if (encoded.length != header.length + 1 + 2 * fieldBytes || !Arrays.equals(encoded, 0, header.length, header, 0,
                header.length)) {
            throw new IllegalStateException("the provider encodes keys for " + name.getName() + " in another way");
        }
        return Arrays.copyOfRange(encoded, header.length, encoded.length);
    }

    private byte[] agree(PrivateKey key, byte[] value) {
        checkPoint(value);
        byte[] encoded = Arrays.copyOf(header, header.length + value.length);
        System.arraycopy(value, 0, encoded, header.length, value.length);
        try {
            var peer = Providers.keyFactory("EC").generatePublic(new X509EncodedKeySpec(encoded));
            var agreement = Providers.keyAgreement("ECDH");
            agreement.init(key);
            agreement.doPhase(peer, true);
            return Secrets.mpint(agreement.generateSecret());
        } catch (GeneralSecurityException e) {
            throw new ProtocolError(Rule.KEX_VALUE, "a point that the provider refuses");
        }
    }

    /** Whatever the provider checks: an uncompressed point on this curve. The curves have no cofactor. */
    private void checkPoint(byte[] value) {
        if (value.length != 1 + 2 * fieldBytes || value[0] != UNCOMPRESSED) {
            throw new ProtocolError(Rule.KEX_VALUE, "not an uncompressed point for " + name.getName());
        }
        var x = new BigInteger(1, value, 1, fieldBytes);
        var y = new BigInteger(1, value, 1 + fieldBytes, fieldBytes);
        if (x.compareTo(p) >= 0 || y.compareTo(p) >= 0
                || !y.multiply(y).mod(p).equals(x.multiply(x).add(a).multiply(x).add(b).mod(p))) {
            throw new ProtocolError(Rule.KEX_VALUE, "a point that is not on " + name.getName());
        }
    }
}
