package homeport.gateway.desk;

import java.util.List;
import java.util.Optional;

/**
 * Part of a list.
 *
 * @param next after which to go on; empty at the end
 * @param <C> what says where a page begins
 */
public record Page<T, C>(List<T> items, Optional<C> next) {
    public Page {
        items = List.copyOf(items);
    }
}
