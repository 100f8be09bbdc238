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
        text.codePoints().limit(256).map(c -> isPrintable(c) ? c : ' ').forEach(clean::appendCodePoint);
        return clean.toString();
    }

    /** Whether a line that holds the text still shows what it says. */
    static boolean isPrintable(String text) {
        return text.codePoints().allMatch(CloseReason::isPrintable);
    }

    /** Neither a control character, nor one that breaks a line or turns its direction. */
    private static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                false;
            default -> true;
        };
    }
}
