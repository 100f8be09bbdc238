package homeport.netconf.datastore;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.data.api.schema.ContainerNode;
import org.opendaylight.yangtools.yang.data.tree.api.DataTree;
import org.opendaylight.yangtools.yang.data.tree.api.DataTreeCandidate;
import org.opendaylight.yangtools.yang.data.tree.api.DataTreeModification;
import org.opendaylight.yangtools.yang.data.tree.api.DataValidationFailedException;
import org.opendaylight.yangtools.yang.data.tree.spi.DataTreeCandidates;

/** Brings datastores back from their journal's records. */
final class Recovery {
    private final Schemas schemas;
    private final boolean needsSnapshot;
    private DataTree running;
    private @Nullable ContainerNode startup;
    private @Nullable ContainerNode rollback;

    Recovery(Schemas schemas, List<byte[]> records) throws IOException {
        this.schemas = schemas;
        this.running = Datastores.lenient(schemas, Datastores.empty());
        for (byte[] record : records) {
            replay(Records.decode(record));
        }
        // What nobody confirmed is undone, and that is written down at once.
        needsSnapshot = records.isEmpty() || rollback != null;
        if (rollback != null) {
            running = Datastores.lenient(schemas, rollback);
        }
    }

    private void replay(Records record) throws IOException {
        switch (record) {
            case Records.Snapshot(var content, var saved, var before) -> {
                try {
                    running = Datastores.lenient(schemas, Datastores.empty());
                    apply(tree -> Datastores.write(tree, content));
                } catch (IllegalArgumentException e) {
                    throw new IOException("the datastores do not fit the schemas: " + e.getMessage(), e);
                }
                startup = saved.orElse(null);
                rollback = before.orElse(null);
            }
            case Records.Changed(var change) -> apply(change);
            case Records.Unconfirmed(var change) -> {
                ContainerNode before = running();
                apply(change);
                if (rollback == null) {
                    rollback = before;
                }
            }
            case Records.Confirmed() -> rollback = null;
            case Records.RolledBack() -> {
                running = Datastores.lenient(schemas, rollback == null ? running() : rollback);
                rollback = null;
            }
            case Records.Startup(var content) -> startup = content;
            case Records.StartupIsRunning() -> startup = running();
            case Records.StartupGone() -> startup = null;
        }
    }

    private void apply(DataTreeCandidate change) throws IOException {
        apply(tree -> DataTreeCandidates.applyToModification(tree, change));
    }

    private void apply(Consumer<DataTreeModification> step) throws IOException {
        try {
            DataTreeModification tree = running.takeSnapshot().newModification();
            step.accept(tree);
            tree.ready();
            running.validate(tree);
            running.commit(running.prepare(tree));
        } catch (DataValidationFailedException | IllegalArgumentException | IllegalStateException e) {
            throw new IOException("a journal record does not fit the schemas: " + e.getMessage(), e);
        }
    }

    ContainerNode running() {
        return running.takeSnapshot().readNode(YangInstanceIdentifier.of()).map(ContainerNode.class::cast)
                .orElse(Datastores.empty());
    }

    Optional<ContainerNode> startup() {
        return Optional.ofNullable(startup);
    }

    boolean needsSnapshot() {
        return needsSnapshot;
    }
}
