package homeport.ssh.key;

import homeport.ssh.key.KeyFileError.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * The textual encoding of RFC 7468: a label between dashes around base64.
 *
 * @param label such as {@code OPENSSH PRIVATE KEY}
 * @param content decoded; the taker overwrites it after use
 */
record Pem(String label, byte[] content) {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";
    private static final int MOST_LABEL_BYTES = 64;

    /** Takes the first block of the file; text before and after it is allowed, as the RFC has it. */
    static Pem parse(String file, byte[] octets) {
        // Searched as bytes: a string of the secret could not be overwritten.
        int begin = find(octets, BEGIN, 0);
        while (begin > 0 && octets[begin - 1] != '\n') {
            begin = find(octets, BEGIN, begin + 1);
        }
        int labelStart = begin + BEGIN.length();
        int labelEnd = begin < 0 ? -1 : find(octets, DASHES, labelStart);
        if (labelEnd < 0 || labelEnd - labelStart > MOST_LABEL_BYTES) {
            throw malformed(file, "no private key in it");
        }
        String label = new String(octets, labelStart, labelEnd - labelStart, StandardCharsets.ISO_8859_1);
        int end = find(octets, END + label + DASHES, labelEnd);
        if (label.chars().anyMatch(c -> c < 0x20 || c > 0x7e) || end < 0) {
            throw malformed(file, "the line that ends the private key is missing");
        }
        int from = labelEnd + DASHES.length();
        for (int i = from; i < end; i++) {
            if (octets[i] == ':') {
                throw new KeyFileError(Problem.NOT_SUPPORTED, file, 0, "a private key in PEM's old encryption",
                        "convert it with ssh-keygen -p -f FILE");
            }
        }
        byte[] base64 = new byte[end - from];
        int size = 0;
        for (int i = from; i < end; i++) {
            if (octets[i] != '\n' && octets[i] != '\r' && octets[i] != ' ' && octets[i] != '\t') {
                base64[size++] = octets[i];
            }
        }
        byte[] packed = Arrays.copyOf(base64, size);
        Arrays.fill(base64, (byte) 0);
        try {
            return new Pem(label, Base64.getDecoder().decode(packed));
        } catch (IllegalArgumentException e) {
            throw malformed(file, "the private key is not base64");
        } finally {
            Arrays.fill(packed, (byte) 0);
        }
    }

    /** The text with lines of {@code width} characters; {@code content} is overwritten. */
    static byte[] write(String label, byte[] content, int width) {
        byte[] base64 = Base64.getMimeEncoder(width / 4 * 4, new byte[]{'\n'}).encode(content);
        Arrays.fill(content, (byte) 0);
        byte[] head = (BEGIN + label + DASHES + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] tail = ("\n" + END + label + DASHES + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] text = Arrays.copyOf(head, head.length + base64.length + tail.length);
        System.arraycopy(base64, 0, text, head.length, base64.length);
        System.arraycopy(tail, 0, text, head.length + base64.length, tail.length);
        Arrays.fill(base64, (byte) 0);
        return text;
    }

    /** Where {@code ascii} begins from {@code from} on; -1 when nowhere. */
    private static int find(byte[] octets, String ascii, int from) {
        byte[] wanted = ascii.getBytes(StandardCharsets.US_ASCII);
        for (int at = from; at <= octets.length - wanted.length; at++) {
            if (Arrays.equals(octets, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }

    private static KeyFileError malformed(String file, String what) {
        return new KeyFileError(Problem.MALFORMED, file, 0, what, "check that it is the private key's file and whole");
    }

    @Override
    public String toString() {
        return label;
    }
}
