package homeport.gateway.inventory;

/** What came of approving a device. */
public enum Approval {
    /** It may in, with the key that waited. */
    APPROVED,
    /** It may in already, and nothing waits. */
    NOTHING_WAITS,
    /** Several keys wait, and who has which is not known: say the fingerprint. */
    SEVERAL_KEYS,
    /** No such key waits. */
    NO_SUCH_KEY,
    NO_SUCH_DEVICE
}
