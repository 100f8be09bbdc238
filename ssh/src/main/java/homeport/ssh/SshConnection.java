package homeport.ssh;

import homeport.ssh.key.SshPublicKey;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.Disconnect;
import homeport.ssh.wire.Fault;
import homeport.ssh.wire.GlobalRequest;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.OpenFailure;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One SSH connection, from the first byte to the last, in either role over any stream of bytes.
 *
 * <p>The owner gives it what came ({@link #receive}), sends what it wrote to the {@link SshWriter} given at the start
 * (and then clears that), and calls {@link #tick} when {@link #deadline} has come. Everything the connection has to say
 * comes as an {@link Event} during such a call; {@link Question}s are answered by {@code decide}, at once or later.
 *
 * <p>Not safe for use by several threads at once. What is written may be shared: many connections of one thread can
 * write to one {@link SshWriter}, as it holds nothing between calls.
 */
public final class SshConnection {
    /** What a channel may hold of data that its owner has not consumed, unless said otherwise: 2 MiB, as OpenSSH. */
    public static final int DEFAULT_WINDOW = 2 << 20;

    private static final long NEVER = Long.MAX_VALUE;

    private final SshSettings settings;
    private final Environment environment;
    private final Event.Handler handler;
    private final PacketInput input;
    private final PacketOutput output;
    private final KeyExchange exchange;
    /** Moves on by the time that the peer had to wait for us to say which role is ours. */
    private long startedAt;

    private @Nullable VersionReader version;
    private @Nullable ServerLogin serverLogin;
    private @Nullable ClientLogin clientLogin;
    private @Nullable Multiplexer channels;
    private @Nullable CloseReason closed;

    /** The question that holds all input up, and when its answer must be there. */
    private @Nullable Question holding;
    private long holdingUntil;
    /** Input that came meanwhile. */
    private @Nullable SshWriter backlog;
    /** Questions that hold nothing up, oldest first. */
    private @Nullable ArrayDeque<Waiting> waiting;

    private String user = "";
    private long lastReceived;
    private int keepAlivesMissed;
    private boolean rested = true;
    private boolean processing;
    private boolean authenticated;
    private boolean peerTakesPings;
    private byte extInfos;

    private record Waiting(Question question, long until) {
        boolean answered() {
            return switch (question) {
                case Question.OpenRequested open -> open.answered;
                case Question.ChannelRequested request -> request.answered || !request.channel().isOpen();
                case Question.GlobalRequested request -> request.answered;
                case Question other -> true;
            };
        }
    }

    private SshConnection(SshSettings settings, @Nullable Role role, Environment environment, SshWriter out,
            Event.Handler handler) {
        var limits = settings.limits();
        this.settings = settings;
        this.environment = environment;
        this.handler = handler;
        this.input = new PacketInput(limits.packetBytes());
        this.output = new PacketOutput(out, limits.deferredBytes(), environment.random());
        this.exchange = new KeyExchange(settings, environment, input, output, role, new ExchangeOwner());
        this.version = new VersionReader(role != Role.SERVER, limits.bannerBytes());
        this.startedAt = now();
        this.lastReceived = startedAt;
    }

    /** A connection in a role that is known. Call {@link #start} next. */
    public static SshConnection as(Role role, SshSettings settings, Environment environment, SshWriter out,
            Event.Handler handler) {
        return new SshConnection(settings, role, environment, out, handler);
    }

    /**
     * A connection whose role is to be found out: the version line goes out at once, our KEXINIT only when the peer's
     * has come and {@link Question.RoleAsked} is answered.
     */
    public static SshConnection undecided(SshSettings settings, Environment environment, SshWriter out,
            Event.Handler handler) {
        return new SshConnection(settings, null, environment, out, handler);
    }

    // ---- Bytes and time

    /** Sends the version line, and our KEXINIT where the role is known. */
    public void start() {
        output.raw(settings.greeting());
        guarded(exchange::start);
    }

    /** What it sends is written there from now on; not while a call into it runs. */
    public void moveTo(SshWriter out) {
        output.moveTo(out);
    }

    /**
     * As {@link #start}, where the owner has sent {@link SshSettings#greeting} already: it had to find out first whether
     * this is SSH at all.
     */
    public void startGreeted() {
        guarded(exchange::start);
    }

    /**
     * Takes bytes from the peer. They are decrypted where they stand, so the array's content is lost; nothing of it is
     * kept after the call.
     */
    public void receive(byte[] array, int offset, int length) {
        if (processing) {
            throw new IllegalStateException("receive was called from within an event");
        }
        if (closed != null || length == 0) {
            return;
        }
        lastReceived = now();
        keepAlivesMissed = 0;
        rested = false;
        if (holding != null) {
            keep(array, offset, length);
            return;
        }
        input.feed(array, offset, length);
        process();
    }

    /** The stream has ended, or broke: nothing more comes, and nothing can be sent. */
    public void endOfStream() {
        if (closed == null) {
            finish(new CloseReason(Optional.of(Rule.END_OF_STREAM), Disconnect.CONNECTION_LOST,
                    Rule.END_OF_STREAM.sentence(), true));
        }
    }

    /** Whether more input is welcome. While a question holds the connection up only a little of it is kept. */
    public boolean wantsInput() {
        return closed == null && holding == null;
    }

    /** When {@link #tick} is to be called next, on the environment's clock; {@link Long#MAX_VALUE} for never. */
    public long deadline() {
        if (closed != null) {
            return NEVER;
        }
        var limits = settings.limits();
        long next = rested ? NEVER : lastReceived + limits.restAfter().toNanos();
        if (version != null) {
            next = Math.min(next, startedAt + limits.versionTime().toNanos());
        }
        if (loginIsDue()) {
            next = Math.min(next, startedAt + limits.loginTime().toNanos());
        } else if (authenticated && settings.keepAlive().on()) {
            next = Math.min(next, keepAliveAt());
        }
        if (holding != null) {
            next = Math.min(next, holdingUntil);
        }
        var first = waiting == null ? null : waiting.peek();
        if (first != null) {
            next = Math.min(next, first.until());
        }
        return Math.min(next, exchange.deadline());
    }

    /** Does what is due by now: time-outs, keep-alives, giving up what an idle connection does not need. */
    public void tick() {
        if (closed != null || processing) {
            return;
        }
        long now = now();
        guarded(() -> {
            var limits = settings.limits();
            if (version != null && now - startedAt >= limits.versionTime().toNanos()) {
                throw new ProtocolError(Rule.FIRST_BYTE_TIMEOUT);
            }
            if (loginIsDue() && now - startedAt >= limits.loginTime().toNanos()) {
                throw new ProtocolError(Rule.LOGIN_TIMEOUT);
            }
            if (holding != null && now - holdingUntil >= 0) {
                throw new ProtocolError(Rule.DECISION_TIMEOUT, holding.getClass().getSimpleName());
            }
            if (exchange.deadline() != NEVER && now - exchange.deadline() >= 0) {
                exchange.expire();
            }
            refuseOverdue(now);
            if (authenticated && settings.keepAlive().on() && now - keepAliveAt() >= 0) {
                keepAlive();
            }
            if (!rested && now - lastReceived >= limits.restAfter().toNanos()) {
                rest();
            }
        });
    }

    /** Whether the peer's time for its login runs; not while it waits for us before the first key exchange. */
    private boolean loginIsDue() {
        return !authenticated && !(holding instanceof Question.RoleAsked);
    }

    private long keepAliveAt() {
        return lastReceived + settings.keepAlive().interval().toNanos() * (keepAlivesMissed + 1L);
    }

    private void keepAlive() {
        if (keepAlivesMissed >= settings.keepAlive().missed()) {
            throw new ProtocolError(Rule.KEEPALIVE_TIMEOUT, keepAlivesMissed + " in a row");
        }
        keepAlivesMissed++;
        open().sendKeepAlive();
    }

    /**
     * Gives up cipher contexts and buffers that can be made again from the keys. Happens by itself when the connection
     * has been quiet for a while and {@link #tick} is called.
     */
    public void rest() {
        rested = true;
        input.rest();
        output.rest();
        if (channels != null) {
            channels.rest();
        }
        if (waiting != null && waiting.isEmpty()) {
            waiting = null;
        }
    }

    // ---- What is known

    /** Empty until it is decided. */
    public Optional<Role> role() {
        return Optional.ofNullable(exchange.role());
    }

    /** The peer's version line without its end; empty until it came. */
    public String peerIdentification() {
        return exchange.peerIdentification();
    }

    /** What the last key exchange agreed on. */
    public Optional<Negotiated> negotiated() {
        return Optional.ofNullable(exchange.negotiated());
    }

    /** As a client the server's host key, once accepted; as a server the one that was shown. */
    public Optional<SshPublicKey> hostKey() {
        return Optional.ofNullable(exchange.hostKey());
    }

    /** The hash of the first key exchange, which names this connection (RFC 4253 §7.2). */
    public Optional<byte[]> sessionId() {
        return Optional.ofNullable(exchange.sessionId()).map(byte[]::clone);
    }

    public boolean isAuthenticated() {
        return authenticated;
    }

    /** The user that is logged in, or empty. */
    public String user() {
        return user;
    }

    public Optional<CloseReason> closed() {
        return Optional.ofNullable(closed);
    }

    public int channelCount() {
        return channels == null ? 0 : channels.channelCount();
    }

    // ---- Commands

    /**
     * Opens a channel; {@link Event.ChannelOpened} or {@link Event.ChannelRefused} follows.
     *
     * @param window what the peer may send before the owner has consumed it, in bytes
     * @throws IllegalStateException before the login, after the end, or when the limit of channels is reached
     */
    public Channel openChannel(ChannelType type, int window) {
        if (closed != null || channels == null) {
            throw new IllegalStateException(closed != null ? "the connection is closed" : "nobody is logged in yet");
        }
        Channel channel;
        try {
            channel = channels.open(type, window);
        } catch (ProtocolError e) {
            fail(e);
            throw new IllegalStateException("the connection is closed", e);
        }
        settle();
        return channel;
    }

    /** Sends a global request (RFC 4254 §4); with {@code wantReply}, {@link Event.GlobalReply} follows. */
    public void request(GlobalRequest request, boolean wantReply) {
        guarded(() -> open().request(request, wantReply));
    }

    /**
     * Asks the peer for a sign of life below the channels ({@code ping@openssh.com}); {@link Event.Pong} follows.
     *
     * @return false where the peer did not announce that it answers
     */
    public boolean ping(byte[] data) {
        if (!peerTakesPings || closed != null) {
            return false;
        }
        guarded(() -> {
            output.begin(MessageNumber.PING).string(data);
            output.end();
        });
        return true;
    }

    /** Begins a key exchange, unless one runs; nothing happens before the login. */
    public void rekey() {
        if (authenticated) {
            guarded(exchange::start);
        }
    }

    /** Ends the connection in good order, with a text for the peer. */
    public void disconnect(String text) {
        disconnect(Disconnect.BY_APPLICATION, text);
    }

    /** As {@link #disconnect(String)}, with a reason code of RFC 4253 §11.1. */
    public void disconnect(int code, String text) {
        if (closed == null) {
            sendDisconnect(code, text);
            finish(new CloseReason(Optional.empty(), code, text, false));
        }
    }

    // ---- Decisions

    /** The owner may take its time: whatever it takes is not the peer's time for its login. */
    public void decide(Question.RoleAsked question, RoleDecision decision) {
        if (question.equals(holding)) {
            startedAt += now() - (holdingUntil - settings.limits().decisionTime().toNanos());
        }
        resume(question, () -> exchange.decide(decision));
    }

    public void decide(Question.HostKeyAsked question, HostKeyDecision decision) {
        resume(question, () -> exchange.decide(decision));
    }

    public void decide(Question.LoginAsked question, LoginAttempt attempt) {
        resume(question, () -> present(clientLogin).decide(attempt));
    }

    /** @param answers one for each prompt */
    public void decide(Question.PromptsAsked question, List<String> answers) {
        resume(question, () -> present(clientLogin).answer(answers));
    }

    public void decide(Question.LoginRequested question, LoginDecision decision) {
        resume(question, () -> present(serverLogin).decide(decision));
    }

    /** Lets the peer have its channel, with room for {@code window} bytes that the owner has not consumed. */
    public void accept(Question.OpenRequested question, int window) {
        if (!question.overdue) {
            guarded(() -> open().accept(question, window));
        }
    }

    /** Refuses the peer its channel: administratively prohibited (RFC 4254 §5.1). */
    public void refuse(Question.OpenRequested question, String text) {
        refuse(question, OpenFailure.ADMINISTRATIVELY_PROHIBITED, text);
    }

    /** As {@link #refuse(Question.OpenRequested, String)}, for another reason. */
    public void refuse(Question.OpenRequested question, OpenFailure failure, String text) {
        if (!question.overdue) {
            guarded(() -> open().refuse(question, failure, text));
        }
    }

    public void decide(Question.ChannelRequested question, boolean success) {
        if (!question.overdue) {
            guarded(() -> open().decide(question, success));
        }
    }

    public void decide(Question.GlobalRequested question, boolean success) {
        decide(question, success, new byte[0]);
    }

    /** @param data what the answer carries, such as the port of a {@code tcpip-forward} (RFC 4254 §7.1) */
    public void decide(Question.GlobalRequested question, boolean success, byte[] data) {
        if (!question.overdue) {
            guarded(() -> open().decide(question, success, data));
        }
    }

    // ---- For channels

    int send(Channel channel, int dataType, byte[] array, int offset, int length) {
        if (closed != null || channels == null) {
            return 0;
        }
        int sent = channels.send(channel, dataType, array, offset, length);
        settle();
        return sent;
    }

    int sendable(Channel channel) {
        return closed != null || channels == null ? 0 : channels.sendable(channel);
    }

    void consumed(Channel channel, int bytes) {
        guarded(() -> open().consumed(channel, bytes));
    }

    void sendEof(Channel channel) {
        guarded(() -> open().sendEof(channel));
    }

    void close(Channel channel) {
        guarded(() -> open().close(channel));
    }

    void request(Channel channel, ChannelRequest request, boolean wantReply) {
        guarded(() -> open().request(channel, request, wantReply));
    }

    // ---- The machine

    private long now() {
        return environment.nanoTime().getAsLong();
    }

    private Multiplexer open() {
        if (channels == null) {
            throw new IllegalStateException("nobody is logged in yet");
        }
        return channels;
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("not at this point of the connection");
        }
        return value;
    }

    /** Runs a command; a rule that it finds broken ends the connection. */
    private void guarded(Runnable command) {
        if (closed != null) {
            return;
        }
        try {
            command.run();
            settle();
        } catch (ProtocolError e) {
            fail(e);
        }
    }

    /** After every command and all input: is it time for new keys? */
    private void settle() {
        if (authenticated && closed == null && !exchange.running() && keysAreWorn()) {
            exchange.start();
        }
    }

    private boolean keysAreWorn() {
        var limits = settings.limits();
        return input.bytes() + output.bytes() >= limits.rekeyAfterBytes()
                || input.packets() >= limits.rekeyAfterPackets()
                || output.packets() >= limits.rekeyAfterPackets()
                || now() - exchange.keysSince() >= limits.rekeyAfterTime().toNanos();
    }

    private void resume(Question question, Runnable decision) {
        if (closed != null) {
            return;
        }
        if (holding != question) {
            throw new IllegalStateException(question + " does not wait for an answer");
        }
        holding = null;
        guarded(decision);
        var rest = backlog;
        if (rest != null && !processing && closed == null && holding == null) {
            backlog = null;
            input.feed(rest.array(), 0, rest.size());
            process();
        }
    }

    private void keep(byte[] array, int offset, int length) {
        var kept = backlog;
        long all = (long) length + (kept == null ? 0 : kept.size());
        if (all > settings.limits().pausedInputBytes()) {
            fail(new ProtocolError(Rule.INPUT_BACKLOG, all + " bytes"));
            return;
        }
        if (kept == null) {
            // Grows by doubling: a peer that sends single bytes must not cost a copy of all the others each time.
            kept = new SshWriter(length);
            backlog = kept;
        }
        kept.bytes(array, offset, length);
    }

    private void process() {
        processing = true;
        try {
            while (closed == null && holding == null) {
                if (version != null) {
                    if (!readVersion(version)) {
                        break;
                    }
                    continue;
                }
                int length = input.next();
                if (length < 0) {
                    break;
                }
                dispatch(input.payloadArray(), input.payloadOffset(), length);
            }
            if (closed == null && holding != null && input.available() > 0) {
                byte[] rest = input.takeRest();
                keep(rest, 0, rest.length);
            }
            settle();
        } catch (ProtocolError e) {
            fail(e);
        } finally {
            processing = false;
            input.forget();
        }
    }

    private boolean readVersion(VersionReader reader) {
        var line = reader.read(input);
        if (line.isEmpty()) {
            return false;
        }
        version = null;
        exchange.peerIdentification(line.get());
        tell(new Event.VersionReceived(line.get()));
        return true;
    }

    private void dispatch(byte[] array, int offset, int length) {
        int number = array[offset] & 0xff;
        if (!exchange.complete() && !allowedBeforeKeys(number)) {
            throw new ProtocolError(exchange.strictNow() ? Rule.STRICT_KEX : Rule.KEX_STATE,
                    "message " + number + " before the first keys");
        }
        if (exchange.peerHasBegun() && !MessageNumber.allowedDuringKeyExchange(number)
                && !toleratedWhileRekeying(number)) {
            throw new ProtocolError(Rule.KEX_STATE, "message " + number + " during a key exchange");
        }
        if (number == MessageNumber.KEXINIT || number == MessageNumber.NEWKEYS
                || MessageNumber.keyExchangeMethod(number)) {
            exchange.receive(number, array, offset, length);
            return;
        }
        var in = new SshReader(array, offset + 1, length - 1);
        if ((number >= MessageNumber.USERAUTH_REQUEST && number < MessageNumber.GLOBAL_REQUEST)
                || number == MessageNumber.SERVICE_REQUEST || number == MessageNumber.SERVICE_ACCEPT) {
            login(number, in);
        } else if (Multiplexer.knows(number)) {
            if (!authenticated) {
                throw new ProtocolError(Rule.CONNECTION_STATE, "message " + number + " before the login");
            }
            open().receive(number, in);
        } else {
            transport(number, in);
        }
    }

    /**
     * RFC 4253 §7.1 lets no channel message stand between a KEXINIT and its NEWKEYS, and AsyncSSH sends them all the same
     * when it exchanges keys again. They are sealed under the keys in force, so they harm nobody; OpenSSH takes them too.
     */
    private boolean toleratedWhileRekeying(int number) {
        return exchange.complete() && Multiplexer.knows(number);
    }

    /** Strict key exchange forbids even what is harmless; without it that may come at any time. */
    private boolean allowedBeforeKeys(int number) {
        return switch (number) {
            case MessageNumber.DISCONNECT, MessageNumber.KEXINIT, MessageNumber.NEWKEYS -> true;
            case MessageNumber.IGNORE, MessageNumber.DEBUG, MessageNumber.UNIMPLEMENTED -> !exchange.strictNow();
            default -> MessageNumber.keyExchangeMethod(number);
        };
    }

    private void transport(int number, SshReader in) {
        switch (number) {
            case MessageNumber.DISCONNECT -> {
                int code = in.int32();
                // Some leave out what is for people to read.
                String text = in.remaining() > 0 ? CloseReason.printable(in.text()) : "";
                boolean orderly = code == Disconnect.BY_APPLICATION && authenticated;
                finish(new CloseReason(orderly ? Optional.empty() : Optional.of(Rule.PEER_DISCONNECTED), code, text,
                        true));
            }
            case MessageNumber.IGNORE, MessageNumber.DEBUG -> {
                // Nothing to do (RFC 4253 §11.2 and §11.3).
            }
            case MessageNumber.UNIMPLEMENTED -> {
                if (channels != null && in.remaining() >= 4) {
                    channels.notImplemented(in.uint32());
                }
            }
            case MessageNumber.EXT_INFO -> extensions(in);
            case MessageNumber.PING -> {
                byte[] data = in.string();
                in.end();
                output.begin(MessageNumber.PONG).string(data);
                output.end();
            }
            case MessageNumber.PONG -> {
                byte[] data = in.string();
                in.end();
                tell(new Event.Pong(data));
            }
            default -> {
                output.begin(MessageNumber.UNIMPLEMENTED).uint32(input.lastSequence());
                output.end();
            }
        }
    }

    private void login(int number, SshReader in) {
        if (serverLogin != null) {
            serverLogin.receive(number, in);
        } else if (clientLogin != null) {
            clientLogin.receive(number, in);
        } else if (!(authenticated && exchange.role() == Role.SERVER && number == MessageNumber.USERAUTH_REQUEST)) {
            // RFC 4252 §5.1: further requests after success are ignored; nothing else has a place here.
            throw new ProtocolError(Rule.AUTH_STATE, "message " + number);
        }
    }

    // ---- Extension information (RFC 8308)

    private static final String SERVER_SIG_ALGS = "server-sig-algs";
    private static final String HOST_BOUND = "publickey-hostbound@openssh.com";
    private static final String PING = "ping@openssh.com";
    private static final int MOST_EXTENSIONS = 1024;
    private static final int MOST_EXT_INFOS = 2;

    private void sendExtensions(Role role) {
        var out = output.begin(MessageNumber.EXT_INFO);
        if (role == Role.SERVER) {
            var names = settings.algorithms().userKeys().stream().map(algorithm -> algorithm.wireName()).toList();
            out.uint32(3);
            out.string(SERVER_SIG_ALGS).nameList(names);
            out.string(HOST_BOUND).string("0");
            out.string(PING).string("0");
        } else {
            out.uint32(1);
            out.string("ext-info-in-auth@openssh.com").string("0");
        }
        output.end();
    }

    private void extensions(SshReader in) {
        if (authenticated) {
            // RFC 8308 §2.4 has no place for it here, but Paramiko's server repeats it after every key exchange. It could
            // only be about logins and what is settled by now: nothing of it is believed, nor even read.
            return;
        }
        if (++extInfos > MOST_EXT_INFOS) {
            throw new ProtocolError(Rule.EXT_INFO, "more than " + MOST_EXT_INFOS);
        }
        long count = in.uint32();
        if (count > MOST_EXTENSIONS) {
            throw new ProtocolError(Rule.EXT_INFO, count + " entries");
        }
        for (long i = 0; i < count; i++) {
            String name = in.ascii();
            var value = in.slice();
            if (clientLogin != null && name.equals(SERVER_SIG_ALGS)) {
                clientLogin.announced(names(value));
            } else if (clientLogin != null && name.equals(HOST_BOUND)) {
                clientLogin.announcedHostBound();
            } else if (clientLogin != null && name.equals(PING)) {
                peerTakesPings = true;
            }
        }
        in.end();
        if (clientLogin != null) {
            clientLogin.announcementEnds();
        }
    }

    /** The value of server-sig-algs: a name-list without a length of its own. */
    private static List<String> names(SshReader value) {
        return SshReader.names(new String(value.rest(), StandardCharsets.US_ASCII));
    }

    // ---- Questions

    private void tell(Event event) {
        handler.on(event);
    }

    /** Asks what holds the connection up. */
    private void askAndHold(Question question) {
        holding = question;
        holdingUntil = now() + settings.limits().decisionTime().toNanos();
        tell(question);
    }

    /** Asks what holds nothing up but its own answer. */
    private void askAside(Question question) {
        tell(question);
        var entry = new Waiting(question, now() + settings.limits().decisionTime().toNanos());
        if (closed != null || entry.answered() || !wantsAnswer(question)) {
            return;
        }
        if (waiting == null) {
            waiting = new ArrayDeque<>(4);
        }
        waiting.removeIf(Waiting::answered);
        waiting.add(entry);
    }

    private static boolean wantsAnswer(Question question) {
        return switch (question) {
            case Question.ChannelRequested request -> request.wantReply();
            case Question.GlobalRequested request -> request.wantReply();
            case Question other -> true;
        };
    }

    private void refuseOverdue(long now) {
        while (waiting != null && !waiting.isEmpty()) {
            var first = waiting.element();
            if (!first.answered()) {
                if (now - first.until() < 0) {
                    return;
                }
                switch (first.question()) {
                    case Question.OpenRequested open -> refuseOverdue(open);
                    case Question.ChannelRequested request -> refuseOverdue(request);
                    case Question.GlobalRequested request -> {
                        request.overdue = true;
                        open().decide(request, false, new byte[0]);
                    }
                    case Question other -> throw new IllegalStateException(other + " does not wait aside");
                }
            }
            if (waiting != null) {
                waiting.remove(); // absent where the owner's answer ended the connection
            }
        }
    }

    private void refuseOverdue(Question.OpenRequested open) {
        var time = settings.limits().decisionTime();
        open.timeIsOver(time);
        if (!open.answered && closed == null) {
            open().refuse(open, OpenFailure.CONNECT_FAILED,
                    "no answer within " + time.toSeconds() + " s: try again");
        }
        open.overdue = true;
    }

    private void refuseOverdue(Question.ChannelRequested request) {
        request.timeIsOver(settings.limits().decisionTime());
        if (!request.answered && closed == null) {
            open().decide(request, false);
        }
        request.overdue = true;
    }

    // ---- What the layers below report

    private final class ExchangeOwner implements KeyExchange.Owner {
        @Override
        public void ask(Question question) {
            askAndHold(question);
        }

        @Override
        public void outboundKeysChanged(Negotiated algorithms, boolean first) {
            if (first && exchange.peerReadsExtensions()) {
                sendExtensions(present(exchange.role()));
            }
        }

        @Override
        public void keysInForce(Negotiated algorithms, boolean first, boolean begunHere) {
            tell(new Event.KeysExchanged(algorithms, first, begunHere));
            if (closed != null) {
                return;
            }
            if (first) {
                beginLogin();
            } else if (channels != null) {
                channels.wakeAll();
            }
        }

        @Override
        public boolean authenticated() {
            return authenticated;
        }
    }

    private void beginLogin() {
        byte[] session = present(exchange.sessionId());
        var key = present(exchange.hostKey());
        if (exchange.role() == Role.SERVER) {
            serverLogin = new ServerLogin(settings, output, session, key, new LoginOwner());
        } else {
            clientLogin = new ClientLogin(settings, output, session, key.blob(), new LoginOwner());
            clientLogin.start();
        }
    }

    private final class LoginOwner implements ServerLogin.Owner, ClientLogin.Owner {
        @Override
        public void ask(Question question) {
            askAndHold(question);
        }

        @Override
        public void banner(String text) {
            tell(new Event.Banner(text));
        }

        @Override
        public void loggedIn(String name) {
            authenticated = true;
            user = name;
            serverLogin = null;
            clientLogin = null;
            channels = new Multiplexer(settings, output, new ChannelOwner());
            var us = present(exchange.role());
            var algorithms = present(exchange.negotiated());
            output.compressWith(algorithms.compression(us).compressor().orElse(null));
            input.decompressWith(algorithms.compression(us.other()).decompressor().orElse(null));
            if (us == Role.SERVER) {
                channels.announceHostKeys();
            }
            tell(new Event.Authenticated(name));
        }
    }

    private final class ChannelOwner implements Multiplexer.Owner {
        @Override
        public void tell(Event event) {
            SshConnection.this.tell(event);
        }

        @Override
        public void ask(Question question) {
            askAside(question);
        }

        @Override
        public SshPublicKey hostKey() {
            return present(exchange.hostKey());
        }

        @Override
        public byte[] sessionId() {
            return present(exchange.sessionId());
        }

        @Override
        public Role role() {
            return present(exchange.role());
        }

        @Override
        public SshConnection connection() {
            return SshConnection.this;
        }
    }

    // ---- The end

    private void fail(ProtocolError error) {
        if (closed != null) {
            return;
        }
        if (error.fault() != Fault.LINK_LOST || error.rule() != Rule.END_OF_STREAM) {
            // Of what the peer did wrong it is told the rule; of what we decided, our reason.
            sendDisconnect(error.rule().disconnectCode(),
                    error.fault() == Fault.REFUSED ? error.sentence() : error.rule().sentence());
        }
        finish(new CloseReason(Optional.of(error.rule()), error.rule().disconnectCode(), error.sentence(), false));
    }

    private void sendDisconnect(int code, String text) {
        output.begin(MessageNumber.DISCONNECT).uint32(code).string(text).string("");
        output.end();
    }

    private void finish(CloseReason reason) {
        closed = reason;
        holding = null;
        backlog = null;
        waiting = null;
        serverLogin = null;
        clientLogin = null;
        exchange.destroy();
        input.destroy();
        output.destroy();
        if (channels != null) {
            channels.closeAll();
        }
        tell(new Event.Closed(reason));
    }

    /** Names the peer's software and the state; never a secret. */
    @Override
    public String toString() {
        String state = closed != null ? "closed" : authenticated ? "open" : exchange.complete() ? "login" : "new";
        return "SshConnection[" + role().map(Role::name).orElse("role open") + ", " + state + ", "
                + peerIdentification() + "]";
    }
}
