package homeport.bench;

import homeport.netconf.Limits;
import homeport.netconf.SessionTime;
import homeport.netconf.client.Datastore;
import homeport.netconf.client.NetconfClient;
import homeport.netconf.link.StreamLink;
import homeport.netconf.session.ClientSession;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginAttempt;
import homeport.ssh.Question;
import homeport.ssh.SshSettings;
import homeport.ssh.blocking.Answers;
import homeport.ssh.blocking.Link;
import homeport.ssh.blocking.SshClient;
import homeport.ssh.key.Signer;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Our NETCONF client over our SSH client, in a JVM of its own: {@code run N} makes N get-configs, spread over all
 * sessions, each of which waits for its reply before the next.
 */
final class NetconfClientWorker {
    private NetconfClientWorker() {}

    /** {@code PORT USER_KEY SESSIONS}. */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws Exception {
        var user = End.key(Path.of(arguments[1]));
        var clients = new ArrayList<NetconfClient>();
        for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
            clients.add(connect(Integer.parseInt(arguments[0]), user));
        }
        System.out.println("ready");
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var command = in.readLine(); command != null; command = in.readLine()) {
            run(clients, Integer.parseInt(command.substring("run ".length())));
            System.out.println("done");
        }
        System.exit(0);
    }

    private static NetconfClient connect(int port, Signer user) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        var ssh = SshClient.connect(Link.of(socket), SshSettings.client(), new Answers() {
            @Override
            public HostKeyDecision hostKey(Question.HostKeyAsked question) {
                return new HostKeyDecision.Accept();
            }

            @Override
            public LoginAttempt login(Question.LoginAsked question) {
                return new LoginAttempt.Key("bench", user);
            }
        });
        var channel = ssh.connection().open(new ChannelType.Session());
        if (!channel.request(new ChannelRequest.Subsystem("netconf"))) {
            throw new IOException("no netconf");
        }
        return new NetconfClient(ClientSession.connect(new StreamLink(channel.input(), channel.output(), channel),
                Limits.DEFAULT, SessionTime.system()), Duration.ofSeconds(60));
    }

    private static void run(List<NetconfClient> clients, int times) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<?>>();
            for (var client : clients) {
                running.add(threads.submit(() -> {
                    for (int i = 0; i < times / clients.size(); i++) {
                        if (client.getConfig(Datastore.RUNNING).children().size() != 1) {
                            throw new IllegalStateException("another reply came");
                        }
                    }
                }));
            }
            for (var one : running) {
                one.get();
            }
        }
    }
}
