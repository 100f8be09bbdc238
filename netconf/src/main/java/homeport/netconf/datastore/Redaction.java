package homeport.netconf.datastore;

import homeport.netconf.datastore.Changes.Change;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifierWithPredicates;
import org.opendaylight.yangtools.yang.data.api.schema.ChoiceNode;
import org.opendaylight.yangtools.yang.data.api.schema.ContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.DataContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.LeafSetNode;
import org.opendaylight.yangtools.yang.data.api.schema.MapNode;
import org.opendaylight.yangtools.yang.data.api.schema.NormalizedNode;
import org.opendaylight.yangtools.yang.data.api.schema.UnkeyedListNode;

/** Data nodes one by one, with the way to them: for those who decide about each, as access control does. */
public final class Redaction {
    private final Predicate<List<DataStep>> visible;
    private final Deque<DataStep> line = new ArrayDeque<>();

    private Redaction(Predicate<List<DataStep>> visible) {
        this.visible = visible;
    }

    /**
     * A datastore without what is not visible. What is inside something invisible is not asked about; a container that
     * means nothing and is left with nothing goes, too, and so does an entry of which a key is invisible.
     *
     * @param visible by the steps from the root to a node
     */
    public static ContainerNode apply(Schemas schemas, ContainerNode data, Predicate<List<DataStep>> visible) {
        NormalizedNode kept = new Redaction(visible).inside(schemas.root(), data);
        return kept instanceof ContainerNode container ? container : Datastores.empty();
    }

    /** Only what is not configuration, and what leads to it. */
    static ContainerNode stateOf(Schemas schemas, ContainerNode data) {
        ContainerNode kept = apply(schemas, data, line -> {
            Definition definition = line.getLast().definition();
            return !definition.isConfig() || !definition.isTerminal() || definition.isKey();
        });
        return withoutBarren(schemas.root(), kept) instanceof ContainerNode container ? container : Datastores.empty();
    }

    /** A node without the configuration in it that leads to no state; null when it is all such. */
    private static @Nullable NormalizedNode withoutBarren(Definition definition, NormalizedNode node) {
        if (!definition.isRoot() && !definition.isConfig()) {
            return node;
        }
        if (!(node instanceof DataContainerNode container)) {
            return null;
        }
        List<NormalizedNode> kept = new ArrayList<>();
        boolean any = false;
        for (NormalizedNode child : container.body()) {
            if (child instanceof ChoiceNode) {
                NormalizedNode choice = withoutBarren(definition, child);
                if (choice != null) {
                    kept.add(choice);
                    any = true;
                }
                continue;
            }
            Definition of = definition.child(child.name().getNodeType());
            if (of == null) {
                continue;
            }
            if (of.isKey()) {
                kept.add(child);
            } else if (of.isEntry() && of.isConfig()) {
                List<NormalizedNode> entries = new ArrayList<>();
                entriesOf(child).forEach(entry -> {
                    NormalizedNode left = withoutBarren(of, entry);
                    if (left != null) {
                        entries.add(left);
                    }
                });
                if (!entries.isEmpty()) {
                    kept.add(Rebuild.with(child, entries));
                    any = true;
                }
            } else {
                NormalizedNode left = withoutBarren(of, child);
                if (left != null) {
                    kept.add(left);
                    any = true;
                }
            }
        }
        return any || definition.isRoot() ? Rebuild.with(node, kept) : null;
    }

    /** A tree with what is deeper than some number of levels cut off; keys stay with their entries. */
    static ContainerNode toDepth(ContainerNode data, int levels) {
        return cut(data, levels) instanceof ContainerNode container ? container : Datastores.empty();
    }

    private static NormalizedNode cut(NormalizedNode node, int levels) {
        if (!(node instanceof DataContainerNode container)) {
            return node;
        }
        List<NormalizedNode> kept = new ArrayList<>();
        for (NormalizedNode child : container.body()) {
            if (child instanceof ChoiceNode) {
                kept.add(cut(child, levels));
            } else if (levels > 0) {
                List<NormalizedNode> entries = new ArrayList<>();
                entriesOf(child).forEach(entry -> entries.add(cut(entry, levels - 1)));
                kept.add(isList(child) ? Rebuild.with(child, entries) : entries.getFirst());
            } else if (container.name() instanceof NodeIdentifierWithPredicates keys
                    && keys.containsKey(child.name().getNodeType())) {
                kept.add(child);
            }
        }
        return Rebuild.with(node, kept);
    }

    private static boolean isList(NormalizedNode node) {
        return node instanceof MapNode || node instanceof LeafSetNode<?> || node instanceof UnkeyedListNode;
    }

    private @Nullable NormalizedNode inside(Definition definition, NormalizedNode node) {
        if (!(node instanceof DataContainerNode container)) {
            return node;
        }
        List<NormalizedNode> kept = new ArrayList<>();
        boolean same = true;
        for (NormalizedNode child : container.body()) {
            NormalizedNode left = child instanceof ChoiceNode ? inside(definition, child) : child(definition, child);
            same &= left == child;
            if (left != null) {
                kept.add(left);
            }
        }
        if (same) {
            return node;
        }
        return kept.isEmpty() && (node instanceof ChoiceNode || definition.isStructural())
                ? null
                : Rebuild.with(node, kept);
    }

    private @Nullable NormalizedNode child(Definition parent, NormalizedNode child) {
        Definition definition = parent.child(child.name().getNodeType());
        if (definition == null) {
            return null;
        }
        if (!definition.isEntry()) {
            return single(definition, child);
        }
        List<NormalizedNode> entries = new ArrayList<>();
        boolean same = true;
        for (NormalizedNode entry : entriesOf(child)) {
            NormalizedNode left = single(definition, entry);
            same &= left == entry;
            if (left != null) {
                entries.add(left);
            }
        }
        return same ? child : entries.isEmpty() ? null : Rebuild.with(child, entries);
    }

    private @Nullable NormalizedNode single(Definition definition, NormalizedNode node) {
        line.addLast(new DataStep(definition, node.name()));
        try {
            if (!visible.test(List.copyOf(line))) {
                return null;
            }
            NormalizedNode left = inside(definition, node);
            return left instanceof DataContainerNode entry && !definition.keys().isEmpty()
                    && definition.keys().stream().anyMatch(key -> {
                        Definition leaf = definition.child(key);
                        return leaf == null || leaf.in(entry) == null;
                    }) ? null : left;
        } finally {
            line.removeLast();
        }
    }

    private static Iterable<? extends NormalizedNode> entriesOf(NormalizedNode list) {
        return switch (list) {
            case MapNode map -> map.body();
            case LeafSetNode<?> set -> set.body();
            case UnkeyedListNode entries -> entries.body();
            default -> List.of(list);
        };
    }

    /** Every data node a change concerns: the node itself, and all inside what came or went. */
    public static void visit(Schemas schemas, Change change, Consumer<List<DataStep>> visitor) {
        List<DataStep> path = DataStep.of(schemas, change.path());
        NormalizedNode node = change.after() == null ? change.before() : change.after();
        switch (change.kind()) {
            case UPDATED, MOVED -> visitor.accept(path);
            case CREATED, DELETED -> {
                Redaction walk = new Redaction(steps -> {
                    visitor.accept(steps);
                    return true;
                });
                path.subList(0, path.size() - 1).forEach(walk.line::addLast);
                if (node != null) {
                    walk.single(change.definition(), node);
                }
            }
        }
    }
}
