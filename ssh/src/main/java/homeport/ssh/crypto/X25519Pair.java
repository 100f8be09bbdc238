package homeport.ssh.crypto;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;
import javax.security.auth.DestroyFailedException;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.jspecify.annotations.Nullable;

/**
 * An X25519 key pair (RFC 7748) for one exchange: Conscrypt's where it is on the class path and its native library loads
 * (12 µs to make, 31 to agree), Bouncy Castle's otherwise (30 and 84); the JDK's own takes two to four times as long.
 */
abstract sealed class X25519Pair {
    static final int VALUE_BYTES = 32;

    private static final @Nullable Provider NATIVE = Providers.conscrypt().orElse(null);

    private final byte[] value;

    private X25519Pair(byte[] value) {
        this.value = value;
    }

    /**
     * A new pair. Conscrypt draws from its own generator, so a {@code random} that is not Java's own, which somebody
     * must have wanted, makes a pair of Bouncy Castle's.
     */
    static X25519Pair generate(SecureRandom random) {
        return NATIVE != null && random.getClass() == SecureRandom.class ? generate(NATIVE) : portable(random);
    }

    static X25519Pair portable(SecureRandom random) {
        var scalar = new byte[X25519.SCALAR_SIZE];
        X25519.generatePrivateKey(random, scalar);
        var value = new byte[VALUE_BYTES];
        X25519.generatePublicKey(scalar, 0, value, 0);
        return new Portable(scalar, value);
    }

    private static X25519Pair generate(Provider provider) {
        try {
            var pair = KeyPairGenerator.getInstance("XDH", provider).generateKeyPair();
            byte[] info = pair.getPublic().getEncoded();
            return new Native(provider, pair.getPrivate(),
                    Arrays.copyOfRange(info, info.length - VALUE_BYTES, info.length));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt makes no X25519 keys", e);
        }
    }

    /** The public value, of {@value #VALUE_BYTES} bytes. */
    final byte[] value() {
        return value;
    }

    /**
     * The shared secret with the value at {@code offset}; the private key is overwritten.
     *
     * @throws ProtocolError if that value has another length, or is of small order: it alone would decide the secret,
     *         which RFC 8731 §3 refuses by its being all zeros
     */
    final byte[] agree(byte[] array, int offset, int length) {
        try {
            if (length != VALUE_BYTES) {
                throw new ProtocolError(Rule.KEX_VALUE, "an X25519 value of " + length + " bytes");
            }
            byte[] secret = multiply(array, offset);
            int any = 0;
            for (byte b : secret) {
                any |= b;
            }
            if (any == 0) {
                throw new ProtocolError(Rule.KEX_VALUE, "an X25519 value of small order");
            }
            return secret;
        } finally {
            destroy();
        }
    }

    /** All zeros for a value of small order. */
    abstract byte[] multiply(byte[] array, int offset);

    /** Overwrites the private key. */
    abstract void destroy();

    private static final class Portable extends X25519Pair {
        private final byte[] scalar;

        Portable(byte[] scalar, byte[] value) {
            super(value);
            this.scalar = scalar;
        }

        @Override
        byte[] multiply(byte[] array, int offset) {
            var secret = new byte[VALUE_BYTES];
            X25519.scalarMult(scalar, 0, array, offset, secret, 0);
            return secret;
        }

        @Override
        void destroy() {
            Arrays.fill(scalar, (byte) 0);
        }
    }

    private static final class Native extends X25519Pair {
        /** Of a SubjectPublicKeyInfo (RFC 8410 §4), before the value. */
        private static final byte[] KEY_INFO_PREFIX = HexFormat.of().parseHex("302a300506032b656e032100");

        private final Provider provider;
        private final PrivateKey key;

        Native(Provider provider, PrivateKey key, byte[] value) {
            super(value);
            this.provider = provider;
            this.key = key;
        }

        @Override
        byte[] multiply(byte[] array, int offset) {
            byte[] info = Arrays.copyOf(KEY_INFO_PREFIX, KEY_INFO_PREFIX.length + VALUE_BYTES);
            System.arraycopy(array, offset, info, KEY_INFO_PREFIX.length, VALUE_BYTES);
            try {
                var agreement = KeyAgreement.getInstance("XDH", provider);
                agreement.init(key);
                agreement.doPhase(
                        KeyFactory.getInstance("XDH", provider).generatePublic(new X509EncodedKeySpec(info)), true);
                return agreement.generateSecret();
            } catch (GeneralSecurityException e) {
                // Its way to say that the result is zero (BoringSSL's X25519 returns 0 then).
                return new byte[VALUE_BYTES];
            }
        }

        @Override
        void destroy() {
            try {
                key.destroy();
            } catch (DestroyFailedException e) {
                throw new IllegalStateException("Conscrypt keeps an X25519 key", e);
            }
        }
    }
}
