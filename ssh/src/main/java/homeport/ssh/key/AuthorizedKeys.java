package homeport.ssh.key;

import homeport.ssh.key.CertificateTerms.Kind;
import java.net.InetAddress;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The keys that may log in, and under which conditions (sshd(8), AUTHORIZED_KEYS FILE FORMAT). Immutable.
 *
 * <p>A line that cannot be read, or that has an option which is not known here, grants nothing and is reported.
 */
public final class AuthorizedKeys {
    /** What the file says about a key. */
    public sealed interface Answer {
        /**
         * The key may log in.
         *
         * @param line on which it, or its authority, stands
         * @param options what it may do then
         */
        record Allowed(int line, KeyOptions options) implements Answer {}

        /** The key, or its authority, is listed, but no condition that it is listed under holds. */
        record Refused(int line, String reason) implements Answer {}

        record NotListed() implements Answer {}
    }

    private record Entry(int line, PlainKey key, boolean authority, Set<String> principals, List<String> from,
            boolean verifyRequired, KeyOptions options, String comment) {}

    private final List<Entry> entries = new ArrayList<>();
    private final List<KeyFileError> problems;

    private AuthorizedKeys(String file, String text, ZoneId zone) {
        var lines = new KeyLines(file);
        lines.read(text, (line, number) -> entries.add(entry(line, number, zone)));
        problems = lines.problems();
    }

    /**
     * Reads a file.
     *
     * @param file the name for messages
     * @param zone of an {@code expiry-time} that does not end in Z
     * @throws KeyFileError only when it is larger than any such file; for bad lines see {@link #problems()}
     */
    public static AuthorizedKeys parse(String file, String text, ZoneId zone) {
        return new AuthorizedKeys(file, text, zone);
    }

    private static Entry entry(String line, int number, ZoneId zone) {
        if (line.length() > KeyText.MOST_LINE_CHARACTERS) {
            throw KeyBlobs.malformed("the line is longer than any key's");
        }
        var parser = new KeyOptionsParser(zone);
        String rest = KeyText.looksLikeKey(line) ? line : line.substring(parser.parse(line));
        var parsed = KeyText.parse(rest, PlainKey.LEAST_RSA_BITS);
        if (!(parsed.key() instanceof PlainKey key)) {
            throw KeyBlobs.notSupported("a certificate or key id: list its plain key, or its authority");
        }
        return new Entry(number, key, parser.certAuthority(), parser.principals(), parser.from(),
                parser.verifyRequired(), parser.options(), parsed.comment());
    }

    /**
     * Whether a key may log in. That its holder signs with it is for the caller to check. X.509 chains and key ids are
     * never listed here.
     *
     * @param user the name asked for, which a certificate must be for unless its authority's line names others
     * @param from the peer's address; when it is not known, lines with {@code from} do not hold
     */
    public Answer lookup(SshPublicKey shown, String user, Optional<InetAddress> from, Instant at) {
        return switch (shown) {
            case PlainKey key -> first(key, false, entry -> allowed(entry, from, at));
            case OpenSshCertificate certificate -> first(certificate.authority(), true,
                    entry -> allowed(entry, from, at) instanceof Answer.Refused refused
                            ? refused
                            : certified(entry, certificate, user, from, at));
            case X509Chain _,HmacKeyId _ -> new Answer.NotListed();
        };
    }

    /** The first line with the key that allows it, or else the last that refuses it. */
    private Answer first(PlainKey key, boolean authority, java.util.function.Function<Entry, Answer> check) {
        Answer answer = new Answer.NotListed();
        for (var entry : entries) {
            if (entry.authority == authority && entry.key.equals(key)) {
                answer = check.apply(entry);
                if (answer instanceof Answer.Allowed) {
                    return answer;
                }
            }
        }
        return answer;
    }

    private static Answer allowed(Entry entry, Optional<InetAddress> from, Instant at) {
        for (String list : entry.from) {
            if (from.isEmpty() || !KeyOptionsParser.allows(list, from.get())) {
                return new Answer.Refused(entry.line,
                        "not from " + from.map(AddressText::of).orElse("an unknown address"));
            }
        }
        var expiry = entry.options.expiry();
        if (expiry.isPresent() && !at.isBefore(expiry.get())) {
            return new Answer.Refused(entry.line, "expired " + expiry.get());
        }
        if (entry.verifyRequired) {
            return new Answer.Refused(entry.line, "verify-required asks for a security key that checks its user");
        }
        return new Answer.Allowed(entry.line, entry.options);
    }

    private static Answer certified(Entry entry, OpenSshCertificate certificate, String user,
            Optional<InetAddress> from, Instant at) {
        var names = entry.principals.isEmpty() ? Set.of(user) : entry.principals;
        return switch (certificate.check(Kind.USER, Set.of(entry.key), at, names, from)) {
            case CertificateVerdict.Refused refused -> new Answer.Refused(entry.line, "the certificate is refused: "
                    + refused.reason().name().toLowerCase(Locale.ROOT).replace('_', ' ') + ", " + refused.detail());
            case CertificateVerdict.Good good -> {
                var command = entry.options.command();
                yield command.isPresent() && good.forceCommand().isPresent()
                        && !command.equals(good.forceCommand())
                                ? new Answer.Refused(entry.line, "line and certificate force different commands")
                                : new Answer.Allowed(entry.line, entry.options.and(good));
            }
        };
    }

    /** The plain keys that are listed for themselves, not as authorities. */
    public List<PlainKey> keys() {
        return entries.stream().filter(entry -> !entry.authority).map(Entry::key).toList();
    }

    /** The comment of the line, by which people know whose key it is; empty when the line is not used. */
    public String comment(int line) {
        return entries.stream().filter(entry -> entry.line == line).findFirst().map(Entry::comment).orElse("");
    }

    /** Lines that are not used, and why. */
    public List<KeyFileError> problems() {
        return problems;
    }
}
