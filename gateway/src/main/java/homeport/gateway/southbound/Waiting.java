package homeport.gateway.southbound;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The connections that wait for an operator, by every name that one may decide about. Safe for all threads. */
final class Waiting {
    /** With the names they are listed under, which a later decision may change. */
    private final Map<Visit, Set<String>> names = new ConcurrentHashMap<>();
    private final Map<String, Set<Visit>> byName = new ConcurrentHashMap<>();

    void add(Visit visit) {
        names.compute(visit, (key, before) -> {
            if (before != null) {
                forget(visit, before);
            }
            var now = visit.names();
            now.forEach(name -> byName.compute(name, (same, others) -> {
                var all = others == null ? ConcurrentHashMap.<Visit>newKeySet() : others;
                all.add(visit);
                return all;
            }));
            return now;
        });
    }

    void remove(Visit visit) {
        names.computeIfPresent(visit, (key, before) -> {
            forget(visit, before);
            return null;
        });
    }

    private void forget(Visit visit, Set<String> before) {
        before.forEach(name -> byName.computeIfPresent(name, (same, others) -> {
            others.remove(visit);
            return others.isEmpty() ? null : others;
        }));
    }

    Set<Visit> called(String name) {
        return Set.copyOf(byName.getOrDefault(name, Set.of()));
    }

    Set<Visit> all() {
        return Set.copyOf(names.keySet());
    }

    int size() {
        return names.size();
    }
}
