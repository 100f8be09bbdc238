package homeport.callhome;

import homeport.ssh.wire.Rule;
import java.util.Locale;

/** Why a connection ended: a {@link Refusal} of ours, or a rule of SSH. */
public sealed interface Cause permits Refusal, Cause.BrokenRule {
    /** The name of its counter: lower case, words joined by hyphens. */
    String code();

    /** In words, without a full stop. */
    String sentence();

    /** A rule of the protocol did not hold. */
    record BrokenRule(Rule rule) implements Cause {
        @Override
        public String code() {
            return "ssh-" + rule.name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        @Override
        public String sentence() {
            return rule.sentence();
        }
    }
}
