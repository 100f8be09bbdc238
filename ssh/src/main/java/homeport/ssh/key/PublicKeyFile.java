package homeport.ssh.key;

import homeport.ssh.key.KeyFileError.Problem;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A file with one public key or certificate: OpenSSH's line {@code type base64 comment}, or RFC 4716's block.
 *
 * @param comment may be empty; without control characters
 */
public record PublicKeyFile(SshPublicKey key, String comment) {
    private static final String BEGIN = "---- BEGIN SSH2 PUBLIC KEY ----";
    private static final String END = "---- END SSH2 PUBLIC KEY ----";
    private static final int MOST_CHARACTERS = KeyText.MOST_LINE_CHARACTERS;
    private static final int MOST_COMMENT_CHARACTERS = 1024;

    public PublicKeyFile {
        var printable = new StringBuilder();
        comment.codePoints().limit(MOST_COMMENT_CHARACTERS)
                .forEach(c -> printable.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
        comment = printable.toString().strip();
    }

    /**
     * Reads the first key of a file, in either form.
     *
     * @param file the name for error messages
     * @throws KeyFileError when there is none
     */
    public static PublicKeyFile read(String file, String text) {
        return read(file, text, PlainKey.LEAST_RSA_BITS);
    }

    /** As {@link #read(String, String)}, with the smallest RSA key stated. */
    public static PublicKeyFile read(String file, String text, int leastRsaBits) {
        return read(file, text, leastRsaBits, 1).getFirst();
    }

    /** Reads every key of a file as {@link #read(String, String)} does the first; at least one, or an error. */
    public static List<PublicKeyFile> readAll(String file, String text) {
        return read(file, text, PlainKey.LEAST_RSA_BITS, Integer.MAX_VALUE);
    }

    private static List<PublicKeyFile> read(String file, String text, int leastRsaBits, int most) {
        if (text.length() > MOST_CHARACTERS) {
            throw new KeyFileError(Problem.TOO_LARGE, file, 0, "a public key file of " + text.length() + " characters",
                    "at most " + MOST_CHARACTERS + " are read: is it the right file?");
        }
        var lines = text.lines().map(String::strip).toList();
        var all = new ArrayList<PublicKeyFile>();
        for (int i = 0; i < lines.size() && all.size() < most; i++) {
            String line = lines.get(i);
            if (line.isEmpty() || line.charAt(0) == '#') {
                continue;
            }
            try {
                if (line.equals(BEGIN)) {
                    all.add(rfc4716(lines.subList(i + 1, lines.size()), leastRsaBits));
                    i += lines.subList(i, lines.size()).indexOf(END);
                    continue;
                }
                var found = KeyText.parse(line, leastRsaBits);
                all.add(new PublicKeyFile(found.key(), found.comment()));
            } catch (ProtocolError e) {
                boolean unknown = e.rule() == Rule.KEY_NOT_SUPPORTED;
                throw new KeyFileError(unknown ? Problem.NOT_SUPPORTED : Problem.MALFORMED, file, i + 1,
                        e.detail().isEmpty() ? e.rule().sentence() : e.detail(),
                        line.startsWith("-----BEGIN") && line.contains("PRIVATE")
                                ? "this is a private key: give the file that ends in .pub"
                                : "make it with ssh-keygen");
            }
        }
        if (all.isEmpty()) {
            throw new KeyFileError(Problem.MALFORMED, file, 0, "no public key in it", "make it with ssh-keygen");
        }
        return all;
    }

    private static PublicKeyFile rfc4716(List<String> lines, int leastRsaBits) {
        var base64 = new StringBuilder();
        String comment = "";
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.equals(END)) {
                try {
                    byte[] blob = Base64.getDecoder().decode(base64.toString());
                    return new PublicKeyFile(SshPublicKey.parse(blob, leastRsaBits), comment);
                } catch (IllegalArgumentException e) {
                    throw KeyBlobs.malformed("the key is not base64");
                }
            }
            int colon = line.indexOf(':');
            if (colon < 0) {
                base64.append(line);
                continue;
            }
            // A header; a backslash at its end continues it on the next line (RFC 4716 §3.3).
            var value = new StringBuilder(line.substring(colon + 1).strip());
            while (!value.isEmpty() && value.charAt(value.length() - 1) == '\\' && i + 1 < lines.size()) {
                value.setLength(value.length() - 1);
                value.append(lines.get(++i));
            }
            if (line.substring(0, colon).equalsIgnoreCase("comment")) {
                comment = value.toString();
                boolean quoted = comment.length() >= 2 && comment.startsWith("\"") && comment.endsWith("\"");
                comment = quoted ? comment.substring(1, comment.length() - 1) : comment;
            }
        }
        throw KeyBlobs.malformed("the line that ends the key is missing");
    }

    /** OpenSSH's line, with its line end. */
    public String write() {
        return KeyText.write(key) + (comment.isEmpty() ? "" : " " + comment) + "\n";
    }
}
