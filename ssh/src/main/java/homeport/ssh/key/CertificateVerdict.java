package homeport.ssh.key;

import java.util.Optional;
import java.util.SortedSet;

/** What {@link OpenSshCertificate#check} found. */
public sealed interface CertificateVerdict {
    /**
     * The certificate is good for who asked.
     *
     * @param forceCommand to be run instead of whatever the user asks for
     * @param extensions the names of what is granted; what is not in it is not
     */
    record Good(Optional<String> forceCommand, SortedSet<String> extensions) implements CertificateVerdict {}

    /** @param detail for the journal: what was met */
    record Refused(Reason reason, String detail) implements CertificateVerdict {}

    /** Why a certificate is refused, in the order in which it is looked at. */
    enum Reason {
        /** A host's where a user's is due, or the other way round. */
        WRONG_KIND,
        /** The signing key is not among the authorities. */
        UNKNOWN_AUTHORITY,
        /** Signed with SHA-1. */
        WEAK_SIGNATURE,
        /** The authority did not sign this. */
        BAD_SIGNATURE,
        NOT_YET_VALID,
        EXPIRED,
        /** Not for this user or host, or for nobody: an empty list matches nothing. */
        WRONG_PRINCIPAL,
        /** A critical option that is not known here, or that this kind of certificate cannot have. */
        UNKNOWN_CRITICAL_OPTION,
        /** A critical option that is known but makes no sense. */
        BAD_CRITICAL_OPTION,
        /** The peer's address is not among those of {@code source-address}. */
        WRONG_SOURCE_ADDRESS,
        /** {@code verify-required} asks for a security key that checks its user; there is none behind a key like this. */
        USER_NOT_VERIFIED
    }
}
