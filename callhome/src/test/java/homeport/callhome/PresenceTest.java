package homeport.callhome;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who gives way to whom when a device is there twice. */
class PresenceTest {
    private final Presence<String> presence = new Presence<>();

    @Test
    void provedIdentityDisplacesTheOldConnection() {
        presence.add("r1", "old", true);
        assertEquals(new Presence.Outcome.Displaced<>("new", "old"), presence.add("r1", "new", true));
        assertEquals(Optional.of("new"), presence.find("r1"));
    }

    @Test
    void claimDisplacesNobody() {
        presence.add("r1", "old", true);
        assertEquals(new Presence.Outcome.KeptOut<>("old"), presence.add("r1", "new", false));
        assertEquals(Optional.of("old"), presence.find("r1"));
    }

    @Test
    void endOfTheOldConnectionDoesNotRemoveTheNewOne() {
        presence.add("r1", "old", true);
        presence.add("r1", "new", true);
        assertFalse(presence.remove("r1", "old"));
        assertEquals(Optional.of("new"), presence.find("r1"));
        assertTrue(presence.remove("r1", "new"));
        assertEquals(0, presence.size());
    }
}
