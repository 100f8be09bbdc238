package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
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
        for (var design : List.of("bootstrap", "call-home", "server-channels", "tunnel")) {
            assertTrue(out.toString().contains(design), out::toString);
        }
        if (StockDevices.installed()) {
            assertTrue(out.toString().contains("SSH-2.0-OpenSSH"), out::toString);
        }
    }
}
