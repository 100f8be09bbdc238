package homeport.ssh;

import homeport.ssh.wire.AuthenticationMessage.Prompt;
import java.util.List;

/** A server's answer to {@link Question.LoginRequested}. */
public sealed interface LoginDecision {
    /** The user is in; for a key that is not proven yet: it would do. */
    record Accept() implements LoginDecision {}

    /**
     * Not by this.
     *
     * @param methods what the client may try next, by name
     */
    record Refuse(List<String> methods) implements LoginDecision {}

    /** Right, but not enough (RFC 4252 §5.1): the client goes on with one of {@code methods}. */
    record Partial(List<String> methods) implements LoginDecision {}

    /** Ask these (RFC 4256); the answers come as {@link Question.Credential.Responses}. */
    record Ask(String name, String instruction, List<Prompt> prompts) implements LoginDecision {}

    /** The password has expired and must be changed (RFC 4252 §8). */
    record ChangePassword(String prompt) implements LoginDecision {}

    /** End the connection now. */
    record Disconnect(String text) implements LoginDecision {}
}
