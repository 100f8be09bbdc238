package homeport.gateway.service;

import homeport.callhome.BootstrapMessage;
import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.Credentials;
import homeport.callhome.Departure;
import homeport.callhome.DepartureEvent;
import homeport.callhome.DepartureSettings;
import homeport.callhome.Ended;
import homeport.callhome.LinkChannel;
import homeport.net.ChannelRelay;
import homeport.net.Connection;
import homeport.net.Dialler;
import homeport.net.Loops;
import homeport.ssh.Algorithms;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.Limits;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.SshSettings;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.Signer;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A device of ours on one connection to a gateway: it answers a command with its own name. */
final class TestDevice implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int WINDOW = 1 << 16;
    private static final int MANY_CHANNELS = 1_000;

    final CompletableFuture<Void> registered = new CompletableFuture<>();
    final CompletableFuture<Ended> ended = new CompletableFuture<>();
    private final String name;
    private final Connection connection;

    private final Supplier<ChannelHandler> sessions;

    private TestDevice(String name, Loops loops, InetSocketAddress gateway, DepartureSettings settings) {
        this(name, loops, gateway, settings, Optional.empty());
    }

    private TestDevice(String name, Loops loops, InetSocketAddress gateway, DepartureSettings settings,
            Optional<Supplier<ChannelHandler>> other) {
        this.name = name;
        this.sessions = other.orElse(Answering::new);
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

    /** One whose sessions are the test's, as many as it likes. */
    static TestDevice callHome(Loops loops, InetSocketAddress gateway, Signer key, Supplier<ChannelHandler> sessions) {
        var settings = SshSettings.builder().algorithms(Algorithms.MODERN.withDeviceKeys()).hostKeys(List.of(key))
                .limits(Limits.DEFAULT.withChannels(MANY_CHANNELS)).build();
        return new TestDevice("home", loops, gateway, DepartureSettings.callHome(settings), Optional.of(sessions));
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
            case DepartureEvent.ChannelAsked asked when asked.type() instanceof ChannelType.DirectTcpip tcp -> connect(
                    departure, asked, tcp);
            case DepartureEvent.ChannelAsked asked -> departure.accept(asked, WINDOW, sessions.get());
            case DepartureEvent.StreamAsked asked -> departure.refuse(asked, "no stream");
            case DepartureEvent.Registered done -> registered.complete(null);
            case DepartureEvent.Closed closed -> ended.complete(closed.ended());
        }
    }

    /** To a port as this device sees it. */
    private void connect(Departure departure, DepartureEvent.ChannelAsked asked, ChannelType.DirectTcpip tcp) {
        var relay = ChannelRelay.connect(connection.loop(), new InetSocketAddress(tcp.host(), (int) tcp.port()),
                Duration.ofSeconds(5)).whenComplete((there, failure) -> {
                    if (failure == null) {
                        departure.accept(asked, WINDOW, there);
                    } else {
                        departure.refuse(asked, ChannelRefusal.notReached("not reached"));
                    }
                });
        relay.exceptionally(failure -> null);
    }

    /**
     * {@code hold} stays, {@code exit N} ends so, {@code cat}, a shell and a subsystem send back what they are sent; whatever
     * else is answered with the device's name.
     */
    private final class Answering implements ChannelHandler {
        private boolean echoes;
        private byte[] waiting = new byte[0];
        private boolean ended;

        @Override
        public void opened(LinkChannel channel) {}

        @Override
        public void refused(LinkChannel channel, ChannelRefusal refusal) {}

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            if (!echoes) {
                channel.consumed(length);
                return;
            }
            var all = new ByteArrayOutputStream();
            all.writeBytes(waiting);
            all.write(array, offset, length);
            waiting = all.toByteArray();
            writable(channel);
        }

        @Override
        public void writable(LinkChannel channel) {
            int sent = channel.send(waiting, 0, waiting.length);
            waiting = Arrays.copyOfRange(waiting, sent, waiting.length);
            channel.consumed(sent);
            if (ended && waiting.length == 0) {
                finish(channel, 0);
            }
        }

        @Override
        public void eof(LinkChannel channel) {
            ended = true;
            if (echoes && waiting.length == 0) {
                finish(channel, 0);
            }
        }

        @Override
        public void requested(LinkChannel channel, Question.ChannelRequested question) {
            channel.decide(question, true);
            switch (question.request()) {
                case ChannelRequest.Pty pty -> say(channel, "pty " + pty.term() + "\n");
                case ChannelRequest.Env env -> say(channel, env.name() + "=" + new String(env.value(),
                        StandardCharsets.UTF_8) + "\n");
                case ChannelRequest.Unknown agent when agent.type().startsWith("auth-agent") -> say(channel, "agent\n");
                case ChannelRequest.Shell shell -> echoes = true;
                case ChannelRequest.Subsystem subsystem -> {
                    say(channel, "<hello " + subsystem.name() + "/>");
                    echoes = true;
                }
                case ChannelRequest.Exec exec when exec.text().equals("cat") -> echoes = true;
                case ChannelRequest.Exec exec when exec.text().equals("hold") -> say(channel, "held\n");
                case ChannelRequest.Exec exec when exec.text().equals("kill") -> {
                    channel.request(new ChannelRequest.ExitSignal("TERM", false, "", ""), false);
                    channel.close();
                }
                case ChannelRequest.Exec exec when exec.text().startsWith("exit ") -> finish(channel,
                        Integer.parseInt(exec.text().substring(5)));
                case ChannelRequest.Exec exec -> {
                    say(channel, name);
                    finish(channel, 0);
                }
                case ChannelRequest other -> {
                    // Nothing that a test looks at.
                }
            }
        }

        private static void say(LinkChannel channel, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            channel.send(bytes, 0, bytes.length);
        }

        private static void finish(LinkChannel channel, int status) {
            channel.request(new ChannelRequest.ExitStatus(status), false);
            channel.sendEof();
            channel.close();
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
