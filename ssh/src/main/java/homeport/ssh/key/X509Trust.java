package homeport.ssh.key;

import homeport.ssh.key.X509Verdict.Reason;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.PublicKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXCertPathValidatorResult;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which X.509 chains are trusted: those that lead to an anchor by RFC 5280's path validation, as the JDK does it, and
 * whose first certificate may sign in SSH (RFC 6187 §2.2.2 and §2.2.3).
 *
 * <p>Nothing is fetched: the peer sends its intermediates (RFC 8071 S4), and revocation lists are handed in. A serial
 * number on a list that its authority signed is revoked, however old the list; to keep lists fresh is the owner's work.
 * OCSP responses in a chain are not looked at. Immutable, for many threads.
 */
public final class X509Trust {
    /** Which end shows the chain, for its extended key usage. */
    public enum Purpose {
        /** {@code id-kp-secureShellClient}. */
        CLIENT("1.3.6.1.5.5.7.3.21"),
        /** {@code id-kp-secureShellServer}. */
        SERVER("1.3.6.1.5.5.7.3.22");

        private final String usage;

        Purpose(String usage) {
            this.usage = usage;
        }
    }

    private static final String ANY_USAGE = "2.5.29.37.0";
    private static final int DIGITAL_SIGNATURE = 0;

    private final List<X509Certificate> anchors;
    private final Set<TrustAnchor> trustAnchors = new HashSet<>();
    private final List<X509CRL> revocations;

    /**
     * @param anchors certificates of authorities; a device's own certificate among them is pinned: it is trusted as the
     *            only one of its chain, while it is valid
     * @param revocations lists; those of other authorities do no harm
     */
    public X509Trust(List<X509Certificate> anchors, List<X509CRL> revocations) {
        this.anchors = List.copyOf(anchors);
        this.revocations = List.copyOf(revocations);
        this.anchors.forEach(anchor -> trustAnchors.add(new TrustAnchor(anchor, null)));
    }

    /** Whether {@code chain} may be trusted at a time. That its holder has the key is for its signature to show. */
    public X509Verdict check(X509Chain chain, Purpose purpose, Instant at) {
        var certificates = chain.certificates();
        var leaf = certificates.getFirst();
        var date = Date.from(at);
        if (anchors.contains(leaf)) {
            return checkDates(leaf, date).or(() -> checkUsage(leaf, purpose))
                    .orElseGet(() -> new X509Verdict.Good(leaf, X509Identifiers.of(leaf)));
        }
        // The peer may send its anchor, and what follows it: the path ends before.
        var path = certificates.stream().takeWhile(certificate -> !anchors.contains(certificate)).toList();
        if (trustAnchors.isEmpty()) {
            return new X509Verdict.Refused(Reason.UNKNOWN_AUTHORITY, "no authority is trusted");
        }
        try {
            var parameters = new PKIXParameters(trustAnchors);
            parameters.setDate(date);
            parameters.setRevocationEnabled(false);
            var result = (PKIXCertPathValidatorResult) CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
            var anchor = result.getTrustAnchor().getTrustedCert();
            return checkDates(anchor, date).or(() -> checkRevoked(path, anchor)).or(() -> checkUsage(leaf, purpose))
                    .orElseGet(() -> new X509Verdict.Good(anchor, X509Identifiers.of(leaf)));
        } catch (CertPathValidatorException e) {
            return refused(e, path);
        } catch (CertificateException | InvalidAlgorithmParameterException | RuntimeException e) {
            // Unchecked ones come from the JDK's parsers of extensions; what they cannot read is not trusted.
            return new X509Verdict.Refused(Reason.BAD_PATH, "the chain cannot be validated");
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime has no PKIX", e);
        }
    }

    private static X509Verdict.Refused refused(CertPathValidatorException cause, List<X509Certificate> path) {
        var reason = switch (cause.getReason()) {
            case BasicReason.EXPIRED -> Reason.EXPIRED;
            case BasicReason.NOT_YET_VALID -> Reason.NOT_YET_VALID;
            case BasicReason.REVOKED -> Reason.REVOKED;
            case PKIXReason.NO_TRUST_ANCHOR -> Reason.UNKNOWN_AUTHORITY;
            default -> Reason.BAD_PATH;
        };
        int index = cause.getIndex();
        var at = path.get(index < 0 ? path.size() - 1 : index);
        return new X509Verdict.Refused(reason, cause.getReason() + " at " + named(at));
    }

    private static Optional<X509Verdict> checkDates(X509Certificate certificate, Date date) {
        if (date.before(certificate.getNotBefore())) {
            return refuse(Reason.NOT_YET_VALID, certificate);
        }
        return date.after(certificate.getNotAfter()) ? refuse(Reason.EXPIRED, certificate) : Optional.empty();
    }

    private Optional<X509Verdict> checkRevoked(List<X509Certificate> path, X509Certificate anchor) {
        for (int i = 0; i < path.size(); i++) {
            var certificate = path.get(i);
            var issuer = i + 1 < path.size() ? path.get(i + 1) : anchor;
            for (var list : revocations) {
                if (list.getIssuerX500Principal().equals(certificate.getIssuerX500Principal())
                        && list.getRevokedCertificate(certificate.getSerialNumber()) != null
                        && signedBy(list, issuer.getPublicKey())) {
                    return refuse(Reason.REVOKED, certificate);
                }
            }
        }
        return Optional.empty();
    }

    private static boolean signedBy(X509CRL list, PublicKey issuer) {
        try {
            list.verify(issuer);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static Optional<X509Verdict> checkUsage(X509Certificate leaf, Purpose purpose) {
        boolean[] usage = leaf.getKeyUsage();
        if (usage != null && !usage[DIGITAL_SIGNATURE]) {
            return refuse(Reason.WRONG_USAGE, leaf);
        }
        try {
            List<String> extended = leaf.getExtendedKeyUsage();
            boolean fits = extended == null || extended.contains(purpose.usage) || extended.contains(ANY_USAGE);
            return fits ? Optional.empty() : refuse(Reason.WRONG_USAGE, leaf);
        } catch (CertificateParsingException e) {
            return refuse(Reason.WRONG_USAGE, leaf);
        }
    }

    private static Optional<X509Verdict> refuse(Reason reason, X509Certificate certificate) {
        return Optional.of(new X509Verdict.Refused(reason, named(certificate)));
    }

    private static String named(X509Certificate certificate) {
        var text = new StringBuilder();
        certificate.getSubjectX500Principal().getName().codePoints().limit(200)
                .forEach(c -> text.appendCodePoint(Character.isISOControl(c) ? '?' : c));
        return text.append(", number ").append(certificate.getSerialNumber().toString(16)).toString();
    }
}
