package homeport.net;

import homeport.callhome.ByteMachine;

/** Makes the machine for a connection that has come about. */
public interface MachineFactory {
    /**
     * @param connection the machine's sink; its loop's output, clock and randomness are the ones to use
     */
    ByteMachine make(Connection connection);
}
