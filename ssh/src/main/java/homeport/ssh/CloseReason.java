package homeport.ssh;

import homeport.ssh.wire.Fault;
import homeport.ssh.wire.Rule;
import java.util.Optional;

/**
 * Why a connection ended.
 *
 * @param rule           the rule that was broken; absent when the owner closed it, or the peer with nothing wrong
 * @param disconnectCode the code that was sent or received (RFC 4253 §11.1)
 * @param text           for people; what a peer sent is cleaned of control characters
 * @param byPeer         whether the peer ended it
 */
public record CloseReason(Optional<Rule> rule, int disconnectCode, String text, boolean byPeer) {
    /** Whose doing it was; absent when the owner closed the connection in good order. */
    public Optional<Fault> fault() {
        return rule.map(Rule::fault);
    }

    /** The text of a peer, made fit for one line of a journal. */
    static String printable(String text) {
        var clean = new StringBuilder(Math.min(text.length(), 256));
        text.codePoints().limit(256).map(c -> Character.isISOControl(c) ? ' ' : c).forEach(clean::appendCodePoint);
        return clean.toString();
    }
}
