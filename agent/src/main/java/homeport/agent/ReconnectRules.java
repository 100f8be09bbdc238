package homeport.agent;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * {@code reconnect-strategy} of {@code ietf-netconf-server}'s call-home subtree, and the pauses that the model leaves out.
 *
 * @param maxWait when one try counts as failed: never a pause
 * @param maxAttempts tries of one endpoint in a row before the next one's turn
 * @param backOffBase after the first failed try the pause is up to this, then up to twice as much each time
 * @param backOffMost no pause is longer
 * @param stableAfter a connection that ends sooner does not count as an end of the trouble, so that a gateway which lets
 *     us in and drops us at once is not dialled without pause
 */
public record ReconnectRules(StartWith startWith, Duration maxWait, int maxAttempts, Duration backOffBase,
        Duration backOffMost, Duration stableAfter) {
    /** The endpoint that a start of connecting begins with. */
    public enum StartWith {
        FIRST_LISTED("first-listed"),
        LAST_CONNECTED("last-connected"),
        RANDOM_SELECTION("random-selection");

        private final String text;

        StartWith(String text) {
            this.text = text;
        }

        /** As the model spells it. */
        String text() {
            return text;
        }

        /** The one that the model spells so. */
        static Optional<StartWith> of(String text) {
            return Arrays.stream(values()).filter(each -> each.text.equals(text)).findFirst();
        }
    }

    public static final ReconnectRules DEFAULT = of(StartWith.FIRST_LISTED, Duration.ofSeconds(5), 3);

    public ReconnectRules {
        if (!maxWait.isPositive() || maxAttempts < 1 || !backOffBase.isPositive()
                || backOffMost.compareTo(backOffBase) < 0 || stableAfter.isNegative()) {
            throw new IllegalArgumentException("max-wait and the pauses are positive, and max-attempts is 1 or more");
        }
    }

    /** What the model says, with the usual pauses. */
    public static ReconnectRules of(StartWith startWith, Duration maxWait, int maxAttempts) {
        return new ReconnectRules(startWith, maxWait, maxAttempts, Duration.ofSeconds(1), Duration.ofSeconds(60),
                Duration.ofSeconds(10));
    }

    public ReconnectRules withBackOff(Duration base, Duration most) {
        return new ReconnectRules(startWith, maxWait, maxAttempts, base, most, stableAfter);
    }
}
