package homeport.gateway.inventory;

import java.time.Instant;

/**
 * One entry of the journal: how a device's connection attempt went.
 *
 * @param number grows with time; 0 before it is kept
 * @param design may be empty, as {@code device} and {@code fingerprint}, when it did not come so far
 * @param device the id on record, or the one that was claimed
 * @param code of the reason, for programs and for {@code why}
 * @param detail what was met, in one line
 */
public record Attempt(long number, Instant at, String address, String design, String device, String fingerprint,
        AttemptStage stage, AttemptOutcome outcome, String code, String detail) {
    private static final int MOST_DETAIL_CHARACTERS = 300;

    public Attempt {
        detail = detail.length() <= MOST_DETAIL_CHARACTERS ? detail : detail.substring(0, MOST_DETAIL_CHARACTERS) + "…";
    }

    public Attempt withoutDetail() {
        return new Attempt(number, at, address, design, device, fingerprint, stage, outcome, code, "");
    }
}
