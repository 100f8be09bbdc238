package homeport.callhome;

import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.SshPublicKey;
import homeport.ssh.wire.ProtocolError;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The message that a device sends before SSH in {@link Design#BOOTSTRAP}, as Junos' {@code outbound-ssh} has it.
 *
 * <pre>
 * MSG-ID: DEVICE-CONN-INFO
 * MSG-VER: V1
 * DEVICE-ID: id
 * HOST-KEY: ssh-rsa AAAA…             only with a secret
 * HMAC: 40 hexadecimal digits         HMAC-SHA1(secret, text of HOST-KEY as sent)
 * HMAC-SHA2-256: 64 of them           our own addition, over the same text
 * </pre>
 *
 * Lines end in LF or CR LF, come in any order, and the message ends where a line begins with {@code SSH-}; blank lines
 * may stand before that.
 *
 * <p>The HMAC covers a key, not the session: it proves nothing until that same key signs the key exchange, which {@link
 * #check} therefore asks for.
 *
 * @param deviceId a claim; 1 to {@link #MOST_ID_BYTES} bytes of printable text
 * @param hostKey text of the HOST-KEY line as sent, without a NUL at its end
 * @param hmacSha1 20 bytes
 * @param hmacSha256 32 bytes
 * @param unknownLines lines that were passed over
 */
public record BootstrapMessage(String deviceId, Optional<String> hostKey, Optional<byte[]> hmacSha1,
        Optional<byte[]> hmacSha256, int unknownLines) {
    /** Message and blank lines: an RSA key of 16,384 bits takes 2.8 KiB. */
    public static final int MOST_BYTES = 4 << 10;
    public static final int MOST_ID_BYTES = 255;
    private static final int MOST_UNKNOWN_LINES = 16;

    private static final String MSG_ID = "MSG-ID";
    private static final String MSG_VER = "MSG-VER";
    private static final String DEVICE_ID = "DEVICE-ID";
    private static final String HOST_KEY = "HOST-KEY";
    private static final String HMAC = "HMAC";
    private static final String HMAC_SHA2_256 = "HMAC-SHA2-256";
    private static final java.util.Set<String> NAMES = java.util.Set.of(MSG_ID, MSG_VER, DEVICE_ID, HOST_KEY, HMAC,
            HMAC_SHA2_256);

    private static final byte[] NO_SECRET = new byte[32];

    /** What {@link #check} found. */
    public enum Check {
        /** The secret's holder vouches for the key that signed this key exchange, by HMAC-SHA2-256. */
        PROVED_SHA2_256,
        /** The same by HMAC-SHA1. */
        PROVED_SHA1,
        /** There is a secret on record and the message has no HMAC, or none of the kind that is required. */
        MISSING,
        WRONG,
        /** The HMAC is right, for another key than the one that signed this key exchange: a replay. */
        OTHER_KEY;

        public boolean proved() {
            return this == PROVED_SHA2_256 || this == PROVED_SHA1;
        }
    }

    /** Malformed: the text says how. */
    static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Malformed(String text) {
            super(text, null, false, false);
        }
    }

    public BootstrapMessage {
        int bytes = deviceId.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > MOST_ID_BYTES || !printable(deviceId)) {
            throw new Malformed("DEVICE-ID is 1 to " + MOST_ID_BYTES + " bytes of printable text");
        }
    }

    /** For a device without a secret: three lines that claim an id. */
    public static BootstrapMessage claim(String deviceId) {
        return new BootstrapMessage(deviceId, Optional.empty(), Optional.empty(), Optional.empty(), 0);
    }

    /** For a device with a secret, both HMACs over the host key it is going to show. */
    public static BootstrapMessage signed(String deviceId, PlainKey hostKey, byte[] secret) {
        var text = hostKey.type() + " " + Base64.getEncoder().encodeToString(hostKey.blob());
        return new BootstrapMessage(deviceId, Optional.of(text), Optional.of(mac("HmacSHA1", secret, text)),
                Optional.of(mac("HmacSHA256", secret, text)), 0);
    }

    /** As it goes on the wire. */
    public byte[] encode() {
        var text = new StringBuilder(512);
        line(text, MSG_ID, "DEVICE-CONN-INFO");
        line(text, MSG_VER, "V1");
        line(text, DEVICE_ID, deviceId);
        hostKey.ifPresent(value -> line(text, HOST_KEY, value));
        hmacSha1.ifPresent(value -> line(text, HMAC, HexFormat.of().formatHex(value)));
        hmacSha256.ifPresent(value -> line(text, HMAC_SHA2_256, HexFormat.of().formatHex(value)));
        if (hostKey.isPresent()) {
            text.append("\r\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void line(StringBuilder out, String name, String value) {
        out.append(name).append(": ").append(value).append("\r\n");
    }

    /**
     * Where the message in {@code array[0 .. size)} ends: where a line begins with {@code SSH-}. Negative while it does
     * not.
     *
     * @param from where the last search had come to, 0 the first time
     */
    static int end(byte[] array, int size, int from) {
        for (int i = Math.max(1, from - 4); i + 3 < size; i++) {
            if (array[i - 1] == '\n' && array[i] == 'S' && array[i + 1] == 'S' && array[i + 2] == 'H'
                    && array[i + 3] == '-') {
                return i;
            }
        }
        return -1;
    }

    /**
     * Reads the message that stands in {@code array[0 .. end)}.
     *
     * @throws Malformed with the reason
     */
    static BootstrapMessage parse(byte[] array, int end) {
        var fields = new HashMap<String, String>();
        int unknown = 0;
        for (var line : lines(array, end)) {
            int colon = line.indexOf(':');
            var name = colon < 0 ? "" : line.substring(0, colon);
            if (!NAMES.contains(name)) {
                if (!line.isBlank() && ++unknown > MOST_UNKNOWN_LINES) {
                    throw new Malformed("more than " + MOST_UNKNOWN_LINES + " unknown lines");
                }
                continue;
            }
            if (fields.put(name, value(line, colon + 1)) != null) {
                throw new Malformed(name + " stands there twice");
            }
        }
        if (!required(fields, MSG_ID).equals("DEVICE-CONN-INFO")) {
            throw new Malformed("MSG-ID is not DEVICE-CONN-INFO");
        }
        if (!required(fields, MSG_VER).equals("V1")) {
            throw new Malformed("MSG-VER is not V1");
        }
        return new BootstrapMessage(required(fields, DEVICE_ID).strip(), Optional.ofNullable(fields.get(HOST_KEY)),
                digits(fields, HMAC, 20), digits(fields, HMAC_SHA2_256, 32), unknown);
    }

    private static java.util.List<String> lines(byte[] array, int end) {
        var lines = new ArrayList<String>();
        for (int start = 0; start < end;) {
            int stop = start;
            while (stop < end && array[stop] != '\n') {
                stop++;
            }
            int next = stop + 1;
            // Some devices end the key with a NUL, and that is not part of what the HMAC covers.
            while (stop > start && (array[stop - 1] == '\r' || array[stop - 1] == 0)) {
                stop--;
            }
            lines.add(new String(array, start, stop - start, StandardCharsets.UTF_8));
            start = next;
        }
        return lines;
    }

    /** Behind the colon and any blanks; vendors' pages also show a second colon. */
    private static String value(String line, int from) {
        int start = from;
        while (start < line.length() && (line.charAt(start) == ' ' || line.charAt(start) == '\t'
                || (line.charAt(start) == ':' && start + 1 < line.length() && line.charAt(start + 1) == ' '))) {
            start++;
        }
        return line.substring(start);
    }

    private static String required(Map<String, String> fields, String name) {
        var value = fields.get(name);
        if (value == null) {
            throw new Malformed("no " + name);
        }
        return value;
    }

    private static Optional<byte[]> digits(Map<String, String> fields, String name, int bytes) {
        var text = fields.get(name);
        if (text == null) {
            return Optional.empty();
        }
        try {
            byte[] value = HexFormat.of().parseHex(text.strip());
            if (value.length == bytes) {
                return Optional.of(value);
            }
        } catch (IllegalArgumentException e) {
            throw new Malformed(name + " is not " + 2 * bytes + " hexadecimal digits");
        }
        throw new Malformed(name + " is not " + 2 * bytes + " hexadecimal digits");
    }

    /** The type of the key in HOST-KEY, such as {@code ssh-rsa}: the key exchange should ask for that one. */
    public Optional<String> hostKeyType() {
        return hostKey.map(text -> {
            int blank = text.indexOf(' ');
            return blank < 0 ? text : text.substring(0, blank);
        });
    }

    /** The key in HOST-KEY; empty too when the text is none that can be read. */
    public Optional<PlainKey> announcedKey() {
        return hostKey.map(text -> text.split(" ", 3)).filter(words -> words.length > 1).flatMap(words -> {
            try {
                return SshPublicKey.parse(Base64.getDecoder().decode(words[1])) instanceof PlainKey key
                        ? Optional.of(key)
                        : Optional.<PlainKey>empty();
            } catch (ProtocolError | IllegalArgumentException e) {
                return Optional.empty();
            }
        });
    }

    /**
     * Whether the holder of {@code secret} vouches for {@code shown}, the key that signed this key exchange. Constant
     * time; the stronger HMAC counts where both are there.
     *
     * @param sha256Required whether HMAC-SHA1 is not enough for this device
     */
    public Check check(byte[] secret, SshPublicKey shown, boolean sha256Required) {
        byte[] key = secret.length == 0 ? NO_SECRET : secret;
        var text = hostKey.orElse("");
        boolean sha256 = matches(hmacSha256, mac("HmacSHA256", key, text));
        boolean sha1 = matches(hmacSha1, mac("HmacSHA1", key, text));
        boolean strong = hmacSha256.isPresent() || sha256Required;
        boolean sent = hostKey.isPresent() && (strong ? hmacSha256 : hmacSha1).isPresent();
        boolean right = (strong ? sha256 : sha1) && secret.length > 0;
        boolean same = announcedKey().filter(announced -> sameKey(announced, shown)).isPresent();
        if (!sent) {
            return Check.MISSING;
        }
        if (!right) {
            return Check.WRONG;
        }
        if (!same) {
            return Check.OTHER_KEY;
        }
        return strong ? Check.PROVED_SHA2_256 : Check.PROVED_SHA1;
    }

    private static boolean sameKey(PlainKey announced, SshPublicKey shown) {
        byte[] blob = shown instanceof OpenSshCertificate certificate ? certificate.key().blob() : shown.blob();
        return MessageDigest.isEqual(announced.blob(), blob);
    }

    private static boolean matches(Optional<byte[]> sent, byte[] right) {
        return MessageDigest.isEqual(sent.orElse(new byte[right.length]), right);
    }

    static byte[] mac(String algorithm, byte[] secret, String text) {
        try {
            var mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(secret, algorithm));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("this Java runtime has no " + algorithm, e);
        }
    }

    static boolean printable(String text) {
        return text.codePoints().noneMatch(c -> Character.isISOControl(c) || c == 0xfffd);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BootstrapMessage that && Arrays.equals(encode(), that.encode());
    }

    @Override
    public int hashCode() {
        return deviceId.hashCode();
    }

    @Override
    public String toString() {
        return "BootstrapMessage[" + deviceId + (hostKey.isPresent() ? ", with host key" : "")
                + (hmacSha1.isPresent() || hmacSha256.isPresent() ? ", with HMAC]" : "]");
    }
}
