package homeport.callhome;

import homeport.ssh.Environment;
import homeport.ssh.Event;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.Question;
import homeport.ssh.Role;
import homeport.ssh.SshSettings;
import homeport.ssh.wire.ChannelType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The way to a device through a port that it forwarded to us: a second SSH connection, inside a channel of the first.
 *
 * <p>The inner connection is made when the first session is opened, and again when it ended. Its host key is a question
 * of its own, since the login of the outer one says nothing about it.
 */
final class Tunnel implements DeviceLink.Carrier {
    /** Ports that one device may forward. */
    static final int MOST_FORWARDS = 8;
    /** Sessions that wait for the inner connection. */
    private static final int MOST_PENDING = 64;
    private static final int WINDOW = 1 << 20;

    /** A port that the device forwards, as it named it and as it was told. */
    record Forward(String address, long port) {}

    /** A channel that waits for the inner connection. */
    private record Pending(LinkChannel channel, ChannelType type, int window) {}

    private final Arrival arrival;
    private final SshLink outer;
    private final SshSettings settings;
    private final Environment environment;
    private final SharedOutput output;
    private final ArrayList<Forward> forwards = new ArrayList<>(1);
    private @Nullable Inner inner;

    Tunnel(Arrival arrival, SshLink outer, SshSettings settings, Environment environment, SharedOutput output) {
        this.arrival = arrival;
        this.outer = outer;
        this.settings = settings;
        this.environment = environment;
        this.output = output;
    }

    // ---- Forwarded ports

    /** The port under which the device finds the forwarding again; empty when there are too many. */
    Optional<Integer> add(String address, long asked) {
        if (forwards.size() >= MOST_FORWARDS || asked < 0 || asked > 0xffff) {
            return Optional.empty();
        }
        long port = asked;
        while (port == 0 || forwards.contains(new Forward(address, port))) {
            if (asked != 0) {
                return Optional.empty();
            }
            // Nothing listens anywhere: the number is a name, and small ones look like what they are.
            port = port == 0 ? 1 : port + 1;
        }
        forwards.add(new Forward(address, port));
        return Optional.of((int) port);
    }

    boolean remove(String address, long port) {
        return forwards.remove(new Forward(address, port));
    }

    void openRaw(LinkChannel channel, int window) {
        if (forwards.isEmpty()) {
            channel.refused(ChannelRefusal.notReached("the device no longer forwards a port"));
            return;
        }
        var forward = forwards.getFirst();
        outer.open(channel, new ChannelType.ForwardedTcpip(forward.address(), forward.port(), "127.0.0.1", 0), window);
    }

    // ---- Sessions

    @Override
    public void open(LinkChannel channel, ChannelType type, int window) {
        var current = inner;
        if (current == null || current.over) {
            current = new Inner();
            inner = current;
            current.begin();
        }
        current.open(new Pending(channel, type, window));
    }

    long deadline() {
        var current = inner;
        var link = current == null ? null : current.inner();
        return link == null ? Long.MAX_VALUE : link.deadline();
    }

    void tick() {
        var current = inner;
        var link = current == null ? null : current.inner();
        if (link != null) {
            link.tick();
        }
    }

    /** The owner's answer about the inner host key. */
    void decide(ArrivalEvent.AdmissionAsked question, Admission admission) {
        var current = inner;
        if (current != null) {
            current.decide(question, admission);
        }
    }

    void closed(String reason) {
        var current = inner;
        if (current != null) {
            current.end(reason);
        }
    }

    /** The inner connection, from the channel's opening to its end. */
    private final class Inner extends SshInChannel implements Event.Handler {
        private final ArrayDeque<Pending> pending = new ArrayDeque<>(2);
        private ArrivalEvent.@Nullable AdmissionAsked asked;
        private Question.@Nullable HostKeyAsked keyAsked;
        private Credentials.@Nullable Attempts login;
        private boolean ready;
        private boolean over;

        void begin() {
            var channel = new LinkChannel(this, Optional.empty());
            openRaw(channel, WINDOW);
        }

        void open(Pending one) {
            var link = inner();
            if (ready && link != null) {
                link.open(one.channel(), one.type(), one.window());
            } else if (over || pending.size() >= MOST_PENDING) {
                one.channel().refused(over
                        ? ChannelRefusal.notReached("the device's SSH server is not reached")
                        : ChannelRefusal.full("too many sessions wait"));
            } else {
                pending.add(one);
            }
        }

        // The channel that carries it

        @Override
        SshLink connection(ChannelSink to) {
            return SshLink.as(Role.CLIENT, settings, environment, output, to, this);
        }

        @Override
        void notOpened(ChannelRefusal refusal) {
            end("the device does not let us through its tunnel: " + refusal.text());
        }

        @Override
        void ended() {
            end("the tunnel's channel was closed");
        }

        // The connection inside

        @Override
        public void on(Event event) {
            var ssh = inner();
            switch (event) {
                case Question.HostKeyAsked question -> {
                    keyAsked = question;
                    var evidence = Evidence.ofHostKey(Design.TUNNEL, Optional.empty(), question.key(),
                            ssh == null ? "" : ssh.connection().peerIdentification());
                    var ask = new ArrivalEvent.AdmissionAsked(evidence, true, ssh != null && Arrival.isLegacy(ssh));
                    asked = ask;
                    arrival.tell(ask);
                }
                case Question.LoginAsked question when ssh != null && login != null ->
                    ssh.connection().decide(question, login.next(question));
                case Question.PromptsAsked question when ssh != null && login != null ->
                    ssh.connection().decide(question, login.answers(question));
                case Event.Authenticated authenticated -> {
                    ready = true;
                    login = null;
                    while (!pending.isEmpty()) {
                        open(pending.remove());
                    }
                }
                case Question.OpenRequested question when ssh != null -> ssh.refuse(question, Arrival.OPENS_NOTHING);
                case Question.GlobalRequested question when ssh != null -> ssh.connection().decide(question, false);
                case Event.Closed closed -> end(closed.reason().text());
                case Event other -> {
                    // Nothing that changes what we do.
                }
            }
        }

        void decide(ArrivalEvent.AdmissionAsked question, Admission admission) {
            var link = inner();
            var key = keyAsked;
            if (!question.equals(asked) || link == null || key == null || over) {
                return;
            }
            if (admission instanceof Admission.Hold) {
                return;
            }
            asked = null;
            keyAsked = null;
            switch (admission) {
                case Admission.Admit admit -> login = new Credentials.Attempts(admit.login());
                case Admission.AdmitWithSecret admit -> login = new Credentials.Attempts(admit.login());
                case Admission.Hold hold -> asked = question;
                case Admission.Refuse refuse -> login = null;
            }
            HostKeyDecision decision = Arrival.hostKeyDecision(question.evidence(), admission);
            link.run(() -> link.connection().decide(key, decision));
        }

        void end(String reason) {
            if (over) {
                return;
            }
            over = true;
            ready = false;
            while (!pending.isEmpty()) {
                pending.remove().channel().refused(
                        ChannelRefusal.notReached("the device's SSH server is not reached: " + reason));
            }
            if (inner == this) {
                inner = null;
            }
        }
    }
}
