package homeport.netconf.datastore;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.PathArgument;
import org.opendaylight.yangtools.yang.data.api.schema.ChoiceNode;
import org.opendaylight.yangtools.yang.data.api.schema.DataContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.DistinctNodeContainer;
import org.opendaylight.yangtools.yang.data.api.schema.NormalizedNode;
import org.opendaylight.yangtools.yang.data.api.schema.OrderedNodeContainer;
import org.opendaylight.yangtools.yang.data.tree.api.DataTreeCandidate;
import org.opendaylight.yangtools.yang.data.tree.api.DataTreeCandidateNode;
import org.opendaylight.yangtools.yang.data.tree.api.ModificationType;

/**
 * What a change of a data tree did to data nodes: subtrees that came or went, each once at its top, and values that
 * differ. Reading it costs what changed, not what is there, unless the whole tree was written.
 */
public final class Changes {
    /** What became of a node. {@code MOVED} is of a list whose entries stand in another order. */
    public enum Kind {
        CREATED,
        UPDATED,
        DELETED,
        MOVED
    }

    /**
     * One change.
     *
     * @param path the data node; for {@code MOVED} the list
     * @param before what was there; null for {@code CREATED}
     * @param after what is there; null for {@code DELETED}
     */
    public record Change(Kind kind, Definition definition, YangInstanceIdentifier path, @Nullable NormalizedNode before,
            @Nullable NormalizedNode after) {}

    private final List<Change> all = new ArrayList<>();

    private Changes() {}

    static List<Change> of(Schemas schemas, DataTreeCandidate candidate) {
        Changes changes = new Changes();
        changes.container(schemas.root(), YangInstanceIdentifier.of(), candidate.getRootNode());
        return changes.all;
    }

    /** The difference between two trees, found by comparing them. */
    static List<Change> between(Schemas schemas, NormalizedNode before, NormalizedNode after) {
        Changes changes = new Changes();
        changes.compare(schemas.root(), YangInstanceIdentifier.of(), before, after);
        return changes.all;
    }

    /** A container, entry or choice that the candidate says has changed. */
    private void container(Definition definition, YangInstanceIdentifier path, DataTreeCandidateNode node) {
        if (node.modificationType() == ModificationType.WRITE && node.dataBefore() != null
                && node.dataAfter() != null) {
            compareChildren(definition, path, node.dataBefore(), node.dataAfter());
            return;
        }
        for (DataTreeCandidateNode child : node.childNodes()) {
            if (child.modificationType() == ModificationType.UNMODIFIED) {
                continue;
            }
            if (child.dataBefore() instanceof ChoiceNode || child.dataAfter() instanceof ChoiceNode) {
                choice(definition, path, child);
                continue;
            }
            Definition of = definition.child(child.name().getNodeType());
            if (of == null) {
                throw new IllegalStateException("data that no schema defines: " + child.name());
            }
            if (of.isEntry()) {
                entries(of, of.under(path), child);
            } else {
                single(of, of.under(path), child);
            }
        }
    }

    private void choice(Definition definition, YangInstanceIdentifier path, DataTreeCandidateNode node) {
        switch (node.modificationType()) {
            case WRITE, DELETE -> {
                for (Definition child : definition.children().values()) {
                    NormalizedNode was = node.dataBefore() instanceof ChoiceNode choice ? within(choice, child) : null;
                    NormalizedNode is = node.dataAfter() instanceof ChoiceNode choice ? within(choice, child) : null;
                    if (child.isEntry()) {
                        compareEntries(child, child.under(path), was, is);
                    } else {
                        compare(child, child.under(path), was, is);
                    }
                }
            }
            case SUBTREE_MODIFIED, APPEARED, DISAPPEARED -> container(definition, path, node);
            case UNMODIFIED -> {
                // Nothing to tell.
            }
        }
    }

    private void entries(Definition list, YangInstanceIdentifier path, DataTreeCandidateNode node) {
        if (node.modificationType() == ModificationType.WRITE || node.modificationType() == ModificationType.DELETE) {
            compareEntries(list, path, node.dataBefore(), node.dataAfter());
            return;
        }
        for (DataTreeCandidateNode child : node.childNodes()) {
            if (child.modificationType() != ModificationType.UNMODIFIED) {
                single(list, path.node(child.name()), child);
            }
        }
    }

    private void single(Definition definition, YangInstanceIdentifier path, DataTreeCandidateNode node) {
        NormalizedNode before = node.dataBefore();
        NormalizedNode after = node.dataAfter();
        if (before == null || after == null || definition.isTerminal()) {
            compare(definition, path, before, after);
        } else {
            container(definition, path, node);
        }
    }

    private void compare(Definition definition, YangInstanceIdentifier path, @Nullable NormalizedNode before,
            @Nullable NormalizedNode after) {
        if (before == after) {
            return;
        }
        if (before == null) {
            all.add(new Change(Kind.CREATED, definition, path, null, after));
        } else if (after == null) {
            all.add(new Change(Kind.DELETED, definition, path, before, null));
        } else if (definition.isTerminal()) {
            if (!before.equals(after)) {
                all.add(new Change(Kind.UPDATED, definition, path, before, after));
            }
        } else {
            compareChildren(definition, path, before, after);
        }
    }

    private void compareChildren(Definition definition, YangInstanceIdentifier path, NormalizedNode before,
            NormalizedNode after) {
        if (before == after || !(before instanceof DataContainerNode old)
                || !(after instanceof DataContainerNode now)) {
            return;
        }
        for (Definition child : definition.children().values()) {
            NormalizedNode was = child.in(old);
            NormalizedNode is = child.in(now);
            if (child.isEntry()) {
                compareEntries(child, child.under(path), was, is);
            } else {
                compare(child, child.under(path), was, is);
            }
        }
    }

    /** A node of a choice's case, found from the choice rather than from what is around it. */
    private static @Nullable NormalizedNode within(ChoiceNode choice, Definition child) {
        DataContainerNode at = choice;
        boolean inside = false;
        for (Definition.Membership in : child.memberships()) {
            if (inside) {
                if (!(at.childByArg(in.step()) instanceof ChoiceNode deeper)) {
                    return null;
                }
                at = deeper;
            } else {
                inside = in.step().equals(choice.name());
            }
        }
        return inside ? at.childByArg(YangInstanceIdentifier.NodeIdentifier.create(child.name())) : null;
    }

    private void compareEntries(Definition list, YangInstanceIdentifier path, @Nullable NormalizedNode before,
            @Nullable NormalizedNode after) {
        if (before == after) {
            return;
        }
        Map<PathArgument, NormalizedNode> old = entriesOf(before);
        Map<PathArgument, NormalizedNode> now = entriesOf(after);
        old.forEach((name, node) -> {
            if (!now.containsKey(name)) {
                compare(list, path.node(name), node, null);
            }
        });
        now.forEach((name, node) -> compare(list, path.node(name), old.get(name), node));
        if (list.isUserOrdered() && before != null && after != null) {
            List<PathArgument> stayed = old.keySet().stream().filter(now::containsKey).toList();
            if (!stayed.equals(now.keySet().stream().filter(old::containsKey).toList())) {
                all.add(new Change(Kind.MOVED, list, path, before, after));
            }
        }
    }

    private static Map<PathArgument, NormalizedNode> entriesOf(@Nullable NormalizedNode list) {
        Map<PathArgument, NormalizedNode> entries = new LinkedHashMap<>();
        if (list instanceof DistinctNodeContainer<?, ?> distinct) {
            distinct.body().forEach(entry -> entries.put(entry.name(), entry));
        } else if (list instanceof OrderedNodeContainer<?> ordered) {
            ordered.body().forEach(entry -> entries.put(entry.name(), entry));
        }
        return entries;
    }
}
