package homeport.ssh.key;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;

/** Addresses as people write them: IPv6 as RFC 5952 has it, where Java writes {@code 2001:db8:0:0:0:0:0:9}. */
public final class AddressText {
    private static final int GROUPS = 8;

    private AddressText() {}

    /** @return with the scope where it has one; what maps IPv4 into IPv6 as the IPv4 address that it is */
    public static String of(InetAddress address) {
        var text = address.getHostAddress();
        return address instanceof Inet6Address ? text(address.getAddress()) + scope(text) : text;
    }

    /** The same of an address that somebody has typed or an older version has written; other text as it is. */
    public static String of(String text) {
        return forms(text).getFirst();
    }

    /** All texts under which an address may be on record, today's first: older versions wrote Java's. */
    public static List<String> forms(String text) {
        // IPv4 has one form only, and a bare number would be taken for an address.
        if (text.indexOf(':') >= 0) {
            var scope = scope(text);
            try {
                var address = InetAddress.ofLiteral(text.substring(0, text.length() - scope.length()));
                return List.of(of(address) + scope, address.getHostAddress() + scope);
            } catch (IllegalArgumentException e) {
                return List.of(text); // no address
            }
        }
        return List.of(text);
    }

    private static String scope(String text) {
        int percent = text.indexOf('%');
        return percent < 0 ? "" : text.substring(percent);
    }

    private static String text(byte[] bytes) {
        var groups = new int[GROUPS];
        for (int i = 0; i < GROUPS; i++) {
            groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
        }
        if (zeros(groups, 0) == 5 && groups[5] == 0xffff) {
            return "%d.%d.%d.%d".formatted(groups[6] >> 8, groups[6] & 0xff, groups[7] >> 8, groups[7] & 0xff);
        }
        int from = 0;
        for (int i = 1; i < GROUPS; i++) {
            from = zeros(groups, i) > zeros(groups, from) ? i : from;
        }
        int length = zeros(groups, from);
        // One zero is not left out.
        return length < 2
                ? hex(groups, 0, GROUPS)
                : hex(groups, 0, from) + "::" + hex(groups, from + length, GROUPS);
    }

    /** How many zeros in a row begin there. */
    private static int zeros(int[] groups, int from) {
        int end = from;
        while (end < GROUPS && groups[end] == 0) {
            end++;
        }
        return end - from;
    }

    private static String hex(int[] groups, int from, int to) {
        var text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.append(i == from ? "" : ":").append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}
