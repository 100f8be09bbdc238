package homeport.gateway.admission;

/** What the authorities say about a certificate. */
public sealed interface Vouching {
    /** There is none, or nobody we know has signed it: then its key is a key like any other. */
    record Nobody() implements Vouching {}

    /**
     * A trusted authority says who this is.
     *
     * @param admits whether its word alone lets the device in: it is on the authority's list, or all are
     */
    record By(String anchor, String deviceId, boolean admits) implements Vouching {}

    /** A trusted authority has signed it, and it does not hold all the same. */
    record Rejected(Reason reason, String detail) implements Vouching {}
}
