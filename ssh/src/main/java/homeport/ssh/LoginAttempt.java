package homeport.ssh;

import homeport.ssh.key.Signer;

/** A client's answer to {@link Question.LoginAsked}: by what it tries to log in. */
public sealed interface LoginAttempt {
    /** RFC 4252 §5.2: learn which methods there are, or get in without proof. */
    record None(String user) implements LoginAttempt {}

    /** RFC 4252 §7: signed at once, without asking first whether the key would do. */
    record Key(String user, Signer signer) implements LoginAttempt {}

    /** RFC 4252 §8: as UTF-8; the engine overwrites it once it is sent. */
    record Password(String user, byte[] password) implements LoginAttempt {
        @Override
        public String toString() {
            return "Password[user=" + user + "]";
        }
    }

    /** RFC 4256: {@link Question.PromptsAsked} follows. */
    record Interactive(String user) implements LoginAttempt {}

    /** Nothing is left to try: the connection ends. */
    record GiveUp(String text) implements LoginAttempt {}
}
