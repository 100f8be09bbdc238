package homeport.gateway.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Cause;
import homeport.callhome.Refusal;
import homeport.gateway.admission.Reason;
import homeport.gateway.inventory.Attempt;
import homeport.gateway.inventory.AttemptOutcome;
import homeport.gateway.inventory.AttemptStage;
import homeport.ssh.wire.Rule;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    private static final String KEY = "SHA256:" + "A".repeat(43);

    private static Attempt attempt(String code, AttemptStage stage, String id, String detail) {
        return new Attempt(1, Instant.EPOCH, "192.0.2.1", "tunnel", id, KEY, stage, AttemptOutcome.REFUSED, code,
                detail);
    }

    @Test
    void everyCodeAtEveryStageHasOneSentenceEach() {
        int count = 0;
        for (var code : Explanation.codes()) {
            for (var stage : AttemptStage.values()) {
                var told = Explanation.of(attempt(code, stage, "r1", ""));
                assertTrue(told.happened().length() > 7 && told.happened().endsWith("."), told::toString);
                assertTrue(told.remedy().length() > 7 && !told.remedy().contains("{"), told::toString);
                assertFalse(told.remedy().contains("\n") || told.happened().contains("\n"));
                count++;
            }
        }
        assertTrue(count > 600, "codes were seen: " + count);
    }

    @Test
    void codesOfAllThreeKindsAreDistinct() {
        var all = new HashSet<String>();
        for (var reason : Reason.values()) {
            assertTrue(all.add(reason.code()), reason.code());
        }
        for (var refusal : Refusal.values()) {
            assertTrue(all.add(refusal.code()), refusal.code());
        }
        for (var rule : Rule.values()) {
            assertTrue(all.add(new Cause.BrokenRule(rule).code()), rule.name());
        }
        for (var code : SessionCode.values()) {
            assertTrue(all.add(code.code()), code.code());
        }
        assertEquals(Explanation.codes(), all);
    }

    @Test
    void whatWasMetStandsInTheSentence() {
        assertEquals("No algorithm in common (it has ssh-dss).",
                Explanation.of(attempt("ssh-no-common-algorithm", AttemptStage.KEY_EXCHANGE, "r1", "it has ssh-dss"))
                        .happened());
        assertEquals("The peer speaks HTTP: GET /.",
                Explanation.of(attempt("http", AttemptStage.FIRST_BYTE, "", "the peer speaks HTTP: GET /")).happened());
        assertEquals("Nobody knows this device.",
                Explanation.of(attempt("unknown-device", AttemptStage.IDENTITY, "r1", "nobody knows this device"))
                        .happened());
    }

    @Test
    void whereThePortAndABalancerDisagreeTheSettingIsNamed() {
        assertTrue(Explanation.of(attempt("no-proxy-header", AttemptStage.CONNECTED, "", "")).remedy()
                .contains("devices.proxy-protocol: false"));
        assertTrue(Explanation.of(attempt("proxy-header", AttemptStage.FIRST_BYTE, "", "")).remedy()
                .startsWith("If 192.0.2.1 is your balancer, set devices.proxy-protocol: true"));
    }

    @Test
    void commandsNameTheDeviceInQuotesWhereAShellNeedsThem() {
        assertTrue(Explanation.of(attempt("other-key", AttemptStage.IDENTITY, "r1", "")).remedy()
                .contains("homeport device approve r1;"));
        var hostile = "x'; rm -rf ~ #{id}";
        assertTrue(Explanation.of(attempt("unknown-device", AttemptStage.IDENTITY, hostile, "")).remedy()
                .endsWith("homeport device approve 'x'\\''; rm -rf ~ #{id}'"));
        for (var id : List.of("$(reboot)", "`reboot`", "a b", "a\"b", "-rf", "a;b", "~root", "a*", "!!")) {
            assertTrue(Explanation.quoted(id, "").startsWith("'"), id);
        }
        assertEquals("ID", Explanation.quoted("", "ID"));
    }

    @Test
    void aConnectionThatWasLostIsExplainedByItsStage() {
        var seen = new HashSet<String>();
        for (var stage : List.of(AttemptStage.CONNECTED, AttemptStage.KEY_EXCHANGE, AttemptStage.IDENTITY,
                AttemptStage.LOGIN, AttemptStage.LINKED)) {
            assertTrue(seen.add(Explanation.of(attempt("lost", stage, "r1", "")).remedy()), stage.name());
        }
    }

    @Test
    void aCodeOfAnotherVersionIsShownAsItIs() {
        var told = Explanation.of(attempt("from-the-future", AttemptStage.LOGIN, "r1", "odd\u001b[2J"));
        assertEquals("Odd [2J.", told.happened());
        assertNotEquals("", told.remedy());
    }
}
