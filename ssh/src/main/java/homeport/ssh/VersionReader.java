package homeport.ssh;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Finds the peer's identification line (RFC 4253 §4.2). A server may send other lines before it, within a bound; a
 * client may not.
 */
final class VersionReader {
    private static final String PREFIX = "SSH-";

    private final boolean linesBefore;
    private final int mostBefore;
    /** Without its LF. */
    private final byte[] line = new byte[Limits.VERSION_LINE_BYTES - 1];
    private int size;
    private int before;
    /** Within a line that is no identification, and need not be kept. */
    private boolean skipping;

    VersionReader(boolean linesBefore, int mostBefore) {
        this.linesBefore = linesBefore;
        this.mostBefore = mostBefore;
    }

    /** The line without its end; empty while it is not complete. Reads nothing behind it. */
    Optional<String> read(PacketInput input) {
        for (int next = input.nextByte(); next >= 0; next = input.nextByte()) {
            if (skipping) {
                countBefore();
                if (next == '\n') {
                    skipping = false;
                    size = 0;
                }
                continue;
            }
            if (next == '\n' && size >= PREFIX.length()) {
                return Optional.of(identification());
            }
            if (size == line.length) {
                throw new ProtocolError(Rule.VERSION_LINE_TOO_LONG,
                        "more than " + Limits.VERSION_LINE_BYTES + " bytes");
            }
            line[size++] = (byte) next;
            if (size <= PREFIX.length() && next != PREFIX.charAt(size - 1)) {
                notIdentification(next);
            }
        }
        return Optional.empty();
    }

    private void notIdentification(int last) {
        if (!linesBefore) {
            throw new ProtocolError(Rule.NOT_SSH, "the first line does not begin with SSH-");
        }
        for (int i = 0; i < size; i++) {
            countBefore();
        }
        skipping = last != '\n';
        size = 0;
    }

    private void countBefore() {
        if (++before > mostBefore) {
            throw new ProtocolError(Rule.BANNER_TOO_LONG, "more than " + mostBefore + " bytes");
        }
    }

    private String identification() {
        int length = size > 0 && line[size - 1] == '\r' ? size - 1 : size;
        for (int i = 0; i < length; i++) {
            if (line[i] < 0x20 || line[i] == 0x7f) {
                throw new ProtocolError(Rule.NOT_SSH, "the version line holds a control character");
            }
        }
        var text = new String(line, 0, length, StandardCharsets.US_ASCII);
        if (!text.startsWith("SSH-2.0-") && !text.startsWith("SSH-1.99-")) {
            throw new ProtocolError(Rule.VERSION_NOT_SUPPORTED, text);
        }
        return text;
    }
}
