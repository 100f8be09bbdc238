package homeport.ssh;

import java.time.Duration;

/**
 * How a silent peer is found out: after {@code interval} without a byte a request goes out that any implementation
 * answers, and after {@code missed} of these without a byte the connection is lost.
 *
 * @param interval zero switches it off
 */
public record KeepAlive(Duration interval, int missed) {
    public static final KeepAlive OFF = new KeepAlive(Duration.ZERO, 1);
    public static final KeepAlive DEFAULT = new KeepAlive(Duration.ofSeconds(30), 3);

    public KeepAlive {
        if (interval.isNegative() || missed < 1) {
            throw new IllegalArgumentException("keep-alive every " + interval + ", " + missed + " missed");
        }
    }

    public boolean on() {
        return !interval.isZero();
    }
}
