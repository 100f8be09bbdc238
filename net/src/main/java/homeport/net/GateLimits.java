package homeport.net;

/**
 * How many connections may be there without being logged in.
 *
 * @param unauthenticated in all; each costs at most 4 KiB of heap while it is silent. As many again may be there from
 *            sources from which devices came; then nobody is accepted until there is room
 * @param perAddress from one source, beside as many as there were devices logged in from it
 */
public record GateLimits(int unauthenticated, int perAddress) {
    public static final GateLimits DEFAULT = new GateLimits(10_000, 200);

    public GateLimits {
        if (unauthenticated < 1 || unauthenticated > 1_000_000 || perAddress < 1) {
            throw new IllegalArgumentException("limits are 1 to 1,000,000 in all, and at least 1 from one source");
        }
    }
}
