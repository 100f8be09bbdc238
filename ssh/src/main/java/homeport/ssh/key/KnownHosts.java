package homeport.ssh.key;

import homeport.ssh.crypto.Providers;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Which host keys are known (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): names in the clear, with patterns or hashed, and the
 * markers {@code @cert-authority} and {@code @revoked}. Immutable.
 *
 * <p>Nothing is asked of the DNS, and a name with a port is looked up as {@code [name]:port} only. A line that cannot be
 * read is reported and left out; a {@code @revoked} line that cannot be read refuses every key of the hosts it names, as
 * nobody can say which key it meant.
 */
public final class KnownHosts {
    private static final int SSH_PORT = 22;
    private static final String HASHED = "|1|";
    private static final int SHA1_BYTES = 20;

    /** What the file says about a key. */
    public sealed interface Answer {
        /** @param line on which the key stands */
        record Match(int line) implements Answer {}

        /**
         * Other keys are known for this host, of whatever type: refuse.
         *
         * @param known the keys that would have been right
         */
        record Changed(List<PlainKey> known) implements Answer {
            public Changed {
                known = List.copyOf(known);
            }
        }

        /** Nothing is known about this host. */
        record Unknown() implements Answer {}

        /** @param line that revokes the key or its authority, or that nobody can read */
        record Revoked(int line) implements Answer {}

        /**
         * The key stands in a certificate whose authority is known for this host. It is good if the certificate is: see
         * {@link OpenSshCertificate#check}, with the host's name without its port.
         */
        record CertAuthority(Set<PlainKey> authorities) implements Answer {
            public CertAuthority {
                authorities = Set.copyOf(authorities);
            }
        }
    }

    private enum Marker {
        NONE(""),
        CERT_AUTHORITY("@cert-authority "),
        REVOKED("@revoked ");

        private final String text;

        Marker(String text) {
            this.text = text;
        }
    }

    private record Entry(int line, Marker marker, String hosts, PlainKey key) {}

    /** A {@code @revoked} line whose key is not readable, with the hosts it is about. */
    private record Unreadable(int line, String hosts) {}

    private final List<Entry> entries = new ArrayList<>();
    private final List<Unreadable> unreadable = new ArrayList<>();
    private final List<KeyFileError> problems;

    private KnownHosts(String file, String text) {
        var lines = new KeyLines(file);
        lines.read(text, this::readLine);
        problems = lines.problems();
    }

    /**
     * Reads a file.
     *
     * @param file the name for messages
     * @throws KeyFileError only when it is larger than any such file; for bad lines see {@link #problems()}
     */
    public static KnownHosts parse(String file, String text) {
        return new KnownHosts(file, text);
    }

    private void readLine(String line, int number) {
        boolean marked = line.charAt(0) == '@';
        if (line.length() > KeyText.MOST_LINE_CHARACTERS) {
            if (marked) {
                unreadable.add(new Unreadable(number, "*"));
            }
            throw KeyBlobs.malformed("the line is longer than any key's");
        }
        var fields = KeyText.fields(line, marked ? 3 : 2);
        var marker = !marked ? Marker.NONE : switch (fields.getFirst()) {
            case "@cert-authority" -> Marker.CERT_AUTHORITY;
            case "@revoked" -> Marker.REVOKED;
            default -> {
                // A misspelt @revoked must not be overlooked.
                unreadable.add(new Unreadable(number, "*"));
                throw KeyBlobs.malformed("an unknown marker: all hosts are refused until it is corrected");
            }
        };
        if (fields.size() < (marked ? 3 : 2)) {
            if (marker == Marker.REVOKED) {
                unreadable.add(new Unreadable(number, fields.size() > 1 ? fields.get(1) : "*"));
            }
            throw KeyBlobs.malformed("a line is hosts, key type and base64");
        }
        String hosts = fields.get(marked ? 1 : 0);
        try {
            checkHosts(hosts);
            int least = marker == Marker.REVOKED ? PlainKey.LEGACY_RSA_BITS : PlainKey.LEAST_RSA_BITS;
            entries.add(new Entry(number, marker, hosts, KeyText.parsePlain(fields.getLast(), least)));
        } catch (ProtocolError e) {
            // A key of a kind that is never accepted needs no revoking.
            if (marker == Marker.REVOKED
                    && !(e.rule() == Rule.KEY_NOT_SUPPORTED && KeyText.looksLikeKey(fields.getLast()))) {
                unreadable.add(new Unreadable(number, hashedWell(hosts) ? hosts : "*"));
            }
            throw e;
        }
    }

    private static void checkHosts(String hosts) {
        if (!hashedWell(hosts)) {
            throw KeyBlobs.malformed("the hashed host is not |1|salt|hash");
        }
    }

    private static boolean hashedWell(String hosts) {
        if (!hosts.startsWith("|")) {
            return true;
        }
        String[] parts = hosts.split("\\|", -1);
        try {
            return hosts.startsWith(HASHED) && parts.length == 4
                    && Base64.getDecoder().decode(parts[2]).length == SHA1_BYTES
                    && Base64.getDecoder().decode(parts[3]).length == SHA1_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * What is known about a key that a host shows. For a chain of X.509 certificates the key of the first counts; a key
     * id is never known here, as it proves nothing without its secret.
     *
     * @param host a name or address, as the user gave it
     */
    public Answer lookup(String host, int port, SshPublicKey shown) {
        String name = name(host, port);
        for (var line : unreadable) {
            if (matches(line.hosts, name)) {
                return new Answer.Revoked(line.line);
            }
        }
        PlainKey key;
        @Nullable
        PlainKey authority = null;
        switch (shown) {
            case PlainKey plain -> key = plain;
            case OpenSshCertificate certificate -> {
                key = certificate.key();
                authority = certificate.authority();
            }
            case X509Chain chain -> key = chain.key();
            case HmacKeyId _ -> {
                return new Answer.Unknown();
            }
        }
        var known = new ArrayList<PlainKey>();
        var authorities = new LinkedHashSet<PlainKey>();
        int matchingLine = 0;
        for (var entry : entries) {
            if (!matches(entry.hosts, name)) {
                continue;
            }
            boolean same = entry.key.equals(key);
            boolean signed = authority != null && entry.key.equals(authority);
            switch (entry.marker) {
                case REVOKED -> {
                    if (same || signed) {
                        return new Answer.Revoked(entry.line);
                    }
                }
                case CERT_AUTHORITY -> {
                    if (signed) {
                        authorities.add(entry.key);
                    }
                }
                case NONE -> {
                    known.add(entry.key);
                    matchingLine = same && matchingLine == 0 ? entry.line : matchingLine;
                }
            }
        }
        if (!authorities.isEmpty()) {
            return new Answer.CertAuthority(authorities);
        }
        if (matchingLine > 0) {
            return new Answer.Match(matchingLine);
        }
        return known.isEmpty() ? new Answer.Unknown() : new Answer.Changed(known);
    }

    /** The keys known for a host, so that a client can ask for algorithms of these first. Without authorities. */
    public List<PlainKey> keys(String host, int port) {
        String name = name(host, port);
        return entries.stream().filter(entry -> entry.marker == Marker.NONE && matches(entry.hosts, name))
                .map(Entry::key).toList();
    }

    /** Whether an authority is known for a host, so that a client can ask for certificates first. */
    public boolean hasAuthority(String host, int port) {
        String name = name(host, port);
        return entries.stream()
                .anyMatch(entry -> entry.marker == Marker.CERT_AUTHORITY && matches(entry.hosts, name));
    }

    /** Lines that are not used, and why. */
    public List<KeyFileError> problems() {
        return problems;
    }

    private static boolean matches(String hosts, String name) {
        if (!hosts.startsWith(HASHED)) {
            return Patterns.matchList(hosts.toLowerCase(Locale.ROOT), name) == Patterns.Match.POSITIVE;
        }
        String[] parts = hosts.split("\\|", -1);
        byte[] expected = Base64.getDecoder().decode(parts[3]);
        return MessageDigest.isEqual(expected, hash(Base64.getDecoder().decode(parts[2]), name));
    }

    private static byte[] hash(byte[] salt, String name) {
        try {
            var mac = Providers.mac("HmacSHA1");
            mac.init(new SecretKeySpec(salt, "HmacSHA1"));
            return mac.doFinal(name.getBytes(StandardCharsets.UTF_8));
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("this Java runtime does not take a key of 20 bytes for HmacSHA1", e);
        }
    }

    /** A line, with its end, that makes {@code key} known for a host. */
    public static String line(String host, int port, PlainKey key) {
        return line(Marker.NONE, plainName(host, port), key);
    }

    /** As {@link #line}, but who reads the file does not learn the host's name. */
    public static String hashedLine(String host, int port, PlainKey key, SecureRandom random) {
        byte[] salt = new byte[SHA1_BYTES];
        random.nextBytes(salt);
        var base64 = Base64.getEncoder();
        return line(Marker.NONE, HASHED + base64.encodeToString(salt) + "|"
                + base64.encodeToString(hash(salt, plainName(host, port))), key);
    }

    /** A line that trusts an authority's certificates for hosts. @param hosts a pattern, such as {@code *.example.com} */
    public static String authorityLine(String hosts, PlainKey authority) {
        return line(Marker.CERT_AUTHORITY, hosts, authority);
    }

    /** A line that refuses a key, or all certificates of an authority, for any host. */
    public static String revokedLine(PlainKey key) {
        return line(Marker.REVOKED, "*", key);
    }

    private static String line(Marker marker, String hosts, PlainKey key) {
        if (hosts.isEmpty() || hosts.chars().anyMatch(c -> c <= ' ' || Character.isISOControl(c))
                || hosts.startsWith("#") || hosts.startsWith("@")) {
            throw new IllegalArgumentException("not the name of a host");
        }
        return marker.text + hosts + " " + KeyText.write(key) + "\n";
    }

    /** A name that stands for itself: a device's name must not become a pattern. */
    private static String plainName(String host, int port) {
        if (host.isEmpty() || host.chars().anyMatch(c -> ",*?!|[]".indexOf(c) >= 0)) {
            throw new IllegalArgumentException("not the name of a host");
        }
        return name(host, port);
    }

    private static String name(String host, int port) {
        String lower = host.toLowerCase(Locale.ROOT);
        return port == SSH_PORT ? lower : "[" + lower + "]:" + port;
    }
}
