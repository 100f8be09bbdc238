package homeport.ssh.key;

import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What an OpenSSH certificate says about its key. To issue one, start from {@link #forUser} or {@link #forHost} and add
 * to it.
 *
 * @param serial of the authority's choice, unsigned; 0 when it numbers nothing
 * @param keyId a name for logs
 * @param principals user names, or host names; nobody and nothing matches an empty list
 * @param validAfter the first moment, to the second
 * @param validBefore the moment from which it is expired; {@link #ALWAYS} when it never is
 * @param criticalOptions by name; an empty value stands for an option without one
 * @param extensions the names of what is granted, such as {@code permit-pty}; a verifier ignores what it does not know
 */
public record CertificateTerms(Kind kind, long serial, String keyId, List<String> principals, Instant validAfter,
        Instant validBefore, SortedMap<String, String> criticalOptions, SortedSet<String> extensions) {
    /** Stands for 2^64-1 in a certificate: it does not expire. */
    public static final Instant ALWAYS = Instant.MAX;

    /** As OpenSSH bounds them. */
    public static final int MOST_PRINCIPALS = 256;

    public static final String FORCE_COMMAND = "force-command";
    public static final String SOURCE_ADDRESS = "source-address";
    public static final String VERIFY_REQUIRED = "verify-required";

    /** Whom a certificate is for; the numbers are the wire's. */
    public enum Kind {
        USER(1),
        HOST(2);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    public CertificateTerms {
        principals = List.copyOf(principals);
        criticalOptions = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(criticalOptions));
        extensions = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(extensions));
        if (principals.size() > MOST_PRINCIPALS) {
            throw new IllegalArgumentException(principals.size() + " principals, at most " + MOST_PRINCIPALS);
        }
        if (!validAfter.isBefore(validBefore)) {
            throw new IllegalArgumentException("valid from " + validAfter + " until " + validBefore);
        }
        if (validAfter.getEpochSecond() < 0) {
            throw new IllegalArgumentException("valid from before 1970");
        }
    }

    /** For a user certificate, with what {@code ssh-keygen} grants by default: everything there is. */
    public static CertificateTerms forUser(String keyId, List<String> principals, Instant validAfter,
            Instant validBefore) {
        return new CertificateTerms(Kind.USER, 0, keyId, principals, validAfter, validBefore, new TreeMap<>(),
                new TreeSet<>(List.of("permit-X11-forwarding", "permit-agent-forwarding", "permit-port-forwarding",
                        "permit-pty", "permit-user-rc")));
    }

    public static CertificateTerms forHost(String keyId, List<String> principals, Instant validAfter,
            Instant validBefore) {
        return new CertificateTerms(Kind.HOST, 0, keyId, principals, validAfter, validBefore, new TreeMap<>(),
                new TreeSet<>());
    }

    public CertificateTerms withSerial(long newSerial) {
        return new CertificateTerms(kind, newSerial, keyId, principals, validAfter, validBefore, criticalOptions,
                extensions);
    }

    public CertificateTerms withCriticalOption(String name, String value) {
        var options = new TreeMap<>(criticalOptions);
        options.put(name, value);
        return new CertificateTerms(kind, serial, keyId, principals, validAfter, validBefore, options, extensions);
    }

    /** In place of those there are. */
    public CertificateTerms withExtensions(String... names) {
        return new CertificateTerms(kind, serial, keyId, principals, validAfter, validBefore, criticalOptions,
                new TreeSet<>(List.of(names)));
    }
}
