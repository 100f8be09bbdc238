package homeport.net;

/**
 * How many connections may be there without being logged in.
 *
 * @param unauthenticated in all; each costs at most 4 KiB of heap while it is silent
 * @param perAddress from one source
 */
public record GateLimits(int unauthenticated, int perAddress) {
    public static final GateLimits DEFAULT = new GateLimits(10_000, 200);

    public GateLimits {
        if (unauthenticated < 1 || perAddress < 1) {
            throw new IllegalArgumentException("a gate that lets nobody in");
        }
    }
}
