package homeport.gateway;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What the module descriptor cannot say. */
class ArchitectureTest {
    private static final JavaClasses MODULE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("homeport.gateway");

    @Test
    void packagesHaveNoCycles() {
        assertTrue(MODULE.stream().map(JavaClass::getPackageName).distinct().count() >= 6);
        slices().matching("homeport.gateway.(*)..").should().beFreeOfCycles().check(MODULE);
    }

    @Test
    void judgementKnowsNoClockStoreThreadOrNetwork() {
        assertTrue(MODULE.stream().filter(type -> type.getPackageName().endsWith(".admission")).count() > 10);
        noClasses().that().resideInAnyPackage("homeport.gateway.admission", "homeport.gateway.access")
                .should().dependOnClassesThat().resideInAnyPackage("java.sql..", "java.util.concurrent..", "org.jdbi..")
                .orShould().dependOnClassesThat().haveSimpleName("Inventory").orShould()
                .callMethod(Instant.class, "now").orShould().callMethod(System.class, "nanoTime").orShould()
                .callMethod(System.class, "currentTimeMillis").check(MODULE);
    }

    @Test
    void onlyTheInventoryKnowsTheDatabase() {
        noClasses().that().resideOutsideOfPackage("homeport.gateway.inventory").should().dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "org.jdbi..", "org.flywaydb..", "org.sqlite..", "com.zaxxer..")
                .check(MODULE);
    }
}
