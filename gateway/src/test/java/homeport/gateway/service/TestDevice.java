package homeport.gateway.service;

import homeport.callhome.BootstrapMessage;
import homeport.callhome.ChannelHandler;
import homeport.callhome.Credentials;
import homeport.callhome.Departure;
import homeport.callhome.DepartureEvent;
import homeport.callhome.DepartureSettings;
import homeport.callhome.Ended;
import homeport.callhome.LinkChannel;
import homeport.net.Connection;
import homeport.net.Dialler;
import homeport.net.Loops;
import homeport.ssh.Algorithms;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.SshSettings;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.Signer;
import homeport.ssh.wire.ChannelRequest;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A device of ours on one connection to a gateway: it answers a command with its own name. */
final class TestDevice implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();

    final CompletableFuture<Void> registered = new CompletableFuture<>();
    final CompletableFuture<Ended> ended = new CompletableFuture<>();
    private final String name;
    private final Connection connection;

    private TestDevice(String name, Loops loops, InetSocketAddress gateway, DepartureSettings settings) {
        this.name = name;
        connection = Dialler.dial(loops.next(), gateway, Duration.ofSeconds(10),
                dialled -> new Departure(settings, dialled.loop().environment(), dialled.loop().output(), dialled,
                        this::on))
                .join();
    }

    static PlainSigner key() {
        return PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);
    }

    private static SshSettings server(Signer key) {
        return SshSettings.builder().algorithms(Algorithms.MODERN.withDeviceKeys()).hostKeys(List.of(key)).build();
    }

    static TestDevice callHome(Loops loops, InetSocketAddress gateway, Signer key) {
        return new TestDevice("home", loops, gateway, DepartureSettings.callHome(server(key)));
    }

    static TestDevice bootstrap(Loops loops, InetSocketAddress gateway, String id, PlainSigner key, byte[] secret) {
        return new TestDevice(id, loops, gateway, DepartureSettings
                .bootstrap(BootstrapMessage.signed(id, key.publicKey(), secret), server(key)));
    }

    static TestDevice serverChannels(Loops loops, InetSocketAddress gateway, Credentials credentials) {
        return new TestDevice(credentials.user(), loops, gateway,
                DepartureSettings.serverChannels(SshSettings.client(), credentials));
    }

    static TestDevice tunnel(Loops loops, InetSocketAddress gateway, Credentials credentials, PlainSigner inner) {
        return new TestDevice(credentials.user(), loops, gateway,
                DepartureSettings.tunnel(SshSettings.client(), credentials, server(inner)));
    }

    private void on(Departure departure, DepartureEvent event) {
        switch (event) {
            case DepartureEvent.GatewayKeyAsked asked -> departure.decide(asked, new HostKeyDecision.Accept());
            case DepartureEvent.LoginAsked asked -> departure.decide(asked,
                    asked.question().credential() instanceof Question.Credential.Key
                            ? new LoginDecision.Accept()
                            : new LoginDecision.Refuse(List.of("publickey")));
            case DepartureEvent.ChannelAsked asked -> departure.accept(asked, 1 << 16, new Answering());
            case DepartureEvent.StreamAsked asked -> departure.refuse(asked, "no stream");
            case DepartureEvent.Registered done -> registered.complete(null);
            case DepartureEvent.Closed closed -> ended.complete(closed.ended());
        }
    }

    private final class Answering implements ChannelHandler {
        @Override
        public void opened(LinkChannel channel) {}

        @Override
        public void refused(LinkChannel channel, String reason) {}

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            channel.consumed(length);
        }

        @Override
        public void requested(LinkChannel channel, Question.ChannelRequested question) {
            boolean exec = question.request() instanceof ChannelRequest.Exec;
            channel.decide(question, exec);
            if (exec) {
                byte[] answer = name.getBytes(StandardCharsets.UTF_8);
                channel.send(answer, 0, answer.length);
                channel.request(new ChannelRequest.ExitStatus(0), false);
                channel.sendEof();
                channel.close();
            }
        }

        @Override
        public void closed(LinkChannel channel) {}
    }

    /** As if the power had failed: the peer is told nothing by SSH. */
    @Override
    public void close() {
        connection.cut();
    }
}
