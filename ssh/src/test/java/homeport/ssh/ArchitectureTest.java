package homeport.ssh;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What modules cannot say: the engine has no door to the world but those handed in, and its rooms no cycles. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = classes();

    private static JavaClasses classes() {
        try {
            var source = SshConnection.class.getProtectionDomain().getCodeSource().getLocation();
            return new ClassFileImporter().importPath(Path.of(source.toURI()));
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theRulesSeeTheClasses() {
        assertTrue(CLASSES.size() > 150, CLASSES.size() + " classes");
        for (var needed : Set.of("homeport.ssh.SshConnection", "homeport.ssh.KeyExchange", "homeport.ssh.crypto.AesGcm",
                "homeport.ssh.key.PlainKey", "homeport.ssh.wire.SshReader", "homeport.ssh.blocking.SshClient")) {
            assertTrue(CLASSES.contain(needed), needed);
        }
        // A rule that everything meets because it sees nothing would also meet this one.
        var absurd = noClasses().that().resideInAPackage("homeport.ssh").should().dependOnClassesThat()
                .resideInAPackage("homeport.ssh.wire").evaluate(CLASSES);
        assertTrue(absurd.hasViolation());
    }

    private static void holds(ArchRule rule) {
        rule.check(CLASSES);
    }

    @Test
    void theEngineOpensNoSocketsAndStartsNoThreads() {
        holds(noClasses().that().resideOutsideOfPackage("homeport.ssh.blocking..").should().dependOnClassesThat(
                named(Set.of("java.net.Socket", "java.net.ServerSocket", "java.net.DatagramSocket", "java.net.URL",
                        "java.lang.Process", "java.lang.ProcessBuilder", "java.lang.Runtime", "java.lang.Thread",
                        "java.lang.ThreadLocal", "java.util.Timer")))
                .orShould().dependOnClassesThat()
                .resideInAnyPackage("java.nio.channels..", "java.util.concurrent", "java.util.concurrent.locks",
                        "java.util.logging..", "org.slf4j.."));
    }

    @Test
    void theEngineHasNoClock() {
        holds(noClasses().that().resideOutsideOfPackages("homeport.ssh.blocking..").should().callMethodWhere(
                called("java.lang.System", "nanoTime", "currentTimeMillis", "console").or(called("java.time.Instant",
                        "now")).or(called("java.time.Clock", "systemUTC", "systemDefaultZone", "system")).or(called(
                                "java.time.LocalDateTime", "now"))
                        .or(called("java.time.ZonedDateTime", "now")).or(
                                called("java.lang.Thread", "sleep", "ofVirtual", "startVirtualThread"))));
        // The one way to the machine's own is a method reference in Environment, which the owner chooses.
        var readers = CLASSES.stream().flatMap(type -> type.getMethodReferencesFromSelf().stream()).filter(
                reference -> reference.getTarget().getFullName().startsWith("java.lang.System.nanoTime")).map(
                        reference -> reference.getOriginOwner().getSimpleName())
                .filter(name -> !name.startsWith(
                        "Blocking"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of("Environment"), readers);
    }

    @Test
    void filesAreReadAmongTheKeysOnly() {
        holds(noClasses().that().resideOutsideOfPackages("homeport.ssh.blocking..", "homeport.ssh.key..").should()
                .dependOnClassesThat().resideInAnyPackage("java.nio.file..").orShould().dependOnClassesThat(named(Set
                        .of("java.io.File", "java.io.FileInputStream", "java.io.FileOutputStream",
                                "java.io.RandomAccessFile", "java.io.FileReader", "java.io.FileWriter"))));
    }

    @Test
    void nothingIsPrinted() {
        holds(noClasses().should().accessField(System.class, "out").orShould().accessField(System.class, "err")
                .orShould().callMethod(Throwable.class, "printStackTrace"));
    }

    @Test
    void theRoomsHaveNoCycles() {
        holds(slices().assignedFrom(new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass type) {
                return SliceIdentifier.of(type.getPackageName());
            }

            @Override
            public String getDescription() {
                return "packages";
            }
        }).should().beFreeOfCycles());
    }

    @Test
    void theRoomsStandInOneOrder() {
        holds(ArchRuleDefinition.classes().that().resideInAPackage("homeport.ssh.wire").should()
                .onlyDependOnClassesThat().resideInAnyPackage("homeport.ssh.wire", "java..", "org.jspecify.."));
        holds(noClasses().that().resideInAnyPackage("homeport.ssh.key", "homeport.ssh.crypto", "homeport.ssh.wire")
                .should().dependOnClassesThat().resideInAnyPackage("homeport.ssh", "homeport.ssh.blocking"));
        holds(noClasses().that().resideInAPackage("homeport.ssh.crypto").should().dependOnClassesThat()
                .resideInAPackage("homeport.ssh.key"));
        holds(noClasses().that().resideInAPackage("homeport.ssh").should().dependOnClassesThat()
                .resideInAPackage("homeport.ssh.blocking"));
    }

    /** Codes, proofs and secrets are compared in constant time; these compare what everybody may know. */
    @Test
    void onlyPublicThingsAreComparedByArraysEquals() {
        var callers = CLASSES.stream().flatMap(type -> type.getMethodCallsFromSelf().stream()).filter(
                call -> call.getTargetOwner().isEquivalentTo(Arrays.class) && (call.getTarget().getName().equals(
                        "equals") || call.getTarget().getName().equals("mismatch")
                        || call.getTarget().getName().equals(
                                "compare")))
                .map(call -> call.getOriginOwner().getSimpleName()).collect(Collectors
                        .toCollection(TreeSet::new));
        callers.removeAll(PUBLIC_COMPARERS);
        assertEquals(Set.of(), callers);
        var constantTime = CLASSES.stream().flatMap(type -> type.getMethodCallsFromSelf().stream()).filter(call -> call
                .getTargetOwner().isEquivalentTo(MessageDigest.class) && call.getTarget().getName().equals("isEqual"))
                .map(call -> call.getOriginOwner().getSimpleName()).collect(Collectors.toSet());
        assertTrue(constantTime.containsAll(Set.of("PacketMac", "ChaCha20Poly1305", "HmacKeyId")), constantTime
                .toString());
    }

    /** Public key blobs and points, certificates, magic numbers of files, the header of a curve's encoding. */
    private static final Set<String> PUBLIC_COMPARERS = Set.of("Multiplexer", "NistCurve", "PlainKey", "PlainSigner",
            "OpenSshCertificate", "X509Chain", "HmacKeyId", "Curve", "Ed25519", "OpenSshKeyFormat", "Pem");

    private static DescribedPredicate<JavaClass> named(Set<String> names) {
        return DescribedPredicate.describe("are " + names, type -> names.contains(type.getName()));
    }

    private static DescribedPredicate<JavaAccess<?>> called(String owner, String... methods) {
        return DescribedPredicate.describe(owner + "." + Arrays.toString(methods), access -> access.getTargetOwner()
                .getName().equals(owner) && Arrays.asList(methods).contains(access.getName()));
    }
}
