package homeport.ssh.crypto;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import java.math.BigInteger;
import java.util.List;
import org.bouncycastle.crypto.agreement.DHStandardGroups;
import org.bouncycastle.crypto.params.DHParameters;

/**
 * Diffie-Hellman group exchange (RFC 4419, with the sizes of RFC 8270): the client says how large a group it wants, the
 * server names one, and from there on it is Diffie-Hellman in that group.
 *
 * <p>As a server we offer the groups of RFC 3526, from 2048 to 8192 bits; as a client we take any group that looks right.
 */
public final class GroupExchange {
    /** RFC 8270: no group below. */
    public static final int LEAST_BITS = 2048;
    /** A larger one costs the peer that must use it more than it protects. */
    public static final int MOST_BITS = 8192;

    private static final List<Group> OFFERED = List.of(group(DHStandardGroups.rfc3526_2048),
            group(DHStandardGroups.rfc3526_3072), group(DHStandardGroups.rfc3526_4096),
            group(DHStandardGroups.rfc3526_6144), group(DHStandardGroups.rfc3526_8192));
    /** The product of the odd primes below 256. */
    private static final BigInteger SMALL_PRIMES = smallPrimes(256);

    private GroupExchange() {}

    /**
     * The client's wish (SSH_MSG_KEY_DH_GEX_REQUEST), in bits. The three numbers enter the exchange hash as they were
     * sent, so a peer's are kept as they came.
     *
     * @param least     as an unsigned 32-bit value, as the others
     * @param preferred what the server should come closest to
     * @param most      the largest that the client takes
     */
    public record Request(long least, long preferred, long most) {
        /**
         * What we ask for as a client. Beyond 4096 bits the check of a group that we do not know would cost more than a
         * tenth of a second, which whoever dials could ask us for.
         */
        public static final Request OURS = new Request(LEAST_BITS, 3072, 4096);
    }

    /**
     * A group: the safe prime and what generates its large subgroup.
     *
     * @param p the modulus
     * @param g the generator
     */
    public record Group(BigInteger p, BigInteger g) {
        /** The key exchange in this group. */
        public KexMethod method(String hash) {
            return new DiffieHellman(hash, p, g);
        }

        int bits() {
            return p.bitLength();
        }

        @Override
        public String toString() {
            return "a group of " + bits() + " bits";
        }
    }

    /**
     * The server's answer: the smallest of our groups that is no smaller than the client prefers, else the largest that
     * it takes.
     *
     * @throws ProtocolError with {@code KEX_VALUE} when the wish contradicts itself, with {@code NO_COMMON_ALGORITHM}
     *                       when no group of ours is within it
     */
    public static Group choose(Request request) {
        if (request.least() > request.preferred() || request.preferred() > request.most()) {
            throw new ProtocolError(Rule.KEX_VALUE, "asked for a group of " + request.least() + " to " + request.most()
                    + " bits, preferably " + request.preferred());
        }
        Group best = null;
        for (var group : OFFERED) {
            if (group.bits() >= request.least() && group.bits() <= request.most()) {
                best = group;
                if (group.bits() >= request.preferred()) {
                    break;
                }
            }
        }
        if (best == null) {
            throw new ProtocolError(Rule.NO_COMMON_ALGORITHM,
                    "no group of " + request.least() + " to " + request.most() + " bits");
        }
        return best;
    }

    /**
     * The group that a server named, when it can be used: of a size that we asked for, with a modulus that is probably
     * prime, half of which has no small factor, and a generator within it.
     *
     * <p>Groups of RFC 3526 are known. For another, division by small primes and one round of Euler's test are enough: a server that wants to
     * give a session away needs no weak group for it, and nobody between can change what the host key signs. Their
     * cost is bounded by {@link #MOST_BITS}.
     *
     * @throws ProtocolError with {@code KEX_VALUE}
     */
    public static Group accept(Request request, BigInteger p, BigInteger g) {
        int bits = p.bitLength();
        if (p.signum() <= 0 || bits < Math.max(LEAST_BITS, request.least())
                || bits > Math.min(MOST_BITS, request.most())) {
            throw new ProtocolError(Rule.KEX_VALUE, "a group of " + bits + " bits");
        }
        if (g.compareTo(BigInteger.TWO) < 0 || g.compareTo(p.subtract(BigInteger.TWO)) > 0) {
            throw new ProtocolError(Rule.KEX_VALUE, "a generator outside of 2 to p-2");
        }
        var group = new Group(p, g);
        if (OFFERED.contains(group)) {
            return group;
        }
        var half = p.shiftRight(1);
        if (!p.testBit(0) || !p.gcd(SMALL_PRIMES).equals(BigInteger.ONE)
                || !half.gcd(SMALL_PRIMES).equals(BigInteger.ONE) || !looksPrime(p, half)) {
            throw new ProtocolError(Rule.KEX_VALUE, "a modulus that is not a safe prime");
        }
        return group;
    }

    /** Euler's criterion with 2, which all primes meet and hardly anything else does: 2^((p-1)/2) is 1 or -1. */
    private static boolean looksPrime(BigInteger p, BigInteger half) {
        var power = BigInteger.TWO.modPow(half, p);
        return power.equals(BigInteger.ONE) || power.equals(p.subtract(BigInteger.ONE));
    }

    /** The group of RFC 3526 with this many bits. */
    static Group known(int bits) {
        for (var group : OFFERED) {
            if (group.bits() == bits) {
                return group;
            }
        }
        throw new IllegalArgumentException("no group of " + bits + " bits");
    }

    private static Group group(DHParameters parameters) {
        return new Group(parameters.getP(), parameters.getG());
    }

    private static BigInteger smallPrimes(int below) {
        var product = BigInteger.ONE;
        for (int candidate = 3; candidate < below; candidate += 2) {
            var number = BigInteger.valueOf(candidate);
            if (number.gcd(product).equals(BigInteger.ONE)) {
                product = product.multiply(number);
            }
        }
        return product;
    }
}
