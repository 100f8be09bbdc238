package homeport.callhome;

import homeport.ssh.Environment;
import homeport.ssh.Event;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.Role;
import homeport.ssh.SshSettings;
import homeport.ssh.wire.ChannelType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The device's end of a connection that it dialled: says who it is in the way its design asks for, plays its role, and
 * hands what the gateway wants of it to its owner. The mirror image of {@link Arrival}.
 */
public final class Departure implements ByteMachine {
    /** Streams through one tunnel at the same time. */
    private static final int MOST_INNER = 16;
    private static final int INNER_WINDOW = 1 << 20;

    private final DepartureSettings settings;
    private final Environment environment;
    private final SharedOutput output;
    private final Sink sink;
    private final DepartureEvent.Handler owner;
    private final SshLink ssh;
    private Stage stage = Stage.CONNECTED;
    private Credentials.@Nullable Attempts login;
    private boolean registered;
    private long offerUntil = Long.MAX_VALUE;
    private @Nullable Ended ending;
    private @Nullable Ended ended;
    /** The SSH servers inside the tunnel; absent while there is none. */
    private @Nullable List<Inside> inside;

    public Departure(DepartureSettings settings, Environment environment, SharedOutput output, Sink sink,
            DepartureEvent.Handler owner) {
        this.settings = settings;
        this.environment = environment;
        this.output = output;
        this.sink = sink;
        this.owner = owner;
        this.login = settings.credentials().map(Credentials.Attempts::new).orElse(null);
        Role role = switch (settings.design()) {
            case BOOTSTRAP, CALL_HOME -> Role.SERVER;
            case SERVER_CHANNELS, TUNNEL -> Role.CLIENT;
        };
        this.ssh = SshLink.as(role, settings.ssh(), environment, output, sink, this::on);
    }

    private void tell(DepartureEvent event) {
        owner.on(this, event);
    }

    /** Whether the gateway has us. */
    public boolean isRegistered() {
        return registered;
    }

    /** How it ended; empty while it has not. */
    public Optional<Ended> ended() {
        return Optional.ofNullable(ended);
    }

    // ---- Bytes and time

    @Override
    public void start() {
        settings.message().ifPresent(message -> {
            byte[] bytes = message.encode();
            output.run(sink, () -> output.writer().bytes(bytes));
        });
        ssh.start();
    }

    @Override
    public void receive(byte[] array, int offset, int length) {
        if (stage == Stage.CONNECTED) {
            stage = Stage.FIRST_BYTE;
        }
        ssh.receive(array, offset, length);
    }

    @Override
    public void endOfStream() {
        ssh.endOfStream();
    }

    @Override
    public boolean wantsInput() {
        return ssh.wantsInput();
    }

    @Override
    public void outputWritable() {
        ssh.outputWritable();
    }

    @Override
    public long deadline() {
        long next = Math.min(ssh.deadline(), registered || ended != null ? Long.MAX_VALUE : offerUntil);
        var servers = inside;
        if (servers != null) {
            for (var each : servers) {
                var link = each.inner();
                next = Math.min(next, link == null ? Long.MAX_VALUE : link.deadline());
            }
        }
        return next;
    }

    @Override
    public void tick() {
        ssh.tick();
        if (!registered && ended == null && environment.nanoTime().getAsLong() - offerUntil >= 0) {
            close(Refusal.NOTHING_OFFERED, "the gateway makes no use of the login");
        }
        var servers = inside;
        if (servers != null) {
            for (var each : List.copyOf(servers)) {
                var link = each.inner();
                if (link != null) {
                    link.tick();
                }
            }
        }
    }

    @Override
    public void close(Refusal refusal, String detail) {
        if (ended == null) {
            ending = Ended.of(stage, refusal, detail);
            ssh.close(refusal, detail);
        }
    }

    @Override
    public boolean isClosed() {
        return ended != null;
    }

    // ---- The owner's answers

    /** A refusal's text is for our own side: whom we expected, and where we keep that, is nothing a stranger should learn. */
    public void decide(DepartureEvent.GatewayKeyAsked asked, HostKeyDecision decision) {
        var told = decision;
        if (decision instanceof HostKeyDecision.Refuse refuse) {
            ending = Ended.of(stage, Refusal.HOST_KEY, refuse.text());
            told = new HostKeyDecision.Refuse(Refusal.HOST_KEY.sentence());
        }
        var answer = told;
        ssh.run(() -> ssh.connection().decide(asked.question(), answer));
    }

    public void decide(DepartureEvent.LoginAsked asked, LoginDecision decision) {
        asked.on().run(() -> asked.on().connection().decide(asked.question(), decision));
    }

    /** @param window bytes that the other side may send ahead */
    public LinkChannel accept(DepartureEvent.ChannelAsked asked, int window, ChannelHandler handler) {
        return asked.on().accept(asked.question(), window, handler);
    }

    public LinkChannel accept(DepartureEvent.StreamAsked asked, int window, ChannelHandler handler) {
        return asked.on().accept(asked.question(), window, handler);
    }

    /** As what is not allowed. */
    public void refuse(DepartureEvent.ChannelAsked asked, String reason) {
        refuse(asked, ChannelRefusal.prohibited(reason));
    }

    public void refuse(DepartureEvent.ChannelAsked asked, ChannelRefusal refusal) {
        asked.on().refuse(asked.question(), refusal);
    }

    /** As what is not allowed. */
    public void refuse(DepartureEvent.StreamAsked asked, String reason) {
        refuse(asked, ChannelRefusal.prohibited(reason));
    }

    public void refuse(DepartureEvent.StreamAsked asked, ChannelRefusal refusal) {
        asked.on().refuse(asked.question(), refusal);
    }

    // ---- What happens

    private void on(Event event) {
        var connection = ssh.connection();
        switch (event) {
            case Event.VersionReceived version -> stage = Stage.VERSION;
            case Event.KeysExchanged keys when keys.first() -> stage = Stage.KEY_EXCHANGE;
            case Question.HostKeyAsked asked -> {
                stage = Stage.IDENTITY;
                tell(new DepartureEvent.GatewayKeyAsked(asked));
            }
            case Question.LoginAsked asked -> {
                stage = Stage.LOGIN;
                if (login != null) {
                    connection.decide(asked, login.next(asked));
                }
            }
            case Question.PromptsAsked asked -> {
                if (login != null) {
                    connection.decide(asked, login.answers(asked));
                }
            }
            case Question.LoginRequested asked -> {
                stage = Stage.LOGIN;
                tell(new DepartureEvent.LoginAsked(ssh, asked));
            }
            case Event.Authenticated authenticated -> authenticated();
            case Event.GlobalReply reply -> {
                if (settings.design() == Design.TUNNEL && !registered) {
                    forwarded(reply.success());
                }
            }
            case Question.GlobalRequested asked -> {
                boolean channels = settings.design() == Design.SERVER_CHANNELS
                        && asked.request().type().equals(Extensions.SERVER_CHANNELS);
                connection.decide(asked, channels);
                if (channels) {
                    register();
                }
            }
            case Question.OpenRequested asked -> opened(asked);
            case Event.Closed closed -> closed(closed);
            case Event other -> {
                // Nothing that changes what we do.
            }
        }
    }

    private void authenticated() {
        login = null;
        stage = Stage.LINKED;
        switch (settings.design()) {
            case BOOTSTRAP, CALL_HOME -> register();
            case SERVER_CHANNELS -> offerUntil = environment.nanoTime().getAsLong() + settings.offerTime().toNanos();
            case TUNNEL -> {
                offerUntil = environment.nanoTime().getAsLong() + settings.offerTime().toNanos();
                ssh.connection().request(DepartureSettings.forward(), true);
            }
        }
    }

    private void forwarded(boolean success) {
        if (success) {
            register();
        } else {
            close(Refusal.NOTHING_OFFERED, "the gateway does not forward a port to us");
        }
    }

    private void register() {
        if (!registered) {
            registered = true;
            tell(new DepartureEvent.Registered());
        }
    }

    private void opened(Question.OpenRequested asked) {
        switch (settings.design()) {
            case BOOTSTRAP, CALL_HOME, SERVER_CHANNELS -> tell(new DepartureEvent.ChannelAsked(ssh, asked));
            case TUNNEL -> {
                if (!(asked.type() instanceof ChannelType.ForwardedTcpip)) {
                    ssh.refuse(asked, ChannelRefusal.prohibited("only through the forwarded port"));
                } else if (settings.inner().isEmpty()) {
                    tell(new DepartureEvent.StreamAsked(ssh, asked));
                } else {
                    openInside(asked, settings.inner().get());
                }
            }
        }
    }

    private void openInside(Question.OpenRequested asked, SshSettings inner) {
        var servers = inside;
        if (servers == null) {
            servers = new ArrayList<>(1);
            inside = servers;
        }
        if (servers.size() >= MOST_INNER) {
            ssh.refuse(asked, ChannelRefusal.full("too many connections through the tunnel"));
            return;
        }
        var server = new Inside(inner);
        servers.add(server);
        ssh.accept(asked, INNER_WINDOW, server);
    }

    private void closed(Event.Closed closed) {
        ended = ending != null ? ending : Ended.of(stage, closed.reason());
        inside = null;
        tell(new DepartureEvent.Closed(ended));
    }

    /** An SSH server of ours inside the tunnel. */
    private final class Inside extends SshInChannel {
        private final SshSettings server;

        Inside(SshSettings server) {
            this.server = server;
        }

        @Override
        SshLink connection(ChannelSink to) {
            return SshLink.as(Role.SERVER, server, environment, output.nested(), to, this::on);
        }

        private void on(Event event) {
            var link = inner();
            if (link == null) {
                return;
            }
            switch (event) {
                case Question.LoginRequested asked -> tell(new DepartureEvent.LoginAsked(link, asked));
                case Question.OpenRequested asked -> tell(new DepartureEvent.ChannelAsked(link, asked));
                case Question.GlobalRequested asked -> link.connection().decide(asked, false);
                case Event other -> {
                    // Nothing that changes what we do.
                }
            }
        }

        @Override
        void notOpened(ChannelRefusal refusal) {
            ended();
        }

        @Override
        void ended() {
            var servers = inside;
            if (servers != null) {
                servers.remove(this);
            }
        }
    }
}
