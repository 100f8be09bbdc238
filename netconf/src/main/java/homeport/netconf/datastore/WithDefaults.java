package homeport.netconf.datastore;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifier;
import org.opendaylight.yangtools.yang.data.api.schema.ChoiceNode;
import org.opendaylight.yangtools.yang.data.api.schema.ContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.DataContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.DistinctNodeContainer;
import org.opendaylight.yangtools.yang.data.api.schema.LeafNode;
import org.opendaylight.yangtools.yang.data.api.schema.NormalizedNode;
import org.opendaylight.yangtools.yang.data.spi.node.ImmutableNodes;

/** How default values are told (RFC 6243 §2). This server's own way is {@code explicit}: what was set is told. */
public enum WithDefaults {
    EXPLICIT,
    REPORT_ALL,
    TRIM;

    /** The mode of a {@code with-defaults} parameter. */
    public static Optional<WithDefaults> of(String wire) {
        for (WithDefaults mode : values()) {
            if (mode.wire().equals(wire)) {
                return Optional.of(mode);
            }
        }
        return Optional.empty();
    }

    public String wire() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * A datastore's content in this mode.
     *
     * @param state whether state has defaults to tell, too
     */
    public ContainerNode apply(Schemas schemas, ContainerNode data, boolean state) {
        if (this == EXPLICIT) {
            return data;
        }
        DataNode root = DataNode.root(schemas, data);
        NormalizedNode shaped = this == REPORT_ALL ? all(schemas, root, state) : trimmed(schemas, schemas.root(), data);
        return shaped instanceof ContainerNode container ? container : Datastores.empty();
    }

    /** With the accessible tree's defaults put in: it is rebuilt from what XPath would see. */
    private static NormalizedNode all(Schemas schemas, DataNode node, boolean state) {
        if (!(node.data() instanceof DataContainerNode data)) {
            return node.data();
        }
        NormalizedNode filled = data;
        for (Definition child : node.definition().children().values()) {
            if (!state && !child.isConfig()) {
                continue;
            }
            if (child.isEntry()) {
                List<NormalizedNode> entries = new ArrayList<>();
                NormalizedNode list = child.in(data);
                if (list != null && child.kind() == Definition.Kind.LIST) {
                    node.children(child).forEach(entry -> entries.add(all(schemas, entry, state)));
                    filled = put(filled, child, Rebuild.with(list, entries));
                }
                continue;
            }
            for (DataNode instance : node.children(child)) {
                boolean isThere = child.in(data) != null;
                if (!isThere && !possible(schemas, child, instance)) {
                    continue;
                }
                NormalizedNode shaped = all(schemas, instance, state);
                if (isThere || !(shaped instanceof DataContainerNode inner) || !inner.isEmpty()) {
                    filled = put(filled, child, shaped);
                }
            }
        }
        return filled;
    }

    private static boolean possible(Schemas schemas, Definition child, DataNode instance) {
        return child.whens().stream().allMatch(when -> XPath.evaluate(schemas, when.condition(),
                when.onSelf() ? instance : instance.parent().orElse(instance), child.name().getModule(), 1_000_000)
                .bool());
    }

    /** The parent with a child in place, inside the choices it stands in. */
    private static NormalizedNode put(NormalizedNode parent, Definition child, NormalizedNode node) {
        return put(parent, child.memberships(), node);
    }

    private static NormalizedNode put(NormalizedNode parent, List<Definition.Membership> choices, NormalizedNode node) {
        NormalizedNode inner = node;
        if (!choices.isEmpty()) {
            NodeIdentifier step = choices.getFirst().step();
            NormalizedNode choice = parent instanceof DataContainerNode container
                    && container.childByArg(step) instanceof ChoiceNode present
                            ? present
                            : ImmutableNodes.newChoiceBuilder().withNodeIdentifier(step).build();
            inner = put(choice, choices.subList(1, choices.size()), node);
        }
        List<NormalizedNode> children = new ArrayList<>();
        boolean replaced = false;
        if (parent instanceof DistinctNodeContainer<?, ?> container) {
            for (NormalizedNode existing : container.body()) {
                if (existing.name().equals(inner.name())) {
                    children.add(inner);
                    replaced = true;
                } else {
                    children.add(existing);
                }
            }
        }
        if (!replaced) {
            children.add(inner);
        }
        return Rebuild.with(parent, children);
    }

    /** Without the leaves whose value is their default. */
    private static NormalizedNode trimmed(Schemas schemas, Definition definition, NormalizedNode node) {
        if (node instanceof DataContainerNode container) {
            List<NormalizedNode> kept = new ArrayList<>();
            for (NormalizedNode child : container.body()) {
                if (child instanceof ChoiceNode) {
                    NormalizedNode choice = trimmed(schemas, definition, child);
                    if (choice instanceof ChoiceNode left && !left.isEmpty()) {
                        kept.add(choice);
                    }
                    continue;
                }
                Definition of = definition.child(child.name().getNodeType());
                if (of != null && child instanceof LeafNode<?> && schemas.defaults().isDefault(of, child)) {
                    continue;
                }
                kept.add(of == null ? child : trimmed(schemas, of, child));
            }
            return Rebuild.with(node, kept);
        }
        if (node instanceof DistinctNodeContainer<?, ?> list && definition.kind() == Definition.Kind.LIST) {
            List<NormalizedNode> entries = new ArrayList<>();
            list.body().forEach(entry -> entries.add(trimmed(schemas, definition, entry)));
            return Rebuild.with(node, entries);
        }
        return node;
    }
}
