package homeport.gateway.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.gateway.inventory.Operator;
import homeport.gateway.inventory.Role;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AccessTest {
    private static final Set<Action> VIEWERS = EnumSet.of(Action.SEE, Action.SEE_STRANGERS, Action.SEE_KEYS);
    private static final Set<Action> ADMINS = EnumSet.of(Action.LABEL, Action.AUDIT, Action.OPERATORS, Action.TRUST);

    private static Operator operator(Role role, Map<String, Set<String>> selectors) {
        return new Operator("alice", role, Map.of(), selectors);
    }

    private static boolean allowed(Operator operator, Action action, Map<String, String> labels) {
        return (action.ofDevice()
                ? Access.toDevice(operator, action, labels)
                : Access.toGateway(operator, action)) instanceof Access.Allowed;
    }

    @Test
    void eachRoleMayWhatItsTableSays() {
        for (var action : Action.values()) {
            assertEquals(VIEWERS.contains(action), allowed(operator(Role.VIEWER, Map.of()), action, Map.of()),
                    action.name());
            assertEquals(!ADMINS.contains(action), allowed(operator(Role.OPERATOR, Map.of()), action, Map.of()),
                    action.name());
            assertTrue(allowed(operator(Role.ADMIN, Map.of()), action, Map.of()), action.name());
        }
    }

    @Test
    void selectorsNeedEveryLabelAndOneOfItsValues() {
        var selected = operator(Role.OPERATOR, Map.of("site", Set.of("n", "s"), "kind", Set.of("x")));
        assertTrue(allowed(selected, Action.CONNECT, Map.of("site", "n", "kind", "x", "rack", "7")));
        assertTrue(allowed(selected, Action.CONNECT, Map.of("site", "s", "kind", "x")));
        for (var labels : Set.<Map<String, String>>of(Map.of(), Map.of("site", "n"), Map.of("site", "n", "kind", "y"),
                Map.of("site", "e", "kind", "x"), Map.of("site", "N", "kind", "x"),
                Map.of("site", "n,s", "kind", "x"))) {
            assertFalse(allowed(selected, Action.CONNECT, labels), labels::toString);
        }
        assertFalse(allowed(operator(Role.ADMIN, Map.of("site", Set.of())), Action.SEE, Map.of("site", "")));
    }

    @Test
    void aDeviceOutOfReachIsHiddenWhateverIsAsked() {
        var selected = operator(Role.VIEWER, Map.of("site", Set.of("n")));
        for (var action : Action.values()) {
            if (action.ofDevice()) {
                var denied = assertInstanceOf(Access.Denied.class,
                        Access.toDevice(selected, action, Map.of("site", "s")));
                assertTrue(denied.hidden());
                assertEquals("there is no such device", denied.reason());
            }
        }
        var denied = assertInstanceOf(Access.Denied.class,
                Access.toDevice(selected, Action.CONNECT, Map.of("site", "n")));
        assertFalse(denied.hidden());
        assertEquals("this needs the role operator, and alice is viewer", denied.reason());
    }

    @Test
    void whoseDevicesAreSelectedHasNoSayAboutTheGateway() {
        var selected = operator(Role.ADMIN, Map.of("site", Set.of("n")));
        for (var action : Arrays.stream(Action.values()).filter(action -> !action.ofDevice()).toList()) {
            assertEquals(action == Action.SEE_KEYS, Access.toGateway(selected, action) instanceof Access.Allowed,
                    action.name());
        }
    }

    @Test
    void aQuestionOfTheWrongKindIsAMistake() {
        var admin = operator(Role.ADMIN, Map.of());
        assertThrows(IllegalArgumentException.class, () -> Access.toGateway(admin, Action.SEE));
        assertThrows(IllegalArgumentException.class, () -> Access.toDevice(admin, Action.TRUST, Map.of()));
    }
}
