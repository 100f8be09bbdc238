package homeport.netconf;

/** The per-session counters of RFC 6022 §2.1.4. */
public record SessionCounters(long inRpcs, long inBadRpcs, long outRpcErrors, long outNotifications) {}
