package homeport.netconf.datastore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records that survive whatever end the file comes to. */
class JournalTest {
    @TempDir
    Path directory;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> records(Path directory) throws IOException {
        try (Journal journal = Journal.open(directory, 1 << 20)) {
            return journal.takeRecovered().stream().map(record -> new String(record, StandardCharsets.UTF_8)).toList();
        }
    }

    private Path file() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(path -> path.toString().endsWith(".journal")).findFirst().orElseThrow();
        }
    }

    private void three() throws IOException {
        try (Journal journal = Journal.open(directory, 1 << 20)) {
            journal.snapshot(bytes("snapshot"));
            journal.append(bytes("one"));
            journal.append(bytes("two"));
        }
    }

    @Test
    void recordsComeBackInOrder() throws IOException {
        three();
        assertEquals(List.of("snapshot", "one", "two"), records(directory));
        assertEquals(List.of("snapshot", "one", "two"), records(directory));
    }

    @Test
    void aRecordCutAnywhereIsGoneAndTheOthersAreThere() throws IOException {
        three();
        byte[] whole = Files.readAllBytes(file());
        int before = whole.length - 8 - 3;
        for (int cut = before; cut < whole.length; cut++) {
            Files.write(file(), Arrays.copyOf(whole, cut));
            assertEquals(List.of("snapshot", "one"), records(directory), "cut at " + cut);
        }
    }

    @Test
    void whatIsAppendedAfterACutCounts() throws IOException {
        three();
        byte[] whole = Files.readAllBytes(file());
        Files.write(file(), Arrays.copyOf(whole, whole.length - 1));
        try (Journal journal = Journal.open(directory, 1 << 20)) {
            journal.append(bytes("three"));
        }
        assertEquals(List.of("snapshot", "one", "three"), records(directory));
    }

    @Test
    void aLastRecordOfWrongBytesIsGone() throws IOException {
        three();
        byte[] whole = Files.readAllBytes(file());
        whole[whole.length - 1] ^= 1;
        Files.write(file(), whole);
        assertEquals(List.of("snapshot", "one"), records(directory));
    }

    @Test
    void zerosAtTheEndAreNoRecords() throws IOException {
        three();
        byte[] whole = Files.readAllBytes(file());
        Files.write(file(), Arrays.copyOf(whole, whole.length + 4096));
        assertEquals(List.of("snapshot", "one", "two"), records(directory));
    }

    @Test
    void damageInTheMiddleIsAnErrorAndNotAGuess() throws IOException {
        three();
        byte[] whole = Files.readAllBytes(file());
        whole[whole.length - 8 - 3 - 1] ^= 1;
        Files.write(file(), whole);
        assertThrows(IOException.class, () -> records(directory));
    }

    @Test
    void damagedFirstBytesOrSnapshotIsAnError() throws IOException {
        three();
        byte[] whole = Files.readAllBytes(file());
        byte[] magic = whole.clone();
        magic[0] ^= 1;
        Files.write(file(), magic);
        assertThrows(IOException.class, () -> records(directory));
        Files.write(file(), Arrays.copyOf(whole, 12));
        assertThrows(IOException.class, () -> records(directory));
        Files.write(file(), Arrays.copyOf(whole, 4));
        assertThrows(IOException.class, () -> records(directory));
    }

    @Test
    void aSnapshotTakesThePlaceOfAllBefore() throws IOException {
        three();
        try (Journal journal = Journal.open(directory, 1 << 20)) {
            journal.snapshot(bytes("all"));
            journal.append(bytes("three"));
        }
        assertEquals(List.of("all", "three"), records(directory));
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(2, files.count(), "the journal and its lock");
        }
    }

    @Test
    void aSnapshotThatWasNotFinishedIsNotOne() throws IOException {
        three();
        Files.write(directory.resolve("next.tmp"), bytes("HPDS0001 and then the power went"));
        assertEquals(List.of("snapshot", "one", "two"), records(directory));
        assertFalse(Files.exists(directory.resolve("next.tmp")));
    }

    @Test
    void anOldJournalBesideANewOneGoes() throws IOException {
        three();
        Files.copy(file(), directory.resolve("datastores-00000000000000ff.journal"));
        assertEquals(List.of("snapshot", "one", "two"), records(directory));
        assertTrue(file().toString().contains("ff"));
    }

    @Test
    void oneJournalIsOpenOnce() throws IOException {
        try (Journal journal = Journal.open(directory, 1 << 20)) {
            assertTrue(journal.wantsSnapshot());
            assertThrows(IOException.class, () -> Journal.open(directory, 1 << 20));
        }
        Journal.open(directory, 1 << 20).close();
    }

    @Test
    void aSnapshotIsWantedWhenWhatFollowsItIsLarger() throws IOException {
        try (Journal journal = Journal.open(directory, 100)) {
            journal.snapshot(new byte[50]);
            assertFalse(journal.wantsSnapshot());
            journal.append(new byte[60]);
            assertFalse(journal.wantsSnapshot());
            journal.append(new byte[60]);
            assertTrue(journal.wantsSnapshot());
        }
    }
}
