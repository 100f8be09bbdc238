package homeport.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What the module descriptor cannot say. */
class ArchitectureTest {
    private static final JavaClasses MODULE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("homeport.agent");
    private static final String MACHINES = "homeport\\.agent\\.(ReconnectStrategy|ReconnectRules|ConnectionType"
            + "|CalledGateway|Endpoint)(\\$.*)?";

    @Test
    void strategyKnowsNoClockThreadOrNetwork() {
        assertTrue(MODULE.stream().filter(type -> type.getName().matches(MACHINES)).count() > 8);
        noClasses().that().haveNameMatching(MACHINES).should().dependOnClassesThat()
                .resideInAnyPackage("java.util.concurrent..", "homeport.net..", "homeport.callhome..").orShould()
                .dependOnClassesThat().haveFullyQualifiedName(Thread.class.getName()).orShould()
                .callMethod(Instant.class, "now").orShould().callMethod(System.class, "nanoTime").orShould()
                .callMethod(System.class, "currentTimeMillis").check(MODULE);
    }

    /** Else a test could not move it. */
    @Test
    void onlyOneDoorLeadsToTheMonotonicClock() {
        noClasses().that().doNotHaveSimpleName("OfMachine").should().callMethod(System.class, "nanoTime").orShould()
                .callMethod(System.class, "currentTimeMillis").check(MODULE);
    }

    @Test
    void agentIsOneRoom() {
        assertEquals(1, MODULE.stream().map(type -> type.getPackageName()).distinct().count());
    }

    /** The YANG modules cost memory that an idle agent has no use for: only what is opened by a session may know them. */
    @Test
    void onlyTheEmbeddedServerKnowsNetconf() {
        noClasses().that().haveNameNotMatching("homeport\\.agent\\.(EmbeddedNetconf|CallHomeModel)(\\$.*)?").should()
                .dependOnClassesThat().resideInAPackage("homeport.netconf..").check(MODULE);
    }
}
