package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** First light: the README's first command does what it says. */
class DemoTest {

    @Test
    void demoOnceReachesEveryDeviceOverTheConnectionItOpened() {
        var out = new StringWriter();
        var err = new StringWriter();
        var commandLine = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

        int status = commandLine.execute("demo", "--once");

        assertEquals("", err.toString());
        assertEquals(CommandLine.ExitCode.OK, status);
        assertTrue(out.toString().contains("router1$ uname -n"), out::toString);
        if (DemoDevice.sshdIsInstalled()) {
            assertTrue(out.toString().contains("SSH-2.0-OpenSSH"), out::toString);
        }
    }
}
