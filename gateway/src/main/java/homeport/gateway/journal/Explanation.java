package homeport.gateway.journal;

import homeport.callhome.Refusal;
import homeport.gateway.admission.Reason;
import homeport.gateway.inventory.Attempt;
import homeport.gateway.inventory.AttemptStage;
import homeport.ssh.wire.Rule;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * An entry of the journal in words.
 *
 * @param happened one sentence
 * @param remedy one sentence; commands in it are ready to paste, with what strangers said in quotes
 */
public record Explanation(String happened, String remedy) {
    private record Text(String sentence, Function<AttemptStage, String> remedy) {}

    private static final Map<String, Text> TEXTS = texts();

    private static Map<String, Text> texts() {
        var texts = new HashMap<String, Text>();
        for (var reason : Reason.values()) {
            texts.put(reason.code(), new Text(reason.sentence(), stage -> Remedies.of(reason)));
        }
        for (var refusal : Refusal.values()) {
            texts.put(refusal.code(), new Text(refusal.sentence(), stage -> Remedies.of(refusal, stage)));
        }
        for (var rule : Rule.values()) {
            texts.put("ssh-" + rule.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    new Text(rule.sentence(), stage -> Remedies.of(rule, stage)));
        }
        for (var code : SessionCode.values()) {
            texts.put(code.code(), new Text(code.sentence(), stage -> Remedies.of(code)));
        }
        return Map.copyOf(texts);
    }

    /** All codes that have one. */
    static java.util.Set<String> codes() {
        return TEXTS.keySet();
    }

    /** Of any attempt, that of a code from another version too. */
    public static Explanation of(Attempt attempt) {
        var text = TEXTS.get(attempt.code());
        if (text == null) {
            return new Explanation(sentence(attempt.detail().isEmpty() ? attempt.code() : attempt.detail()),
                    "This version knows no more about it.");
        }
        var detail = attempt.detail();
        var happened = detail.isEmpty() || detail.equals(text.sentence())
                ? text.sentence()
                : detail.startsWith(text.sentence()) ? detail : text.sentence() + " (" + detail + ")";
        return new Explanation(sentence(happened), filled(text.remedy().apply(attempt.stage()), attempt));
    }

    private static String sentence(String text) {
        var clean = new StringBuilder();
        text.codePoints().forEach(c -> clean.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
        if (!clean.isEmpty()) {
            clean.setCharAt(0, Character.toUpperCase(clean.charAt(0)));
        }
        return clean.isEmpty() || ".!?".indexOf(clean.charAt(clean.length() - 1)) >= 0
                ? clean.toString()
                : clean.append('.').toString();
    }

    private static String filled(String remedy, Attempt attempt) {
        var filled = new StringBuilder();
        int at = 0;
        // One pass: what stands in an id is not looked at again.
        for (int open = remedy.indexOf('{'); open >= 0; open = remedy.indexOf('{', at)) {
            int close = remedy.indexOf('}', open);
            filled.append(remedy, at, open).append(switch (remedy.substring(open + 1, close)) {
                case "id" -> quoted(attempt.device(), "ID");
                case "key" -> quoted(attempt.fingerprint(), "FINGERPRINT");
                case "address" -> quoted(attempt.address(), "ADDRESS");
                default -> throw new IllegalStateException(remedy);
            });
            at = close + 1;
        }
        return filled.append(remedy.substring(at)).toString();
    }

    /** For a shell: an id is a stranger's text, and an operator pastes it. */
    static String quoted(String text, String whenEmpty) {
        if (text.isEmpty()) {
            return whenEmpty;
        }
        return text.matches("[A-Za-z0-9_@%+=:,./][A-Za-z0-9_@%+=:,./-]*")
                ? text
                : "'" + text.replace("'", "'\\''") + "'";
    }
}
