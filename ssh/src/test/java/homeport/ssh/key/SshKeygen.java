package homeport.ssh.key;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** OpenSSH's {@code ssh-keygen} as the other side of a test: skipped where it is not, a failure where CI is. */
final class SshKeygen {
    private final Path directory;

    SshKeygen(Path directory) {
        this.directory = directory;
        try {
            new ProcessBuilder("ssh-keygen", "-?").redirectErrorStream(true).start().getInputStream().readAllBytes();
        } catch (IOException e) {
            if ("true".equals(System.getenv("CI"))) {
                fail("ssh-keygen is missing, and CI tests against it");
            }
            abort("ssh-keygen is not installed");
        }
    }

    Path path(String name) {
        return directory.resolve(name);
    }

    /** Writes a file that only its owner can read, as private keys must be. */
    Path write(String name, byte[] content) {
        try {
            Path file = path(name);
            Files.write(file, content);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path write(String name, String content) {
        return write(name, content.getBytes(StandardCharsets.UTF_8));
    }

    byte[] read(String name) {
        try {
            return Files.readAllBytes(path(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs it in the directory and fails unless it succeeds. */
    String run(byte[] input, String... arguments) {
        var result = tryRun(input, arguments);
        if (result.exit != 0) {
            fail("ssh-keygen " + String.join(" ", arguments) + ": " + result.output);
        }
        return result.output;
    }

    Result tryRun(byte[] input, String... arguments) {
        var command = new ArrayList<>(List.of("ssh-keygen"));
        command.addAll(List.of(arguments));
        try {
            var process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
            try (var out = process.getOutputStream()) {
                out.write(input);
            }
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    record Result(int exit, String output) {}
}
