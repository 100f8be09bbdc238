package homeport.testkit.peers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.EnumSet;
import java.util.Set;

/** AsyncSSH's server: the peer with certificates, {@code x509v3-*} and every authentication method. */
public final class AsyncSshServer implements ServerPeer {
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
    public RunningServer listen(ServerSetup setup) throws IOException, InterruptedException {
        var child = script(setup).start("server-listen");
        try {
            return new ChildServer(AsyncSsh.address(child), child);
        } catch (IOException e) {
            child.close();
            throw e;
        }
    }

    @Override
    public RunningServer dial(ServerSetup setup, InetSocketAddress to) throws IOException {
        return new ChildServer(to, script(setup).set("port", Integer.toString(to.getPort())).start("server-dial"));
    }

    private static AsyncSsh script(ServerSetup setup) throws IOException {
        var script = new AsyncSsh(setup.directory()).offer(setup.offer(), setup.rekeyBytes());
        script.set("user", Peers.user()).set("password", Peers.PASSWORD).set("host_key", setup.hostKeys());
        script.set("method", setup.methods().stream().map(AuthMethod::wireName).toList());
        var lines = new StringBuilder();
        for (var file : setup.authorizedKeys()) {
            lines.append(Files.readString(file).strip()).append('\n');
        }
        for (var file : setup.authorities()) {
            lines.append("cert-authority ").append(Files.readString(file).strip()).append('\n');
        }
        if (!lines.isEmpty()) {
            script.set("authorized_keys",
                    Files.writeString(script.directory().resolve("authorized_keys"), lines).toString());
        }
        return script;
    }
}
