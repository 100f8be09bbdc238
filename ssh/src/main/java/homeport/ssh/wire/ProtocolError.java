package homeport.ssh.wire;

/**
 * A rule of the protocol that did not hold: which {@link Rule}, and with what.
 *
 * <p>Thrown by parsers and state machines alike, and caught in one place, where the connection ends with the rule's
 * disconnect code. It carries no stack trace: a peer can cause thousands of these in a second, and the rule says more.
 * The detail is for our own journal; it never holds a secret, and of the peer's bytes only printable ones.
 */
public final class ProtocolError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Characters: room for two lists of algorithms, and no more of what a stranger has to say. */
    private static final int MOST_DETAIL = 2000;

    private final Rule rule;
    private final String detail;

    public ProtocolError(Rule rule, String detail) {
        String bounded = detail.length() <= MOST_DETAIL ? detail : detail.substring(0, MOST_DETAIL) + "…";
        super(sentence(rule, bounded), null, false, false);
        this.rule = rule;
        this.detail = bounded;
    }

    public ProtocolError(Rule rule) {
        this(rule, "");
    }

    /** The rule's breach and what was met, in one line for the journal. */
    public String sentence() {
        return sentence(rule, detail);
    }

    private static String sentence(Rule rule, String detail) {
        return detail.isEmpty() ? rule.sentence() : rule.sentence() + ": " + detail;
    }

    public Rule rule() {
        return rule;
    }

    public Fault fault() {
        return rule.fault();
    }

    /** What was met, for the journal; empty when the rule says it all. */
    public String detail() {
        return detail;
    }
}
