package homeport.ssh;

import homeport.ssh.key.HmacKeyId;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.Signer;
import homeport.ssh.wire.AuthenticationMessage;
import homeport.ssh.wire.AuthenticationMessage.Failure;
import homeport.ssh.wire.AuthenticationMessage.InfoRequest;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Authentication as the client (RFC 4252, RFC 4256): asks the owner what to try, tries it, and asks again.
 *
 * <p>A key is signed with at once. Its algorithm is one that the server announced; without an announcement (RFC 8308)
 * RSA keys sign with SHA-2 all the same: a stripped announcement is no way down to SHA-1. Only where the settings have
 * {@code ssh-rsa}, SHA-1 follows when SHA-2 was refused by a server that announced nothing, as old routers do.
 *
 * <p>The first try waits for what says how to log in, and for nothing else: a server's announcement is that, and a server
 * that makes none is tried once it has accepted the service. RFC 4253 §10 lets a client go on before that where the
 * server has shown its host key, as every one here has; it saves a round trip.
 */
final class ClientLogin {
    private static final String CONNECTION = "ssh-connection";

    /** The layer above. */
    interface Owner {
        void ask(Question question);

        void banner(String text);

        void loggedIn(String user);
    }

    private sealed interface State {}

    /** The service was asked for, and nothing tried. */
    private record Starting() implements State {}

    /** The owner decides what to try. */
    private record Deciding() implements State {}

    /** A request is out. */
    private record Tried(LoginAttempt attempt, String user) implements State {}

    /** A request by an RSA key is out that SHA-2 signed, to a server that did not say whether it knows that. */
    private record TriedSha2(LoginAttempt.Key attempt) implements State {}

    /** The owner answers the server's questions. */
    private record Answering(LoginAttempt.Interactive attempt, int prompts) implements State {}

    private static final List<String> NONE_KNOWN = List.of();

    private final SshSettings settings;
    private final PacketOutput output;
    private final byte[] sessionId;
    private final byte[] hostKeyBlob;
    private final Owner owner;
    private State state = new Starting();
    private boolean accepted;
    private Optional<List<KeyAlgorithm>> announced = Optional.empty();
    private boolean hostBound;
    private int bannerBytes;

    ClientLogin(SshSettings settings, PacketOutput output, byte[] sessionId, byte[] hostKeyBlob, Owner owner) {
        this.settings = settings;
        this.output = output;
        this.sessionId = sessionId;
        this.hostKeyBlob = hostKeyBlob;
        this.owner = owner;
    }

    void start() {
        output.begin(MessageNumber.SERVICE_REQUEST).string(ServerLogin.SERVICE);
        output.end();
    }

    /** What an EXT_INFO said about logins. */
    void announced(List<String> serverSigAlgs) {
        announced = Optional.of(KeyAlgorithm.known(serverSigAlgs));
    }

    /** The server takes public-key logins that are bound to its host key. */
    void announcedHostBound() {
        hostBound = true;
    }

    /** All of an EXT_INFO was told. */
    void announcementEnds() {
        if (state instanceof Starting && announced.isPresent()) {
            ask(NONE_KNOWN, false);
        }
    }

    void receive(int number, SshReader in) {
        if (!accepted) {
            accept(number, in);
        } else if (number == MessageNumber.USERAUTH_BANNER) {
            bannerBytes += in.remaining();
            if (bannerBytes > settings.limits().bannerBytes()) {
                throw new ProtocolError(Rule.BANNER_TOO_LONG);
            }
            String text = in.text();
            if (in.remaining() > 0) {
                in.text(); // language tag, which some leave out
            }
            in.end();
            owner.banner(text);
        } else {
            answered(number, in);
        }
    }

    private void accept(int number, SshReader in) {
        if (number != MessageNumber.SERVICE_ACCEPT) {
            throw new ProtocolError(Rule.AUTH_STATE, "message " + number + " before the service was accepted");
        }
        // Some old servers leave the name out.
        if (in.remaining() > 0 && !in.ascii().equals(ServerLogin.SERVICE)) {
            throw new ProtocolError(Rule.SERVICE_NOT_AVAILABLE, "another service was accepted");
        }
        accepted = true;
        if (state instanceof Starting) {
            ask(NONE_KNOWN, false);
        }
    }

    private void answered(int number, SshReader in) {
        switch (state) {
            case Tried tried when number == MessageNumber.USERAUTH_SUCCESS -> {
                in.end();
                forget(tried.attempt());
                owner.loggedIn(tried.user());
            }
            case TriedSha2(LoginAttempt.Key attempt) when number == MessageNumber.USERAUTH_SUCCESS -> {
                in.end();
                owner.loggedIn(attempt.user());
            }
            case TriedSha2(LoginAttempt.Key attempt) when number == MessageNumber.USERAUTH_FAILURE -> {
                var failure = Failure.read(in);
                if (failure.partialSuccess() || !failure.methods().contains("publickey")) {
                    ask(failure.methods(), failure.partialSuccess());
                } else {
                    sign(attempt.user(), attempt.signer(), KeyAlgorithm.SSH_RSA);
                    state = new Tried(attempt, attempt.user());
                }
            }
            case Tried tried when number == MessageNumber.USERAUTH_FAILURE -> {
                forget(tried.attempt());
                var failure = Failure.read(in);
                ask(failure.methods(), failure.partialSuccess());
            }
            case Tried(LoginAttempt.Interactive attempt, String user) when number == MessageNumber.USERAUTH_INFO_REQUEST -> {
                var request = InfoRequest.read(in, settings.limits().prompts());
                state = new Answering(attempt, request.prompts().size());
                owner.ask(new Question.PromptsAsked(request.name(), request.instruction(), request.prompts()));
            }
            case Tried(LoginAttempt.Password attempt, String user) when number == MessageNumber.USERAUTH_PASSWD_CHANGEREQ -> {
                // A device whose password has expired needs a person, not a program.
                forget(attempt);
                ask(NONE_KNOWN, false);
            }
            case State other -> throw new ProtocolError(Rule.AUTH_STATE,
                    "message " + number + " in state " + other.getClass().getSimpleName());
        }
    }

    private static void forget(LoginAttempt attempt) {
        if (attempt instanceof LoginAttempt.Password password) {
            Arrays.fill(password.password(), (byte) 0);
        }
    }

    private void ask(List<String> methods, boolean partialSuccess) {
        state = new Deciding();
        owner.ask(new Question.LoginAsked(methods, partialSuccess, announced.orElse(List.of())));
    }

    void decide(LoginAttempt attempt) {
        if (!(state instanceof Deciding)) {
            throw new IllegalStateException("no login is asked for");
        }
        switch (attempt) {
            case LoginAttempt.None none -> {
                begin(none.user(), "none");
                output.end();
                state = new Tried(attempt, none.user());
            }
            case LoginAttempt.Password password -> {
                begin(password.user(), "password").bool(false).string(password.password());
                output.end();
                state = new Tried(attempt, password.user());
            }
            case LoginAttempt.Interactive interactive -> {
                begin(interactive.user(), "keyboard-interactive").string("").string("");
                output.end();
                state = new Tried(attempt, interactive.user());
            }
            case LoginAttempt.Key key -> {
                var algorithm = algorithmFor(key.signer());
                sign(key.user(), key.signer(), algorithm);
                state = announced.isEmpty() && takesSha1(key.signer()) && !algorithm.legacy()
                        ? new TriedSha2(key)
                        : new Tried(attempt, key.user());
            }
            case LoginAttempt.GiveUp giveUp -> throw new ProtocolError(Rule.AUTH_EXHAUSTED, giveUp.text());
        }
    }

    private SshWriter begin(String user, String method) {
        return output.begin(MessageNumber.USERAUTH_REQUEST).string(user).string(CONNECTION).string(method);
    }

    private void sign(String user, Signer signer, KeyAlgorithm algorithm) {
        var key = signer.publicKey();
        boolean bound = hostBound && !(key instanceof HmacKeyId);
        var fields = new SshWriter(256);
        fields.string(user).string(CONNECTION).string(bound ? AuthenticationMessage.HOST_BOUND : "publickey");
        fields.bool(true).string(algorithm.wireName()).string(key.blob());
        if (bound) {
            fields.string(hostKeyBlob);
        }
        var signed = new SshWriter(sessionId.length + fields.size() + 5);
        signed.string(sessionId).uint8(MessageNumber.USERAUTH_REQUEST).bytes(fields.array(), 0, fields.size());
        byte[] signature = signer.sign(algorithm, signed.toByteArray());
        output.begin(MessageNumber.USERAUTH_REQUEST).bytes(fields.array(), 0, fields.size()).string(signature);
        output.end();
    }

    private KeyAlgorithm algorithmFor(Signer signer) {
        var can = signer.publicKey().algorithms();
        var allowed = can.stream().filter(settings.algorithms().userKeys()::contains).toList();
        var usable = allowed.isEmpty() ? can : allowed;
        if (announced.isPresent()) {
            for (var algorithm : usable) {
                // Some servers announce the plain algorithm only and take its certificates too.
                if (announced.get().contains(algorithm)
                        || announced.get().stream().anyMatch(a -> a.wireName().equals(algorithm.signatureName()))) {
                    return algorithm;
                }
            }
            if (announced.get().contains(KeyAlgorithm.SSH_RSA) && takesSha1(signer)) {
                return KeyAlgorithm.SSH_RSA;
            }
        }
        return usable.getFirst();
    }

    /** Whether this is an RSA key, and the settings let us sign with SHA-1: for a device whose record says so. */
    private boolean takesSha1(Signer signer) {
        return settings.algorithms().userKeys().contains(KeyAlgorithm.SSH_RSA)
                && signer.publicKey() instanceof PlainKey key && key.type().equals(KeyAlgorithm.SSH_RSA.keyType());
    }

    void answer(List<String> texts) {
        if (!(state instanceof Answering answering)) {
            throw new IllegalStateException("no prompts wait for answers");
        }
        if (texts.size() != answering.prompts()) {
            throw new IllegalArgumentException(texts.size() + " answers to " + answering.prompts() + " prompts");
        }
        var out = output.begin(MessageNumber.USERAUTH_INFO_RESPONSE).uint32(texts.size());
        for (var text : texts) {
            out.string(text.getBytes(StandardCharsets.UTF_8));
        }
        output.end();
        state = new Tried(answering.attempt(), answering.attempt().user());
    }
}
