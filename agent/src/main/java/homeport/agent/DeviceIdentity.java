package homeport.agent;

import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * The device's key: what it is known by. Made once, at the first start, and never made anew while there is a file.
 *
 * @param made whether this start made it
 */
public record DeviceIdentity(PlainSigner key, boolean made) {
    private static final Set<PosixFilePermission> OURS_ALONE = EnumSet.of(PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE);

    /**
     * Reads the key file, or makes it with mode 0600: complete or not at all, whenever the process or the power goes.
     *
     * @throws AgentError when it cannot be read or made, or when others may read it
     */
    public static DeviceIdentity open(Path file, SecureRandom random) {
        try {
            boolean made = !Files.exists(file) && make(file, random);
            return new DeviceIdentity(read(file), made);
        } catch (IOException e) {
            throw new AgentError("the identity key " + file + " cannot be read or made: " + reason(e)
                    + "; without it nobody would know this device", e);
        }
    }

    private static PlainSigner read(Path file) throws IOException {
        var modes = Files.getPosixFilePermissions(file);
        if (!OURS_ALONE.containsAll(modes)) {
            throw new AgentError("the identity key " + file + " has mode " + PosixFilePermissions.toString(modes)
                    + ": chmod 600 it, or others can be this device");
        }
        byte[] content;
        try (var in = Files.newInputStream(file)) {
            content = in.readNBytes(PrivateKeys.MOST_FILE_BYTES + 1);
        }
        try {
            return PrivateKeys.read(file.toString(), content);
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    private static boolean make(Path file, SecureRandom random) throws IOException {
        byte[] content = PrivateKeys.write(PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, random), "homeport agent",
                random);
        try {
            var directory = file.toAbsolutePath().getParent();
            if (directory != null && !Files.exists(directory)) {
                Files.createDirectories(directory, PosixFilePermissions
                        .asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            return DurableFile.create(file, content);
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    /** What an exception about a file means, in words. */
    static String reason(IOException e) {
        return switch (e) {
            case AccessDeniedException denied -> "its owner or mode does not allow it";
            case NoSuchFileException missing -> "there is no such file or directory";
            default -> String.valueOf(e.getMessage());
        };
    }

    @Override
    public String toString() {
        return "DeviceIdentity[" + key.publicKey() + "]";
    }
}
