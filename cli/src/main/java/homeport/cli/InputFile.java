package homeport.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/** Text from a file that a command names, or from standard input, which {@code -} names. */
final class InputFile {
    /** Secrets and keys. */
    static final int MOST_SECRET_BYTES = 32 << 10;
    /** Certificates of authorities, revocation lists, operations for a device. */
    static final int MOST_TEXT_BYTES = 8 << 20;

    private InputFile() {}

    /** For people. */
    static String named(String name) {
        return name.equals("-") ? "standard input" : name;
    }

    static String read(Main main, String name, int mostBytes) {
        try {
            byte[] all;
            if (name.equals("-")) {
                all = main.in().readNBytes(mostBytes + 1);
            } else {
                try (InputStream in = Files.newInputStream(Path.of(name))) {
                    all = in.readNBytes(mostBytes + 1);
                }
            }
            if (all.length > mostBytes) {
                throw new Failure(ExitStatus.WRONG_USAGE, named(name) + " is larger than " + mostBytes + " bytes");
            }
            try {
                return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(all)).toString();
            } finally {
                Arrays.fill(all, (byte) 0);
            }
        } catch (NoSuchFileException e) {
            throw new Failure(ExitStatus.WRONG_USAGE, "there is no file " + name);
        } catch (CharacterCodingException e) {
            throw new Failure(ExitStatus.WRONG_USAGE, named(name) + " is not text in UTF-8");
        } catch (IOException e) {
            throw new Failure(ExitStatus.WRONG_USAGE, named(name) + " cannot be read: check its owner and mode");
        }
    }

    /** What is public. A private key in it is a mistake that must not leave this machine. */
    static String readPublic(Main main, String name, int mostBytes) {
        var text = read(main, name, mostBytes);
        if (text.contains("PRIVATE KEY-----")) {
            throw new Failure(ExitStatus.WRONG_USAGE, named(name)
                    + " holds a private key, which was not sent: name the file with the public part, such as one that"
                    + " ends in .pub");
        }
        return text;
    }

    /** A secret or password: the first line, without its end. */
    static String secret(Main main, String name) {
        var line = read(main, name, MOST_SECRET_BYTES).lines().findFirst().orElse("");
        if (line.isEmpty()) {
            throw new Failure(ExitStatus.WRONG_USAGE, named(name) + " is empty; its first line is the secret");
        }
        return line;
    }
}
