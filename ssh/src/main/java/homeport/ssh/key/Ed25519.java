package homeport.ssh.key;

import homeport.ssh.crypto.Providers;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ed25519 (RFC 8032) from the fastest provider that is here: the native one (sign 10 µs, verify 50 µs with the key's
 * decoding, 2 µs), or Bouncy Castle (39 and 105 µs); the JDK's own takes 650 µs for either.
 */
final class Ed25519 {
    static final int SIZE = 32;
    static final int SIGNATURE_SIZE = 64;

    private static final byte[] KEY_INFO_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");
    private static final byte[] PRIVATE_KEY_INFO_PREFIX = HexFormat.of().parseHex("302e020100300506032b657004220420");
    /**
     * The y coordinates of the points of order 1, 2, 4 and 8. Under such a key a signature can be made without a
     * private key, so nobody has one for a good reason.
     */
    private static final List<byte[]> SMALL_ORDER = List.of(
            HexFormat.of().parseHex("0000000000000000000000000000000000000000000000000000000000000000"),
            HexFormat.of().parseHex("0100000000000000000000000000000000000000000000000000000000000000"),
            HexFormat.of().parseHex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
            HexFormat.of().parseHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
            HexFormat.of().parseHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"));

    private static final @Nullable Provider NATIVE = Providers.nativeProvider()
            .filter(provider -> provider.getService("KeyFactory", "Ed25519") != null
                    && provider.getService("Signature", "Ed25519") != null)
            .orElse(null);

    private Ed25519() {}

    /**
     * Refuses a point that is no possible key: a wrong size, a y that is not reduced, a small order. Whether a y belongs
     * to a point at all costs a square root, and each verification finds out: it fails.
     */
    static void check(byte[] point) {
        if (point.length != SIZE) {
            throw KeyBlobs.malformed("an Ed25519 key of " + point.length + " bytes");
        }
        byte[] y = point.clone();
        y[SIZE - 1] &= 0x7f;
        boolean reduced = y[SIZE - 1] != 0x7f || (y[0] & 0xff) < 0xed;
        for (int i = 1; i < SIZE - 1 && !reduced; i++) {
            reduced = y[i] != (byte) 0xff;
        }
        if (!reduced) {
            throw KeyBlobs.malformed("an Ed25519 key that is not reduced");
        }
        for (byte[] weak : SMALL_ORDER) {
            if (Arrays.equals(y, weak)) {
                throw KeyBlobs.malformed("an Ed25519 key of small order");
            }
        }
    }

    /** Whether {@code info} is a SubjectPublicKeyInfo of an Ed25519 key (RFC 8410). */
    static boolean named(byte[] info) {
        int prefix = KEY_INFO_PREFIX.length;
        return info.length == prefix + SIZE && Arrays.equals(info, 0, prefix, KEY_INFO_PREFIX, 0, prefix);
    }

    static byte[] point(byte[] info) {
        return Arrays.copyOfRange(info, KEY_INFO_PREFIX.length, info.length);
    }

    static byte[] publicKey(byte[] seed) {
        byte[] point = new byte[SIZE];
        org.bouncycastle.math.ec.rfc8032.Ed25519.generatePublicKey(seed, 0, point, 0);
        return point;
    }

    static PublicKey jcaKey(byte[] point) throws GeneralSecurityException {
        return factory().generatePublic(new X509EncodedKeySpec(join(KEY_INFO_PREFIX, point)));
    }

    static PrivateKey jcaPrivateKey(byte[] seed) throws GeneralSecurityException {
        byte[] info = join(PRIVATE_KEY_INFO_PREFIX, seed);
        try {
            return factory().generatePrivate(new PKCS8EncodedKeySpec(info));
        } finally {
            Arrays.fill(info, (byte) 0);
        }
    }

    /** @param signature of {@link #SIGNATURE_SIZE} octets */
    static boolean verify(byte[] point, byte[] data, byte[] signature) throws GeneralSecurityException {
        if (NATIVE == null) {
            return org.bouncycastle.math.ec.rfc8032.Ed25519.verify(signature, 0, point, 0, data, 0, data.length);
        }
        var check = Signature.getInstance("Ed25519", NATIVE);
        check.initVerify(jcaKey(point));
        check.update(data);
        return check.verify(signature);
    }

    /** Whether {@link #sign(PrivateKey, byte[])} is the fast way here. */
    static boolean keepsKeys() {
        return NATIVE != null;
    }

    /** With a key from {@link #jcaPrivateKey}, by the native provider. */
    static byte[] sign(PrivateKey key, byte[] data) throws GeneralSecurityException {
        var signing = Signature.getInstance("Ed25519", NATIVE);
        signing.initSign(key);
        signing.update(data);
        return signing.sign();
    }

    /** With the seed, where there is no native provider. */
    static byte[] sign(byte[] seed, byte[] point, byte[] data) {
        byte[] signature = new byte[SIGNATURE_SIZE];
        org.bouncycastle.math.ec.rfc8032.Ed25519.sign(seed, 0, point, 0, data, 0, data.length, signature, 0);
        return signature;
    }

    private static KeyFactory factory() throws GeneralSecurityException {
        return NATIVE == null ? KeyFactory.getInstance("Ed25519") : KeyFactory.getInstance("Ed25519", NATIVE);
    }

    private static byte[] join(byte[] prefix, byte[] tail) {
        byte[] joined = Arrays.copyOf(prefix, prefix.length + tail.length);
        System.arraycopy(tail, 0, joined, prefix.length, tail.length);
        return joined;
    }
}
