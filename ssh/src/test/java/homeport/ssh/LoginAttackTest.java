package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.Question.Credential;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.wire.AuthenticationMessage.Prompt;
import homeport.ssh.wire.Disconnect;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks on the login, by clients and by servers. */
class LoginAttackTest {
    private static final byte[] BLOB = Keys.USER.publicKey().blob();

    private static EvilPeer client(List<Question.LoginRequested> asked) {
        return LoginTest.evilClient(question -> {
            asked.add(question);
            return switch (question.credential()) {
                case Credential.Interactive interactive -> new LoginDecision.Ask("", "", List.of(new Prompt("PIN",
                        false)));
                case Credential other -> new LoginDecision.Refuse(List.of("publickey", "password"));
            };
        });
    }

    private static Consumer<SshWriter> method(String name, Consumer<SshWriter> fields) {
        return out -> fields.accept(out.string("alice").string("ssh-connection").string(name));
    }

    // ---- Floods

    static List<Consumer<SshWriter>> requests() {
        return List
                .of(method("none", out -> {}), method("password", out -> out.bool(false).string("guess")),
                        method("gssapi-with-mic", out -> out.uint32(0)),
                        method("keyboard-interactive", out -> out.string("").string("")),
                        method("publickey", out -> out.bool(
                                false).string("ssh-ed25519").string(BLOB)),
                        method("publickey", out -> out.bool(false).string(
                                "ssh-nothing").string(BLOB)),
                        method("publickey", out -> out.bool(false).string(
                                "ssh-ed25519").string(new byte[3])),
                        method("publickey", out -> out.bool(true)
                                .string("ssh-ed25519").string(BLOB).string(new byte[83])),
                        method(
                                "publickey", out -> out.bool(true).string(
                                        "ssh-ed25519").string(new byte[3]).string(new byte[1])),
                        method("publickey",
                                out -> out.bool(true).string("ssh-nothing").string(BLOB).string(new byte[1])),
                        method("publickey", out -> out.bool(false).string("rsa-sha2-256").string(BLOB)));
    }

    /** Whatever is asked, it is asked a few times only, and the owner with it. */
    @ParameterizedTest
    @MethodSource("requests")
    void authFloodsAreRefused(Consumer<SshWriter> request) {
        var asked = new ArrayList<Question.LoginRequested>();
        var evil = client(asked);
        int sent = 0;
        while (evil.verdict().isEmpty() && sent < 1000) {
            evil.send(MessageNumber.USERAUTH_REQUEST, request);
            sent++;
        }
        assertEquals(Optional.of(Rule.AUTH_TOO_MANY), evil.verdict());
        assertTrue(sent <= Limits.DEFAULT.authKeyQueries() + 1, sent + " requests");
        assertTrue(asked.size() <= Limits.DEFAULT.authKeyQueries(), asked.size() + " questions");
    }

    /** Some clients ask for the service again before each attempt; it tells them nothing and is not for ever. */
    @Test
    void serviceRequestFloodsAreRefused() {
        var evil = client(new ArrayList<>());
        int sent = 0;
        while (evil.verdict().isEmpty() && sent < 1000) {
            evil.send(MessageNumber.SERVICE_REQUEST, out -> out.string("ssh-userauth"));
            sent++;
        }
        assertEquals(Optional.of(Rule.AUTH_TOO_MANY), evil.verdict());
        assertEquals(Limits.DEFAULT.authAttempts() + Limits.DEFAULT.authKeyQueries() + 1, sent);
        assertEquals(sent, evil.received(MessageNumber.SERVICE_ACCEPT).size());
    }

    @Test
    void changingTheUserDoesNotBringNewAttempts() {
        var evil = client(new ArrayList<>());
        int sent = 0;
        while (evil.verdict().isEmpty() && sent < 100) {
            String user = "user" + sent++;
            evil.send(MessageNumber.USERAUTH_REQUEST,
                    out -> out.string(user).string("ssh-connection").string("password").bool(false).string("x"));
        }
        assertEquals(Limits.DEFAULT.authAttempts(), sent);
    }

    @Test
    void endlessPasswordChangesAreRefused() {
        var evil = LoginTest.evilClient(question -> new LoginDecision.ChangePassword("again"));
        int sent = 0;
        while (evil.verdict().isEmpty() && sent++ < 100) {
            evil.send(MessageNumber.USERAUTH_REQUEST,
                    out -> out.string("alice").string("ssh-connection").string("password").bool(true).string("a")
                            .string("b"));
        }
        assertEquals(Optional.of(Rule.AUTH_TOO_MANY), evil.verdict());
    }

    @Test
    void inputWhileADecisionIsPendingIsBounded() {
        for (int part : new int[]{1, 100, 4096}) {
            var evil = EvilPeer.client().owner((victim, event) -> {}).keyed().send(MessageNumber.SERVICE_REQUEST,
                    out -> out.string("ssh-userauth"));
            evil.send(MessageNumber.USERAUTH_REQUEST, method("none", out -> {}));
            assertFalse(evil.victim.wantsInput());
            int sent = 0;
            while (evil.verdict().isEmpty() && sent < 1 << 20) {
                evil.raw(new byte[part]).deliver();
                sent += part;
            }
            assertEquals(Optional.of(Rule.INPUT_BACKLOG), evil.verdict());
            assertTrue(sent <= Limits.DEFAULT.pausedInputBytes() + part, sent + " bytes");
        }
    }

    @Test
    void requestsSentAheadAreTakenOneByOne() {
        var asked = new ArrayList<Question.LoginRequested>();
        var evil = EvilPeer.client().owner((victim, event) -> {
            if (event instanceof Question.LoginRequested question) {
                asked.add(question);
            }
        }).keyed().send(MessageNumber.SERVICE_REQUEST, out -> out.string("ssh-userauth"));
        for (int i = 0; i < 3; i++) {
            evil.write(MessageNumber.USERAUTH_REQUEST, method("password", out -> out.bool(false).string("x")));
        }
        evil.deliver();
        for (int i = 1; i <= 3; i++) {
            assertEquals(i, asked.size());
            evil.victim.decide(asked.getLast(), new LoginDecision.Refuse(List.of("password")));
            evil.deliver();
        }
        assertEquals(3, evil.received(MessageNumber.USERAUTH_FAILURE).size());
    }

    // ---- Lies

    @Test
    void aSignatureOverAnotherSessionIsRefused() {
        for (boolean bound : new boolean[]{false, true}) {
            var asked = new ArrayList<Question.LoginRequested>();
            var evil = client(asked);
            evil.send(LoginTest.signed(evil, "alice", bound, (byte) 1));
            assertEquals(1, evil.received(MessageNumber.USERAUTH_FAILURE).size());
            assertEquals(0, asked.size(), "nobody is asked about a key that was not proven");
        }
    }

    @Test
    void aSignatureForAnotherUserIsRefused() {
        var asked = new ArrayList<Question.LoginRequested>();
        var evil = client(asked);
        byte[] request = LoginTest.signed(evil, "alice", false);
        request[5] ^= 'a' ^ 'b'; // "blice"
        evil.send(request);
        assertEquals(1, evil.received(MessageNumber.USERAUTH_FAILURE).size());
        assertEquals(0, asked.size());
    }

    @Test
    void aLoginBoundToAnotherHostKeyEndsTheConnection() {
        var evil = client(new ArrayList<>());
        evil.send(MessageNumber.USERAUTH_REQUEST, method("publickey-hostbound-v00@openssh.com", out -> out.bool(true)
                .string("ssh-ed25519").string(BLOB).string(Keys.RSA.publicKey().blob()).string(new byte[83])));
        assertEquals(Optional.of(Rule.AUTH_STATE), evil.verdict());
    }

    @Test
    void sha1SignaturesOfUsersAreRefused() {
        var asked = new ArrayList<Question.LoginRequested>();
        var evil = client(asked);
        byte[] blob = Keys.RSA.publicKey().blob();
        var fields = new SshWriter().uint8(MessageNumber.USERAUTH_REQUEST).string("alice").string("ssh-connection")
                .string("publickey").bool(true).string("ssh-rsa").string(blob);
        var data = new SshWriter().string(evil.victim.sessionId().orElseThrow()).bytes(fields.toByteArray());
        evil.send(fields.string(Keys.RSA.sign(KeyAlgorithm.SSH_RSA, data.toByteArray())).toByteArray());
        assertEquals(1, evil.received(MessageNumber.USERAUTH_FAILURE).size());
        assertEquals(0, asked.size());
    }

    @Test
    void aSha1SignatureUnderASha2NameIsRefused() {
        var asked = new ArrayList<Question.LoginRequested>();
        var evil = client(asked);
        var fields = new SshWriter().uint8(MessageNumber.USERAUTH_REQUEST).string("alice").string("ssh-connection")
                .string("publickey").bool(true).string("rsa-sha2-256").string(Keys.RSA.publicKey().blob());
        var data = new SshWriter().string(evil.victim.sessionId().orElseThrow()).bytes(fields.toByteArray());
        evil.send(fields.string(Keys.RSA.sign(KeyAlgorithm.SSH_RSA, data.toByteArray())).toByteArray());
        assertEquals(0, asked.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"root\nAccepted password for root", "\u001b[2J", "a\u0000b", "\u007f", "\u202eadmin",
            "a\u2028b", "\u0085"})
    void userNameControlCharactersAreRefused(String user) {
        var asked = new ArrayList<Question.LoginRequested>();
        var evil = client(asked);
        evil.send(MessageNumber.USERAUTH_REQUEST, out -> out.string(user).string("ssh-connection").string("none"));
        assertEquals(Optional.of(Rule.USER_NAME), evil.verdict());
        assertEquals(0, asked.size());
        assertEquals(Disconnect.ILLEGAL_USER_NAME, evil.victim.closed().orElseThrow().disconnectCode());
    }

    @Test
    void userNamesOfTheWorldAreFine() {
        var asked = new ArrayList<Question.LoginRequested>();
        var evil = client(asked);
        evil.send(MessageNumber.USERAUTH_REQUEST,
                out -> out.string("jürgen 名前+device-7").string("ssh-connection").string("none"));
        assertEquals("jürgen 名前+device-7", asked.getFirst().user());
    }

    @Test
    void aUserNameThatIsTooLongOrNoUtf8IsRefused() {
        var evil = client(new ArrayList<>());
        evil.send(MessageNumber.USERAUTH_REQUEST,
                out -> out.string("x".repeat(5000)).string("ssh-connection").string("none"));
        assertEquals(Optional.of(Rule.FIELD_TOO_LONG), evil.verdict());
        var other = client(new ArrayList<>());
        other.send(MessageNumber.USERAUTH_REQUEST,
                out -> out.string(new byte[]{(byte) 0xc0, (byte) 0x80}).string("ssh-connection").string("none"));
        assertEquals(Optional.of(Rule.BAD_ENCODING), other.verdict());
    }

    @Test
    void anotherServiceIsNotGiven() {
        assertEquals(Optional.of(Rule.SERVICE_NOT_AVAILABLE), client(new ArrayList<>()).send(
                MessageNumber.USERAUTH_REQUEST, out -> out.string("alice").string("ssh-shell").string("none"))
                .verdict());
        assertEquals(Optional.of(Rule.SERVICE_NOT_AVAILABLE), EvilPeer.client().keyed().send(
                MessageNumber.SERVICE_REQUEST, out -> out.string("ssh-connection")).verdict());
    }

    @Test
    void answersThatWereNotAskedForAreRefused() {
        for (long count : new long[]{0, 2, 0xffff_ffffL, 1 << 20}) {
            var evil = client(new ArrayList<>());
            evil.send(MessageNumber.USERAUTH_REQUEST, method("keyboard-interactive", out -> out.string("").string("")));
            evil.send(MessageNumber.USERAUTH_INFO_RESPONSE, out -> out.uint32(count));
            assertEquals(Optional.of(Rule.AUTH_STATE), evil.verdict());
        }
    }

    @Test
    void successIsSentOnceAndChannelsFollowItOnly() {
        var evil = EvilPeer.client().keyed();
        assertEquals(Optional.of(Rule.CONNECTION_STATE), evil.openSession(0).verdict());
        var open = EvilPeer.client().loggedIn();
        open.send(MessageNumber.USERAUTH_REQUEST, method("none", out -> {}));
        assertEquals(Optional.empty(), open.verdict());
        assertEquals(0, open.messages.size(), "further requests are ignored (RFC 4252 §5.1)");
    }

    // ---- By servers

    @Test
    void aServerCannotLetUsInBeforeWeTried() {
        assertEquals(Optional.of(Rule.AUTH_STATE), EvilPeer.server().keyed().send(MessageNumber.USERAUTH_SUCCESS,
                out -> {}).verdict());
    }

    @Test
    void bannerFloodsAreRefused() {
        var evil = EvilPeer.server().keyed().send(MessageNumber.SERVICE_ACCEPT, out -> out.string("ssh-userauth"));
        int sent = 0;
        while (evil.verdict().isEmpty() && sent < 100_000) {
            evil.send(MessageNumber.USERAUTH_BANNER, out -> out.string("x".repeat(100)).string(""));
            sent += 100;
        }
        assertEquals(Optional.of(Rule.BANNER_TOO_LONG), evil.verdict());
        assertTrue(sent <= Limits.DEFAULT.bannerBytes() + 100);
    }

    @Test
    void tooManyPromptsAreRefused() {
        for (long count : new long[]{17, 0xffff_ffffL}) {
            var evil = EvilPeer.server().owner((victim, event) -> {
                if (event instanceof Question.LoginAsked asked) {
                    victim.decide(asked, new LoginAttempt.Interactive("alice"));
                } else {
                    EvilPeer.lenient(victim, event);
                }
            }).keyed().send(MessageNumber.SERVICE_ACCEPT, out -> out.string("ssh-userauth"));
            evil.send(MessageNumber.USERAUTH_INFO_REQUEST,
                    out -> out.string("").string("").string("").uint32(count));
            assertEquals(Optional.of(Rule.FIELD_TOO_LONG), evil.verdict());
        }
    }

    @Test
    void aServerThatAsksForAPasswordWhileAKeyWasTriedGetsNone() {
        var evil = EvilPeer.server().keyed().send(MessageNumber.SERVICE_ACCEPT, out -> out.string("ssh-userauth"));
        evil.send(MessageNumber.USERAUTH_INFO_REQUEST,
                out -> out.string("").string("").string("").uint32(1).string("password?").bool(false));
        assertEquals(Optional.of(Rule.AUTH_STATE), evil.verdict());
        assertEquals(0, evil.events(Question.PromptsAsked.class).size());
    }

    @Test
    void disconnectTextControlCharactersAreTakenOut() {
        var evil = EvilPeer.server().keyed();
        evil.send(MessageNumber.DISCONNECT,
                out -> out.uint32(2).string("a\u0007b\u001b[31m\r\nc\u202ed\u2028e" + "x".repeat(5000)).string(""));
        var reason = evil.victim.closed().orElseThrow();
        assertEquals(Optional.of(Rule.PEER_DISCONNECTED), reason.rule());
        assertTrue(reason.text().startsWith("a b [31m  c d e"), reason.text());
        assertTrue(reason.text().length() <= 256);
    }
}
