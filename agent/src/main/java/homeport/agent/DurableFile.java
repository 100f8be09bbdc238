package homeport.agent;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Small files, mode 0600, that are there whole or not at all: written beside, synced, then put in place. */
final class DurableFile {
    private DurableFile() {}

    /** @return false when somebody else made it meanwhile; theirs stays */
    static boolean create(Path file, byte[] content) throws IOException {
        var partial = write(file, content);
        try {
            Files.createLink(file, partial);
        } catch (FileAlreadyExistsException e) {
            return false;
        } finally {
            Files.deleteIfExists(partial);
        }
        syncDirectory(file);
        return true;
    }

    /** Puts it in place of what was there. */
    static void replace(Path file, byte[] content) throws IOException {
        var partial = write(file, content);
        try {
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(partial);
        }
        syncDirectory(file);
    }

    private static Path write(Path file, byte[] content) throws IOException {
        var partial = Files.createTempFile(directory(file), "." + file.getFileName(), ".new",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (var channel = FileChannel.open(partial, StandardOpenOption.WRITE);
                var out = Channels.newOutputStream(channel)) {
            out.write(content);
            channel.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(partial); // a full disk: what was begun must not fill it further
            throw e;
        }
        return partial;
    }

    /** The entry in the directory is durable only when the directory is. */
    private static void syncDirectory(Path file) throws IOException {
        try (var channel = FileChannel.open(directory(file), StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Path directory(Path file) {
        var parent = file.toAbsolutePath().getParent();
        return parent == null ? Path.of("/") : parent;
    }
}
