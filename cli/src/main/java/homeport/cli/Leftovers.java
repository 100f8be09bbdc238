package homeport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the demo has made and must not leave behind, whenever it ends: closed the other way round, and once. What is made
 * after that is closed at once. Safe for all threads: Ctrl-C comes on one of its own.
 */
final class Leftovers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

    private final Deque<AutoCloseable> all = new ArrayDeque<>();
    private boolean closed;

    /** @return its argument */
    <T extends AutoCloseable> T add(T made) {
        synchronized (this) {
            if (!closed) {
                all.push(made);
                return made;
            }
        }
        close(made);
        return made;
    }

    /** A directory that only this user can enter. */
    Path directory(String prefix) throws IOException {
        try {
            var directory = Files.createTempDirectory(prefix); // of mode 0700
            add(() -> deleteAll(directory));
            return directory;
        } catch (NoSuchFileException e) {
            throw new IOException("no directory for temporary files: " + System.getProperty("java.io.tmpdir"), e);
        }
    }

    /** Whether it is over, and what fails from now on fails because of that. */
    synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized void close() {
        closed = true; // whoever comes second waits until the first is done
        while (!all.isEmpty()) {
            close(all.pop());
        }
    }

    private static void close(AutoCloseable made) {
        try {
            made.close();
        } catch (Exception e) {
            LOG.error("a part of the demo did not end in good order: {}", e.getMessage());
        }
    }

    private static void deleteAll(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException e) {
            LOG.debug("{} is gone already", directory);
        }
    }
}
