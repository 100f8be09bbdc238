package homeport.gateway.southbound;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What was changed concerns those it names, everybody where it must, and nobody else. */
class RecordChangesTest {
    private final RecordChanges changes = new RecordChanges();

    @Test
    void aChangeConcernsWhoHasItsName() {
        long before = changes.count();
        changes.changed("router1");
        assertTrue(changes.since(before, List.of("SHA256:x", "router1")));
        assertFalse(changes.since(before, List.of("router2")));
        assertFalse(changes.since(changes.count(), List.of("router1")));
    }

    @Test
    void aChangeOfAuthoritiesConcernsEverybody() {
        long before = changes.count();
        changes.allChanged();
        assertTrue(changes.since(before, List.of("router2")));
        assertFalse(changes.since(changes.count(), List.of("router2")));
    }

    @Test
    void whatIsNoLongerKeptMayHaveConcernedAnybody() {
        long before = changes.count();
        changes.changed("router1");
        long after = changes.count();
        for (int i = 0; i < 4_096; i++) {
            changes.changed("other" + i);
        }
        assertTrue(changes.since(before, List.of("router1")));
        assertTrue(changes.since(before, List.of("router2")));
        assertFalse(changes.since(after, List.of("router1")));
    }

    @Test
    void theSameNameAgainTakesNoMoreRoom() {
        changes.changed("router1");
        long before = changes.count();
        for (int i = 0; i < 10_000; i++) {
            changes.changed("router2");
        }
        assertFalse(changes.since(before, List.of("router1")));
    }
}
