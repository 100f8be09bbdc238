package homeport.testkit.peers;

import java.net.InetSocketAddress;

/** A server that is a process. */
record ChildServer(InetSocketAddress address, Child child) implements RunningServer {
    @Override
    public String log() {
        return child.log();
    }

    @Override
    public void close() {
        child.close();
    }
}
