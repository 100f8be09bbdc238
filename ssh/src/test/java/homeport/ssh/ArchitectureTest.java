package homeport.ssh;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What the module descriptor cannot say: the engine has no sockets, threads or clocks, and its rooms stand in one order. */
class ArchitectureTest {
    private static final JavaClasses MODULE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("homeport.ssh");

    @Test
    void theRulesSeeTheWholeModule() {
        assertTrue(MODULE.size() > 100, () -> MODULE.size() + " classes");
        assertTrue(MODULE.stream().map(JavaClass::getPackageName).distinct().count() >= 5);
    }

    @Test
    void engineHasNoSocketsThreadsLocksOrClocks() {
        noClasses().that().resideOutsideOfPackage("homeport.ssh.blocking").should().dependOnClassesThat()
                .resideInAnyPackage("java.util.concurrent..", "java.nio.channels..", "java.nio.file..").orShould()
                .dependOnClassesThat().belongToAnyOf(Thread.class, java.net.Socket.class, java.net.ServerSocket.class)
                .orShould().callMethod(System.class, "nanoTime").orShould()
                .callMethod(System.class, "currentTimeMillis").orShould().callMethod(Instant.class, "now").orShould()
                .dependOnClassesThat().belongToAnyOf(Clock.class).because("time and bytes are handed in")
                .check(MODULE
                        .that(new com.tngtech.archunit.base.DescribedPredicate<>("are not the default environment") {
                            @Override
                            public boolean test(JavaClass type) {
                                // The one place that names the machine's clock, for owners to hand in.
                                return !type.getName().equals(Environment.class.getName());
                            }
                        }));
    }

    @Test
    void roomsStandInOneOrder() {
        slices().matching("homeport.ssh.(*)..").should().beFreeOfCycles().check(MODULE);
        classes().that().resideInAPackage("homeport.ssh.wire").should().onlyDependOnClassesThat()
                .resideInAnyPackage("homeport.ssh.wire", "java..", "org.jspecify..").check(MODULE);
        noClasses().that().resideInAnyPackage("homeport.ssh.key", "homeport.ssh.crypto", "homeport.ssh.wire").should()
                .dependOnClassesThat().resideInAnyPackage("homeport.ssh", "homeport.ssh.blocking").check(MODULE);
        noClasses().that().resideInAPackage("homeport.ssh.crypto").should().dependOnClassesThat()
                .resideInAPackage("homeport.ssh.key").check(MODULE);
        noClasses().that().resideInAPackage("homeport.ssh").should().dependOnClassesThat()
                .resideInAPackage("homeport.ssh.blocking").check(MODULE);
    }
}
