package homeport.net;

import homeport.callhome.ByteMachine;
import homeport.callhome.SharedOutput;

/** A machine whose connection can go on on another loop: see {@link Connection#move}. */
public interface Movable extends ByteMachine {
    /** Whether nothing holds it on its loop, such as a channel that is joined to another one. Asked on that loop. */
    boolean mayMove();

    /**
     * From now on it lives on another loop, and is called by that one's thread.
     *
     * @param output of that loop, in place of the one it was made with
     */
    void moveTo(SharedOutput output);
}
