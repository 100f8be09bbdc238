package homeport.bench;

import homeport.netconf.Identity;
import homeport.netconf.Limits;
import homeport.netconf.ServerSessions;
import homeport.netconf.SessionTime;
import homeport.netconf.client.Datastore;
import homeport.netconf.client.EditConfig;
import homeport.netconf.client.NetconfClient;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.Schemas;
import homeport.netconf.link.PipeLink;
import homeport.netconf.link.StreamLink;
import homeport.netconf.server.NetconfServer;
import homeport.netconf.server.ServerSettings;
import homeport.netconf.session.ClientSession;
import homeport.netconf.session.ServerSession;
import homeport.netconf.xml.Xml;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.Role;
import homeport.ssh.SshSettings;
import homeport.ssh.blocking.Answers;
import homeport.ssh.blocking.BlockingChannel;
import homeport.ssh.blocking.BlockingConnection;
import homeport.ssh.blocking.Link;
import homeport.ssh.key.Signer;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Our NETCONF server over our SSH server, in a JVM of its own, with a configuration small enough that its reply is: prints
 * its port and serves one user until it is ended.
 */
final class NetconfServerWorker {
    private static final String CONFIG = """
            <interfaces xmlns="urn:ietf:params:xml:ns:yang:ietf-interfaces"><interface><name>eth0</name>
            <description>uplink</description>
            <type xmlns:i="urn:ietf:params:xml:ns:yang:iana-if-type">i:ethernetCsmacd</type></interface></interfaces>""";

    private final SshSettings settings;
    private final byte[] userKey;
    private final NetconfServer server;
    private final ServerSessions sessions;

    private NetconfServerWorker(Signer host, Signer user, NetconfServer server, ServerSessions sessions) {
        settings = SshSettings.builder().hostKeys(List.of(host)).build();
        userKey = user.publicKey().blob();
        this.server = server;
        this.sessions = sessions;
    }

    /** {@code HOST_KEY USER_KEY}. */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws IOException {
        var sessions = new ServerSessions();
        var server = new NetconfServer(ServerSettings.of(
                Datastores.inMemory(Schemas.standard(), Datastores.Boot.RUNNING), sessions, identity -> true));
        client(server, sessions).editConfig(EditConfig.of(Datastore.RUNNING, Xml.parse(CONFIG)));
        var worker = new NetconfServerWorker(End.key(Path.of(arguments[0])), End.key(Path.of(arguments[1])), server,
                sessions);
        try (var listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress())) {
            System.out.println(listener.getLocalPort());
            while (true) {
                var socket = listener.accept();
                socket.setTcpNoDelay(true);
                BlockingConnection.start(Link.of(socket), Role.SERVER, worker.settings, worker.answers());
            }
        }
    }

    /** A client in the server's own process. */
    static NetconfClient client(NetconfServer server, ServerSessions sessions) {
        var pipe = PipeLink.pair();
        ServerSession.serve(pipe.right(), server.capabilities(), server, sessions, Identity.ssh("bench"),
                Limits.DEFAULT, SessionTime.system(), Instant.now());
        return new NetconfClient(ClientSession.connect(pipe.left(), Limits.DEFAULT, SessionTime.system()),
                Duration.ofSeconds(60));
    }

    private Answers answers() {
        return new Answers() {
            @Override
            public LoginDecision login(Question.LoginRequested question) {
                return question.credential() instanceof Question.Credential.Key key
                        && Arrays.equals(key.key().blob(), userKey)
                                ? new LoginDecision.Accept()
                                : new LoginDecision.Refuse(List.of("publickey"));
            }

            @Override
            public Optional<ChannelProgram> open(ChannelType type) {
                return type instanceof ChannelType.Session
                        ? Optional.of(NetconfServerWorker.this::serve)
                        : Optional.empty();
            }
        };
    }

    private void serve(BlockingChannel channel) throws IOException {
        for (var asked = channel.nextRequest(); asked.isPresent(); asked = channel.nextRequest()) {
            boolean netconf = asked.get().request() instanceof ChannelRequest.Subsystem subsystem
                    && subsystem.name().equals("netconf");
            channel.answer(asked.get(), netconf);
            if (netconf) {
                ServerSession.serve(new StreamLink(channel.input(), channel.output(), channel), server.capabilities(),
                        server, sessions, Identity.ssh("bench"), Limits.DEFAULT, SessionTime.system(), Instant.now())
                        .ended().join();
                return;
            }
        }
    }
}
