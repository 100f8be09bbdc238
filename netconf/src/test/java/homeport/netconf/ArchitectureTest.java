package homeport.netconf;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What the module descriptor cannot say. */
class ArchitectureTest {
    private static final JavaClasses MODULE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("homeport.netconf");
    private static final String MACHINES = ".*\\.session\\.(FrameDecoder|FrameEncoder|Collector|Hello|ErrorXml"
            + "|Messages|Exchange|ClientMachine|ServerMachine|RpcReader|ReplyWriter)(\\$.*)?";

    @Test
    void machinesKnowNoThreadClockLockOrLink() {
        assertTrue(MODULE.stream().filter(type -> type.getName().matches(MACHINES)).count() > 15);
        noClasses().that().haveNameMatching(MACHINES).should().dependOnClassesThat()
                .resideInAnyPackage("java.util.concurrent..", "java.net..", "homeport.netconf.link..").orShould()
                .dependOnClassesThat().haveFullyQualifiedName(Thread.class.getName()).orShould()
                .callMethod(System.class, "nanoTime").orShould().callMethod(System.class, "currentTimeMillis")
                .check(MODULE);
    }

    @Test
    void packagesHaveNoCycles() {
        assertTrue(MODULE.stream().map(JavaClass::getPackageName).distinct().count() >= 5);
        slices().matching("homeport.netconf.(*)..").should().beFreeOfCycles().check(MODULE);
    }

    @Test
    void sharedWordsDependOnXmlAlone() {
        classes().that().resideInAPackage("homeport.netconf").should().onlyDependOnClassesThat()
                .resideInAnyPackage("homeport.netconf", "homeport.netconf.xml", "java..", "javax..", "org.jspecify..")
                .check(MODULE);
    }
}
