package homeport.callhome;

import homeport.ssh.LoginAttempt;
import homeport.ssh.Question;
import homeport.ssh.key.Signer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * By what an SSH client logs in. For a device it comes with the answer to the question about its host key, so that
 * it can only ever go to the key it belongs to (RFC 8071 C7).
 *
 * @param keys tried in this order
 * @param password tried where keys do no more, also where the server asks for it in a prompt (RFC 4256); as UTF-8
 * @param passwordFirst whether keys are for servers alone that will not do without: which take no password, or not as
 *     the first of several proofs
 */
public record Credentials(String user, List<Signer> keys, Optional<byte[]> password, boolean passwordFirst) {
    public Credentials {
        keys = List.copyOf(keys);
    }

    /** Keys first, then the password. */
    public Credentials(String user, List<Signer> keys, Optional<byte[]> password) {
        this(user, keys, password, false);
    }

    public static Credentials byKey(String user, Signer key) {
        return new Credentials(user, List.of(key), Optional.empty());
    }

    public static Credentials byPassword(String user, String password) {
        return new Credentials(user, List.of(), Optional.of(password.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public String toString() {
        return "Credentials[" + user + ", " + keys.size() + " keys" + (password.isPresent() ? ", password]" : "]");
    }

    /** One login under way: what was tried. */
    static final class Attempts {
        /** Proofs that a server may take as parts of a login, one after the other, before it has had enough of us. */
        private static final int MOST_PARTS = 4;

        private final Credentials login;
        private int parts;
        private int nextKey;
        private boolean passwordTried;
        private boolean promptsTried;
        private boolean noneTried;

        Attempts(Credentials login) {
            this.login = login;
        }

        /** What to try next, given what the server says can go on. */
        LoginAttempt next(Question.LoginAsked asked) {
            boolean untold = asked.methods().isEmpty();
            if (asked.partialSuccess() && ++parts < MOST_PARTS) {
                // What was refused as the first proof may be due as the next one (RFC 4252 §5.1).
                passwordTried = false;
                promptsTried = false;
            }
            boolean keyIsDue = !login.passwordFirst || asked.partialSuccess() || takesNoPassword(asked.methods());
            if (keyIsDue && nextKey < login.keys.size() && (untold || asked.methods().contains("publickey"))) {
                return new LoginAttempt.Key(login.user, login.keys.get(nextKey++));
            }
            if (login.password.isPresent() && !passwordTried && (untold || asked.methods().contains("password"))) {
                passwordTried = true;
                // The engine overwrites what it is given.
                return new LoginAttempt.Password(login.user, login.password.get().clone());
            }
            if (login.password.isPresent() && !promptsTried && asked.methods().contains("keyboard-interactive")) {
                promptsTried = true;
                return new LoginAttempt.Interactive(login.user);
            }
            if (untold && !noneTried) {
                noneTried = true;
                return new LoginAttempt.None(login.user);
            }
            return new LoginAttempt.GiveUp(
                    "it takes " + (untold ? "nothing that we have" : String.join(", ", asked.methods()))
                            + " from the user " + login.user);
        }

        private static boolean takesNoPassword(List<String> methods) {
            return !methods.isEmpty() && !methods.contains("password") && !methods.contains("keyboard-interactive");
        }

        /** The password for what is not echoed; a device that asks for more gets empty answers. */
        List<String> answers(Question.PromptsAsked asked) {
            if (login.password.isEmpty()) {
                return Collections.nCopies(asked.prompts().size(), "");
            }
            var password = new String(login.password.get(), StandardCharsets.UTF_8);
            return asked.prompts().stream().map(prompt -> prompt.echo() ? "" : password).toList();
        }
    }
}
