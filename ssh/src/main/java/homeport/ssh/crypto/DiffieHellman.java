package homeport.ssh.crypto;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import java.math.BigInteger;
import java.security.SecureRandom;

/**
 * Diffie-Hellman over a safe prime (RFC 4253 §8, RFC 8268): values and secret as integers.
 *
 * <p>By {@link BigInteger}, as the JDK's own provider does it, and no other provider offers it. The private exponent
 * always has the same number of bits, twice the group's strength and a little more, so that the time of the
 * exponentiation does not tell its length.
 */
final class DiffieHellman implements KexMethod {
    private final String hash;
    private final BigInteger p;
    private final BigInteger g;
    private final BigInteger last;
    private final int exponentBits;

    DiffieHellman(String hash, BigInteger p, BigInteger g) {
        this.hash = hash;
        this.p = p;
        this.g = g;
        this.last = p.subtract(BigInteger.TWO);
        this.exponentBits = exponentBits(p.bitLength());
    }

    /** At least what NIST SP 800-56A and RFC 7919 ask for groups of these sizes. */
    private static int exponentBits(int groupBits) {
        if (groupBits <= 2048) {
            return 256;
        } else if (groupBits <= 3072) {
            return 288;
        } else if (groupBits <= 4096) {
            return 352;
        } else if (groupBits <= 6144) {
            return 384;
        }
        return 416;
    }

    @Override
    public String hash() {
        return hash;
    }

    @Override
    public boolean valuesAreIntegers() {
        return true;
    }

    @Override
    public Initiator initiate(SecureRandom random) {
        var exponent = exponent(random);
        byte[] value = g.modPow(exponent, p).toByteArray();
        return new Initiator() {
            @Override
            public byte[] value() {
                return value;
            }

            @Override
            public byte[] agree(byte[] serverValue) {
                return DiffieHellman.this.agree(exponent, serverValue);
            }

            @Override
            public void destroy() {
                // A BigInteger cannot be overwritten.
            }
        };
    }

    @Override
    public Answer answer(byte[] clientValue, SecureRandom random) {
        var exponent = exponent(random);
        byte[] secret = agree(exponent, clientValue);
        return new Answer(g.modPow(exponent, p).toByteArray(), secret);
    }

    private BigInteger exponent(SecureRandom random) {
        return new BigInteger(exponentBits, random).setBit(exponentBits - 1);
    }

    private byte[] agree(BigInteger exponent, byte[] magnitude) {
        if (magnitude.length > p.bitLength() / 8 + 1) {
            throw new ProtocolError(Rule.KEX_VALUE, "a value of " + magnitude.length + " bytes");
        }
        var value = new BigInteger(1, magnitude);
        if (value.compareTo(BigInteger.TWO) < 0 || value.compareTo(last) > 0) {
            throw new ProtocolError(Rule.KEX_VALUE, "a value outside of 2 to p-2");
        }
        return Secrets.mpint(value.modPow(exponent, p).toByteArray());
    }
}
