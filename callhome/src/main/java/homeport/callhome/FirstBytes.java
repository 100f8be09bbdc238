package homeport.callhome;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * What a dialler speaks, told from the first bytes it sends and from nothing else: not from its address, nor the port.
 *
 * <p>A pure function. Until it can tell, it says {@link Undecided} and wants more; {@link #MOST_BYTES} always suffice.
 */
public sealed interface FirstBytes {
    /** Two peers cannot begin alike for longer than this. */
    int MOST_BYTES = 64;

    /** Too few bytes to tell. */
    record Undecided() implements FirstBytes {}

    /** A version line: SSH, in a role that its KEXINIT will show. */
    record Ssh() implements FirstBytes {}

    /**
     * Lines, as a server may send before its version line (RFC 4253 §4.2). A client may not. They ought to be UTF-8; in the
     * field they hold Latin-1 and what colours a terminal too.
     */
    record ServerText() implements FirstBytes {}

    /** The message of {@link Design#BOOTSTRAP}. */
    record Bootstrap() implements FirstBytes {}

    /** Calix's XML identity, a dialect of {@link Design#BOOTSTRAP}. */
    record Calix() implements FirstBytes {}

    /** Nothing for this port. @param refusal which kind; @param detail for the journal */
    record Foreign(Refusal refusal, String detail) implements FirstBytes {}

    Undecided UNDECIDED = new Undecided();

    /** Tells from {@code array[offset .. offset + length)}, the stream's first bytes. */
    static FirstBytes of(byte[] array, int offset, int length) {
        if (length == 0) {
            return UNDECIDED;
        }
        int first = array[offset] & 0xff;
        if (first == 0x16) {
            return tls(array, offset, length);
        }
        var text = new String(array, offset, Math.min(length, MOST_BYTES), StandardCharsets.ISO_8859_1);
        boolean open = false;
        for (var start : Start.ALL) {
            if (text.startsWith(start.text)) {
                return start.found;
            }
            open |= start.text.startsWith(text);
        }
        // The first line tells; what follows it may be a version line, and behind that anything.
        int lineEnd = text.indexOf('\n');
        if (!isText(lineEnd < 0 ? text : text.substring(0, lineEnd))) {
            return new Foreign(Refusal.NOT_SSH, "bytes that are no text, beginning with " + hex(array, offset, length));
        }
        if (open || (lineEnd < 0 && length < MOST_BYTES)) {
            return UNDECIDED;
        }
        return new ServerText();
    }

    /** How a peer's first bytes may begin, the first match first. */
    record Start(String text, FirstBytes found) {
        private static final List<Start> ALL = List.of(
                new Start("SSH-", new Ssh()),
                new Start("MSG-ID:", new Bootstrap()), new Start("MSG-VER:", new Bootstrap()),
                new Start("DEVICE-ID:", new Bootstrap()), new Start("HOST-KEY:", new Bootstrap()),
                new Start("HMAC:", new Bootstrap()), new Start("HMAC-SHA2-256:", new Bootstrap()),
                new Start("<version", new Calix()), new Start("<identity", new Calix()),
                new Start("<?xml", new Foreign(Refusal.NOT_SSH, "XML, as of NETCONF without SSH")),
                new Start("<hello", new Foreign(Refusal.NOT_SSH, "NETCONF without SSH")),
                http("GET "), http("POST "), http("HEAD "), http("PUT "), http("DELETE "), http("OPTIONS "),
                http("CONNECT "), http("PATCH "), http("TRACE "), http("PRI * HTTP/2"),
                new Start("PROXY ", proxy()), new Start("\r\n\r\n\0\r\nQUIT\n", proxy()));

        private static Start http(String method) {
            return new Start(method, new Foreign(Refusal.HTTP, "an HTTP request"));
        }

        private static Foreign proxy() {
            return new Foreign(Refusal.PROXY_HEADER, "");
        }
    }

    /** A TLS record that holds a handshake (RFC 8446 §5.1): type 22, version 3.x. */
    private static FirstBytes tls(byte[] array, int offset, int length) {
        if (length < 2) {
            return UNDECIDED;
        }
        return array[offset + 1] == 3
                ? new Foreign(Refusal.TLS, "a TLS handshake")
                : new Foreign(Refusal.NOT_SSH, "bytes that are no text, beginning with " + hex(array, offset, length));
    }

    /**
     * Whether no byte is one that binary protocols are full of and lines have no use for: NUL and the control characters
     * that do nothing to a terminal. Which of the 8-bit codes the rest is in cannot be told.
     */
    private static boolean isText(String line) {
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            boolean terminal = (c >= 0x07 && c <= 0x0f) || c == 0x1b; // BEL to SI, and ESC
            if ((c < 0x20 && !terminal) || c == 0x7f) {
                return false;
            }
        }
        return true;
    }

    private static String hex(byte[] array, int offset, int length) {
        var text = new StringBuilder();
        for (int i = 0; i < Math.min(length, 8); i++) {
            text.append(String.format(Locale.ROOT, "%02x", array[offset + i]));
        }
        return text.toString();
    }
}
