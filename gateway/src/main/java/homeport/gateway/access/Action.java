package homeport.gateway.access;

import homeport.gateway.inventory.Role;

/** What an operator may want to do, and the least role that may. */
public enum Action {
    // With a device
    SEE(Role.VIEWER, true),
    /** Shells, commands, files and forwarding. */
    CONNECT(Role.OPERATOR, true),
    RPC(Role.OPERATOR, true),
    DISCONNECT(Role.OPERATOR, true),
    /** Approve, refuse, unpin. */
    DECIDE(Role.OPERATOR, true),
    /** Login, secret, algorithms; renaming and removing. */
    CHANGE(Role.OPERATOR, true),
    /** Labels say who reaches a device: whoever sets them gives access. */
    LABEL(Role.ADMIN, true),

    // With the gateway
    /** A record that has no labels yet, and so is out of reach of those whose devices are selected. */
    ADD_DEVICE(Role.OPERATOR, false),
    /** Attempts of nobody's: strangers at the door. */
    SEE_STRANGERS(Role.VIEWER, false),
    SEE_KEYS(Role.VIEWER, false),
    AUDIT(Role.ADMIN, false),
    OPERATORS(Role.ADMIN, false),
    TRUST(Role.ADMIN, false);

    private final Role least;
    private final boolean ofDevice;

    Action(Role least, boolean ofDevice) {
        this.least = least;
        this.ofDevice = ofDevice;
    }

    public Role least() {
        return least;
    }

    boolean ofDevice() {
        return ofDevice;
    }
}
