package homeport.agent;

import org.jspecify.annotations.Nullable;

/** The agent cannot start as it was told to: the message is one line for its operator, and says what to do. */
public final class AgentError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AgentError(String message) {
        super(message);
    }

    AgentError(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
