package homeport.callhome;

import homeport.ssh.CloseReason;

/**
 * How a connection ended.
 *
 * @param stage how far it had come
 * @param text for the journal, in one line: what was met; of the peer's bytes only printable ones
 * @param byPeer whether the peer ended it
 */
public record Ended(Stage stage, Cause cause, String text, boolean byPeer) {

    static Ended of(Stage stage, Refusal refusal, String detail) {
        return new Ended(stage, refusal, detail.isEmpty() ? refusal.sentence() : refusal.sentence() + ": " + detail,
                false);
    }

    static Ended of(Stage stage, CloseReason reason) {
        Cause cause = reason.rule().<Cause>map(Cause.BrokenRule::new)
                .orElse(reason.byPeer() ? Refusal.LOST : Refusal.CLOSED);
        return new Ended(stage, cause, reason.text(), reason.byPeer());
    }

    /** A connection that was turned away before its machine was made. */
    public static Ended before(Refusal refusal, String detail) {
        return of(Stage.CONNECTED, refusal, detail);
    }
}
