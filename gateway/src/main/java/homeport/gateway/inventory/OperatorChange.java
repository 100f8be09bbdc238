package homeport.gateway.inventory;

import homeport.ssh.key.PublicKeyFile;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is changed about an operator; what is empty stays as it is.
 *
 * @param keys all that the operator has from then on
 * @param selectors all that the operator has from then on, as in {@link Operator}
 */
public record OperatorChange(Optional<Role> role, Optional<List<PublicKeyFile>> keys,
        Optional<Map<String, Set<String>>> selectors) {
    public OperatorChange {
        keys = keys.map(List::copyOf);
        selectors = selectors.map(Map::copyOf);
    }

    /** Role and selectors anew, and the keys as they are. */
    public static OperatorChange rights(Role role, Map<String, Set<String>> selectors) {
        return new OperatorChange(Optional.of(role), Optional.empty(), Optional.of(selectors));
    }
}
