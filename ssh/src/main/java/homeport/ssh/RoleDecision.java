package homeport.ssh;

/** An answer to {@link Question.RoleAsked}. */
public enum RoleDecision {
    /** The peer is a server. */
    CLIENT,
    /** The peer is a client. */
    SERVER,
    /** Cannot be told: propose what is good in both roles, and see whether the peer speaks first, as clients do. */
    WATCH
}
