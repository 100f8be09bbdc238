package homeport.ssh;

import java.util.Optional;

/** A client's answer to {@link Question.HostKeyAsked}. */
public sealed interface HostKeyDecision {
    /** This is the key of the server we mean. Never enough for an {@link homeport.ssh.key.HmacKeyId}. */
    record Accept() implements HostKeyDecision {}

    /**
     * The secret that belongs to the key id, or empty where the id is not known: the check then takes as long and fails
     * alike. The engine does not keep the secret.
     */
    record CheckHmac(Optional<byte[]> secret) implements HostKeyDecision {
        @Override
        public String toString() {
            return "CheckHmac[]";
        }
    }

    /** Not this one: the connection ends. The text is for our own journal and for the peer. */
    record Refuse(String text) implements HostKeyDecision {}
}
