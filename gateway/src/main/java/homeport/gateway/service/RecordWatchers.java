package homeport.gateway.service;

import homeport.gateway.live.RecordWatcher;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** All who are to hear of changed records, as one. */
public final class RecordWatchers implements RecordWatcher {
    private final List<RecordWatcher> all = new CopyOnWriteArrayList<>();

    RecordWatchers() {}

    public void add(RecordWatcher watcher) {
        all.add(watcher);
    }

    @Override
    public void deviceChanged(String id) {
        all.forEach(watcher -> watcher.deviceChanged(id));
    }

    @Override
    public void operatorChanged(String name) {
        all.forEach(watcher -> watcher.operatorChanged(name));
    }

    @Override
    public void trustChanged() {
        all.forEach(RecordWatcher::trustChanged);
    }
}
