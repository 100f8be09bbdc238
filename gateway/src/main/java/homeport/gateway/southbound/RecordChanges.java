package homeport.gateway.southbound;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was changed on record of late, so that what was read before a change is not acted on after it, and a change of one
 * device costs the others nothing. Safe for all threads.
 */
final class RecordChanges {
    /** Names that are kept; a change of another is taken for one of everybody's once as many have followed. */
    private static final int MOST = 4_096;

    private final Map<String, Long> last = new LinkedHashMap<>();
    private long count;
    /** The last change that concerns everybody, or whose name is no longer kept. */
    private long everybody;

    /** To be asked for before the record is read. */
    synchronized long count() {
        return count;
    }

    /** A device's record, by its id or by the fingerprint under which it waits. */
    synchronized void changed(String name) {
        last.remove(name); // so that it is the newest
        last.put(name, ++count);
        if (last.size() > MOST) {
            var oldest = last.entrySet().iterator();
            everybody = Math.max(everybody, oldest.next().getValue());
            oldest.remove();
        }
    }

    /** Something that any decision may hang on. */
    synchronized void allChanged() {
        last.clear();
        everybody = ++count;
    }

    /** Whether a decision about these names, from what was read at that count, may be another by now. */
    synchronized boolean since(long before, Collection<String> names) {
        return everybody > before || names.stream().anyMatch(name -> last.getOrDefault(name, 0L) > before);
    }
}
