package homeport.testkit.peers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Set;

/** AsyncSSH's client; accepts by {@code listen_reverse}. */
public final class AsyncSshClient implements ClientPeer {
    @Override
    public String name() {
        return "asyncssh";
    }

    @Override
    public Algorithms algorithms() throws IOException, InterruptedException {
        return AsyncSsh.algorithms();
    }

    @Override
    public Set<AuthMethod> methods() {
        return EnumSet.allOf(AuthMethod.class);
    }

    @Override
    public RunningClient dial(ClientSetup setup, InetSocketAddress server, String command, byte[] stdin)
            throws IOException {
        var child = script(setup, command).set("port", Integer.toString(server.getPort())).start("client-dial");
        child.feed(stdin);
        return new ChildClient(server, child, AsyncSsh.FAILED, () -> {});
    }

    @Override
    public RunningClient accept(ClientSetup setup, String command, byte[] stdin)
            throws IOException, InterruptedException {
        var child = script(setup, command).start("client-accept");
        child.feed(stdin);
        try {
            return new ChildClient(AsyncSsh.address(child), child, AsyncSsh.FAILED, () -> {});
        } catch (IOException e) {
            child.close();
            throw e;
        }
    }

    private static AsyncSsh script(ClientSetup setup, String command) throws IOException {
        var script = new AsyncSsh(setup.directory()).offer(setup.offer(), setup.rekeyBytes());
        script.set("server_host_key", setup.offer().hostKeys());
        script.set("user", setup.user()).set("password", Peers.PASSWORD).set("command", command);
        script.set("method", setup.methods().stream().map(AuthMethod::wireName).toList());
        script.set("known_hosts", OpenSshClient.knownHosts(setup, script.directory()).toString());
        setup.roots().ifPresent(roots -> script.set("roots", roots.toString()));
        if (setup.methods().contains(AuthMethod.PUBLIC_KEY)) {
            setup.identity().ifPresent(identity -> script.set("identity", identity.toString()));
        }
        return script;
    }
}
