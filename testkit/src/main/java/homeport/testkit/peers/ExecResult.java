package homeport.testkit.peers;

import java.nio.charset.StandardCharsets;

/**
 * What came of a command.
 *
 * @param exitStatus as the server sent it
 * @param output     standard output
 * @param log        what the client said, with the command's standard error
 */
public record ExecResult(int exitStatus, byte[] output, String log) {
    /** Standard output as text. */
    public String text() {
        return new String(output, StandardCharsets.UTF_8);
    }
}
