package homeport.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Refusal;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who may come in while nobody knows them. */
class GateTest {
    private static final long SECOND = 1_000_000_000L;

    private final long[] clock = {0};
    private final Gate gate = new Gate(new GateLimits(10, 3), () -> clock[0]);

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private Optional<Refusal> enter(String from) {
        return gate.enter(address(from));
    }

    private void fail(String from, int times) {
        for (int i = 0; i < times; i++) {
            enter(from);
            gate.leave(address(from), Gate.Leaving.FAILED);
        }
    }

    @Test
    void eachSourceHasItsShare() {
        for (int i = 0; i < 3; i++) {
            assertEquals(Optional.empty(), enter("10.0.0.1"));
        }
        assertEquals(Optional.of(Refusal.TOO_MANY_FROM_ADDRESS), enter("10.0.0.1"));
        assertEquals(Optional.empty(), enter("10.0.0.2"));
        gate.leave(address("10.0.0.1"), Gate.Leaving.GONE);
        assertEquals(Optional.empty(), enter("10.0.0.1"));
    }

    @Test
    void networkOf64BitsIsOneSource() {
        for (int i = 0; i < 3; i++) {
            assertEquals(Optional.empty(), enter("2001:db8::" + i));
        }
        assertEquals(Optional.of(Refusal.TOO_MANY_FROM_ADDRESS), enter("2001:db8::ffff"));
        assertEquals(Optional.empty(), enter("2001:db8:0:1::1"));
    }

    @Test
    void allTogetherHaveALimit() {
        for (int i = 0; i < 10; i++) {
            assertEquals(Optional.empty(), enter("10.0.1." + i));
        }
        assertEquals(Optional.of(Refusal.TOO_MANY), enter("10.0.2.1"));
        assertEquals(10, gate.strangers());
    }

    @Test
    void penaltyGrowsAndEnds() {
        fail("10.0.0.1", 19);
        assertEquals(Optional.empty(), enter("10.0.0.1"));
        gate.leave(address("10.0.0.1"), Gate.Leaving.FAILED);
        assertEquals(Optional.of(Refusal.PENALTY), enter("10.0.0.1"));
        assertEquals(Optional.empty(), enter("10.0.0.2"), "nobody else is shut out");
        clock[0] += SECOND;
        fail("10.0.0.1", 1);
        clock[0] += SECOND;
        assertEquals(Optional.of(Refusal.PENALTY), enter("10.0.0.1"), "twice as long now");
        clock[0] += SECOND;
        assertEquals(Optional.empty(), enter("10.0.0.1"));
    }

    /** Behind one address there may be many devices: one that is known speaks for them. */
    @Test
    void successForgivesTheSource() {
        fail("10.0.0.1", 19);
        enter("10.0.0.1");
        gate.leave(address("10.0.0.1"), Gate.Leaving.KNOWN);
        fail("10.0.0.1", 19);
        assertEquals(Optional.empty(), enter("10.0.0.1"));
    }

    @Test
    void penaltyStaysShortWhereADeviceCameFrom() {
        enter("10.0.0.1");
        gate.leave(address("10.0.0.1"), Gate.Leaving.KNOWN);
        for (int i = 0; i < 40; i++) {
            fail("10.0.0.1", 1);
        }
        clock[0] += SECOND;
        assertEquals(Optional.empty(), enter("10.0.0.1"));
    }

    /** A site of many devices behind one address loses its power: all may come back at once. */
    @Test
    void sourceMayHaveAsManyMoreAsItHadDevices() {
        for (int i = 0; i < 4; i++) {
            assertEquals(Optional.empty(), enter("10.0.0.1"));
            gate.leave(address("10.0.0.1"), Gate.Leaving.KNOWN);
        }
        for (int i = 0; i < 4; i++) {
            gate.unlinked(address("10.0.0.1"));
        }
        for (int i = 0; i < 7; i++) {
            assertEquals(Optional.empty(), enter("10.0.0.1"));
        }
        assertEquals(Optional.of(Refusal.TOO_MANY_FROM_ADDRESS), enter("10.0.0.1"));
    }

    @Test
    void inventoryCountsLikeDevicesThatWereHere() {
        var knowing = new Gate(new GateLimits(10, 3), from -> from.equals(address("10.0.0.1")) ? 2 : 0,
                () -> clock[0]);
        assertTrue(knowing.knows(address("10.0.0.1")));
        assertFalse(knowing.knows(address("10.0.0.2")));
        for (int i = 0; i < 5; i++) {
            assertEquals(Optional.empty(), knowing.enter(address("10.0.0.1")));
        }
        assertEquals(Optional.of(Refusal.TOO_MANY_FROM_ADDRESS), knowing.enter(address("10.0.0.1")));
    }

    /** Strangers fill the port; whoever had a device there still comes in, and nobody is accepted beyond that. */
    @Test
    void strangersDoNotKeepDevicesOut() {
        enter("10.0.0.1");
        gate.leave(address("10.0.0.1"), Gate.Leaving.KNOWN);
        for (int i = 0; i < 10; i++) {
            assertEquals(Optional.empty(), enter("10.0.1." + i));
        }
        assertEquals(Optional.of(Refusal.TOO_MANY), enter("10.0.2.1"));
        assertEquals(Optional.empty(), enter("10.0.0.1"));
        assertFalse(gate.isFull());
    }

    @Test
    void rememberedSourceIsForgottenAfterLongQuiet() {
        enter("10.0.0.1");
        gate.leave(address("10.0.0.1"), Gate.Leaving.KNOWN);
        gate.unlinked(address("10.0.0.1"));
        clock[0] += 601 * SECOND;
        for (int i = 0; i < 3; i++) {
            assertEquals(Optional.empty(), enter("10.0.0.1"));
        }
        assertEquals(Optional.of(Refusal.TOO_MANY_FROM_ADDRESS), enter("10.0.0.1"));
    }

    @Test
    void refusalsAreCounted() {
        for (int i = 0; i < 5; i++) {
            enter("10.0.0.1");
        }
        assertEquals(2L, gate.counters().get("too-many-from-address"));
    }
}
