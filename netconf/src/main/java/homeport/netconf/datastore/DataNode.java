package homeport.netconf.datastore;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifierWithPredicates;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeWithValue;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.PathArgument;
import org.opendaylight.yangtools.yang.data.api.schema.ContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.DataContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.LeafSetNode;
import org.opendaylight.yangtools.yang.data.api.schema.MapNode;
import org.opendaylight.yangtools.yang.data.api.schema.NormalizedNode;
import org.opendaylight.yangtools.yang.data.spi.node.ImmutableNodes;

/**
 * One data node where it stands: the accessible tree of RFC 7950 §6.4.1, defaults in use and structural containers
 * included. Two are equal when they stand in the same place.
 */
final class DataNode {
    private final Schemas schemas;
    private final @Nullable DataNode parent;
    private final Definition definition;
    private final PathArgument step;
    private final NormalizedNode data;

    private DataNode(Schemas schemas, @Nullable DataNode parent, Definition definition, NormalizedNode data) {
        this.schemas = schemas;
        this.parent = parent;
        this.definition = definition;
        this.step = data.name();
        this.data = data;
    }

    static DataNode root(Schemas schemas, ContainerNode root) {
        return new DataNode(schemas, null, schemas.root(), root);
    }

    DataNode under(Definition child, NormalizedNode childData) {
        return new DataNode(schemas, this, child, childData);
    }

    Definition definition() {
        return definition;
    }

    NormalizedNode data() {
        return data;
    }

    Optional<DataNode> parent() {
        return Optional.ofNullable(parent);
    }

    DataNode root() {
        DataNode at = this;
        while (at.parent != null) {
            at = at.parent;
        }
        return at;
    }

    /** The ancestor, or the node itself, that instantiates that definition. */
    Optional<DataNode> ancestor(Definition wanted) {
        for (DataNode at = this; at != null; at = at.parent) {
            if (at.definition == wanted) {
                return Optional.of(at);
            }
        }
        return Optional.empty();
    }

    List<DataNode> children() {
        List<DataNode> all = new ArrayList<>();
        definition.children().values().forEach(child -> addChildren(child, all));
        return all;
    }

    List<DataNode> children(Definition child) {
        List<DataNode> all = new ArrayList<>();
        addChildren(child, all);
        return all;
    }

    private void addChildren(Definition child, List<DataNode> into) {
        if (!(data instanceof DataContainerNode container)) {
            return;
        }
        boolean any = false;
        for (NormalizedNode instance : child.instances(container)) {
            into.add(under(child, instance));
            any = true;
        }
        if (!any) {
            absent(child, container).ifPresent(node -> into.add(under(child, node)));
        }
    }

    /** What is there without having been put there. */
    private Optional<NormalizedNode> absent(Definition child, DataContainerNode container) {
        if (child.isStructural() && Defaults.caseInUse(child, container)) {
            return Optional.of(ImmutableNodes.newContainerBuilder()
                    .withNodeIdentifier(YangInstanceIdentifier.NodeIdentifier.create(child.name())).build());
        }
        if (child.kind() == Definition.Kind.LEAF && Defaults.caseInUse(child, container)) {
            return schemas.defaults().leaf(child).map(leaf -> leaf);
        }
        return Optional.empty();
    }

    /** The data node of a path that starts here, defaults and structural containers included. */
    Optional<DataNode> find(YangInstanceIdentifier path) {
        DataNode at = this;
        Definition list = null;
        int choices = 0;
        for (PathArgument argument : path.getPathArguments()) {
            Optional<DataNode> next;
            if (list != null) {
                Definition entries = list;
                list = null;
                next = at.entry(entries, argument);
            } else {
                Definition child = at.definition.child(argument.getNodeType());
                if (child == null || child.memberships().size() != choices) {
                    choices++; // a choice, or the choice of the same name as a node in it
                    continue;
                }
                choices = 0;
                if (child.isEntry()) {
                    list = child;
                    continue;
                }
                next = at.children(child).stream().findFirst();
            }
            if (next.isEmpty()) {
                return Optional.empty();
            }
            at = next.get();
        }
        return list == null ? Optional.of(at) : Optional.empty();
    }

    private Optional<DataNode> entry(Definition list, PathArgument key) {
        return switch (data instanceof DataContainerNode container ? list.in(container) : null) {
            case MapNode map when key instanceof NodeIdentifierWithPredicates keys ->
                Optional.ofNullable(map.childByArg(keys)).map(found -> under(list, found));
            case LeafSetNode<?> set when key instanceof NodeWithValue<?> value ->
                Optional.ofNullable(set.childByArg(value)).map(found -> under(list, found));
            case null, default -> Optional.empty();
        };
    }

    /** One list entry by the values of its keys, without looking at the others. */
    Optional<DataNode> entry(Definition list, NodeIdentifierWithPredicates key) {
        return data instanceof DataContainerNode container && list.in(container) instanceof MapNode map
                ? Optional.ofNullable(map.childByArg(key)).map(found -> under(list, found))
                : Optional.empty();
    }

    /** String-value of XPath §5: a leaf's canonical text, or all texts inside in order. */
    String text() {
        if (definition.kind() == Definition.Kind.LEAF || definition.kind() == Definition.Kind.LEAF_LIST) {
            return Values.text(schemas, data.body());
        }
        StringBuilder text = new StringBuilder();
        children().forEach(child -> text.append(child.text()));
        return text.toString();
    }

    QName name() {
        return definition.name();
    }

    YangInstanceIdentifier path() {
        if (parent == null) {
            return YangInstanceIdentifier.of();
        }
        YangInstanceIdentifier path = definition.under(parent.path());
        return definition.isEntry() ? path.node(step) : path;
    }

    /** The path from the root, this node last. */
    List<DataNode> line() {
        List<DataNode> line = new ArrayList<>();
        for (DataNode at = this; at != null; at = at.parent) {
            line.addFirst(at);
        }
        return line;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DataNode node && node.definition == definition && node.step.equals(step)
                && (parent == null ? node.parent == null : parent.equals(node.parent));
    }

    @Override
    public int hashCode() {
        return 31 * (parent == null ? 0 : parent.hashCode()) + step.hashCode();
    }

    @Override
    public String toString() {
        return InstancePath.of(schemas, path()).xpath();
    }
}
