package homeport.gateway.admission;

import homeport.gateway.inventory.TrustAnchor;
import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.CertificateVerdict;
import homeport.ssh.key.KeyFileError;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.PublicKeyFile;
import homeport.ssh.key.X509Chain;
import homeport.ssh.key.X509Identifiers;
import homeport.ssh.key.X509Trust;
import homeport.ssh.key.X509Verdict;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The authorities that are trusted for devices, or for operators, ready to be asked. Immutable, for many threads. */
public final class Authorities {
    public static final Authorities NONE = new Authorities(List.of(), List.of());

    private record X509Authority(TrustAnchor anchor, X509Trust trust) {}

    private record OpenSshAuthority(TrustAnchor anchor, PlainKey key) {}

    private final List<X509Authority> x509;
    private final List<OpenSshAuthority> openSsh;

    private Authorities(List<X509Authority> x509, List<OpenSshAuthority> openSsh) {
        this.x509 = List.copyOf(x509);
        this.openSsh = List.copyOf(openSsh);
    }

    /**
     * Reads those that are for a purpose.
     *
     * @throws IllegalArgumentException naming the one whose material cannot be read; see {@link #check}
     */
    public static Authorities of(List<TrustAnchor> anchors, TrustAnchor.Purpose purpose) {
        var x509 = new ArrayList<X509Authority>();
        var openSsh = new ArrayList<OpenSshAuthority>();
        for (var anchor : anchors) {
            if (anchor.purpose() == purpose) {
                switch (anchor.kind()) {
                    case X509 -> x509.add(new X509Authority(anchor, trust(anchor)));
                    case OPENSSH -> openSsh.add(new OpenSshAuthority(anchor, key(anchor)));
                }
            }
        }
        return new Authorities(x509, openSsh);
    }

    /** Whether an authority's material can be read; before it is kept. @throws IllegalArgumentException when not */
    public static void check(TrustAnchor anchor) {
        var read = of(List.of(anchor), anchor.purpose());
        if (read.x509.size() + read.openSsh.size() != 1) {
            throw new IllegalStateException(anchor.name());
        }
    }

    private static PlainKey key(TrustAnchor anchor) {
        try {
            if (PublicKeyFile.read(anchor.name(), anchor.material()).key() instanceof PlainKey key) {
                return key;
            }
        } catch (KeyFileError e) {
            throw new IllegalArgumentException("the authority " + anchor.name() + " cannot be read", e);
        }
        throw new IllegalArgumentException("the authority " + anchor.name() + " is not a plain public key");
    }

    private static X509Trust trust(TrustAnchor anchor) {
        try {
            var factory = CertificateFactory.getInstance("X.509");
            var certificates = new ArrayList<X509Certificate>();
            for (var certificate : factory.generateCertificates(stream(anchor.material()))) {
                certificates.add((X509Certificate) certificate);
            }
            var lists = new ArrayList<X509CRL>();
            if (!anchor.revocations().isBlank()) {
                for (var list : factory.generateCRLs(stream(anchor.revocations()))) {
                    lists.add((X509CRL) list);
                }
            }
            if (certificates.isEmpty()) {
                throw new IllegalArgumentException("the authority " + anchor.name() + " has no certificate");
            }
            return new X509Trust(certificates, lists);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the authority " + anchor.name() + " cannot be read", e);
        }
    }

    private static ByteArrayInputStream stream(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Who a chain says this is.
     *
     * @param purpose which end of SSH the device is
     * @param claimed what it calls itself; must be the same
     */
    Vouching ask(X509Chain chain, X509Trust.Purpose purpose, Optional<String> claimed, Instant at) {
        Vouching best = new Vouching.Nobody();
        for (var authority : x509) {
            switch (authority.trust().check(chain, purpose, at)) {
                case X509Verdict.Good good -> {
                    return named(authority.anchor(), good.identifiers(), claimed);
                }
                case X509Verdict.Refused refused -> {
                    if (refused.reason() != X509Verdict.Reason.UNKNOWN_AUTHORITY
                            && best instanceof Vouching.Nobody) {
                        best = new Vouching.Rejected(reason(refused.reason()), refused.detail());
                    }
                }
            }
        }
        return best;
    }

    private static Vouching named(TrustAnchor anchor, X509Identifiers names, Optional<String> claimed) {
        var ids = switch (anchor.idFrom()) {
            case SERIAL_NUMBER -> names.serialNumbers().isEmpty() ? names.hardwareSerials() : names.serialNumbers();
            case COMMON_NAME -> names.commonNames();
            case ALTERNATIVE_NAME -> names.dnsNames();
        };
        if (ids.isEmpty()) {
            return new Vouching.Rejected(Reason.CERTIFICATE_WITHOUT_ID, "looked for in " + anchor.idFrom().text());
        }
        if (ids.size() > 1) {
            return new Vouching.Rejected(Reason.CERTIFICATE_SEVERAL_IDS, String.join(", ", ids));
        }
        return by(anchor, ids.getFirst(), claimed);
    }

    private static Vouching by(TrustAnchor anchor, String id, Optional<String> claimed) {
        return claimed.isPresent() && !claimed.get().equals(id)
                ? new Vouching.Rejected(Reason.CLAIM_CONTRADICTS, claimed.get() + " and " + id)
                : new Vouching.By(anchor.name(), id, anchor.admitsUnknown() || anchor.listed().contains(id));
    }

    private static Reason reason(X509Verdict.Reason reason) {
        return switch (reason) {
            case NOT_YET_VALID -> Reason.CERTIFICATE_NOT_YET_VALID;
            case EXPIRED -> Reason.CERTIFICATE_EXPIRED;
            case REVOKED -> Reason.CERTIFICATE_REVOKED;
            case WRONG_USAGE -> Reason.CERTIFICATE_WRONG_USAGE;
            case BAD_PATH, UNKNOWN_AUTHORITY -> Reason.CERTIFICATE_BAD;
        };
    }

    /**
     * Who an OpenSSH certificate says this is. A name with a wildcard names nobody here: one device's certificate must
     * not be good for all.
     *
     * @param claimed what it calls itself; empty where the certificate's only name is to say
     */
    Vouching ask(OpenSshCertificate certificate, CertificateTerms.Kind kind, Optional<String> claimed,
            Optional<InetAddress> from, Instant at) {
        var authority = openSsh.stream().filter(known -> known.key().equals(certificate.authority())).findFirst();
        if (authority.isEmpty()) {
            return new Vouching.Nobody();
        }
        var names = certificate.terms().principals();
        if (claimed.isEmpty() && names.size() > 1) {
            return new Vouching.Rejected(Reason.CERTIFICATE_SEVERAL_IDS, String.join(", ", names));
        }
        var id = claimed.or(() -> names.stream().findFirst()).orElse("");
        return switch (certificate.check(kind, Set.of(authority.get().key()), at, Set.of(id), from)) {
            case CertificateVerdict.Good good -> names.contains(id) && id.indexOf('*') < 0 && id.indexOf('?') < 0
                    ? by(authority.get().anchor(), id, claimed)
                    : new Vouching.Rejected(Reason.CERTIFICATE_WRONG_NAME, "it names patterns");
            case CertificateVerdict.Refused refused ->
                new Vouching.Rejected(reason(refused.reason()), refused.detail());
        };
    }

    private static Reason reason(CertificateVerdict.Reason reason) {
        return switch (reason) {
            case WRONG_KIND -> Reason.CERTIFICATE_WRONG_USAGE;
            case NOT_YET_VALID -> Reason.CERTIFICATE_NOT_YET_VALID;
            case EXPIRED -> Reason.CERTIFICATE_EXPIRED;
            case WRONG_PRINCIPAL -> Reason.CERTIFICATE_WRONG_NAME;
            case WRONG_SOURCE_ADDRESS -> Reason.CERTIFICATE_WRONG_ADDRESS;
            case UNKNOWN_AUTHORITY, WEAK_SIGNATURE, BAD_SIGNATURE, UNKNOWN_CRITICAL_OPTION, BAD_CRITICAL_OPTION,
                    USER_NOT_VERIFIED ->
                Reason.CERTIFICATE_BAD;
        };
    }
}
