package homeport.testkit.peers;

import java.net.InetSocketAddress;
import java.util.OptionalLong;

/** A server that is a process. */
record ChildServer(InetSocketAddress address, Child child) implements RunningServer {
    @Override
    public OptionalLong pid() {
        return OptionalLong.of(child.pid());
    }

    @Override
    public String log() {
        return child.log();
    }

    @Override
    public void close() {
        child.close();
    }
}
