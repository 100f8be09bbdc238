package homeport.interop.callhome;

import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.Departure;
import homeport.callhome.DepartureEvent;
import homeport.callhome.DepartureSettings;
import homeport.callhome.Ended;
import homeport.callhome.LinkChannel;
import homeport.net.Connection;
import homeport.net.Dialler;
import homeport.net.Loops;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.key.SshPublicKey;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A device of ours that dials: lets one key in, answers a command with its name, and speaks a little NETCONF. */
final class TestDevice {
    private static final String HELLO = """
            <?xml version="1.0" encoding="UTF-8"?>
            <hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities>\
            <capability>urn:ietf:params:netconf:base:1.0</capability></capabilities>\
            <session-id>4</session-id></hello>]]>]]>""";
    private static final String REPLY = """
            <rpc-reply xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" message-id="%s"><data>\
            <greeting xmlns="urn:homeport:test">from the device</greeting></data></rpc-reply>]]>]]>""";

    final CompletableFuture<Ended> ended = new CompletableFuture<>();
    final CompletableFuture<Void> registered = new CompletableFuture<>();
    private final SshPublicKey client;

    TestDevice(SshPublicKey client) {
        this.client = client;
    }

    /** Dials, again and again while nobody listens there yet. */
    Connection dial(Loops loops, InetSocketAddress to, DepartureSettings settings) throws Exception {
        var result = new CompletableFuture<Connection>();
        attempt(loops, to, settings, 100, result);
        return result.get(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void attempt(Loops loops, InetSocketAddress to, DepartureSettings settings, int left,
            CompletableFuture<Connection> result) {
        Dialler.dial(loops.next(), to, Duration.ofSeconds(5), connection -> new Departure(settings,
                connection.loop().environment(), connection.loop().output(), connection, this::on))
                .whenComplete((connection, failure) -> {
                    if (failure == null) {
                        result.complete(connection);
                    } else if (left == 0) {
                        result.completeExceptionally(failure);
                    } else {
                        CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS)
                                .execute(() -> attempt(loops, to, settings, left - 1, result));
                    }
                });
    }

    void on(Departure departure, DepartureEvent event) {
        switch (event) {
            case DepartureEvent.GatewayKeyAsked asked -> departure.decide(asked, new HostKeyDecision.Accept());
            case DepartureEvent.LoginAsked asked -> departure.decide(asked,
                    asked.question().credential() instanceof Question.Credential.Key key && key.key().equals(client)
                            ? new LoginDecision.Accept()
                            : new LoginDecision.Refuse(List.of("publickey")));
            case DepartureEvent.ChannelAsked asked -> {
                if (asked.type() instanceof ChannelType.Session) {
                    departure.accept(asked, 1 << 20, new Session());
                } else {
                    departure.refuse(asked, "sessions only");
                }
            }
            case DepartureEvent.StreamAsked asked -> departure.refuse(asked, "no stream");
            case DepartureEvent.Registered done -> registered.complete(null);
            case DepartureEvent.Closed closed -> ended.complete(closed.ended());
        }
    }

    /** One session: a command, or NETCONF with the framing of its version 1.0. */
    private static final class Session implements ChannelHandler {
        private final StringBuilder input = new StringBuilder();

        @Override
        public void opened(LinkChannel channel) {}

        @Override
        public void refused(LinkChannel channel, ChannelRefusal refusal) {}

        @Override
        public void requested(LinkChannel channel, Question.ChannelRequested question) {
            switch (question.request()) {
                case ChannelRequest.Exec exec -> {
                    channel.decide(question, true);
                    send(channel, "ran " + exec.text());
                    channel.request(new ChannelRequest.ExitStatus(7), false);
                    channel.sendEof();
                    channel.close();
                }
                case ChannelRequest.Subsystem subsystem when subsystem.name().equals("netconf") -> {
                    channel.decide(question, true);
                    send(channel, HELLO);
                }
                case ChannelRequest.Env env -> channel.decide(question, true);
                default -> channel.decide(question, false);
            }
        }

        private static void send(LinkChannel channel, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            if (channel.send(bytes, 0, bytes.length) < bytes.length) {
                throw new IllegalStateException("more than the window");
            }
        }

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            input.append(new String(array, offset, length, StandardCharsets.UTF_8));
            channel.consumed(length);
            for (int end = input.indexOf("]]>]]>"); end >= 0; end = input.indexOf("]]>]]>")) {
                var message = input.substring(0, end);
                input.delete(0, end + 6);
                int id = message.indexOf("message-id=\"");
                if (id >= 0) {
                    send(channel, REPLY.formatted(message.substring(id + 12, message.indexOf('"', id + 12))));
                }
                if (message.contains("close-session")) {
                    channel.close();
                }
            }
        }

        @Override
        public void closed(LinkChannel channel) {}
    }
}
