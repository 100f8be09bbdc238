package homeport.gateway.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Percent-encoding (RFC 3986 section 2.1), strictly: what is not UTF-8, no escape, or a control character
 * is an error and not a guess.
 */
final class PercentText {
    private PercentText() {}

    /** Each segment of a path on its own: an escaped slash is part of a name. */
    static List<String> segments(String path) {
        var segments = new ArrayList<String>();
        for (var segment : path.substring(1).split("/", -1)) {
            segments.add(decode(segment, false));
        }
        return segments;
    }

    /** In the order of their coming; a blank may stand as plus. */
    static Map<String, List<String>> query(String query) {
        var values = new LinkedHashMap<String, List<String>>();
        for (var pair : query.split("&", -1)) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                values.computeIfAbsent(decode(equals < 0 ? pair : pair.substring(0, equals), true),
                        name -> new ArrayList<>()).add(equals < 0 ? "" : decode(pair.substring(equals + 1), true));
            }
        }
        return values;
    }

    private static String decode(String text, boolean plusIsBlank) {
        var bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
                int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    throw Problem.invalid("a percent sign without two hexadecimal digits behind it");
                }
                bytes.write(high << 4 | low);
                i += 2;
            } else if (c <= ' ' || c >= 0x7f) {
                throw Problem.invalid("a character that must be percent-encoded");
            } else {
                bytes.write(c == '+' && plusIsBlank ? ' ' : c);
            }
        }
        try {
            return PlainText.line("the path or the query",
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray())).toString());
        } catch (CharacterCodingException e) {
            throw Problem.invalid("percent-encoded octets that are not UTF-8");
        }
    }
}
