package homeport.ssh.key;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.SshReader;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * {@code type base64 comment}: how a key stands in the lines of public key files, known_hosts and authorized_keys.
 *
 * @param key of the kind that the type says
 * @param comment the rest of the line; may be empty
 */
record KeyText(SshPublicKey key, String comment) {
    /** A blob of {@link KeyBlobs#MOST_BYTES} in base64, and room for options and a comment. */
    static final int MOST_LINE_CHARACTERS = 128 * 1024;

    /** @throws ProtocolError with {@code KEY_FORMAT} or {@code KEY_NOT_SUPPORTED} */
    static KeyText parse(String text, int leastRsaBits) {
        var fields = fields(text, 3);
        if (fields.size() < 2) {
            throw KeyBlobs.malformed("a key is its type and base64");
        }
        byte[] blob = decode(fields.get(1));
        var key = KeyBlobs.parse(blob, leastRsaBits);
        if (!key.type().equals(fields.getFirst())) {
            throw KeyBlobs.malformed("the type does not fit the key");
        }
        return new KeyText(key, fields.size() > 2 ? fields.get(2) : "");
    }

    /** As {@link #parse}, for files in which only plain keys have a meaning. */
    static PlainKey parsePlain(String text, int leastRsaBits) {
        if (parse(text, leastRsaBits).key instanceof PlainKey plain) {
            return plain;
        }
        throw KeyBlobs.notSupported("a certificate or key id where a plain key is due");
    }

    /** Whether the text begins with a type and a blob of that type, known here or not. */
    static boolean looksLikeKey(String text) {
        var fields = fields(text, 3);
        if (fields.size() < 2) {
            return false;
        }
        try {
            return new SshReader(decode(fields.get(1))).ascii().equals(fields.getFirst());
        } catch (ProtocolError e) {
            return false;
        }
    }

    static String write(SshPublicKey key) {
        return key.type() + " " + Base64.getEncoder().encodeToString(key.blob());
    }

    private static byte[] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw KeyBlobs.malformed("the key is not base64");
        }
    }

    /** Splits at blanks and tabs into at most {@code most} fields; the last is the rest of the line. */
    static List<String> fields(String line, int most) {
        var fields = new ArrayList<String>();
        int at = skipBlanks(line, 0);
        while (at < line.length() && fields.size() < most - 1) {
            int end = at;
            while (end < line.length() && !blank(line.charAt(end))) {
                end++;
            }
            fields.add(line.substring(at, end));
            at = skipBlanks(line, end);
        }
        if (at < line.length()) {
            fields.add(line.substring(at).stripTrailing());
        }
        return fields;
    }

    static int skipBlanks(String line, int from) {
        int at = from;
        while (at < line.length() && blank(line.charAt(at))) {
            at++;
        }
        return at;
    }

    static boolean blank(char c) {
        return c == ' ' || c == '\t';
    }
}
