package homeport.ssh.key;

import java.security.cert.X509Certificate;

/** What {@link X509Trust#check} found. */
public sealed interface X509Verdict {
    /**
     * The chain leads to an authority.
     *
     * @param anchor the authority's certificate
     * @param identifiers what the device's certificate calls it
     */
    record Good(X509Certificate anchor, X509Identifiers identifiers) implements X509Verdict {}

    /** @param detail for the journal: what was met */
    record Refused(Reason reason, String detail) implements X509Verdict {}

    /** Why a chain is refused. */
    enum Reason {
        /** It does not lead to one of the anchors. */
        UNKNOWN_AUTHORITY,
        NOT_YET_VALID,
        EXPIRED,
        /** Its number is on a list that its authority signed. */
        REVOKED,
        /** The key may not sign, or not in SSH: key usage or extended key usage. */
        WRONG_USAGE,
        /** A signature, a constraint or an extension on the way to the anchor does not hold. */
        BAD_PATH
    }
}
