package homeport.ssh;

/** What a peer is in the protocol. Never derived from who opened the TCP connection. */
public enum Role {
    CLIENT,
    SERVER;

    public Role other() {
        return this == CLIENT ? SERVER : CLIENT;
    }
}
