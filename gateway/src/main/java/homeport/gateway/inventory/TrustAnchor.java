package homeport.gateway.inventory;

import java.util.Set;

/**
 * An authority whose certificates are believed.
 *
 * @param material certificates in PEM, or one line of a public key
 * @param idFrom for X.509 only
 * @param admitsUnknown whether whoever it certifies may in, or only devices on record and on its list
 * @param listed ids of devices that may in: a manufacturer's list of serial numbers
 * @param revocations X.509 revocation lists in PEM; may be empty
 */
public record TrustAnchor(String name, Kind kind, Purpose purpose, String material, IdFrom idFrom,
        boolean admitsUnknown, Set<String> listed, String revocations) {
    public TrustAnchor {
        listed = Set.copyOf(listed);
    }

    /** Of what kind its certificates are. */
    public enum Kind {
        X509,
        OPENSSH
    }

    /** For whom it speaks. */
    public enum Purpose {
        DEVICES,
        OPERATORS
    }
}
