package homeport.ssh.crypto;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The lines of a file of known answers, each split at its blanks. */
final class Vectors {
    private Vectors() {}

    static List<String[]> lines(String file) throws IOException {
        try (var in = Vectors.class.getResourceAsStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().map(line -> line.split(" "))
                    .toList();
        }
    }
}
