package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

class VersionTest {
    /** The class path here is the one that is shipped: the fast cryptography must be on it, and load. */
    @Test
    @EnabledIfSystemProperty(named = "os.arch", matches = "amd64")
    void theCommandComesWithItsNativeCryptography() {
        var out = new StringWriter();
        var command = Main.commandLine().setOut(new PrintWriter(out));
        assertEquals(0, command.execute("version"));
        assertTrue(Pattern
                .compile("(?s)homeport .*\njava 25.*\ncryptography AmazonCorretto\\S+ 2\\.\\S+, Conscrypt 2\\.\\S+\n")
                .matcher(out.toString()).matches(), out.toString());
    }

    /** Java itself, and Maven before it, would end in the midst of their start. */
    @Test
    void tooFewOpenFilesAreSaidInOneLine() throws Exception {
        for (var launcher : List.of("../homeport", "../packaging/bin/homeport")) {
            var process = new ProcessBuilder("sh", "-c", "ulimit -n 64 && exec " + launcher + " gateway")
                    .redirectErrorStream(true).start();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(1, process.waitFor(), said);
            assertEquals(1, said.lines().count(), said);
            assertTrue(said.startsWith("homeport: no more than 64 files may be open at once"), said);
            assertTrue(said.contains("ulimit -n 65536"), said);
        }
    }
}
