package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
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
}
