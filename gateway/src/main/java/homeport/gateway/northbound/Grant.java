package homeport.gateway.northbound;

import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.Fingerprint;
import homeport.ssh.key.OpenSshCertificate;

/** What an operator was let in by, so that it can be looked at again when records have changed. */
sealed interface Grant {
    /** A key on record. */
    record ByKey(Fingerprint key) implements Grant {}

    /** A certificate of an authority for operators. */
    record ByCertificate(OpenSshCertificate certificate) implements Grant {}

    /** A token; it is not kept. */
    record ByToken() implements Grant {}

    /** Whether connections to ports and jumps are granted: a certificate may leave them out. */
    default boolean forwards() {
        return grants("permit-port-forwarding");
    }

    /** Whether terminals are granted. */
    default boolean terminals() {
        return grants("permit-pty");
    }

    private boolean grants(String extension) {
        return switch (this) {
            case ByKey key -> true;
            case ByToken token -> true;
            case ByCertificate by -> by.certificate().terms().extensions().contains(extension);
        };
    }

    /** For logs and the audit trail. */
    default String text() {
        return switch (this) {
            case ByKey by -> "key " + by.key();
            case ByCertificate by -> "certificate " + shown(by.certificate().terms()) + " by "
                    + by.certificate().authority().fingerprint();
            case ByToken by -> "token";
        };
    }

    private static String shown(CertificateTerms terms) {
        return Long.toUnsignedString(terms.serial()) + " \"" + Printable.of(terms.keyId()) + "\"";
    }
}
