package homeport.ssh.key;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;

/** The three NIST curves that every SSH peer has (RFC 5656 §10.1). Points are uncompressed: {@code 04, x, y}. */
enum Curve {
    P256("nistp256", "secp256r1", 32, "3059301306072a8648ce3d020106082a8648ce3d030107034200"),
    P384("nistp384",
            "secp384r1", 48, "3076301006072a8648ce3d020106052b81040022036200"),
    P521("nistp521", "secp521r1", 66,
            "30819b301006072a8648ce3d020106052b8104002303818600");

    private final String wireName;
    private final String jcaName;
    private final int size;
    private final byte[] keyInfoPrefix;
    private final ECParameterSpec parameters;
    private final BigInteger prime;

    Curve(String wireName, String jcaName, int size, String keyInfoPrefix) {
        this.wireName = wireName;
        this.jcaName = jcaName;
        this.size = size;
        this.keyInfoPrefix = HexFormat.of().parseHex(keyInfoPrefix);
        try {
            var algorithm = AlgorithmParameters.getInstance("EC");
            algorithm.init(new ECGenParameterSpec(jcaName));
            parameters = algorithm.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no curve " + jcaName, e);
        }
        prime = ((ECFieldFp) parameters.getCurve().getField()).getP();
    }

    /** The name inside key blobs, such as {@code nistp256}. */
    String wireName() {
        return wireName;
    }

    /** The name that JCA and Bouncy Castle know the curve by, such as {@code secp256r1}. */
    String jcaName() {
        return jcaName;
    }

    /** Octets of a coordinate, and of a scalar. */
    int size() {
        return size;
    }

    ECParameterSpec parameters() {
        return parameters;
    }

    BigInteger order() {
        return parameters.getOrder();
    }

    /** Whether {@code point} is an uncompressed point of this curve; infinity is not. The cofactor is 1. */
    boolean holds(byte[] point) {
        if (point.length != 1 + 2 * size || point[0] != 4) {
            return false;
        }
        var x = new BigInteger(1, point, 1, size);
        var y = new BigInteger(1, point, 1 + size, size);
        if (x.compareTo(prime) >= 0 || y.compareTo(prime) >= 0) {
            return false;
        }
        var curve = parameters.getCurve();
        var right = x.multiply(x).add(curve.getA()).multiply(x).add(curve.getB()).mod(prime);
        return y.multiply(y).mod(prime).equals(right);
    }

    /** The point as an X.509 SubjectPublicKeyInfo: the cheapest form for the native provider to take. */
    byte[] keyInfo(byte[] point) {
        byte[] info = Arrays.copyOf(keyInfoPrefix, keyInfoPrefix.length + point.length);
        System.arraycopy(point, 0, info, keyInfoPrefix.length, point.length);
        return info;
    }

    /** Whether {@code info} is a SubjectPublicKeyInfo of an uncompressed point that names this curve. */
    boolean named(byte[] info) {
        return info.length == keyInfoPrefix.length + 1 + 2 * size
                && Arrays.equals(info, 0, keyInfoPrefix.length, keyInfoPrefix, 0, keyInfoPrefix.length);
    }

    /** The point inside a SubjectPublicKeyInfo that is {@link #named}. */
    byte[] point(byte[] info) {
        return Arrays.copyOfRange(info, keyInfoPrefix.length, info.length);
    }

    /** {@code value}, which is not negative and below 2^(8·size), in exactly {@code size} octets. */
    byte[] fixed(BigInteger value) {
        byte[] fixed = new byte[size];
        fix(value, fixed, 0);
        return fixed;
    }

    /** Two numbers side by side, as IEEE P1363 writes an ECDSA signature. */
    byte[] fixed(BigInteger r, BigInteger s) {
        byte[] pair = new byte[2 * size];
        fix(r, pair, 0);
        fix(s, pair, size);
        return pair;
    }

    private void fix(BigInteger value, byte[] target, int at) {
        byte[] bytes = value.toByteArray();
        int start = bytes.length > size ? bytes.length - size : 0;
        int length = bytes.length - start;
        System.arraycopy(bytes, start, target, at + size - length, length);
        Arrays.fill(bytes, (byte) 0);
    }
}
