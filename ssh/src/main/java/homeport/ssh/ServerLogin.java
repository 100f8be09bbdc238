package homeport.ssh;

import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.SshPublicKey;
import homeport.ssh.wire.AuthenticationMessage;
import homeport.ssh.wire.AuthenticationMessage.InfoRequest;
import homeport.ssh.wire.AuthenticationMessage.Method;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Authentication as the server (RFC 4252, RFC 4256): one request at a time, each put to the owner.
 *
 * <p>The engine checks what is protocol (signatures, order, counts); who may come in is the owner's decision. While it
 * decides, the connection reads nothing.
 */
final class ServerLogin {
    static final String SERVICE = "ssh-userauth";
    private static final String CONNECTION = "ssh-connection";
    /** Longest user name and text of an answer, in bytes. */
    private static final int TEXT_BYTES = 4096;

    /** The layer above. */
    interface Owner {
        void ask(Question question);

        /** USERAUTH_SUCCESS is out. */
        void loggedIn(String user);
    }

    private sealed interface State {}

    /** The service was not asked for yet. */
    private record BeforeService() implements State {}

    /** A request is next. */
    private record AwaitsRequest() implements State {}

    /** The owner decides on a request. */
    private record Deciding(Question.LoginRequested question, Method method) implements State {}

    /** The client was asked these many questions. */
    private record AwaitsResponses(String user, int prompts) implements State {}

    private final SshSettings settings;
    private final PacketOutput output;
    private final byte[] sessionId;
    private final SshPublicKey hostKey;
    private final Owner owner;
    private final List<String> completed = new ArrayList<>();
    private State state = new BeforeService();
    private String user = "";
    /** What the owner last said can go on; an attempt that it is not asked about changes nothing of that. */
    private List<String> methods = List.of("publickey");
    private int attempts;
    private int queries;
    private int nones;
    private int servicesAgain;

    ServerLogin(SshSettings settings, PacketOutput output, byte[] sessionId, SshPublicKey hostKey, Owner owner) {
        this.settings = settings;
        this.output = output;
        this.sessionId = sessionId;
        this.hostKey = hostKey;
        this.owner = owner;
    }

    void receive(int number, SshReader in) {
        switch (state) {
            case BeforeService before when number == MessageNumber.SERVICE_REQUEST -> {
                giveService(in);
                if (!settings.banner().isEmpty()) {
                    output.begin(MessageNumber.USERAUTH_BANNER).string(settings.banner()).string("");
                    output.end();
                }
                state = new AwaitsRequest();
            }
            case AwaitsRequest awaits when number == MessageNumber.USERAUTH_REQUEST -> request(in);
            // Paramiko and its like ask for the service again before each attempt.
            case AwaitsRequest awaits when number == MessageNumber.SERVICE_REQUEST -> {
                if (++servicesAgain > settings.limits().authAttempts() + settings.limits().authKeyQueries()) {
                    throw new ProtocolError(Rule.AUTH_TOO_MANY,
                            "the service was asked for " + servicesAgain + " times");
                }
                giveService(in);
            }
            // RFC 4256 §3.1: a client may drop the questions and begin anew. What it dropped is a failure, or it could
            // have questions asked for ever.
            case AwaitsResponses awaits when number == MessageNumber.USERAUTH_REQUEST -> {
                state = new AwaitsRequest();
                count();
                request(in);
            }
            case AwaitsResponses awaits when number == MessageNumber.USERAUTH_INFO_RESPONSE -> responses(awaits, in);
            case State other -> throw new ProtocolError(Rule.AUTH_STATE,
                    "message " + number + " in state " + other.getClass().getSimpleName());
        }
    }

    private void giveService(SshReader in) {
        String service = in.ascii();
        in.end();
        if (!service.equals(SERVICE)) {
            throw new ProtocolError(Rule.SERVICE_NOT_AVAILABLE, service);
        }
        output.begin(MessageNumber.SERVICE_ACCEPT).string(SERVICE);
        output.end();
    }

    private void request(SshReader in) {
        if (in.remaining() > settings.limits().packetBytes()) {
            throw new ProtocolError(Rule.FIELD_TOO_LONG);
        }
        int start = in.position();
        var request = AuthenticationMessage.Request.read(in);
        if (!request.service().equals(CONNECTION)) {
            throw new ProtocolError(Rule.SERVICE_NOT_AVAILABLE, CloseReason.printable(request.service()));
        }
        if (request.user().length() > TEXT_BYTES) {
            throw new ProtocolError(Rule.FIELD_TOO_LONG, "a user name");
        }
        if (!CloseReason.isPrintable(request.user())) {
            throw new ProtocolError(Rule.USER_NAME);
        }
        if (!request.user().equals(user)) {
            // RFC 4252 §5: another user begins anew.
            completed.clear();
            user = request.user();
        }
        switch (request.method()) {
            case AuthenticationMessage.None none -> {
                // The first is a question about methods (RFC 4252 §5.2); more of them are attempts like any other.
                if (++nones > 1) {
                    count();
                }
                ask(request, new Question.Credential.None());
            }
            case AuthenticationMessage.PublicKey key -> publicKey(request, key, in, start);
            case AuthenticationMessage.Password password -> ask(request, new Question.Credential.Password(
                    password.password(), password.change() ? Optional.of(password.newPassword()) : Optional.empty()));
            case AuthenticationMessage.KeyboardInteractive interactive ->
                ask(request, new Question.Credential.Interactive());
            case AuthenticationMessage.Unknown unknown -> refuseUnasked();
        }
    }

    private void publicKey(AuthenticationMessage.Request request, AuthenticationMessage.PublicKey method, SshReader in,
            int start) {
        if (!method.signed() && ++queries > settings.limits().authKeyQueries()) {
            throw new ProtocolError(Rule.AUTH_TOO_MANY, queries + " keys asked about");
        }
        var algorithm = KeyAlgorithm.byName(method.algorithm())
                .filter(settings.algorithms().userKeys()::contains);
        if (algorithm.isEmpty()) {
            refuse(methods, false, method.signed());
            return;
        }
        SshPublicKey key;
        try {
            key = SshPublicKey.parse(method.key());
        } catch (ProtocolError malformed) {
            // A key that cannot be read is one that does not let anybody in; the client may have better ones.
            refuse(methods, false, method.signed());
            return;
        }
        if (!key.type().equals(algorithm.get().keyType())) {
            refuseUnasked();
            return;
        }
        if (method.hostBound() && !MessageDigest.isEqual(method.hostKey(), hostKey.blob())) {
            throw new ProtocolError(Rule.AUTH_STATE, "a login is bound to another host key");
        }
        if (!method.signed()) {
            ask(request, new Question.Credential.Key(key, algorithm.get(), false));
            return;
        }
        // RFC 4252 §7: the session id, then the request up to the signature.
        int signedLength = in.position() - 4 - method.signature().length - start;
        var signed = new SshWriter(sessionId.length + signedLength + 5);
        signed.string(sessionId).uint8(MessageNumber.USERAUTH_REQUEST).bytes(in.array(), start, signedLength);
        if (!key.verify(algorithm.get(), signed.toByteArray(), method.signature())) {
            refuseUnasked();
            return;
        }
        ask(request, new Question.Credential.Key(key, algorithm.get(), true));
    }

    private void ask(AuthenticationMessage.Request request, Question.Credential credential) {
        var question = new Question.LoginRequested(request.user(), request.service(), credential,
                List.copyOf(completed));
        state = new Deciding(question, request.method());
        owner.ask(question);
    }

    private void responses(AwaitsResponses awaits, SshReader in) {
        long count = in.uint32();
        if (count != awaits.prompts()) {
            throw new ProtocolError(Rule.AUTH_STATE, count + " answers to " + awaits.prompts() + " prompts");
        }
        var texts = new ArrayList<String>((int) count);
        for (int i = 0; i < count; i++) {
            texts.add(in.utf8());
        }
        in.end();
        var question = new Question.LoginRequested(awaits.user(), CONNECTION,
                new Question.Credential.Responses(List.copyOf(texts)), List.copyOf(completed));
        state = new Deciding(question, new AuthenticationMessage.KeyboardInteractive(""));
        owner.ask(question);
    }

    void decide(LoginDecision decision) {
        if (!(state instanceof Deciding deciding)) {
            throw new IllegalStateException("no login waits for a decision");
        }
        var credential = deciding.question().credential();
        if (credential instanceof Question.Credential.Password password) {
            Arrays.fill(password.password(), (byte) 0);
            password.replacement().ifPresent(replacement -> Arrays.fill(replacement, (byte) 0));
        }
        state = new AwaitsRequest();
        switch (decision) {
            case LoginDecision.Accept accept -> accept(deciding);
            case LoginDecision.Refuse refuse -> {
                methods = refuse.methods();
                refuse(methods, false, counts(deciding.method()));
            }
            case LoginDecision.Partial partial -> {
                if (credential instanceof Question.Credential.Key key && !key.proven()) {
                    throw new IllegalStateException("a key that is not proven is no partial success");
                }
                complete(deciding.method());
                methods = partial.methods();
                refuse(methods, true, false);
            }
            case LoginDecision.Ask ask -> {
                if (!deciding.method().name().equals("keyboard-interactive")) {
                    throw new IllegalStateException("questions belong to keyboard-interactive");
                }
                new InfoRequest(ask.name(), ask.instruction(), ask.prompts())
                        .write(output.begin(MessageNumber.USERAUTH_INFO_REQUEST));
                output.end();
                state = new AwaitsResponses(deciding.question().user(), ask.prompts().size());
            }
            case LoginDecision.ChangePassword change -> {
                if (!(credential instanceof Question.Credential.Password)) {
                    throw new IllegalStateException("a password change answers a password");
                }
                count();
                output.begin(MessageNumber.USERAUTH_PASSWD_CHANGEREQ).string(change.prompt()).string("");
                output.end();
            }
            case LoginDecision.Disconnect end -> throw new ProtocolError(Rule.AUTH_EXHAUSTED, end.text());
        }
    }

    private void accept(Deciding deciding) {
        if (deciding.question().credential() instanceof Question.Credential.Key key && !key.proven()) {
            output.begin(MessageNumber.USERAUTH_PK_OK).string(key.algorithm().wireName()).string(key.key().blob());
            output.end();
            return;
        }
        output.begin(MessageNumber.USERAUTH_SUCCESS);
        output.end();
        owner.loggedIn(deciding.question().user());
    }

    /** RFC 4252 §5.2: {@code none} is a question about methods, not an attempt. */
    private static boolean counts(Method method) {
        return !(method instanceof AuthenticationMessage.None)
                && !(method instanceof AuthenticationMessage.PublicKey key && !key.signed());
    }

    /** One name for both ways to prove a key, and once each: nobody gets through two steps by one key twice. */
    private void complete(Method method) {
        String name = method instanceof AuthenticationMessage.PublicKey ? "publickey" : method.name();
        if (!completed.contains(name)) {
            completed.add(name);
        }
    }

    private void count() {
        if (++attempts >= settings.limits().authAttempts()) {
            throw new ProtocolError(Rule.AUTH_TOO_MANY, attempts + " failures");
        }
    }

    private void refuseUnasked() {
        refuse(methods, false, true);
    }

    private void refuse(List<String> canGoOn, boolean partial, boolean counts) {
        if (counts) {
            count();
        }
        output.begin(MessageNumber.USERAUTH_FAILURE).nameList(canGoOn).bool(partial);
        output.end();
    }
}
