package homeport.netconf.datastore;

import homeport.netconf.RpcErrorException;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.PathArgument;
import org.opendaylight.yangtools.yang.data.api.YangNetconfErrorAware;
import org.opendaylight.yangtools.yang.data.api.schema.DistinctNodeContainer;
import org.opendaylight.yangtools.yang.data.api.schema.NormalizedNode;
import org.opendaylight.yangtools.yang.data.tree.api.DataTree;
import org.opendaylight.yangtools.yang.data.tree.api.DataTreeModification;
import org.opendaylight.yangtools.yang.data.tree.api.DataTreeModificationCursor;
import org.opendaylight.yangtools.yang.data.tree.api.VersionInfo;
import org.opendaylight.yangtools.yang.model.api.EffectiveModelContext;

/** Where the data tree found too few or too many entries, which it does not say. */
final class Refusal {
    private Refusal() {}

    /**
     * Too few or too many entries. The library names the list and not the instance; that is found among what the step
     * wrote, by doing it again on a modification nobody will use.
     */
    static RpcErrorException of(DataErrors errors, YangNetconfErrorAware aware, String message, DataTree tree,
            Consumer<DataTreeModification> step) {
        Recorder recorder = new Recorder(tree.takeSnapshot().newModification(), message);
        step.accept(recorder);
        return errors.refused(recorder.found().orElse(YangInstanceIdentifier.of()), aware, message);
    }

    /** Looks at all that is written for a list whose name a message begins with. */
    private static final class Recorder implements DataTreeModification {
        private final DataTreeModification to;
        private final String message;
        private Optional<YangInstanceIdentifier> found = Optional.empty();

        Recorder(DataTreeModification to, String message) {
            this.to = to;
            this.message = message;
        }

        Optional<YangInstanceIdentifier> found() {
            return found;
        }

        private boolean isMeant(PathArgument step) {
            return step instanceof NodeIdentifier && message.startsWith(step + " ");
        }

        private void look(YangInstanceIdentifier path, @Nullable NormalizedNode node) {
            YangInstanceIdentifier at = YangInstanceIdentifier.of();
            for (PathArgument step : path.getPathArguments()) {
                at = at.node(step);
                if (found.isEmpty() && isMeant(step)) {
                    found = Optional.of(at);
                }
            }
            if (node instanceof DistinctNodeContainer<?, ?> container && found.isEmpty()) {
                container.body().forEach(child -> look(path.node(child.name()), child));
            }
        }

        @Override
        public void delete(YangInstanceIdentifier path) {
            look(path, null);
            to.delete(path);
        }

        @Override
        public void merge(YangInstanceIdentifier path, NormalizedNode data) {
            look(path, data);
            to.merge(path, data);
        }

        @Override
        public void write(YangInstanceIdentifier path, NormalizedNode data) {
            look(path, data);
            to.write(path, data);
        }

        @Override
        public void ready() {
            to.ready();
        }

        @Override
        public void applyToCursor(DataTreeModificationCursor cursor) {
            to.applyToCursor(cursor);
        }

        @Override
        public EffectiveModelContext modelContext() {
            return to.modelContext();
        }

        @Override
        public Optional<NormalizedNode> readNode(YangInstanceIdentifier path) {
            return to.readNode(path);
        }

        @Override
        public Optional<VersionInfo> readVersionInfo(YangInstanceIdentifier path) {
            return to.readVersionInfo(path);
        }

        @Override
        public DataTreeModification newModification() {
            return to.newModification();
        }
    }
}
