package homeport.callhome;

/**
 * Who may exchange keys when. Anybody who dials can make us spend a key exchange, and a fleet that comes back after a
 * power failure asks for all of them at once: whoever has the connections of a thread decides which go first.
 */
public interface KeyExchangeTurns {
    /** Nobody waits. */
    KeyExchangeTurns AT_ONCE = Arrival::takeTurn;

    /**
     * The peer's KEXINIT has come, and ours is not sent. {@link Arrival#takeTurn} lets it go on: at once, or later on the
     * connection's thread, but within {@link homeport.ssh.Limits#decisionTime}. Its time for the login does not run
     * meanwhile. One that ended while it waited is to be forgotten.
     */
    void await(Arrival arrival);
}
