package homeport.gateway.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The settings as they are found, by their keys, each with where it stands. */
final class Settings {
    /** @param list whether several values may stand there */
    record Key(String name, String standard, boolean list) {
        /** {@code limits.login-grace} is {@code HOMEPORT_LIMITS_LOGIN_GRACE}. */
        String variable() {
            return "HOMEPORT_" + name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
        }
    }

    record Value(List<String> texts, Origin origin) {}

    private final Map<String, Key> keys;
    private final Map<String, Value> values = new HashMap<>();

    Settings(List<Key> keys) {
        var byName = new HashMap<String, Key>();
        for (var key : keys) {
            byName.put(key.name(), key);
            values.put(key.name(), new Value(split(key, key.standard()), new Origin.Default()));
        }
        this.keys = Map.copyOf(byName);
    }

    /** Sets what is found; an unknown key stops. */
    void put(String name, List<String> texts, Origin origin) {
        var key = keys.get(name);
        if (key == null) {
            throw new ConfigError(origin, name, "there is no such setting" + suggestion(name));
        }
        if (!key.list() && texts.size() != 1) {
            throw new ConfigError(origin, name, "one value is due here");
        }
        values.put(name, new Value(List.copyOf(texts), origin));
    }

    /** From one text: the values of a list stand with commas between them. */
    void put(String name, String text, Origin origin) {
        var key = keys.get(name);
        put(name, key == null ? List.of(text) : split(key, text), origin);
    }

    private static List<String> split(Key key, String text) {
        if (!key.list()) {
            return List.of(text);
        }
        var all = new ArrayList<String>();
        for (var part : text.split(",", -1)) {
            all.add(part.strip());
        }
        return all;
    }

    boolean has(String name) {
        return keys.containsKey(name);
    }

    /** Whether {@code name} is a section, such as {@code limits}. */
    boolean isSection(String name) {
        return keys.keySet().stream().anyMatch(key -> key.startsWith(name + "."));
    }

    @Nullable
    Key byVariable(String variable) {
        return keys.values().stream().filter(key -> key.variable().equals(variable)).findFirst().orElse(null);
    }

    <T> T one(String name, Function<String, T> reader) {
        return all(name, texts -> reader.apply(texts.getFirst()));
    }

    <T> T all(String name, Function<List<String>, T> reader) {
        var value = values.get(name);
        if (value == null) {
            throw new IllegalStateException(name);
        }
        try {
            return reader.apply(value.texts());
        } catch (IllegalArgumentException e) {
            throw new ConfigError(value.origin(), name, String.valueOf(e.getMessage()));
        }
    }

    Origin origin(String name) {
        var value = values.get(name);
        return value == null ? new Origin.Default() : value.origin();
    }

    /** The known key that is most like it, if one is like it at all. */
    private String suggestion(String name) {
        var last = name.substring(name.lastIndexOf('.') + 1);
        return keys.keySet().stream()
                .filter(key -> distance(key, name) <= 2
                        || distance(key.substring(key.lastIndexOf('.') + 1), last) <= 1)
                .min((a, b) -> Integer.compare(distance(a, name), distance(b, name)))
                .map(key -> "; is " + key + " meant?").orElse("");
    }

    /** Levenshtein's. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int corner = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = corner + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                corner = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
