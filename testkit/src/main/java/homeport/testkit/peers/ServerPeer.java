package homeport.testkit.peers;

import java.io.IOException;
import java.net.InetSocketAddress;

/** A foreign SSH server. What a client asks it to execute runs in {@code /bin/sh}, whatever the implementation. */
public interface ServerPeer {
    /** Short, for the matrix: {@code openssh}. */
    String name();

    /** What this peer, as it is installed here, knows. */
    Algorithms algorithms() throws IOException, InterruptedException;

    /** Authentication methods that it can be told to offer. */
    java.util.Set<AuthMethod> methods();

    /** Starts it on a loopback port of its own. */
    RunningServer listen(ServerSetup setup) throws IOException, InterruptedException;

    /** Makes it open the TCP connection, and then be the SSH server on it. */
    RunningServer dial(ServerSetup setup, InetSocketAddress to) throws IOException, InterruptedException;
}
