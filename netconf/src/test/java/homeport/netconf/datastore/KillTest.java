package homeport.netconf.datastore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kill -9 at random moments: what was told is there, what was not is there whole or not at all. */
class KillTest {
    @TempDir
    Path directory;

    private final long seed = Long.getLong("homeport.seed", System.nanoTime());

    /** Runs the target from a number on and kills it; the last number it told, or the one before the first. */
    private long killed(Random random, Path directory, String what, long first)
            throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(
                List.of(java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto",
                        "-XX:-UsePerfData", "-Xmx128m", "-cp", System.getProperty("java.class.path"),
                        KillTarget.class.getName(), what, directory.toString(), String.valueOf(first)))
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (InputStream out = process.getInputStream()) {
            assertTrue(out.read() >= 0, "the target did not begin; seed " + seed);
            LockSupport.parkNanos(random.nextLong(15_000_000));
            // The handle leaves the stream open: what was written before the kill is still to be read.
            process.toHandle().destroyForcibly();
            String told = " " + new String(out.readAllBytes(), StandardCharsets.US_ASCII);
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            // What follows the last line's end was not told.
            long lines = told.chars().filter(each -> each == '\n').count();
            return first - 1 + lines;
        }
    }

    private Void killJournal(Path directory, int times, long ownSeed) throws IOException, InterruptedException {
        Random random = new Random(ownSeed);
        long number = 1;
        for (int i = 0; i < times; i++) {
            long told = killed(random, directory, "journal", number);
            try (Journal journal = Journal.open(directory, KillTarget.SNAPSHOT_AFTER_BYTES)) {
                byte[] last = journal.takeRecovered().getLast();
                long found = Long.parseLong(new String(last, StandardCharsets.US_ASCII).split(" ", 2)[0]);
                assertTrue(found == told || found == told + 1, found + " after " + told + ", seed " + seed);
                assertArrayEquals(KillTarget.record(found), last);
                number = found + 1;
            }
        }
        return null;
    }

    private Void killDatastores(Path directory, int times, long ownSeed) throws IOException, InterruptedException {
        Random random = new Random(ownSeed);
        Schemas schemas = KillTarget.schemas();
        long number = 1;
        for (int i = 0; i < times; i++) {
            long told = killed(random, directory, "datastores", number);
            try (Datastores datastores = Datastores.open(schemas, directory, Datastores.Boot.RUNNING)) {
                ConfigNode all = datastores.running("urn:k", "all").orElseThrow();
                long found = Long.parseLong(all.leaf("number").orElse("0"));
                assertTrue(found == told || found == told + 1, found + " after " + told + ", seed " + seed);
                List<ConfigNode> parts = all.entries("part");
                assertEquals(KillTarget.PARTS, parts.size());
                for (ConfigNode part : parts) {
                    assertEquals(String.valueOf(found), part.leaf("number").orElse(""), "seed " + seed);
                }
                number = found + 1;
            }
        }
        return null;
    }

    private interface Kills {
        Void run(Path directory, int times, long ownSeed) throws IOException, InterruptedException;
    }

    /** Half of them in each of two directories, side by side. */
    private void twice(int times, Kills kills) throws InterruptedException, ExecutionException {
        try (ExecutorService both = Executors.newFixedThreadPool(2)) {
            Future<Void> one = both.submit(() -> kills.run(directory.resolve("one"), times / 2, seed));
            Future<Void> other = both.submit(() -> kills.run(directory.resolve("other"), times / 2, seed + 1));
            one.get();
            other.get();
        }
    }

    @Test
    void theJournalIsOldOrNewAfterEveryOfTwoHundredKills() throws InterruptedException, ExecutionException {
        twice(200, this::killJournal);
    }

    @Test
    void theDatastoreIsOldOrNewAfterEveryKill() throws InterruptedException, ExecutionException {
        twice(4, this::killDatastores);
    }

    @Test
    @Tag("full")
    void theDatastoreIsOldOrNewAfterAThousandKills() throws InterruptedException, ExecutionException {
        // A machine that has other work may be asked for fewer.
        twice(Integer.getInteger("homeport.kills", 1_000), this::killDatastores);
    }
}
