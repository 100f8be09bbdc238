package homeport.gateway.inventory;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** A file with a secret, which the gateway makes once: of mode 0600, there whole or not at all. */
public final class SecretFile {
    private static final Set<PosixFilePermission> OURS_ALONE = EnumSet.of(PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE);

    private SecretFile() {}

    /** Makes it, unless it is there by now; on disk when this returns. @param content is overwritten */
    public static void create(Path file, byte[] content) throws IOException {
        var directory = file.toAbsolutePath().getParent();
        var partial = Files.createTempFile(directory, "key", ".new", PosixFilePermissions.asFileAttribute(OURS_ALONE));
        try {
            try (var channel = FileChannel.open(partial, StandardOpenOption.WRITE);
                    var out = Channels.newOutputStream(channel)) {
                out.write(content);
                channel.force(true);
            }
            // A link and not a move: of two that start at once, the first one's key stays.
            Files.createLink(file, partial);
        } catch (FileAlreadyExistsException e) {
            return;
        } finally {
            Arrays.fill(content, (byte) 0);
            Files.deleteIfExists(partial);
        }
        // Its name, too: what is sealed by a key must not outlive it.
        try (var names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    /** What is wrong with its mode, and what to do; empty when it is its owner's alone. */
    public static Optional<String> exposed(Path file) throws IOException {
        var modes = Files.getPosixFilePermissions(file);
        return OURS_ALONE.containsAll(modes)
                ? Optional.empty()
                : Optional.of(file + " has mode " + PosixFilePermissions.toString(modes) + ": chmod 600 it");
    }
}
