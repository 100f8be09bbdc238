package homeport.netconf.datastore;

import java.util.List;
import java.util.Optional;
import org.opendaylight.yangtools.yang.data.api.schema.ContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.DataContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.NormalizedNode;

/**
 * Configuration as the code that goes by it reads it: by local names, values as canonical text, defaults in use
 * included.
 */
public final class ConfigNode {
    private final Schemas schemas;
    private final DataNode node;

    private ConfigNode(Schemas schemas, DataNode node) {
        this.schemas = schemas;
        this.node = node;
    }

    /** A top-level container; structural ones are there even when nothing is set. */
    public static Optional<ConfigNode> top(Schemas schemas, ContainerNode datastore, String namespace, String local) {
        Definition definition = schemas.root().child(namespace, local);
        return definition == null
                ? Optional.empty()
                : DataNode.root(schemas, datastore).children(definition).stream().findFirst()
                        .map(node -> new ConfigNode(schemas, node));
    }

    private List<DataNode> named(String local) {
        return node.definition().children().values().stream()
                .filter(child -> child.name().getLocalName().equals(local)).findFirst().map(node::children)
                .orElse(List.of());
    }

    /** The data itself; the same object as long as nothing in it changed. */
    public NormalizedNode data() {
        return node.data();
    }

    /** Whether it was set, rather than being there by default or for structure. */
    public boolean isSet() {
        return node.parent().filter(parent -> parent.data() instanceof DataContainerNode container
                && node.definition().in(container) != null).isPresent();
    }

    public Optional<ConfigNode> child(String local) {
        return named(local).stream().findFirst().map(child -> new ConfigNode(schemas, child));
    }

    /** The entries of a list in order. */
    public List<ConfigNode> entries(String local) {
        return named(local).stream().map(child -> new ConfigNode(schemas, child)).toList();
    }

    /** A leaf's value, set or by default. */
    public Optional<String> leaf(String local) {
        return named(local).stream().findFirst().map(DataNode::text);
    }

    /** The values of a leaf-list in order. */
    public List<String> leafList(String local) {
        return named(local).stream().map(DataNode::text).toList();
    }
}
