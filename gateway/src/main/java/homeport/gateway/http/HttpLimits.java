package homeport.gateway.http;

import java.time.Duration;

/**
 * What one client can make the HTTP service hold or do.
 *
 * @param connections at once, of one address a quarter of them; each costs some 20 KiB
 * @param bodyBytes of a request; 1 MiB holds a hundred thousand serial numbers
 * @param rpcBytes of a request that is for a device
 * @param bodiesBytes of all requests that are read or answered at once, of one operator a quarter of them
 * @param headTime for the first request's head to come in whole
 * @param bodyTime for a request's body to come in whole
 * @param idleTime from an answer until the next request's head is there whole
 * @param perOperator requests a second, and as many again ten times over at once
 * @param perAddress the same for an address, before anybody is known
 * @param wrongTokens a minute from one address, before more of them are told to wait; good ones go on
 * @param watchers of events at once, of one operator a quarter of them
 * @param repeats answers that are kept for {@code Idempotency-Key}
 * @param repeatBytes of an answer that is kept
 * @param repeatTime for which one is kept
 */
public record HttpLimits(int connections, int bodyBytes, int rpcBytes, int bodiesBytes, Duration headTime,
        Duration bodyTime,
        Duration idleTime, int perOperator,
        int perAddress, int wrongTokens, int watchers, int repeats, int repeatBytes, Duration repeatTime) {
    public static final HttpLimits DEFAULT = new HttpLimits(1_000, 1 << 20, 8 << 20, 128 << 20, Duration.ofSeconds(15),
            Duration.ofSeconds(30), Duration.ofSeconds(75), 200, 400,
            20, 256, 1_000, 48 << 10, Duration.ofHours(1));

    public HttpLimits {
        if (connections < 1 || bodyBytes < 1 || rpcBytes < bodyBytes || bodiesBytes / 4 < rpcBytes
                || !headTime.isPositive()
                || !bodyTime.isPositive() || !idleTime.isPositive() || perOperator < 1
                || perAddress < 1 || wrongTokens < 1 || watchers < 1 || repeats < 1 || repeatBytes < 1
                || !repeatTime.isPositive()) {
            throw new IllegalArgumentException("limits under which nothing works");
        }
    }
}
