package homeport.net;

import java.net.InetAddress;

/**
 * How many devices of the inventory were last seen at an address. It says nothing about who a connection is: it only
 * decides who is served first when there is a rush. Asked on the loops, so it must answer from memory.
 */
public interface KnownSources {
    /** There is no inventory: only devices that were here since the start count. */
    KnownSources NONE = address -> 0;

    int devices(InetAddress address);
}
