package homeport.ssh.key;

import homeport.ssh.key.KeyOptions.Endpoint;
import homeport.ssh.wire.ProtocolError;
import java.net.InetAddress;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the options before a key in authorized_keys: names and {@code name="value"} between commas, in which a quote
 * stands behind a backslash. Later options change what earlier ones said. An option that is not known makes the line
 * unusable, as it may have been a restriction.
 */
final class KeyOptionsParser {
    private static final int MOST_OPTIONS = 256;

    private final ZoneId zone;
    private boolean certAuthority;
    private @Nullable String command;
    private final List<String> from = new ArrayList<>();
    private final Set<String> principals = new HashSet<>();
    private final Map<String, String> environment = new HashMap<>();
    private final List<Endpoint> permitOpen = new ArrayList<>();
    private final List<Endpoint> permitListen = new ArrayList<>();
    private @Nullable Instant expiry;
    private boolean verifyRequired;
    private boolean pty = true;
    private boolean portForwarding = true;
    private boolean agentForwarding = true;
    private boolean x11Forwarding = true;
    private boolean userRc = true;
    private int at;

    /** @param zone of times that do not end in Z */
    KeyOptionsParser(ZoneId zone) {
        this.zone = zone;
    }

    /**
     * Reads the options that {@code line} starts with.
     *
     * @return where they end
     * @throws ProtocolError with {@code KEY_FORMAT} when one is not known or makes no sense
     */
    int parse(String line) {
        for (int count = 0;; count++) {
            if (count == MOST_OPTIONS) {
                throw KeyBlobs.malformed("more than " + MOST_OPTIONS + " options");
            }
            int start = at;
            while (at < line.length() && (Character.isLetterOrDigit(line.charAt(at)) || line.charAt(at) == '-')) {
                at++;
            }
            String name = line.substring(start, at).toLowerCase(Locale.ROOT);
            String value = null;
            if (at < line.length() && line.charAt(at) == '=') {
                at++;
                value = quoted(line);
            }
            take(name, value);
            if (at == line.length() || KeyText.blank(line.charAt(at))) {
                return at;
            }
            if (line.charAt(at) != ',') {
                throw KeyBlobs.malformed("a comma or blank is due behind the option " + name);
            }
            at++;
        }
    }

    private String quoted(String line) {
        if (at == line.length() || line.charAt(at) != '"') {
            throw KeyBlobs.malformed("an option's value is not in quotes");
        }
        var value = new StringBuilder();
        for (at++; at < line.length(); at++) {
            char c = line.charAt(at);
            if (c == '"') {
                at++;
                return value.toString();
            }
            boolean escaped = c == '\\' && at + 1 < line.length() && line.charAt(at + 1) == '"';
            value.append(escaped ? '"' : c);
            at += escaped ? 1 : 0;
        }
        throw KeyBlobs.malformed("a quote is not closed");
    }

    private void take(String name, @Nullable String value) {
        if (value == null) {
            takeFlag(name);
        } else {
            takeValue(name, value);
        }
    }

    private void takeFlag(String name) {
        switch (name) {
            case "cert-authority" -> certAuthority = true;
            case "restrict" -> {
                pty = false;
                portForwarding = false;
                agentForwarding = false;
                x11Forwarding = false;
                userRc = false;
            }
            case "pty" -> pty = true;
            case "no-pty" -> pty = false;
            case "port-forwarding" -> portForwarding = true;
            case "no-port-forwarding" -> portForwarding = false;
            case "agent-forwarding" -> agentForwarding = true;
            case "no-agent-forwarding" -> agentForwarding = false;
            case "x11-forwarding" -> x11Forwarding = true;
            case "no-x11-forwarding" -> x11Forwarding = false;
            case "user-rc" -> userRc = true;
            case "no-user-rc" -> userRc = false;
            case "verify-required" -> verifyRequired = true;
            case "no-touch-required" -> {
                // Asks less of a security key; there are none here.
            }
            default -> throw KeyBlobs.malformed("the option " + KeyBlobs.printable(name) + " is not known");
        }
    }

    private void takeValue(String name, String value) {
        switch (name) {
            case "command" -> {
                if (command != null) {
                    throw KeyBlobs.malformed("the option command stands twice");
                }
                command = value;
            }
            case "from" -> from.add(checkedFrom(value));
            case "principals" -> {
                for (String principal : value.split(",", -1)) {
                    if (principal.isBlank()) {
                        throw KeyBlobs.malformed("an empty name in principals");
                    }
                    principals.add(principal);
                }
            }
            case "environment" -> {
                int equals = value.indexOf('=');
                if (equals < 1 || !value.substring(0, equals).matches("[A-Za-z0-9_]+")) {
                    throw KeyBlobs.malformed("environment is NAME=value");
                }
                environment.putIfAbsent(value.substring(0, equals), value.substring(equals + 1));
            }
            case "expiry-time" -> {
                var time = time(value);
                expiry = expiry == null || time.isBefore(expiry) ? time : expiry;
            }
            case "permitopen" -> permitOpen.add(endpoint(value, false));
            case "permitlisten" -> permitListen.add(endpoint(value, true));
            default -> throw KeyBlobs.malformed("the option " + KeyBlobs.printable(name) + " is not known");
        }
    }

    /**
     * Addresses, blocks and patterns between commas. Names are never looked up, so a name cannot match; a negated name
     * could not be honoured, and is refused.
     */
    private static String checkedFrom(String value) {
        for (String part : value.split(",", -1)) {
            String pattern = part.startsWith("!") ? part.substring(1) : part;
            boolean block = pattern.indexOf('/') >= 0;
            if (pattern.isEmpty() || (block && AddressBlock.parse(pattern).isEmpty())) {
                throw KeyBlobs.malformed("an address block in from makes no sense");
            }
            if (part.startsWith("!") && !block && !pattern.matches("[0-9A-Fa-f.:*?]+")) {
                throw KeyBlobs.malformed("a negated name in from: names are not looked up here");
            }
        }
        return value;
    }

    /** {@code YYYYMMDD}, with {@code HHMM} or {@code HHMMSS}, and with {@code Z} for UTC. */
    private Instant time(String text) {
        boolean utc = text.endsWith("Z");
        String digits = utc ? text.substring(0, text.length() - 1) : text;
        if (!digits.matches("[0-9]{8}([0-9]{4}([0-9]{2})?)?")) {
            throw KeyBlobs.malformed("expiry-time is YYYYMMDD[HHMM[SS]][Z]");
        }
        String full = (digits + "000000").substring(0, 14);
        try {
            return LocalDateTime
                    .of(number(full, 0, 4), number(full, 4, 6), number(full, 6, 8), number(full, 8, 10),
                            number(full, 10, 12), number(full, 12, 14))
                    .atZone(utc ? ZoneOffset.UTC : zone).toInstant();
        } catch (DateTimeException e) {
            throw KeyBlobs.malformed("expiry-time is no time");
        }
    }

    private static int number(String digits, int from, int to) {
        return Integer.parseInt(digits.substring(from, to));
    }

    /** {@code host:port}, {@code [host]:port} or, where a listening address is due, a bare port. */
    private static Endpoint endpoint(String text, boolean bare) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "*" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw KeyBlobs.malformed("an address with colons stands in brackets");
        }
        String port = text.substring(colon + 1);
        boolean any = port.equals("*");
        if ((colon < 0 && !bare) || host.isEmpty() || !(any || port.matches("[0-9]{1,5}"))) {
            throw KeyBlobs.malformed("a target of forwarding is host:port");
        }
        int number = any ? 0 : Integer.parseInt(port);
        if (!any && (number < 1 || number > 65535)) {
            throw KeyBlobs.malformed("port " + number);
        }
        return new Endpoint(host, number);
    }

    boolean certAuthority() {
        return certAuthority;
    }

    boolean verifyRequired() {
        return verifyRequired;
    }

    /** Names of which a certificate must have one; empty when it must have the user's. */
    Set<String> principals() {
        return Set.copyOf(principals);
    }

    /** Lists of which each must allow the peer's address. */
    List<String> from() {
        return List.copyOf(from);
    }

    KeyOptions options() {
        return new KeyOptions(Optional.ofNullable(command), pty, portForwarding, agentForwarding, x11Forwarding,
                userRc, environment, permitOpen, permitListen, Optional.ofNullable(expiry));
    }

    /**
     * Whether a {@code from} list allows an address. Patterns are compared with its text in the form of RFC 5952, as sshd
     * has it; what maps IPv4 into IPv6 counts as the IPv4 address.
     */
    static boolean allows(String list, InetAddress address) {
        String text = AddressText.of(address);
        int scope = text.indexOf('%');
        text = scope < 0 ? text : text.substring(0, scope);
        var plain = InetAddress.ofLiteral(text);
        boolean allowed = false;
        for (String part : list.split(",", -1)) {
            boolean negated = part.startsWith("!");
            String pattern = negated ? part.substring(1) : part;
            var block = AddressBlock.parse(pattern);
            if (block.isPresent()
                    ? block.get().contains(plain)
                    : Patterns.matches(pattern.toLowerCase(Locale.ROOT), text)) {
                if (negated) {
                    return false;
                }
                allowed = true;
            }
        }
        return allowed;
    }
}
