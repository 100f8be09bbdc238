package homeport.net;

import homeport.callhome.ByteMachine;
import homeport.callhome.Refusal;
import java.net.InetSocketAddress;

/** Makes the machine for a connection that has come about. */
public interface MachineFactory {
    /**
     * @param connection the machine's sink; its loop's output, clock and randomness are the ones to use
     */
    ByteMachine make(Connection connection);

    /** Somebody is kept out, by the gate or for want of a PROXY header, and has been counted: there is no machine. On a loop. */
    default void keptOut(InetSocketAddress peer, Refusal refusal) {}
}
