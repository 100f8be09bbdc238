package homeport.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** {@code connection-type} of {@code ietf-netconf-server}'s call-home subtree. */
public sealed interface ConnectionType {
    /** Kept up: when it goes down it is made again at once. */
    record Persistent() implements ConnectionType {}

    /**
     * Made at the times {@code anchor + n × period}, with n of either sign.
     *
     * @param anchor absent: the agent's start
     * @param idleTimeout without use for that long the agent ends the connection; zero for never
     */
    record Periodic(Duration period, Optional<Instant> anchor, Duration idleTimeout) implements ConnectionType {
        public static final Duration DEFAULT_PERIOD = Duration.ofMinutes(60);
        public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofSeconds(180);

        public Periodic {
            if (!period.isPositive() || idleTimeout.isNegative()) {
                throw new IllegalArgumentException("a period is positive, and an idle time-out not negative");
            }
        }
    }
}
