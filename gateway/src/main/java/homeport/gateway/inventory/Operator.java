package homeport.gateway.inventory;

import homeport.ssh.key.Fingerprint;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Somebody who uses the gateway.
 *
 * @param keys lines of public keys by fingerprint
 * @param selectors for each label the values a device may have, for all labels that are named; empty for every device
 */
public record Operator(String name, Role role, Map<Fingerprint, String> keys, Map<String, Set<String>> selectors) {
    public Operator {
        keys = Map.copyOf(keys);
        selectors = java.util.Collections.unmodifiableMap(new TreeMap<>(selectors));
    }

    /** Whether a text can be an operator's name: it stands before {@code +} and {@code @} in SSH logins. */
    public static boolean isName(String text) {
        return text.matches("[a-z0-9_][a-z0-9_.-]{0,63}");
    }
}
