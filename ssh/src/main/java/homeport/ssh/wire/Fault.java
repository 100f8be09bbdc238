package homeport.ssh.wire;

/** Whose doing the end of a connection was. */
public enum Fault {
    /** The peer broke the protocol: a bug on its side, or an attack. */
    PEER_MISBEHAVED,
    /** The peer kept to the protocol, but we share no way to go on. */
    PEER_INCOMPATIBLE,
    /** We, or the owner of this engine, decided against the peer. */
    REFUSED,
    /** The bytes stopped: end of stream, reset, or a deadline that passed. */
    LINK_LOST
}
