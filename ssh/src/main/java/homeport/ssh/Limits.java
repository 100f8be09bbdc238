package homeport.ssh;

import java.time.Duration;

/**
 * Every bound of one connection, with its unit.
 *
 * @param bannerBytes       text that a server may send before its version line (RFC 4253 §4.2), line ends included
 * @param packetBytes       packet_length of an incoming packet; RFC 4253 §6.1 asks for 35,000, certificates for more
 * @param pausedInputBytes  input kept while a decision holds the connection up; before the login nobody sends more
 * @param deferredBytes     output kept while keys are exchanged, when only the exchange itself may be sent
 * @param channels          open channels, opening ones included
 * @param pendingRequests   requests of the peer that wait for our answer: global ones, and on each channel
 * @param authAttempts      failed logins, not counting {@code none} and questions about keys, before we disconnect
 * @param authKeyQueries    keys that a client may ask about without proving them
 * @param prompts           questions in one round of keyboard-interactive
 * @param versionTime       from the start to the peer's version line
 * @param loginTime         from the start to the end of authentication
 * @param exchangeTime      one key exchange, decisions about the host key not counted
 * @param decisionTime      from a question to its answer
 * @param roleTime          how long a peer whose role is not known may take to show it (a client speaks first)
 * @param rekeyAfterBytes   bytes in both directions under one set of keys (RFC 4253 §9)
 * @param rekeyAfterPackets packets in one direction under one set of keys; below 2^31 for GCM
 * @param rekeyAfterTime    age of the keys at which the next packet brings new ones
 * @param restAfter         quiet time after which what can be made again is given up
 */
public record Limits(
        int bannerBytes,
        int packetBytes,
        int pausedInputBytes,
        int deferredBytes,
        int channels,
        int pendingRequests,
        int authAttempts,
        int authKeyQueries,
        int prompts,
        Duration versionTime,
        Duration loginTime,
        Duration exchangeTime,
        Duration decisionTime,
        Duration roleTime,
        long rekeyAfterBytes,
        long rekeyAfterPackets,
        Duration rekeyAfterTime,
        Duration restAfter) {

    /** RFC 4253 §4.2: 255 characters with the line end. */
    public static final int VERSION_LINE_BYTES = 255;

    /** The longest packet that every implementation must take (RFC 4253 §6.1). */
    private static final int LEAST_PACKET_BYTES = 35_000;

    public static final Limits DEFAULT = new Limits(8 << 10, 64 << 10, 64 << 10, 64 << 10, 128, 32, 6, 24, 16,
            Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(30),
            Duration.ofMillis(500), 1L << 30, 1L << 30, Duration.ofHours(1), Duration.ofSeconds(5));

    public Limits {
        if (packetBytes < LEAST_PACKET_BYTES || packetBytes > 1 << 20) {
            throw new IllegalArgumentException(
                    "packetBytes is " + LEAST_PACKET_BYTES + " to 1 MiB, not " + packetBytes);
        }
        if (channels < 1 || pendingRequests < 1 || authAttempts < 1 || deferredBytes < LEAST_PACKET_BYTES) {
            throw new IllegalArgumentException("a limit is too small for any connection to work");
        }
        if (rekeyAfterPackets < 1 || rekeyAfterPackets >= 1L << 31) {
            throw new IllegalArgumentException("rekeyAfterPackets is 1 to 2^31 - 1, not " + rekeyAfterPackets);
        }
    }

    /** These limits with another budget for one set of keys, in bytes of both directions together. */
    public Limits withRekeyAfterBytes(long bytes) {
        return new Limits(bannerBytes, packetBytes, pausedInputBytes, deferredBytes, channels, pendingRequests,
                authAttempts, authKeyQueries, prompts, versionTime, loginTime, exchangeTime, decisionTime, roleTime,
                bytes, rekeyAfterPackets, rekeyAfterTime, restAfter);
    }

    /** These limits with another time from the start to the end of authentication. */
    public Limits withLoginTime(Duration time) {
        return new Limits(bannerBytes, packetBytes, pausedInputBytes, deferredBytes, channels, pendingRequests,
                authAttempts, authKeyQueries, prompts, versionTime, time, exchangeTime, decisionTime, roleTime,
                rekeyAfterBytes, rekeyAfterPackets, rekeyAfterTime, restAfter);
    }

    /** These limits with another time from a question to its answer. */
    public Limits withDecisionTime(Duration time) {
        return new Limits(bannerBytes, packetBytes, pausedInputBytes, deferredBytes, channels, pendingRequests,
                authAttempts, authKeyQueries, prompts, versionTime, loginTime, exchangeTime, time, roleTime,
                rekeyAfterBytes, rekeyAfterPackets, rekeyAfterTime, restAfter);
    }

    /** These limits with another number of channels. */
    public Limits withChannels(int most) {
        return new Limits(bannerBytes, packetBytes, pausedInputBytes, deferredBytes, most, pendingRequests,
                authAttempts, authKeyQueries, prompts, versionTime, loginTime, exchangeTime, decisionTime, roleTime,
                rekeyAfterBytes, rekeyAfterPackets, rekeyAfterTime, restAfter);
    }
}
