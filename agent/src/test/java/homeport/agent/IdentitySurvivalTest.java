package homeport.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Design;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PrivateKeys;
import homeport.testkit.peers.Peers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A device keeps its identity, whatever becomes of its process and its disk. */
@Timeout(120)
class IdentitySurvivalTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int KILLS = 4;
    private static final int MOST_BEFORE_A_KILL = 8;
    private static final int FINGERPRINT_CHARACTERS = "SHA256:".length() + 43;

    @TempDir
    private Path directory;

    /** Makes identities one after another, and tells the fingerprint of each. */
    static final class Maker {
        private Maker() {}

        public static void main(String[] arguments) {
            var folder = Path.of(arguments[0]);
            for (int i = 0; true; i++) {
                var identity = DeviceIdentity.open(folder.resolve("identity" + i), RANDOM);
                System.out.println(i + " " + identity.key().publicKey().fingerprint());
            }
        }
    }

    /** Whatever was told is there and is the same; whatever is there can be read. */
    @Test
    void identityThatWasShownIsThereAfterEveryKill() throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        int told = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            var folder = Files.createDirectory(directory.resolve("kill" + kill));
            var process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m", "--enable-native-access=ALL-UNNAMED",
                    "-cp", System.getProperty("java.class.path"), Maker.class.getName(), folder.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            try (var out = process.inputReader(StandardCharsets.US_ASCII)) {
                var said = new ArrayList<String>();
                for (int i = random.nextInt(MOST_BEFORE_A_KILL); i >= 0; i--) {
                    said.add(out.readLine());
                }
                LockSupport.parkNanos(random.nextLong(5_000_000));
                process.toHandle().destroyForcibly(); // SIGKILL, and the stream stays to be read
                out.lines().forEach(said::add);
                assertTrue(process.waitFor(10, TimeUnit.SECONDS));
                for (var line : said) {
                    assertTrue(line != null, "the maker ended by itself");
                    var words = line.split(" ", 2);
                    if (words.length < 2 || words[1].length() < FINGERPRINT_CHARACTERS) {
                        continue; // cut off while it was told
                    }
                    var again = DeviceIdentity.open(folder.resolve("identity" + words[0]), RANDOM);
                    assertFalse(again.made(), "seed " + seed);
                    assertEquals(words[1], again.key().publicKey().fingerprint().toString(), "seed " + seed);
                    told++;
                }
            }
            try (var files = Files.list(folder)) {
                for (var file : files.filter(each -> each.getFileName().toString().startsWith("identity")).toList()) {
                    assertFalse(DeviceIdentity.open(file, RANDOM).made(), file + ", seed " + seed);
                }
            }
        }
        assertTrue(told >= KILLS, "only " + told + " identities were made");
    }

    /** A file system of its own with hardly any room. */
    private Path smallDisk() throws IOException, InterruptedException {
        Peers.requireThat("root".equals(Peers.user()), "mounting a small disk needs root");
        var disk = Files.createDirectory(directory.resolve("disk"));
        assertEquals(0, new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=64", "tmpfs",
                disk.toString()).inheritIO().start().waitFor());
        return disk;
    }

    private static void fill(Path disk) {
        assertThrows(IOException.class, () -> Files.write(disk.resolve("filling"), new byte[1 << 20]));
    }

    @Test
    void fullDiskMakesNoHalfIdentityAndTakesNone() throws Exception {
        var disk = smallDisk();
        try {
            var before = DeviceIdentity.open(disk.resolve("identity"), RANDOM);
            fill(disk);
            var error = assertThrows(AgentError.class, () -> DeviceIdentity.open(disk.resolve("other"), RANDOM));
            assertTrue(error.getMessage().contains("No space left on device"), error.getMessage());
            assertFalse(Files.exists(disk.resolve("other")));
            var after = DeviceIdentity.open(disk.resolve("identity"), RANDOM);
            assertFalse(after.made());
            assertEquals(before.key().publicKey(), after.key().publicKey());
            Files.delete(disk.resolve("filling"));
            assertTrue(DeviceIdentity.open(disk.resolve("other"), RANDOM).made(), "nothing half done is in the way");
            try (var files = Files.list(disk)) {
                assertEquals(List.of("identity", "other"),
                        files.map(each -> each.getFileName().toString()).sorted().toList());
            }
        } finally {
            assertEquals(0, new ProcessBuilder("umount", disk.toString()).inheritIO().start().waitFor());
        }
    }

    /** What cannot be remembered is not believed: else every meeting would be the first. */
    @Test
    void fullDiskBelievesNoGatewayThatItCannotRemember() throws Exception {
        var disk = smallDisk();
        try {
            fill(disk);
            var trust = new GatewayTrust(new AgentConfig.Trust(Optional.empty(), true), disk.resolve("gateways"),
                    InstantSource.system());
            var key = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM).publicKey();
            assertTrue(trust.check(new Endpoint("one", "192.0.2.1", 4334), key) instanceof HostKeyDecision.Refuse);
        } finally {
            assertEquals(0, new ProcessBuilder("umount", disk.toString()).inheritIO().start().waitFor());
        }
    }

    @Test
    void agentOnAFullDiskStillServes() throws Exception {
        var disk = smallDisk();
        try (var gateway = new TestGateway()) {
            var config = TestAgents.embedded(disk, Design.CALL_HOME, gateway);
            DeviceIdentity.open(config.identity(), RANDOM);
            fill(disk);
            try (var agent = Agent.start(config, event -> {}, InstantSource.system(), RANDOM)) {
                assertEquals(new TestGateway.Result("hello\n", 3), gateway.await().exec("echo hello; exit 3"));
                assertFalse(agent.identityMade());
            }
        } finally {
            assertEquals(0, new ProcessBuilder("umount", disk.toString()).inheritIO().start().waitFor());
        }
    }
}
