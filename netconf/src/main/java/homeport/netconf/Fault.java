package homeport.netconf;

/** Whose doing the end of a session, or of a request, was. */
public enum Fault {
    /** The peer broke the protocol: a bug on its side, or an attack. */
    PEER_MISBEHAVED,
    /** The peer kept to the protocol, but we share no way to go on. */
    PEER_INCOMPATIBLE,
    /** We, or the owner of the session, decided against it. */
    REFUSED,
    /** The bytes stopped: end of stream, or a deadline that passed. */
    LINK_LOST
}
