package homeport.testkit.peers;

import java.io.IOException;
import java.net.InetSocketAddress;

/** A foreign SSH client that logs in, executes one command and ends. */
public interface ClientPeer {
    /** Short, for the matrix: {@code openssh}. */
    String name();

    /** What this peer, as it is installed here, knows. */
    Algorithms algorithms() throws IOException, InterruptedException;

    /** Authentication methods that it can be told to use. */
    java.util.Set<AuthMethod> methods();

    /** Dials {@code server}, executes {@code command} there and feeds it {@code stdin}. */
    RunningClient dial(ClientSetup setup, InetSocketAddress server, String command, byte[] stdin)
            throws IOException, InterruptedException;

    /**
     * Waits for the server to open the TCP connection to {@link RunningClient#address()}, and is then the SSH client on
     * it.
     */
    RunningClient accept(ClientSetup setup, String command, byte[] stdin) throws IOException, InterruptedException;

    /** Dials, executes and waits for the end. */
    default ExecResult exec(ClientSetup setup, InetSocketAddress server, String command, byte[] stdin)
            throws IOException, InterruptedException {
        try (var client = dial(setup, server, command, stdin)) {
            return client.result();
        }
    }
}
