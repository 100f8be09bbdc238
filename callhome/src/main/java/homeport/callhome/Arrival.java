package homeport.callhome;

import homeport.ssh.Environment;
import homeport.ssh.Event;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginDecision;
import homeport.ssh.Negotiated;
import homeport.ssh.Question;
import homeport.ssh.Question.Credential;
import homeport.ssh.Role;
import homeport.ssh.RoleDecision;
import homeport.ssh.SshSettings;
import homeport.ssh.key.HmacKeyId;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.SshPublicKey;
import homeport.ssh.key.X509Chain;
import homeport.ssh.wire.GlobalRequest;
import homeport.ssh.wire.SshWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's end of one connection that a device dialled: finds out by which design it comes, plays the right role,
 * gathers the evidence, asks its owner, logs in or lets log in, and ends in a {@link DeviceLink}.
 *
 * <pre>
 *  Listening ──▶ Speaking ──▶ Linked
 *      └────────────┴────────────┴──▶ Over
 * </pre>
 */
public final class Arrival implements ByteMachine {
    static final ChannelRefusal OPENS_NOTHING = ChannelRefusal.prohibited("devices open no channels here");

    private sealed interface State {}

    /** No SSH yet: the first bytes, a bootstrap message or an XML identity is being read. */
    private static final class Listening implements State {
        private static final byte[] NOTHING = new byte[0];

        private byte[] bytes = NOTHING;
        private int size;
        private int searched;
        private FirstBytes kind = FirstBytes.UNDECIDED;
        private boolean greeted;

        void append(byte[] array, int offset, int length) {
            if (bytes.length - size < length) {
                bytes = Arrays.copyOf(bytes, Math.max(size + length, Math.min(2 * bytes.length, 8 << 10)));
            }
            System.arraycopy(array, offset, bytes, size, length);
            size += length;
        }
    }

    /** SSH runs; there is no link yet. */
    private static final class Speaking implements State {
        private final SshLink ssh;
        private final Optional<Claim> claim;
        /** What came before the version line says that the peer is the SSH server. */
        private final boolean serverByPreface;
        private final boolean message;

        private ArrivalEvent.@Nullable AdmissionAsked asked;
        private @Nullable Question question;
        private @Nullable Evidence evidence;
        private String deviceId = "";
        private Credentials.@Nullable Attempts login;
        private long offerUntil = Long.MAX_VALUE;
        /** What the role question is answered with, once it is this connection's turn. */
        private @Nullable Turn turn;
        /** Why the peer is not in yet, should it end now. */
        private @Nullable Refusal pendingCause;
        private String pendingText = "";

        Speaking(SshLink ssh, Optional<Claim> claim, boolean serverByPreface, boolean message) {
            this.ssh = ssh;
            this.claim = claim;
            this.serverByPreface = serverByPreface;
            this.message = message;
        }
    }

    private record Turn(Question.RoleAsked asked, RoleDecision answer) {}

    private record Linked(SshLink ssh, DeviceLink device, @Nullable Tunnel tunnel) implements State {}

    private record Over(Ended ended) implements State {}

    private final ArrivalSettings settings;
    private final Environment environment;
    private final SharedOutput output;
    private final Sink sink;
    private final ArrivalEvent.Handler owner;
    private final KeyExchangeTurns turns;
    private final long startedAt;
    private State state = new Listening();
    private Stage stage = Stage.CONNECTED;
    /** Where the connection is being created: its first events come before it can be in the state. */
    private @Nullable Ended ending;

    public Arrival(ArrivalSettings settings, Environment environment, SharedOutput output, Sink sink,
            ArrivalEvent.Handler owner) {
        this(settings, environment, output, sink, owner, KeyExchangeTurns.AT_ONCE);
    }

    /** @param turns says when the first key exchange, and with it the first costly operation, may begin */
    public Arrival(ArrivalSettings settings, Environment environment, SharedOutput output, Sink sink,
            ArrivalEvent.Handler owner, KeyExchangeTurns turns) {
        this.settings = settings;
        this.environment = environment;
        this.output = output;
        this.sink = sink;
        this.owner = owner;
        this.turns = turns;
        this.startedAt = now();
    }

    private long now() {
        return environment.nanoTime().getAsLong();
    }

    void tell(ArrivalEvent event) {
        owner.on(this, event);
    }

    /** When it began, by the environment's clock. */
    public long startedAt() {
        return startedAt;
    }

    /** How far it has come. */
    public Stage stage() {
        return stage;
    }

    /** Whether the device is logged in, so that the connection no longer counts as a stranger's. */
    public boolean isLinked() {
        return state instanceof Linked;
    }

    /** How it ended; empty while it has not. */
    public Optional<Ended> ended() {
        return state instanceof Over over ? Optional.of(over.ended()) : Optional.empty();
    }

    // ---- Bytes and time

    /** Nothing is sent yet: see {@link ArrivalSettings#GREET_AFTER}. */
    @Override
    public void start() {}

    @Override
    public void receive(byte[] array, int offset, int length) {
        switch (state) {
            case Listening listening -> listen(listening, array, offset, length);
            case Speaking speaking -> speaking.ssh.receive(array, offset, length);
            case Linked linked -> linked.ssh().receive(array, offset, length);
            case Over over -> {
                // Too late.
            }
        }
    }

    @Override
    public void endOfStream() {
        switch (state) {
            case Listening listening -> end(stage == Stage.CONNECTED
                    ? new Ended(stage, Refusal.PROBED, Refusal.PROBED.sentence(), true)
                    : Ended.of(stage, Refusal.LOST, "the peer closed the connection"));
            case Speaking speaking -> speaking.ssh.endOfStream();
            case Linked linked -> linked.ssh().endOfStream();
            case Over over -> {
                // Known.
            }
        }
    }

    @Override
    public boolean wantsInput() {
        return switch (state) {
            case Listening listening -> true;
            case Speaking speaking -> speaking.ssh.wantsInput();
            case Linked linked -> linked.ssh().wantsInput();
            case Over over -> false;
        };
    }

    @Override
    public void outputWritable() {
        switch (state) {
            case Linked linked -> linked.ssh().outputWritable();
            case Listening listening -> {
            }
            case Speaking speaking -> {
            }
            case Over over -> {
            }
        }
    }

    @Override
    public long deadline() {
        return switch (state) {
            case Listening listening -> startedAt + listeningTime(listening);
            case Speaking speaking -> Math.min(speaking.offerUntil, speaking.ssh.deadline());
            case Linked linked -> Math.min(linked.ssh().deadline(),
                    linked.tunnel() == null ? Long.MAX_VALUE : linked.tunnel().deadline());
            case Over over -> Long.MAX_VALUE;
        };
    }

    private long listeningTime(Listening listening) {
        if (!listening.greeted && !(listening.kind instanceof FirstBytes.Calix)) {
            return ArrivalSettings.GREET_AFTER.toNanos();
        }
        return (stage == Stage.CONNECTED ? settings.firstByteTime() : settings.prefaceTime()).toNanos();
    }

    @Override
    public void tick() {
        switch (state) {
            case Listening listening -> {
                if (now() - startedAt < listeningTime(listening)) {
                    return;
                }
                if (!listening.greeted && !(listening.kind instanceof FirstBytes.Calix)) {
                    greet(listening);
                } else {
                    end(Ended.of(stage, stage == Stage.CONNECTED ? Refusal.SILENT : Refusal.SLOW, ""));
                }
            }
            case Speaking speaking -> {
                speaking.ssh.tick();
                if (state == speaking && now() - speaking.offerUntil >= 0) {
                    close(speaking, Refusal.NOTHING_OFFERED, "");
                }
            }
            case Linked linked -> {
                linked.ssh().tick();
                if (linked.tunnel() != null) {
                    linked.tunnel().tick();
                }
            }
            case Over over -> {
                // Nothing is due.
            }
        }
    }

    @Override
    public void close(Refusal refusal, String detail) {
        switch (state) {
            case Listening listening -> end(Ended.of(stage, refusal, detail));
            case Speaking speaking -> close(speaking, refusal, detail);
            case Linked linked -> {
                ending = Ended.of(stage, refusal, detail);
                linked.ssh().close(refusal, detail);
            }
            case Over over -> {
                // It is.
            }
        }
    }

    @Override
    public boolean isClosed() {
        return state instanceof Over;
    }

    // ---- Before SSH

    private void listen(Listening listening, byte[] array, int offset, int length) {
        listening.append(array, offset, length);
        stage = Stage.FIRST_BYTE;
        if (listening.kind instanceof FirstBytes.Undecided) {
            listening.kind = FirstBytes.of(listening.bytes, 0, listening.size);
        }
        switch (listening.kind) {
            case FirstBytes.Undecided undecided -> {
            }
            case FirstBytes.Ssh ssh -> speak(listening, 0, Optional.empty(), false, settings.ssh());
            case FirstBytes.ServerText text -> speak(listening, 0, Optional.empty(), true, settings.ssh());
            case FirstBytes.Bootstrap bootstrap -> message(listening);
            case FirstBytes.Calix calix -> identity(listening);
            case FirstBytes.Foreign foreign -> end(Ended.of(stage, foreign.refusal(), foreign.detail()));
        }
    }

    private void message(Listening listening) {
        if (!settings.allows(Design.BOOTSTRAP)) {
            end(Ended.of(stage, Refusal.DESIGN_OFF, Design.BOOTSTRAP.text()));
            return;
        }
        greet(listening);
        int end = BootstrapMessage.end(listening.bytes, listening.size, listening.searched);
        listening.searched = listening.size;
        if (end > BootstrapMessage.MOST_BYTES || (end < 0 && listening.size > BootstrapMessage.MOST_BYTES)) {
            end(Ended.of(stage, Refusal.PREFACE_TOO_LONG,
                    "a bootstrap message of more than " + BootstrapMessage.MOST_BYTES + " bytes"));
        } else if (end >= 0) {
            try {
                var message = BootstrapMessage.parse(listening.bytes, end);
                var ssh = message.hostKeyType().map(settings.preferring()::of).orElse(settings.ssh());
                speak(listening, end, Optional.of(new Claim.InMessage(message)), true, ssh);
            } catch (BootstrapMessage.Malformed e) {
                end(Ended.of(stage, Refusal.BAD_MESSAGE, String.valueOf(e.getMessage())));
            }
        }
    }

    private void identity(Listening listening) {
        if (!settings.allows(Design.BOOTSTRAP)) {
            end(Ended.of(stage, Refusal.DESIGN_OFF, Design.BOOTSTRAP.text()));
            return;
        }
        int end = CalixIdentity.end(listening.bytes, listening.size, listening.searched);
        listening.searched = listening.size;
        if (end > CalixIdentity.MOST_BYTES || (end < 0 && listening.size > CalixIdentity.MOST_BYTES)) {
            end(Ended.of(stage, Refusal.PREFACE_TOO_LONG,
                    "an XML identity of more than " + CalixIdentity.MOST_BYTES + " bytes"));
        } else if (end >= 0) {
            try {
                var identity = CalixIdentity.parse(listening.bytes, end);
                write(CalixIdentity.acknowledgement());
                speak(listening, end, Optional.of(new Claim.InXml(identity)), true, settings.ssh());
            } catch (BootstrapMessage.Malformed e) {
                end(Ended.of(stage, Refusal.BAD_IDENTITY, String.valueOf(e.getMessage())));
            }
        }
    }

    private void greet(Listening listening) {
        if (!listening.greeted) {
            listening.greeted = true;
            write(settings.ssh().greeting());
        }
    }

    private void write(byte[] bytes) {
        output.run(sink, () -> output.writer().bytes(bytes));
    }

    /** SSH begins at {@code from} in what was read. */
    private void speak(Listening listening, int from, Optional<Claim> claim, boolean serverByPreface,
            SshSettings ssh) {
        greet(listening);
        var link = SshLink.undecided(ssh, environment, output, sink, this::on);
        var speaking = new Speaking(link, claim, serverByPreface, claim.isPresent());
        state = speaking;
        link.start();
        if (listening.size > from) {
            link.receive(listening.bytes, from, listening.size - from);
        }
    }

    // ---- SSH

    private void on(Event event) {
        switch (state) {
            case Speaking speaking -> onSpeaking(speaking, event);
            case Linked linked -> onLinked(linked, event);
            case Listening listening -> throw new IllegalStateException("no SSH yet, but " + event);
            case Over over -> {
                // What a closing connection still has to say.
            }
        }
    }

    private void onSpeaking(Speaking speaking, Event event) {
        var connection = speaking.ssh.connection();
        switch (event) {
            case Event.VersionReceived version -> stage = Stage.VERSION;
            case Question.RoleAsked asked -> role(speaking, asked);
            case Question.HostKeyAsked asked -> hostKey(speaking, asked);
            case Event.KeysExchanged keys -> stage = keys.first() && stage.compareTo(Stage.KEY_EXCHANGE) < 0
                    ? Stage.KEY_EXCHANGE
                    : stage;
            case Question.LoginAsked asked -> {
                stage = Stage.LOGIN;
                if (speaking.login != null) {
                    speaking.pendingCause = Refusal.LOGIN_FAILED;
                    connection.decide(asked, speaking.login.next(asked));
                }
            }
            case Question.PromptsAsked asked -> {
                if (speaking.login != null) {
                    connection.decide(asked, speaking.login.answers(asked));
                }
            }
            case Question.LoginRequested asked -> login(speaking, asked);
            case Event.Authenticated authenticated -> authenticated(speaking);
            case Event.GlobalReply reply when isServerChannels(reply.request()) -> {
                if (reply.success()) {
                    link(speaking, Design.SERVER_CHANNELS, null);
                }
            }
            case Question.GlobalRequested asked -> global(speaking, asked);
            case Question.OpenRequested asked -> speaking.ssh.refuse(asked, OPENS_NOTHING);
            case Event.Closed closed -> over(closedEnd(speaking, closed));
            case Event other -> {
                // Of channels, which there are none of yet, or nothing that changes what we do.
            }
        }
    }

    private static boolean isServerChannels(GlobalRequest request) {
        return request.type().equals(Extensions.SERVER_CHANNELS);
    }

    private void onLinked(Linked linked, Event event) {
        switch (event) {
            case Question.OpenRequested asked -> linked.ssh().refuse(asked, OPENS_NOTHING);
            case Question.GlobalRequested asked -> linkedGlobal(linked, asked);
            case Event.Closed closed -> {
                if (linked.tunnel() != null) {
                    linked.tunnel().closed(closed.reason().text());
                }
                over(ending != null ? ending : Ended.of(stage, closed.reason()));
            }
            case Event other -> {
                // Key exchanges and the like.
            }
        }
    }

    private void linkedGlobal(Linked linked, Question.GlobalRequested asked) {
        var tunnel = linked.tunnel();
        if (tunnel == null || !forward(linked.ssh(), tunnel, asked)) {
            linked.ssh().connection().decide(asked, false);
        }
    }

    // ---- Which role

    private void role(Speaking speaking, Question.RoleAsked asked) {
        var ours = PeerRole.ours(asked.peerIdentification(), asked.peerKexInit());
        if (speaking.serverByPreface) {
            if (ours == RoleDecision.SERVER) {
                close(speaking, Refusal.CONTRADICTION, "");
                return;
            }
            ours = RoleDecision.CLIENT;
        }
        boolean asClient = speaking.message || settings.allows(Design.CALL_HOME);
        boolean asServer = settings.allows(Design.SERVER_CHANNELS) || settings.allows(Design.TUNNEL);
        if (ours == RoleDecision.WATCH && asClient != asServer) {
            ours = asClient ? RoleDecision.CLIENT : RoleDecision.SERVER;
        }
        boolean allowed = switch (ours) {
            case CLIENT -> asClient;
            case SERVER -> asServer;
            case WATCH -> asClient;
        };
        if (!allowed) {
            close(speaking, Refusal.DESIGN_OFF, ours == RoleDecision.CLIENT
                    ? Design.CALL_HOME.text()
                    : Design.SERVER_CHANNELS.text() + " and " + Design.TUNNEL.text());
            return;
        }
        speaking.turn = new Turn(asked, ours);
        turns.await(this);
    }

    /** Lets the key exchange begin for which {@link KeyExchangeTurns#await} was asked; nothing happens otherwise. */
    public void takeTurn() {
        if (state instanceof Speaking speaking && speaking.turn != null) {
            var turn = speaking.turn;
            speaking.turn = null;
            speaking.ssh.run(() -> speaking.ssh.connection().decide(turn.asked(), turn.answer()));
        }
    }

    // ---- The device is the SSH server

    private void hostKey(Speaking speaking, Question.HostKeyAsked asked) {
        var software = speaking.ssh.connection().peerIdentification();
        var claim = speaking.claim.or(() -> PeerRole.callbackId(software).map(Claim.InVersionLine::new));
        var design = speaking.message ? Design.BOOTSTRAP : Design.CALL_HOME;
        ask(speaking, asked, Evidence.ofHostKey(design, claim, asked.key(), software));
    }

    static boolean isLegacy(SshLink ssh) {
        return ssh.connection().negotiated().filter(Negotiated::legacy).isPresent();
    }

    private void ask(Speaking speaking, Question question, Evidence evidence) {
        stage = Stage.IDENTITY;
        var asked = new ArrivalEvent.AdmissionAsked(evidence, false, isLegacy(speaking.ssh));
        speaking.question = question;
        speaking.evidence = evidence;
        speaking.asked = asked;
        tell(asked);
    }

    /** What the answer means to the engine. */
    static HostKeyDecision hostKeyDecision(Evidence evidence, Admission admission) {
        if (evidence.proof() instanceof Proof.SecretToCheck) {
            // Whatever speaks against it: a wrong secret is what it must look like from outside.
            return new HostKeyDecision.CheckHmac(admission instanceof Admission.AdmitWithSecret admit
                    ? Optional.of(admit.secret())
                    : Optional.empty());
        }
        return switch (admission) {
            case Admission.Admit admit -> new HostKeyDecision.Accept();
            case Admission.AdmitWithSecret admit ->
                throw new IllegalArgumentException("a secret where none is to be checked");
            case Admission.Hold hold -> new HostKeyDecision.Refuse(hold.reason());
            case Admission.Refuse refuse -> new HostKeyDecision.Refuse(refuse.reason());
        };
    }

    // ---- The device logs in as SSH client

    private void login(Speaking speaking, Question.LoginRequested asked) {
        var connection = speaking.ssh.connection();
        if (!asked.service().equals("ssh-connection")) {
            connection.decide(asked, new LoginDecision.Disconnect("no service " + asked.service()));
            return;
        }
        switch (asked.credential()) {
            case Credential.Key key when !key.proven() -> connection.decide(asked, new LoginDecision.Accept());
            case Credential.Key key -> ask(speaking, asked, loginEvidence(speaking, asked.user(), proof(key.key())));
            case Credential.Password password when settings.claimTokens() && password.replacement().isEmpty() ->
                ask(speaking, asked, loginEvidence(speaking, asked.user(), new Proof.Token(password.password())));
            case Credential.None none -> refuseLogin(speaking, asked);
            case Credential.Password password -> refuseLogin(speaking, asked);
            case Credential.Interactive interactive -> refuseLogin(speaking, asked);
            case Credential.Responses responses -> refuseLogin(speaking, asked);
        }
    }

    private void refuseLogin(Speaking speaking, Question.LoginRequested asked) {
        speaking.ssh.connection().decide(asked, new LoginDecision.Refuse(methods()));
    }

    private List<String> methods() {
        return settings.claimTokens() ? List.of("publickey", "password") : List.of("publickey");
    }

    private Evidence loginEvidence(Speaking speaking, String user, Proof proof) {
        return new Evidence(Optional.empty(), Optional.of(new Claim.LoginName(user)), proof,
                speaking.ssh.connection().peerIdentification());
    }

    private static Proof proof(SshPublicKey key) {
        return switch (key) {
            case PlainKey plain -> new Proof.HoldsKey(plain);
            case OpenSshCertificate certificate -> new Proof.HoldsCertificate(certificate);
            case X509Chain chain -> new Proof.HoldsChain(chain);
            case HmacKeyId id -> new Proof.SecretToCheck(id);
        };
    }

    // ---- The owner's answer

    /** Answers a question. Ignored once the connection has ended or the question has been answered. */
    public void decide(ArrivalEvent.AdmissionAsked asked, Admission admission) {
        if (asked.inner()) {
            if (state instanceof Linked linked && linked.tunnel() != null) {
                linked.tunnel().decide(asked, admission);
            }
        } else if (state instanceof Speaking speaking && asked.equals(speaking.asked)) {
            speaking.ssh.run(() -> decide(speaking, asked.evidence(), admission));
        }
    }

    private void decide(Speaking speaking, Evidence evidence, Admission admission) {
        var question = speaking.question;
        boolean secret = evidence.proof() instanceof Proof.SecretToCheck;
        switch (admission) {
            case Admission.Admit admit -> admit(speaking, admit.deviceId(), admit.login());
            case Admission.AdmitWithSecret admit -> admit(speaking, admit.deviceId(), admit.login());
            case Admission.Hold hold -> {
                speaking.pendingCause = Refusal.HELD;
                speaking.pendingText = hold.reason();
                if (!secret) {
                    return;
                }
            }
            case Admission.Refuse refuse -> {
                speaking.pendingCause = Refusal.REFUSED;
                speaking.pendingText = refuse.reason();
            }
        }
        speaking.asked = null;
        speaking.question = null;
        switch (question) {
            case Question.HostKeyAsked hostKey ->
                speaking.ssh.connection().decide(hostKey, hostKeyDecision(evidence, admission));
            case Question.LoginRequested login -> speaking.ssh.connection().decide(login,
                    admission instanceof Admission.Admit
                            ? new LoginDecision.Accept()
                            : new LoginDecision.Refuse(methods()));
            case null, default -> throw new IllegalStateException("nothing was asked");
        }
        if (evidence.proof() instanceof Proof.Token token) {
            Arrays.fill(token.value(), (byte) 0);
        }
    }

    private static void admit(Speaking speaking, String deviceId, Credentials login) {
        speaking.deviceId = deviceId;
        speaking.login = new Credentials.Attempts(login);
        speaking.pendingCause = null;
        speaking.pendingText = "";
    }

    // ---- Logged in

    private void authenticated(Speaking speaking) {
        var evidence = speaking.evidence;
        if (evidence == null) {
            throw new IllegalStateException("logged in without evidence");
        }
        var connection = speaking.ssh.connection();
        speaking.pendingCause = null;
        if (connection.role().orElseThrow() == Role.CLIENT) {
            link(speaking, evidence.design().orElseThrow(), null);
            return;
        }
        stage = Stage.LOGIN;
        speaking.offerUntil = now() + settings.offerTime().toNanos();
        if (settings.allows(Design.SERVER_CHANNELS)) {
            connection.request(Extensions.serverChannels(), true);
        }
    }

    private void global(Speaking speaking, Question.GlobalRequested asked) {
        if (asked.request() instanceof GlobalRequest.TcpipForward && settings.allows(Design.TUNNEL)
                && speaking.ssh.connection().isAuthenticated()
                && speaking.ssh.connection().role().orElseThrow() == Role.SERVER) {
            var tunnel = new Tunnel(this, speaking.ssh, settings.ssh(), environment, output.nested());
            if (forward(speaking.ssh, tunnel, asked)) {
                link(speaking, Design.TUNNEL, tunnel);
                return;
            }
        }
        speaking.ssh.connection().decide(asked, false);
    }

    /** Answers a request about forwarding; false where it is none, or is not to be granted. */
    private static boolean forward(SshLink ssh, Tunnel tunnel, Question.GlobalRequested asked) {
        return switch (asked.request()) {
            case GlobalRequest.TcpipForward request -> {
                var port = tunnel.add(request.address(), request.port());
                port.ifPresent(number -> ssh.connection().decide(asked, true,
                        request.port() == 0 ? new SshWriter(4).uint32(number).toByteArray() : new byte[0]));
                yield port.isPresent();
            }
            case GlobalRequest.CancelTcpipForward request -> {
                boolean known = tunnel.remove(request.address(), request.port());
                if (known) {
                    ssh.connection().decide(asked, true);
                }
                yield known;
            }
            case GlobalRequest other -> false;
        };
    }

    private void link(Speaking speaking, Design design, @Nullable Tunnel tunnel) {
        var before = speaking.evidence;
        if (before == null) {
            throw new IllegalStateException("linked without evidence");
        }
        var evidence = new Evidence(Optional.of(design), before.claim(), before.proof(), before.software());
        DeviceLink.Carrier carrier = tunnel == null ? new DeviceLink.Direct(speaking.ssh) : tunnel;
        var device = new DeviceLink(this, speaking.deviceId, evidence, design, carrier);
        stage = Stage.LINKED;
        state = new Linked(speaking.ssh, device, tunnel);
        tell(new ArrivalEvent.Linked(device));
    }

    // ---- The end

    private void close(Speaking speaking, Refusal refusal, String detail) {
        ending = Ended.of(stage, refusal, detail);
        speaking.ssh.close(refusal, detail);
    }

    private Ended closedEnd(Speaking speaking, Event.Closed closed) {
        if (ending != null) {
            return ending;
        }
        var cause = speaking.pendingCause;
        if (cause == null) {
            return Ended.of(stage, closed.reason());
        }
        var text = speaking.pendingText.isEmpty() ? closed.reason().text() : speaking.pendingText;
        var ended = Ended.of(stage, cause, text);
        return new Ended(stage, cause, ended.text(), closed.reason().byPeer());
    }

    /** Ends what is not SSH. */
    private void end(Ended ended) {
        output.run(sink, sink::end);
        over(ended);
    }

    private void over(Ended ended) {
        state = new Over(ended);
        tell(new ArrivalEvent.Closed(ended));
    }

    @Override
    public String toString() {
        return "Arrival[" + stage + ", " + state.getClass().getSimpleName() + "]";
    }
}
