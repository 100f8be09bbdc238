package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.Question.Credential;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.wire.AuthenticationMessage.Prompt;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every way to log in, between our own client and server and with one that sends what ours never would. */
class LoginTest {

    private final Deque<LoginAttempt> attempts = new ArrayDeque<>();
    private final List<Question.LoginAsked> asked = new ArrayList<>();
    private final List<Question.LoginRequested> requested = new ArrayList<>();

    /** A client that tries these in turn, and a server that decides so. */
    private Pair pair(SshSettings clientSettings, SshSettings serverSettings,
            java.util.function.Function<Question.LoginRequested, LoginDecision> decisions, LoginAttempt... tries) {
        attempts.addAll(List.of(tries));
        var pair = new Pair(clientSettings, serverSettings);
        pair.client.on((end, event) -> {
            if (event instanceof Question.LoginAsked question) {
                asked.add(question);
                end.connection.decide(question,
                        attempts.isEmpty() ? new LoginAttempt.GiveUp("nothing is left") : attempts.remove());
            } else if (event instanceof Question.HostKeyAsked) {
                Pair.friendlyClient(end, event);
            }
        });
        pair.server.on((end, event) -> {
            if (event instanceof Question.LoginRequested question) {
                requested.add(question);
                end.connection.decide(question, decisions.apply(question));
            }
        });
        return pair.start();
    }

    private Pair pair(java.util.function.Function<Question.LoginRequested, LoginDecision> decisions,
            LoginAttempt... tries) {
        return pair(SshSettings.client(), SshSettings.server(List.of(Keys.ED25519)), decisions, tries);
    }

    @ParameterizedTest
    @EnumSource(value = KeyAlgorithm.class, mode = EnumSource.Mode.EXCLUDE, names = {"X509V3_SSH_RSA", "SSH_RSA",
            "HMAC_SHA2_256", "HMAC_SHA2_512", "RSA_SHA2_256", "RSA_SHA2_256_CERT"})
    void everyKindOfKeyLogsIn(KeyAlgorithm algorithm) {
        var server = SshSettings.builder().hostKeys(List.of(Keys.ED25519))
                .algorithms(Algorithms.MODERN.withUserKeys(List.of(algorithm))).build();
        var pair = pair(SshSettings.client(), server, question -> new LoginDecision.Accept(), new LoginAttempt.Key(
                "alice", Keys.of(algorithm)));
        var credential = (Credential.Key) requested.getFirst().credential();
        assertTrue(credential.proven());
        assertEquals(algorithm, credential.algorithm());
        assertArrayEquals(Keys.of(algorithm).publicKey().blob(), credential.key().blob());
        assertEquals("alice", pair.server.connection.user());
        assertEquals("alice", pair.client.connection.user());
    }

    @Test
    void rsaSignsByWhatTheServerAnnounced() {
        var only256 = SshSettings.builder().hostKeys(List.of(Keys.ED25519))
                .algorithms(Algorithms.MODERN.withUserKeys(List.of(KeyAlgorithm.RSA_SHA2_256))).build();
        pair(SshSettings.client(), only256, question -> new LoginDecision.Accept(), new LoginAttempt.Key("alice",
                Keys.RSA));
        assertEquals(KeyAlgorithm.RSA_SHA2_256, ((Credential.Key) requested.getFirst().credential()).algorithm());
        assertEquals(List.of(KeyAlgorithm.RSA_SHA2_256), asked.getFirst().serverSigAlgs());
    }

    @Test
    void ourOwnLoginIsBoundToTheHostKey() {
        var evil = EvilPeer.server().keyed();
        evil.send(MessageNumber.EXT_INFO, out -> out.uint32(1).string("publickey-hostbound@openssh.com").string("0"));
        evil.send(MessageNumber.SERVICE_ACCEPT, out -> out.string("ssh-userauth"));
        var request = evil.received(MessageNumber.USERAUTH_REQUEST).getFirst();
        assertEquals("alice", request.utf8());
        request.skipString();
        assertEquals("publickey-hostbound-v00@openssh.com", request.ascii());
        assertTrue(request.bool());
        request.skipString();
        request.skipString();
        assertArrayEquals(Keys.ED25519.publicKey().blob(), request.string());
    }

    /** RFC 4253 §10: the server has shown its host key, so nobody needs to wait for its SERVICE_ACCEPT. */
    @Test
    void aServerThatSaysHowToLogInGetsTheLoginWithTheServiceRequest() {
        var evil = EvilPeer.server().keyed();
        assertEquals(1, evil.received(MessageNumber.SERVICE_REQUEST).size());
        assertEquals(0, evil.received(MessageNumber.USERAUTH_REQUEST).size());
        evil.send(MessageNumber.EXT_INFO, out -> out.uint32(1).string("server-sig-algs").string("ssh-ed25519"));
        assertEquals(1, evil.received(MessageNumber.USERAUTH_REQUEST).size());
        evil.send(MessageNumber.SERVICE_ACCEPT, out -> out.string("ssh-userauth"));
        assertEquals(1, evil.received(MessageNumber.USERAUTH_REQUEST).size(), "one try");
        evil.send(MessageNumber.USERAUTH_SUCCESS, out -> {});
        assertTrue(evil.victim.isAuthenticated());
    }

    /** As old gear does not, which may take one thing at a time. */
    @Test
    void aServerThatDoesNotSayHowToLogInAcceptsTheServiceFirst() {
        var evil = EvilPeer.server().keyed();
        evil.send(MessageNumber.EXT_INFO, out -> out.uint32(1).string("ping@openssh.com").string("0"));
        assertEquals(0, evil.received(MessageNumber.USERAUTH_REQUEST).size());
        evil.send(MessageNumber.SERVICE_ACCEPT, out -> out.string("ssh-userauth"));
        assertEquals(1, evil.received(MessageNumber.USERAUTH_REQUEST).size());
    }

    @Test
    void noAnswerToALoginCountsBeforeTheServiceIsAccepted() {
        for (int number : new int[]{MessageNumber.USERAUTH_SUCCESS, MessageNumber.USERAUTH_FAILURE,
                MessageNumber.USERAUTH_BANNER}) {
            var evil = EvilPeer.server().keyed();
            evil.send(MessageNumber.EXT_INFO, out -> out.uint32(1).string("server-sig-algs").string("ssh-ed25519"));
            evil.send(number, out -> {
                if (number != MessageNumber.USERAUTH_SUCCESS) {
                    out.string("publickey").bool(false);
                }
            });
            assertEquals(Optional.of(Rule.AUTH_STATE), evil.verdict());
        }
    }

    @Test
    void partialSuccessLeadsThroughAllSteps() {
        pair(question -> switch (question.credential()) {
            case Credential.None none -> new LoginDecision.Refuse(List.of("publickey"));
            case Credential.Key key when question.completed().isEmpty() ->
                new LoginDecision.Partial(List.of("password"));
            case Credential.Password password when question.completed().equals(List.of("publickey")) ->
                new LoginDecision.Partial(List.of("keyboard-interactive"));
            case Credential.Interactive interactive when question.completed().size() == 2 ->
                new LoginDecision.Accept();
            case Credential other -> new LoginDecision.Disconnect("out of order");
        }, new LoginAttempt.None("alice"), new LoginAttempt.Key("alice", Keys.USER), password("alice", "one"),
                new LoginAttempt.Interactive("alice"));
        assertEquals(List.of(List.of(), List.of("publickey"), List.of("password"), List.of("keyboard-interactive")),
                asked.stream().map(Question.LoginAsked::methods).toList());
        assertEquals(List.of(false, false, true, true), asked.stream().map(Question.LoginAsked::partialSuccess)
                .toList());
        assertEquals(List.of("publickey", "password"), requested.getLast().completed());
    }

    @Test
    void oneKeyTwiceIsOneStep() {
        var pair = pair(question -> question.completed().size() == 2
                ? new LoginDecision.Accept()
                : new LoginDecision.Partial(List.of("publickey")), new LoginAttempt.Key("alice", Keys.USER),
                new LoginAttempt.Key("alice", Keys.USER), new LoginAttempt.Key("alice", Keys.USER));
        assertFalse(pair.server.connection.isAuthenticated());
        assertEquals(List.of("publickey"), requested.getLast().completed());
    }

    @Test
    void oneKeyByBothMethodsIsOneStep() {
        var completed = new ArrayList<List<String>>();
        var evil = evilClient(question -> {
            completed.add(question.completed());
            return new LoginDecision.Partial(List.of("publickey"));
        });
        for (boolean bound : List.of(false, true, false)) {
            evil.send(signed(evil, "alice", bound));
        }
        assertEquals(List.of(List.of(), List.of("publickey"), List.of("publickey")), completed);
    }

    @Test
    void anotherUserBeginsAnew() {
        pair(question -> question.completed().isEmpty()
                ? new LoginDecision.Partial(List.of("password"))
                : new LoginDecision.Accept(), new LoginAttempt.Key("alice", Keys.USER), password("bob", "x"),
                password("alice", "y"), password("alice", "z"));
        assertEquals(List.of(0, 0, 0, 1), requested.stream().map(question -> question.completed().size()).toList());
        assertEquals(List.of("alice", "bob", "alice", "alice"), requested.stream().map(Question.LoginRequested::user)
                .toList());
    }

    @Test
    void passwordsAreOverwrittenOnBothSides() {
        byte[] typed = "correct horse".getBytes(StandardCharsets.UTF_8);
        var seen = new ArrayList<byte[]>();
        var texts = new ArrayList<String>();
        pair(question -> {
            if (question.credential() instanceof Credential.Password given) {
                seen.add(given.password());
                texts.add(new String(given.password(), StandardCharsets.UTF_8));
                return new LoginDecision.Accept();
            }
            return new LoginDecision.Refuse(List.of("password"));
        }, new LoginAttempt.None("alice"), new LoginAttempt.Password("alice", typed));
        assertEquals(List.of("correct horse"), texts);
        assertArrayEquals(new byte[typed.length], typed);
        assertArrayEquals(new byte[typed.length], seen.getFirst());
    }

    @Test
    void aPasswordMayBeChanged() {
        var seen = new ArrayList<String>();
        var evil = evilClient(question -> {
            var given = (Credential.Password) question.credential();
            seen.add(text(given.password()) + " " + given.replacement().map(LoginTest::text));
            return given.replacement().isPresent()
                    ? new LoginDecision.Accept()
                    : new LoginDecision.ChangePassword("it has expired");
        });
        evil.send(MessageNumber.USERAUTH_REQUEST,
                out -> out.string("alice").string("ssh-connection").string("password").bool(false).string("old"));
        assertEquals("it has expired", evil.received(MessageNumber.USERAUTH_PASSWD_CHANGEREQ).getFirst().utf8());
        evil.send(MessageNumber.USERAUTH_REQUEST, out -> out.string("alice").string("ssh-connection")
                .string("password").bool(true).string("old").string("new"));
        assertEquals(List.of("old Optional.empty", "old Optional[new]"), seen);
        assertTrue(evil.victim.isAuthenticated());
    }

    @Test
    void aClientThatIsToChangeItsPasswordTriesSomethingElse() {
        pair(question -> question.credential() instanceof Credential.Password
                ? new LoginDecision.ChangePassword("now")
                : new LoginDecision.Accept(), password("alice", "old"), new LoginAttempt.Key("alice", Keys.USER));
        assertEquals(2, asked.size());
        assertEquals("alice", requested.getLast().user());
    }

    @Test
    void questionsAreAskedInRounds() {
        var answers = new ArrayList<List<String>>();
        attempts.add(new LoginAttempt.Interactive("alice"));
        var pair = new Pair(SshSettings.client(), SshSettings.server(List.of(Keys.ED25519)));
        pair.client.on((end, event) -> {
            switch (event) {
                case Question.LoginAsked question -> end.connection.decide(question, attempts.remove());
                case Question.PromptsAsked question -> end.connection.decide(question, question.prompts().stream()
                        .map(prompt -> prompt.text() + (prompt.echo() ? "!" : "?")).toList());
                case Event other -> Pair.friendlyClient(end, other);
            }
        });
        pair.server.on((end, event) -> {
            if (event instanceof Question.LoginRequested question) {
                end.connection.decide(question, switch (question.credential()) {
                    case Credential.Interactive interactive -> new LoginDecision.Ask("round 1", "please",
                            List.of(new Prompt("PIN", false), new Prompt("name", true)));
                    case Credential.Responses responses when answers.size() < 2 -> {
                        answers.add(responses.texts());
                        yield answers.size() == 1
                                ? new LoginDecision.Ask("round 2", "", List.of(new Prompt("más", false)))
                                : new LoginDecision.Ask("round 3", "", List.of());
                    }
                    case Credential other -> new LoginDecision.Accept();
                });
            }
        });
        pair.start();
        assertEquals(List.of(List.of("PIN?", "name!"), List.of("más?")), answers);
        assertEquals(List.of("round 1", "round 2", "round 3"), pair.client.events(Question.PromptsAsked.class).stream()
                .map(Question.PromptsAsked::name).toList());
        assertTrue(pair.client.connection.isAuthenticated());
    }

    @Test
    void aNewRequestDropsQuestionsThatWereAsked() {
        var users = new ArrayList<String>();
        var evil = evilClient(question -> {
            users.add(question.user() + " " + question.credential());
            return question.credential() instanceof Credential.Interactive
                    ? new LoginDecision.Ask("", "", List.of(new Prompt("PIN", false)))
                    : new LoginDecision.Accept();
        });
        evil.send(MessageNumber.USERAUTH_REQUEST, out -> out.string("alice").string("ssh-connection")
                .string("keyboard-interactive").string("").string(""));
        // Refused without the owner being asked; the questions to alice are gone all the same.
        evil.send(MessageNumber.USERAUTH_REQUEST,
                out -> out.string("bob").string("ssh-connection").string("gssapi-with-mic"));
        evil.send(MessageNumber.USERAUTH_INFO_RESPONSE, out -> out.uint32(1).string("1234"));
        assertEquals(Rule.AUTH_STATE, evil.verdict().orElseThrow());
        assertEquals(1, users.size());
    }

    @Test
    void noneCanLetSomebodyIn() {
        var pair = pair(question -> new LoginDecision.Accept(), new LoginAttempt.None("anybody"));
        assertEquals("anybody", pair.server.connection.user());
    }

    @Test
    void aKeyThatWouldDoIsToldSoAndMustStillBeProven() {
        var proven = new ArrayList<Boolean>();
        var evil = evilClient(question -> {
            proven.add(((Credential.Key) question.credential()).proven());
            return new LoginDecision.Accept();
        });
        byte[] blob = Keys.USER.publicKey().blob();
        evil.send(MessageNumber.USERAUTH_REQUEST, query("alice", "ssh-ed25519", blob));
        var ok = evil.received(MessageNumber.USERAUTH_PK_OK).getFirst();
        assertEquals("ssh-ed25519", ok.ascii());
        assertArrayEquals(blob, ok.string());
        assertFalse(evil.victim.isAuthenticated());
        evil.send(signed(evil, "alice", true));
        assertTrue(evil.victim.isAuthenticated());
        assertEquals(List.of(false, true), proven);
    }

    @Test
    void whatCanGoOnIsWhatTheOwnerSaid() {
        var evil = evilClient(question -> new LoginDecision.Refuse(List.of("publickey", "password")));
        evil.send(MessageNumber.USERAUTH_REQUEST, out -> out.string("alice").string("ssh-connection").string("none"));
        evil.send(MessageNumber.USERAUTH_REQUEST,
                query("alice", "sk-ssh-ed25519@openssh.com", Keys.USER.publicKey().blob()));
        evil.send(MessageNumber.USERAUTH_REQUEST,
                out -> out.string("alice").string("ssh-connection").string("hostbased"));
        assertEquals(List.of(List.of("publickey", "password"), List.of("publickey", "password"), List.of("publickey",
                "password")), evil.received(MessageNumber.USERAUTH_FAILURE).stream().map(in -> in.nameList()).toList());
    }

    @Test
    void aServersBannerIsShown() {
        var server = SshSettings.builder().hostKeys(List.of(Keys.ED25519)).banner("authorised use only\r\n").build();
        var pair = pair(SshSettings.client(), server, question -> new LoginDecision.Accept(), new LoginAttempt.None(
                "alice"));
        assertEquals(List.of("authorised use only\r\n"), pair.client.events(Event.Banner.class).stream()
                .map(Event.Banner::text).toList());
    }

    @Test
    void givingUpEndsTheConnectionWithItsReason() {
        var pair = pair(question -> new LoginDecision.Refuse(List.of("publickey")), new LoginAttempt.None("alice"));
        var reason = pair.client.connection.closed().orElseThrow();
        assertEquals(Optional.of(Rule.AUTH_EXHAUSTED), reason.rule());
        var told = pair.server.connection.closed().orElseThrow();
        assertTrue(told.byPeer());
        assertTrue(told.text().contains("nothing is left"), told.text());
    }

    @Test
    void aDecisionMayTakeItsTime() {
        var pair = new Pair(SshSettings.client(), SshSettings.server(List.of(Keys.ED25519)));
        pair.client.on(Pair::friendlyClient);
        pair.start();
        var question = pair.server.events(Question.LoginRequested.class).getFirst();
        assertFalse(pair.server.connection.wantsInput());
        pair.pass(java.time.Duration.ofSeconds(20));
        pair.server.connection.decide(question, new LoginDecision.Accept());
        pair.run();
        assertTrue(pair.client.connection.isAuthenticated());
        assertTrue(pair.server.connection.wantsInput());
    }

    // ---- Messages by hand

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static LoginAttempt password(String user, String password) {
        return new LoginAttempt.Password(user, password.getBytes(StandardCharsets.UTF_8));
    }

    /** A client that has the keys and the service. */
    static EvilPeer evilClient(java.util.function.Function<Question.LoginRequested, LoginDecision> decisions) {
        return evilClient(SshSettings.builder(), decisions);
    }

    static EvilPeer evilClient(SshSettings.Builder settings,
            java.util.function.Function<Question.LoginRequested, LoginDecision> decisions) {
        return EvilPeer.client(settings).owner((victim, event) -> {
            if (event instanceof Question.LoginRequested question) {
                victim.decide(question, decisions.apply(question));
            } else {
                EvilPeer.lenient(victim, event);
            }
        }).keyed().send(MessageNumber.SERVICE_REQUEST, out -> out.string("ssh-userauth"));
    }

    static Consumer<SshWriter> query(String user, String algorithm, byte[] blob) {
        return out -> out.string(user).string("ssh-connection").string("publickey").bool(false).string(algorithm)
                .string(blob);
    }

    /** A signed request, honest but for the session id where one is given. */
    static byte[] signed(EvilPeer evil, String user, boolean bound, byte... otherSession) {
        var fields = new SshWriter().uint8(MessageNumber.USERAUTH_REQUEST).string(user).string("ssh-connection")
                .string(bound ? "publickey-hostbound-v00@openssh.com" : "publickey").bool(true).string("ssh-ed25519")
                .string(Keys.USER.publicKey().blob());
        if (bound) {
            fields.string(Keys.ED25519.publicKey().blob());
        }
        byte[] session = otherSession.length > 0
                ? Arrays.copyOf(otherSession, 32)
                : evil.victim.sessionId().orElseThrow();
        var data = new SshWriter().string(session).bytes(fields.toByteArray());
        return fields.string(Keys.USER.sign(KeyAlgorithm.SSH_ED25519, data.toByteArray())).toByteArray();
    }
}
