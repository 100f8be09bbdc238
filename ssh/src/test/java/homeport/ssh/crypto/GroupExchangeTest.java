package homeport.ssh.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import homeport.ssh.crypto.GroupExchange.Request;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import java.math.BigInteger;
import java.util.List;
import org.bouncycastle.crypto.agreement.DHStandardGroups;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GroupExchangeTest {
    private static final BigInteger TWO = BigInteger.TWO;

    /** RFC 3526's definition: 2^n - 2^(n-64) - 1 + 2^64 * ([2^(n-130) pi] + k). */
    @ParameterizedTest
    @CsvSource({"2048, 124476", "3072, 1690314", "4096, 240904", "6144, 929484", "8192, 4743158"})
    void groupsAreThoseOfRfc3526(int bits, long k) {
        var expected = TWO.pow(bits).subtract(TWO.pow(bits - 64)).subtract(BigInteger.ONE)
                .add(pi(bits - 130).add(BigInteger.valueOf(k)).shiftLeft(64));
        assertEquals(expected, GroupExchange.known(bits).p());
        assertEquals(TWO, GroupExchange.known(bits).g());
    }

    @ParameterizedTest
    @CsvSource({"2048, 2048, 8192, 2048", "1024, 2047, 4096, 2048", "2048, 2049, 8192, 3072", "2048, 3072, 8192, 3072",
            "2048, 7680, 8192, 8192", "1024, 8192, 8192, 8192", "2048, 5000, 5000, 4096", "0, 0, 4294967295, 2048",
            "2048, 100000, 4294967295, 8192", "3000, 3000, 3100, 3072"})
    void theServerTakesTheSmallestGroupThatIsLargeEnough(long least, long preferred, long most, int chosen) {
        assertEquals(chosen, GroupExchange.choose(new Request(least, preferred, most)).bits());
    }

    @Test
    void aWishThatCannotBeMetIsRefused() {
        assertEquals(Rule.NO_COMMON_ALGORITHM, rule(() -> GroupExchange.choose(new Request(512, 1024, 2047))));
        assertEquals(Rule.NO_COMMON_ALGORITHM, rule(() -> GroupExchange.choose(new Request(8193, 9000, 16384))));
        assertEquals(Rule.NO_COMMON_ALGORITHM, rule(() -> GroupExchange.choose(new Request(2100, 2200, 3000))));
        assertEquals(Rule.KEX_VALUE, rule(() -> GroupExchange.choose(new Request(4096, 2048, 8192))));
        assertEquals(Rule.KEX_VALUE, rule(() -> GroupExchange.choose(new Request(2048, 4096, 3072))));
    }

    @Test
    void knownAndUnknownSafePrimesAreAccepted() {
        var any = new Request(2048, 2048, 8192);
        for (int bits : new int[]{2048, 3072, 4096, 6144, 8192}) {
            var group = GroupExchange.known(bits);
            assertEquals(group, GroupExchange.accept(any, group.p(), group.g()));
        }
        var other = DHStandardGroups.rfc7919_ffdhe2048;
        assertEquals(other.getP(), GroupExchange.accept(Request.OURS, other.getP(), other.getG()).p());
        assertEquals(BigInteger.valueOf(5),
                GroupExchange.accept(Request.OURS, other.getP(), BigInteger.valueOf(5)).g());
    }

    @Test
    void groupsOfOtherSizesThanAskedForAreRefused() {
        var request = new Request(3072, 3072, 4096);
        for (int bits : new int[]{2048, 6144, 8192}) {
            assertEquals(Rule.KEX_VALUE, rule(() -> GroupExchange.accept(request, GroupExchange.known(bits).p(), TWO)));
        }
        // Whatever was asked for: RFC 8270's least.
        var small = DHStandardGroups.rfc3526_1536;
        assertEquals(Rule.KEX_VALUE,
                rule(() -> GroupExchange.accept(new Request(1024, 1536, 8192), small.getP(), TWO)));
        assertEquals(Rule.KEX_VALUE, rule(() -> GroupExchange.accept(new Request(1024, 16384, 16384),
                TWO.pow(16384).subtract(BigInteger.ONE), TWO)));
        assertEquals(Rule.KEX_VALUE,
                rule(() -> GroupExchange.accept(Request.OURS, GroupExchange.known(2048).p().negate(), TWO)));
    }

    @Test
    void modulesThatAreNotSafePrimesAreRefused() {
        var p = GroupExchange.known(4096).p();
        var sophieGermain = GroupExchange.known(2048).p();
        var prime = new BigInteger("65537").modPow(BigInteger.ONE, p);
        var product = DHStandardGroups.rfc3526_2048.getP().multiply(DHStandardGroups.rfc7919_ffdhe2048.getP());
        for (var modulus : List.of(p.subtract(BigInteger.ONE), p.add(TWO), product, TWO.pow(4096).subtract(TWO),
                sophieGermain.multiply(prime), TWO.pow(3217).subtract(BigInteger.ONE))) {
            assertEquals(Rule.KEX_VALUE, rule(() -> GroupExchange.accept(Request.OURS, modulus, TWO)),
                    () -> modulus.toString(16));
        }
    }

    @Test
    void generatorsAtTheEdgesAreRefused() {
        var p = GroupExchange.known(2048).p();
        for (var g : List.of(BigInteger.ZERO, BigInteger.ONE, p.subtract(BigInteger.ONE), p, p.add(BigInteger.ONE),
                TWO.negate())) {
            assertEquals(Rule.KEX_VALUE, rule(() -> GroupExchange.accept(Request.OURS, p, g)));
        }
    }

    private static Rule rule(Runnable check) {
        return assertThrows(ProtocolError.class, check::run).rule();
    }

    /** [2^bits pi] by Machin's formula: pi = 16 arctan(1/5) - 4 arctan(1/239). */
    private static BigInteger pi(int bits) {
        int guard = 64;
        var one = TWO.pow(bits + guard);
        return arctanOfInverse(5, one).shiftLeft(4).subtract(arctanOfInverse(239, one).shiftLeft(2)).shiftRight(guard);
    }

    private static BigInteger arctanOfInverse(int x, BigInteger one) {
        var square = BigInteger.valueOf((long) x * x);
        var power = one.divide(BigInteger.valueOf(x));
        var sum = power;
        for (long n = 3; power.signum() != 0; n += 2) {
            power = power.divide(square).negate();
            sum = sum.add(power.divide(BigInteger.valueOf(n)));
        }
        return sum;
    }
}
