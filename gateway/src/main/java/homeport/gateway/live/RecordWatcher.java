package homeport.gateway.live;

/**
 * Is told what was changed on record, after it is on disk, so that it takes effect at once: held devices are looked at
 * again, sessions of whoever lost the right to them end. Called on threads that may block.
 */
public interface RecordWatcher {
    /** A device was added, approved, refused, removed, renamed, changed, or its keys were. */
    default void deviceChanged(String id) {}

    /** An operator's role, selectors or keys were changed, or the operator was removed. */
    default void operatorChanged(String name) {}

    /** An authority was added, changed or removed. */
    default void trustChanged() {}
}
