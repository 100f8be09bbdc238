package homeport.netconf.datastore;

import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcError.Type;
import homeport.netconf.RpcErrorException;
import homeport.netconf.datastore.Changes.Change;
import homeport.netconf.xml.XmlElement;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangNetconfErrorAware;
import org.opendaylight.yangtools.yang.data.api.schema.ContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.NormalizedNode;
import org.opendaylight.yangtools.yang.data.spi.node.ImmutableNodes;
import org.opendaylight.yangtools.yang.data.tree.api.DataTree;
import org.opendaylight.yangtools.yang.data.tree.api.DataTreeCandidate;
import org.opendaylight.yangtools.yang.data.tree.api.DataTreeConfiguration;
import org.opendaylight.yangtools.yang.data.tree.api.DataTreeModification;
import org.opendaylight.yangtools.yang.data.tree.api.DataValidationFailedException;
import org.opendaylight.yangtools.yang.data.tree.api.TreeType;
import org.opendaylight.yangtools.yang.data.tree.impl.di.InMemoryDataTreeFactory;
import org.opendaylight.yangtools.yang.data.tree.spi.DataTreeCandidates;
import org.opendaylight.yangtools.yang.model.api.EffectiveModelContext;
import org.opendaylight.yangtools.yang.model.api.SchemaContext;

/**
 * The configuration datastores of one server (RFC 6241 §5.1): running and startup, which survive, and candidate, which
 * does not.
 *
 * <p>Data trees are immutable: reading takes no lock and keeps seeing what it began with. Changes are made one at a
 * time under a lock. A change to running is checked, then synced to disk, and only then seen.
 *
 * <p>A change costs what it touches, not what is there: the candidate is a tree over running's own nodes plus the list
 * of what was changed, validation looks at what a change can have broken, and the journal takes the change alone.
 */
public final class Datastores implements Closeable {
    /** The datastores a request can name. */
    public enum Name {
        RUNNING,
        CANDIDATE,
        STARTUP
    }

    /** What is checked, and whether anything is set (RFC 6241 §7.2, {@code test-option}). */
    public enum Test {
        /** A candidate is left to be checked at its commit; running is always checked. */
        SET,
        TEST_THEN_SET,
        TEST_ONLY
    }

    /**
     * What a restart does.
     *
     * <p>{@code RUNNING}: running is what it was. {@code STARTUP}: running begins with what startup holds, and the
     * server has the {@code :startup} capability (RFC 6241 §8.7).
     */
    public enum Boot {
        RUNNING,
        STARTUP
    }

    /** Looks at a change before it happens, and throws {@link RpcErrorException} to stop it. */
    @FunctionalInterface
    public interface Guard {
        void check(List<Change> changes);

        /** Lets everything pass. */
        Guard NONE = _ -> {};
    }

    /**
     * What an operation did.
     *
     * @param changes to the datastore it named
     * @param errors of parts that were left out ({@code continue-on-error})
     */
    public record Outcome(List<Change> changes, List<RpcError> errors) {}

    /** Is told what became of the part of running that it watches. */
    @FunctionalInterface
    public interface Watcher {
        /**
         * Running has changed, on disk too. Called by the thread that changed it, one change after another in their order
         * and without the datastores' lock: a watcher may read, and may change something itself, but should be quick, as
         * whoever changed running waits for it. What it throws is logged and undoes nothing.
         *
         * @param changes those below the watched container, never none
         */
        void changed(List<Change> changes);
    }

    /** Ends when it is closed. */
    public interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    private record Watched(QName top, Watcher watcher) {
        List<Change> of(List<Change> changes) {
            return changes.stream().filter(change -> change.path().isEmpty()
                    || change.path().getPathArguments().getFirst().getNodeType().equals(top)).toList();
        }
    }

    private record Prepared(DataTreeCandidate candidate, List<Change> changes) {}

    /** The journal may grow by this much, or by as much as a snapshot takes, before a snapshot is written. */
    private static final long SNAPSHOT_AFTER_BYTES = 1 << 20;
    /** A node whose condition fell away may have held up the condition of another; more rounds than this are a loop. */
    private static final int MOST_ROUNDS = 16;

    private static final DataTreeConfiguration STRICT = DataTreeConfiguration.builder(TreeType.CONFIGURATION)
            .setUniqueIndexes(false).setMandatoryNodesValidation(false).build();
    /**
     * Takes what is incomplete, and state as well as configuration. Nothing is put into it but what the codec made or
     * another tree had, so it does not go through what is written again: making one costs the same however much is there.
     */
    private static final DataTreeConfiguration LAX = DataTreeConfiguration.builder(TreeType.OPERATIONAL)
            .setUniqueIndexes(false).setMandatoryNodesValidation(false).setRecursiveWriteValidation(false).build();
    private static final ContainerNode EMPTY = ImmutableNodes.newContainerBuilder()
            .withNodeIdentifier(NodeIdentifier.create(SchemaContext.NAME)).build();

    private final Schemas schemas;
    private final DataErrors errors;
    private final Boot boot;
    private final @Nullable Journal journal;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<DataTreeCandidate> pending = new ArrayList<>();
    private final DataTree running;
    private volatile ContainerNode runningNow;
    private volatile @Nullable ContainerNode startup;
    private volatile @Nullable ContainerNode candidateNow;
    private @Nullable DataTree candidate;
    private boolean diverged;
    private @Nullable ContainerNode rollback;

    private final List<Watched> watchers = new CopyOnWriteArrayList<>();
    /** Changes that the watchers have still to be told, in order. */
    private final Queue<List<Change>> untold = new ConcurrentLinkedQueue<>();
    private final ReentrantLock telling = new ReentrantLock();

    private Datastores(Schemas schemas, Boot boot, @Nullable Journal journal, ContainerNode runningNow,
            @Nullable ContainerNode startup) {
        this.schemas = schemas;
        this.errors = new DataErrors(schemas);
        this.boot = boot;
        this.journal = journal;
        this.running = tree(schemas.context(), STRICT, runningNow);
        this.runningNow = runningNow;
        this.startup = startup;
    }

    /** Datastores that are gone with the process. */
    public static Datastores inMemory(Schemas schemas, Boot boot) {
        return new Datastores(schemas, boot, null, EMPTY, null);
    }

    /**
     * Opens the datastores kept in a directory, made when it is not there. A change that was not confirmed when the
     * process ended is undone (RFC 6241 §8.4.1).
     *
     * @throws IOException when they are open in another process, damaged, or do not fit the schemas
     */
    public static Datastores open(Schemas schemas, Path directory, Boot boot) throws IOException {
        Journal journal = Journal.open(directory, SNAPSHOT_AFTER_BYTES);
        try {
            Recovery recovery = new Recovery(schemas, journal.takeRecovered());
            ContainerNode running = boot == Boot.STARTUP ? recovery.startup().orElse(EMPTY) : recovery.running();
            Datastores datastores = new Datastores(schemas, boot, journal, running, recovery.startup().orElse(null));
            if (recovery.needsSnapshot() || !running.equals(recovery.running())) {
                datastores.snapshot(journal);
            }
            return datastores;
        } catch (IOException | RuntimeException e) {
            journal.close();
            throw e;
        }
    }

    /** All of a tree, written; the library takes no root without children. */
    static void write(DataTreeModification tree, ContainerNode content) {
        if (content.isEmpty()) {
            root(tree.readNode(YangInstanceIdentifier.of()).orElse(EMPTY)).body()
                    .forEach(child -> tree.delete(YangInstanceIdentifier.of(child.name())));
        } else {
            tree.write(YangInstanceIdentifier.of(), content);
        }
    }

    static ContainerNode empty() {
        return EMPTY;
    }

    /**
     * A tree that holds this. It is made empty and then written to: one that yangtools makes of content it is given does
     * not let its last node go.
     */
    static DataTree tree(EffectiveModelContext context, DataTreeConfiguration configuration, ContainerNode content) {
        DataTree tree = new InMemoryDataTreeFactory().create(configuration, context);
        if (!content.isEmpty()) {
            try {
                DataTreeModification all = tree.takeSnapshot().newModification();
                all.write(YangInstanceIdentifier.of(), content);
                all.ready();
                tree.validate(all);
                tree.commit(tree.prepare(all));
            } catch (DataValidationFailedException e) {
                throw new IllegalStateException("a datastore's content does not fit its schema", e);
            }
        }
        return tree;
    }

    static DataTree lenient(Schemas schemas, ContainerNode content) {
        return tree(schemas.context(), LAX, content);
    }

    public Schemas schemas() {
        return schemas;
    }

    public Boot boot() {
        return boot;
    }

    /** A datastore's content as it stands; it does not change under the reader. */
    public ContainerNode read(Name name) {
        return switch (name) {
            case RUNNING -> runningNow;
            case CANDIDATE -> orElse(candidateNow, () -> runningNow);
            case STARTUP -> orElse(startup, () -> EMPTY);
        };
    }

    /** A top-level container of running, as code that goes by it reads it. */
    public Optional<ConfigNode> running(String namespace, String local) {
        return ConfigNode.top(schemas, runningNow, namespace, local);
    }

    /**
     * Tells of every change to a top-level container of running from here on, whoever makes it: an edit, a commit, or a
     * commit that nobody confirmed and that is undone. {@link #running(String, String)} reads what is there now.
     */
    public Watch watch(String namespace, String local, Watcher watcher) {
        Definition top = schemas.root().child(namespace, local);
        if (top == null) {
            throw new IllegalArgumentException("no module defines " + local + " in " + namespace);
        }
        Watched watched = new Watched(top.name(), watcher);
        watchers.add(watched);
        return () -> watchers.remove(watched);
    }

    private static ContainerNode orElse(@Nullable ContainerNode content, Supplier<ContainerNode> other) {
        return content == null ? other.get() : content;
    }

    /** Whether the candidate has changes that were not committed. */
    public boolean isCandidateModified() {
        return candidateNow != null;
    }

    /**
     * {@code edit-config} of running or candidate.
     *
     * @throws RpcErrorException when nothing was changed
     */
    public Outcome edit(Name target, XmlElement config, Edit.Operation defaultOperation, boolean continueOnError,
            Test test, Guard guard) {
        List<RpcError> left = new ArrayList<>();
        List<Change> changes = change(target, tree -> left
                .addAll(Edit.apply(schemas, tree, config, defaultOperation, continueOnError)), test, guard);
        return new Outcome(changes, left);
    }

    /** {@code copy-config}: a datastore's whole content becomes this. */
    public Outcome replace(Name target, ContainerNode content, Guard guard) {
        if (target != Name.STARTUP) {
            return new Outcome(
                    change(target, tree -> write(tree, content), Test.SET, guard),
                    List.of());
        }
        return locked(() -> {
            List<Change> changes = Changes.between(schemas, read(Name.STARTUP), content);
            guard.check(changes);
            if (content != runningNow) {
                valid(Constraints.checkAll(schemas, content));
            }
            journal(content == runningNow ? new Records.StartupIsRunning() : new Records.Startup(content));
            startup = content;
            return new Outcome(changes, List.of());
        });
    }

    /** {@code delete-config} of startup. */
    public void deleteStartup(Guard guard) {
        locked(() -> {
            guard.check(Changes.between(schemas, read(Name.STARTUP), EMPTY));
            journal(new Records.StartupGone());
            startup = null;
            return EMPTY;
        });
    }

    /** The content of an inline {@code config}, as {@code copy-config} and {@code validate} take it. */
    public ContainerNode parse(XmlElement config) {
        DataTreeModification tree = lenient(schemas, EMPTY).takeSnapshot().newModification();
        Edit.apply(schemas, tree, config, Edit.Operation.MERGE, false);
        tree.ready();
        return root(tree.readNode(YangInstanceIdentifier.of()).orElse(EMPTY));
    }

    /**
     * Running with state put in.
     *
     * @param state top-level elements; what does not fit the schemas is a mistake of whoever made them
     */
    public ContainerNode withState(List<XmlElement> state) {
        DataTreeModification tree = lenient(schemas, runningNow).takeSnapshot().newModification();
        for (XmlElement element : state) {
            Definition definition = schemas.root().child(element.namespace(), element.local());
            if (definition == null) {
                throw new IllegalArgumentException("state that no module defines: " + element.name());
            }
            try {
                tree.merge(definition.under(YangInstanceIdentifier.of()), schemas.parse(definition, element));
            } catch (Schemas.MalformedData e) {
                throw new IllegalArgumentException("state that does not fit its module: " + element.name(), e);
            }
        }
        return root(tree.readNode(YangInstanceIdentifier.of()).orElse(EMPTY));
    }

    /** Only the state of a tree that has both, with the containers and keys that lead to it. */
    public static ContainerNode stateOf(Schemas schemas, ContainerNode all) {
        return Redaction.stateOf(schemas, all);
    }

    /** No data at all. */
    public static ContainerNode nothing() {
        return EMPTY;
    }

    /** A tree cut off below some number of levels; 0 cuts nothing off (RFC 8526 §3.1, {@code max-depth}). */
    public static ContainerNode toDepth(ContainerNode data, int levels) {
        return levels == 0 ? data : Redaction.toDepth(data, levels);
    }

    /** {@code validate}. */
    public void validate(Name name) {
        locked(() -> {
            if (name == Name.CANDIDATE && candidate != null) {
                prepare(this::applyCandidate);
            } else {
                validate(read(name));
            }
            return EMPTY;
        });
    }

    /** Checks content against every rule of the schemas. */
    public void validate(ContainerNode content) {
        valid(Constraints.checkAll(schemas, content));
        DataTree scratch = tree(schemas.context(), STRICT, EMPTY);
        candidate(scratch, tree -> write(tree, content));
    }

    /**
     * {@code commit}: running becomes what the candidate is.
     *
     * @param unconfirmed whether {@link #rollBack} is to undo it until {@link #confirm} is called; what was unconfirmed
     *     before stays so
     */
    public Outcome commit(boolean unconfirmed, Guard guard) {
        return locked(() -> {
            Prepared prepared = prepare(this::applyCandidate);
            guard.check(prepared.changes());
            if (unconfirmed) {
                ContainerNode before = runningNow;
                take(prepared, new Records.Unconfirmed(prepared.candidate()));
                if (rollback == null) {
                    rollback = before;
                }
            } else {
                if (!prepared.changes().isEmpty()) {
                    take(prepared, rollback == null
                            ? new Records.Changed(prepared.candidate())
                            : new Records.Unconfirmed(prepared.candidate()));
                }
                settle();
            }
            forgetCandidate();
            return new Outcome(prepared.changes(), List.of());
        });
    }

    private void settle() {
        if (rollback != null) {
            journal(new Records.Confirmed());
            rollback = null;
        }
    }

    /** What was unconfirmed stays. */
    public void confirm() {
        locked(() -> {
            settle();
            return EMPTY;
        });
    }

    /** Undoes what was not confirmed; nothing when there is nothing. */
    public List<Change> rollBack() {
        return locked(() -> {
            ContainerNode before = rollback;
            if (before == null) {
                return List.of();
            }
            DataTreeCandidate change = candidate(running, tree -> write(tree, before));
            List<Change> changes = Changes.of(schemas, change);
            take(new Prepared(change, changes), new Records.RolledBack());
            rollback = null;
            return changes;
        });
    }

    /** {@code discard-changes}: the candidate is what running is. */
    public void discard() {
        locked(() -> {
            forgetCandidate();
            return EMPTY;
        });
    }

    private void forgetCandidate() {
        candidate = null;
        candidateNow = null;
        pending.clear();
        diverged = false;
    }

    /** Makes a change by any means. */
    List<Change> change(Name target, Consumer<DataTreeModification> step, Test test, Guard guard) {
        return locked(() -> switch (target) {
            case RUNNING -> {
                Prepared prepared = prepare(step);
                guard.check(prepared.changes());
                if (test != Test.TEST_ONLY && !prepared.changes().isEmpty()) {
                    take(prepared, rollback == null
                            ? new Records.Changed(prepared.candidate())
                            : new Records.Unconfirmed(prepared.candidate()));
                }
                yield prepared.changes();
            }
            case CANDIDATE -> changeCandidate(step, test, guard);
            case STARTUP -> throw new RpcErrorException(Type.PROTOCOL, Tag.OPERATION_NOT_SUPPORTED,
                    "startup is copied to, not edited");
        });
    }

    private List<Change> changeCandidate(Consumer<DataTreeModification> step, Test test, Guard guard) {
        DataTree tree = candidate == null ? lenient(schemas, runningNow) : candidate;
        DataTreeCandidate change;
        try {
            change = prepared(tree, step);
        } catch (DataValidationFailedException | IllegalArgumentException | IllegalStateException e) {
            if (aboutNumbers(e).isEmpty()) {
                throw failed(e);
            }
            // Too few entries, or too many: not for a candidate to mind.
            tree = tree(schemas.withoutNumbers(), LAX, candidate == null ? runningNow : content(candidate));
            change = candidate(tree, step);
        }
        List<Change> changes = Changes.of(schemas, change);
        guard.check(changes);
        if (test != Test.SET) {
            prepare(next -> {
                applyCandidate(next);
                step.accept(next);
            });
        }
        if (test != Test.TEST_ONLY && !changes.isEmpty()) {
            tree.commit(change);
            pending.add(change);
            candidate = tree;
            candidateNow = content(tree);
        }
        return changes;
    }

    private void applyCandidate(DataTreeModification tree) {
        if (diverged && candidate != null) {
            write(tree, content(candidate));
        } else {
            pending.forEach(change -> DataTreeCandidates.applyToModification(tree, change));
        }
    }

    /** A change of running that passed every check. */
    private Prepared prepare(Consumer<DataTreeModification> step) {
        List<YangInstanceIdentifier> obsolete = new ArrayList<>();
        for (int round = 0; round < MOST_ROUNDS; round++) {
            DataTreeCandidate change = candidate(running, step.andThen(tree -> obsolete.forEach(tree::delete)));
            NormalizedNode after = change.getRootNode().dataAfter();
            List<Change> changes = Changes.of(schemas, change);
            Constraints.Verdict verdict = Constraints.check(schemas, after == null ? EMPTY : root(after), changes);
            valid(verdict);
            if (verdict.obsolete().isEmpty()) {
                return new Prepared(change, changes);
            }
            obsolete.addAll(verdict.obsolete());
        }
        throw new RpcErrorException(Type.APPLICATION, Tag.OPERATION_FAILED,
                "conditions depend on each other in a circle");
    }

    private static void valid(Constraints.Verdict verdict) {
        if (!verdict.errors().isEmpty()) {
            throw new RpcErrorException(verdict.errors());
        }
    }

    /** A change the library's own checks let pass: structure, keys, cases and, where the tree has them, numbers. */
    private DataTreeCandidate candidate(DataTree tree, Consumer<DataTreeModification> step) {
        try {
            return prepared(tree, step);
        } catch (DataValidationFailedException | IllegalArgumentException | IllegalStateException e) {
            throw aboutNumbers(e).map(aware -> Refusal.of(errors, aware, String.valueOf(e.getMessage()), tree, step))
                    .orElseGet(() -> failed(e));
        }
    }

    private static DataTreeCandidate prepared(DataTree tree, Consumer<DataTreeModification> step)
            throws DataValidationFailedException {
        DataTreeModification modification = tree.takeSnapshot().newModification();
        step.accept(modification);
        modification.ready();
        tree.validate(modification);
        return tree.prepare(modification);
    }

    private static Optional<YangNetconfErrorAware> aboutNumbers(Throwable found) {
        for (Throwable cause = found; cause != null; cause = cause.getCause()) {
            if (cause instanceof YangNetconfErrorAware aware) {
                return Optional.of(aware);
            }
        }
        return Optional.empty();
    }

    private static RpcErrorException failed(Exception found) {
        return new RpcErrorException(Type.APPLICATION, Tag.OPERATION_FAILED, String.valueOf(found.getMessage()));
    }

    private void take(Prepared prepared, Records record) {
        journal(record);
        running.commit(prepared.candidate());
        runningNow = content(running);
        if (!watchers.isEmpty() && !prepared.changes().isEmpty()) {
            untold.add(prepared.changes());
        }
        if (candidate != null) {
            diverged = true;
        }
        if (journal != null && journal.wantsSnapshot()) {
            try {
                snapshot(journal);
            } catch (IOException e) {
                // The journal goes on where it was; the next change tries again.
                System.getLogger(Datastores.class.getName()).log(System.Logger.Level.WARNING,
                        "the datastores' snapshot was not written", e);
            }
        }
    }

    private void journal(Records record) {
        if (journal != null) {
            try {
                journal.append(Records.encode(record));
            } catch (IOException e) {
                throw new RpcErrorException(Type.APPLICATION, Tag.OPERATION_FAILED,
                        "the change could not be written to disk: " + e.getMessage());
            }
        }
    }

    private void snapshot(Journal to) throws IOException {
        to.snapshot(Records.encode(
                new Records.Snapshot(runningNow, Optional.ofNullable(startup), Optional.ofNullable(rollback))));
    }

    private static ContainerNode content(DataTree tree) {
        return root(tree.takeSnapshot().readNode(YangInstanceIdentifier.of()).orElse(EMPTY));
    }

    private static ContainerNode root(NormalizedNode node) {
        if (node instanceof ContainerNode container) {
            return container;
        }
        throw new IllegalStateException("a datastore's root is not a container: " + node.name());
    }

    private <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
            tellWatchers();
        }
    }

    private void tellWatchers() {
        // A watcher that changes something is told of that when it has returned.
        if (untold.isEmpty() || telling.isHeldByCurrentThread()) {
            return;
        }
        telling.lock();
        try {
            for (List<Change> changes = untold.poll(); changes != null; changes = untold.poll()) {
                for (Watched watched : watchers) {
                    tell(watched, changes);
                }
            }
        } finally {
            telling.unlock();
        }
    }

    private static void tell(Watched watched, List<Change> changes) {
        List<Change> own = watched.of(changes);
        if (own.isEmpty()) {
            return;
        }
        try {
            watched.watcher().changed(own);
        } catch (RuntimeException failed) {
            System.getLogger(Datastores.class.getName()).log(System.Logger.Level.ERROR,
                    "a change of running was made, and a watcher of it failed", failed);
        }
    }

    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            if (journal != null) {
                journal.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
