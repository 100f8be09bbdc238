package homeport.testkit.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/** ssh-keygen: makes key pairs and certificates, and answers what a file holds. */
public final class SshKeygen {
    private static final Pattern BLANK = Pattern.compile(" ");
    private final String program;

    public SshKeygen() {
        program = Peers.require("ssh-keygen").toString();
    }

    /**
     * Makes an unencrypted key pair in OpenSSH's format: {@code file} and {@code file.pub}; an existing one is kept.
     *
     * @return {@code file}
     */
    public Path generate(Path file, KeyType type) throws IOException, InterruptedException {
        if (!Files.exists(file)) {
            run(file, "-q", "-t", type.keygenName(), "-b", Integer.toString(type.bits()), "-N", "", "-C",
                    file.getFileName().toString(), "-f", file.toString());
        }
        return file;
    }

    /** Signs {@code key.pub} as a host's for {@code principals}; the certificate stands beside it as {@code key-cert.pub}. */
    public Path signHost(Path authority, Path key, String... principals) throws IOException, InterruptedException {
        run(key, "-q", "-s", authority.toString(), "-I", key.getFileName().toString(), "-h", "-n",
                String.join(",", principals), "-V", "-5m:+1d", publicKeyFile(key).toString());
        return certificateFile(key);
    }

    /** Signs {@code key.pub} as a user's for {@code principals}; the certificate stands beside it as {@code key-cert.pub}. */
    public Path signUser(Path authority, Path key, String... principals) throws IOException, InterruptedException {
        run(key, "-q", "-s", authority.toString(), "-I", key.getFileName().toString(), "-n",
                String.join(",", principals), "-V", "-5m:+1d", publicKeyFile(key).toString());
        return certificateFile(key);
    }

    /** {@code SHA256:…} of the key in {@code file}. */
    public String fingerprint(Path file) throws IOException, InterruptedException {
        return BLANK.split(run(file, "-l", "-E", "sha256", "-f", file.toString()), -1)[1];
    }

    /** Runs ssh-keygen with any arguments, in {@code file}'s directory. @return standard output */
    public String run(Path file, String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        return Child.run(Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file in a directory"), command);
    }

    /** {@code TYPE BASE64} of the key pair at {@code key}. */
    public static String publicLine(Path key) throws IOException {
        var words = BLANK.split(Files.readString(publicKeyFile(key)).strip(), -1);
        return words[0] + " " + words[1];
    }

    public static Path publicKeyFile(Path key) {
        return key.resolveSibling(key.getFileName() + ".pub");
    }

    public static Path certificateFile(Path key) {
        return key.resolveSibling(key.getFileName() + "-cert.pub");
    }
}
