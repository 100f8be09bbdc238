package homeport.gateway.service;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;

/**
 * A gateway's directory, of mode 0700 and one gateway's at a time: {@code keys/}, {@code secrets.key}, {@code inventory.db},
 * {@code local-token}, {@code lock}.
 */
final class DataDirectory implements AutoCloseable {
    private static final Set<PosixFilePermission> OURS_ALONE = EnumSet.of(PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE);
    private static final int TOKEN_BYTES = 32;

    private final Path path;
    private final FileChannel lockFile;
    private final boolean made;

    private DataDirectory(Path path, FileChannel lockFile, boolean made) {
        this.path = path;
        this.lockFile = lockFile;
        this.made = made;
    }

    /**
     * Makes the directory where there is none, and takes it.
     *
     * @throws IOException when it cannot be made, others may enter it, or another gateway runs on it
     */
    static DataDirectory take(Path path) throws IOException {
        boolean made = !Files.exists(path);
        if (made) {
            var whole = path.toAbsolutePath();
            Files.createDirectories(whole.getParent());
            Files.createDirectory(whole,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        var modes = Files.getPosixFilePermissions(path);
        if (modes.stream().anyMatch(mode -> mode.name().startsWith("GROUP") || mode.name().startsWith("OTHERS"))) {
            throw new IOException("the data directory " + path + " has mode " + PosixFilePermissions.toString(modes)
                    + ": chmod 700 it");
        }
        var lockFile = FileChannel.open(path.resolve("lock"),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(OURS_ALONE));
        FileLock lock;
        try {
            lock = lockFile.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            lockFile.close();
            throw new IOException("another gateway runs on the data directory " + path + ": end it, or use --data");
        }
        return new DataDirectory(path, lockFile, made);
    }

    Path resolve(String name) {
        return path.resolve(name);
    }

    /** Whether this is its first start. */
    boolean made() {
        return made;
    }

    Path keys() throws IOException {
        var keys = path.resolve("keys");
        if (!Files.exists(keys)) {
            Files.createDirectory(keys,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return keys;
    }

    /** A new token for commands of whoever owns this directory; good as long as this gateway runs. */
    String newLocalToken(SecureRandom random) throws IOException {
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        var token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        try {
            keep(token);
        } catch (IOException e) {
            // A file that cannot be written says why and not which, one that cannot be made the other way round.
            throw new IOException(
                    "the token of local commands cannot be written to " + path.resolve("local-token") + " ("
                            + e.getMessage() + "): make room on its disk, or check owner and mode of the directory",
                    e);
        }
        return token;
    }

    private void keep(String token) throws IOException {
        var partial = Files.createTempFile(path, "local-token", ".new",
                PosixFilePermissions.asFileAttribute(OURS_ALONE));
        try (var out = FileChannel.open(partial, StandardOpenOption.WRITE)) {
            var content = ByteBuffer.wrap((token + "\n").getBytes(StandardCharsets.US_ASCII));
            while (content.hasRemaining()) {
                out.write(content);
            }
            out.force(true);
        }
        Files.move(partial, path.resolve("local-token"), StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path.resolve("local-token"));
        lockFile.close();
    }
}
