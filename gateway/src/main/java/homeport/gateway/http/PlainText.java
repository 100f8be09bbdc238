package homeport.gateway.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** Characters that no text of a request may have. */
final class PlainText {
    private PlainText() {}

    /**
     * PostgreSQL keeps no U+0000, and half a surrogate pair is no character.
     *
     * @throws Problem when there is one in a text or a name, however deep
     */
    static void check(String where, @Nullable Object value) {
        switch (value) {
            case String text -> {
                if (text.codePoints().anyMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE)) {
                    throw Problem.invalid(where + " has the character U+0000, or half of one, which no text here has");
                }
            }
            case JsonObject object -> object.forEach(entry -> {
                check(where, entry.getKey());
                check(where, entry.getValue());
            });
            case JsonArray array -> array.forEach(each -> check(where, each));
            case null, default -> {
                // Numbers and truth values have no characters.
            }
        }
    }

    /** What ends up in terminals, logs and logins. @throws Problem when it has control characters */
    static String line(String what, String text) {
        if (text.codePoints().anyMatch(Character::isISOControl)) {
            throw Problem.invalid(what + " has control characters; it is one line of text that shows as it is");
        }
        return text;
    }
}
