package homeport.gateway.inventory;

import java.time.Instant;

/**
 * Who did what to which device.
 *
 * @param number from 1 on, without gaps
 * @param device may be empty
 * @param hash over the entry and the hash of the one before it
 */
public record AuditEntry(long number, Instant at, String actor, String action, String device, String detail,
        String hash) {}
