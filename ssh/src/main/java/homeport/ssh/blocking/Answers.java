package homeport.ssh.blocking;

import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginAttempt;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.GlobalRequest;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * How a program answers a connection's questions. Each method runs on a virtual thread of its own and may wait; what it
 * does not override is refused.
 */
public interface Answers {
    /** As a client: is this the server we mean? */
    default HostKeyDecision hostKey(Question.HostKeyAsked question) {
        return new HostKeyDecision.Refuse("no host key is trusted");
    }

    /** As a client: how to log in. */
    default LoginAttempt login(Question.LoginAsked question) {
        return new LoginAttempt.GiveUp("there is nothing to log in with");
    }

    /** As a client: what a person would answer. */
    default List<String> prompts(Question.PromptsAsked question) {
        return Collections.nCopies(question.prompts().size(), "");
    }

    /** As a server: may this client in? */
    default LoginDecision login(Question.LoginRequested question) {
        return new LoginDecision.Refuse(List.of());
    }

    /** In either role: who serves a channel that the peer opens; empty refuses it. */
    default Optional<ChannelProgram> open(ChannelType type) {
        return Optional.empty();
    }

    /** In either role: the answer's data, or empty to refuse. */
    default Optional<byte[]> global(GlobalRequest request) {
        return Optional.empty();
    }

    /** Serves one channel on a virtual thread of its own; the channel is closed when it returns. */
    interface ChannelProgram {
        void run(BlockingChannel channel) throws IOException;
    }
}
