package homeport.netconf.datastore;

import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcErrorException;
import homeport.netconf.xml.XmlElement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifierWithPredicates;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeWithValue;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.PathArgument;
import org.opendaylight.yangtools.yang.data.api.schema.LeafSetEntryNode;
import org.opendaylight.yangtools.yang.data.api.schema.MapEntryNode;
import org.opendaylight.yangtools.yang.data.api.schema.NormalizedNode;
import org.opendaylight.yangtools.yang.data.api.schema.UserLeafSetNode;
import org.opendaylight.yangtools.yang.data.api.schema.UserMapNode;
import org.opendaylight.yangtools.yang.data.spi.node.ImmutableNodes;

/** Where an entry of a list that its user orders is to stand: the attributes of RFC 7950 §7.7.9 and §7.8.6. */
final class Placement {
    private static final String YANG = "urn:ietf:params:xml:ns:yang:1";

    private final Schemas schemas;
    private final DataErrors errors;
    private final Definition definition;
    private final YangInstanceIdentifier path;
    private final XmlElement element;

    Placement(Schemas schemas, DataErrors errors, Definition definition, YangInstanceIdentifier path,
            XmlElement element) {
        this.schemas = schemas;
        this.errors = errors;
        this.definition = definition;
        this.path = path;
        this.element = element;
    }

    /** The list with the entry at {@code path} moved to where the attributes say. */
    NormalizedNode moved(NormalizedNode list, String insert) {
        return switch (list) {
            case UserMapNode map -> {
                var builder = ImmutableNodes.newUserMapBuilder().withNodeIdentifier(map.name());
                ordered(List.copyOf(map.body()), insert).forEach(builder::withChild);
                yield builder.build();
            }
            case UserLeafSetNode<?> set -> leafList(set, insert);
            default -> throw new IllegalStateException("not ordered by its user: " + list.name());
        };
    }

    private <T> UserLeafSetNode<T> leafList(UserLeafSetNode<T> set, String insert) {
        var builder = ImmutableNodes.<T>newUserLeafSetBuilder().withNodeIdentifier(set.name());
        List<LeafSetEntryNode<T>> entries = new ArrayList<>();
        set.body().forEach(entries::add);
        ordered(entries, insert).forEach(builder::withChild);
        return builder.build();
    }

    private <N extends NormalizedNode> List<N> ordered(List<N> entries, String insert) {
        List<N> order = new ArrayList<>(entries);
        N moving = null;
        for (N entry : entries) {
            if (entry.name().equals(path.getLastPathArgument())) {
                moving = entry;
                order.remove(entry);
            }
        }
        if (moving == null) {
            throw new IllegalStateException("the entry was just put there: " + path);
        }
        switch (insert) {
            case "first" -> order.addFirst(moving);
            case "last" -> order.addLast(moving);
            case "before" -> order.add(reference(order), moving);
            case "after" -> order.add(reference(order) + 1, moving);
            default -> throw errors.attribute(path, Tag.BAD_ATTRIBUTE, "insert", element.local(),
                    "\"" + insert + "\" is none of first, last, before and after");
        }
        return order;
    }

    private int reference(List<? extends NormalizedNode> order) {
        String attribute = definition.kind() == Definition.Kind.LIST ? "key" : "value";
        String given = element.attribute(YANG, attribute).orElseThrow(() -> errors.attribute(path,
                Tag.MISSING_ATTRIBUTE, attribute, element.local(), "before and after need \"" + attribute + "\""));
        PathArgument wanted = definition.kind() == Definition.Kind.LIST
                ? entry(given, attribute)
                : new NodeWithValue<>(definition.name(), value(definition, given, attribute));
        for (int at = 0; at < order.size(); at++) {
            NormalizedNode candidate = order.get(at);
            if ((candidate instanceof MapEntryNode || candidate instanceof LeafSetEntryNode)
                    && candidate.name().equals(wanted)) {
                return at;
            }
        }
        throw new RpcErrorException(errors
                .attributeError(path, Tag.BAD_ATTRIBUTE, attribute, element.local(),
                        "there is no entry " + given + " to stand beside")
                .withAppTag("missing-instance"));
    }

    private NodeIdentifierWithPredicates entry(String given, String attribute) {
        Map<QName, String> predicates;
        try {
            predicates = KeyPredicates.parse(schemas, given, element.namespaces(), definition);
        } catch (IllegalArgumentException e) {
            throw errors.attribute(path, Tag.BAD_ATTRIBUTE, attribute, element.local(), String.valueOf(e.getMessage()));
        }
        Map<QName, Object> values = new LinkedHashMap<>();
        for (QName key : definition.keys()) {
            String text = predicates.get(key);
            Definition leaf = definition.child(key);
            if (text == null || leaf == null || predicates.size() != definition.keys().size()) {
                throw errors.attribute(path, Tag.BAD_ATTRIBUTE, attribute, element.local(),
                        "it has to name every key of the list and nothing else");
            }
            values.put(key, value(leaf, text, attribute));
        }
        return NodeIdentifierWithPredicates.of(definition.name(), values);
    }

    private Object value(Definition leaf, String text, String attribute) {
        XmlElement as = XmlElement.leaf(leaf.namespace(), leaf.name().getLocalName(), text)
                .declaring(element.namespaces());
        try {
            return schemas.parse(leaf, as).body();
        } catch (Schemas.MalformedData e) {
            throw errors.attribute(path, Tag.BAD_ATTRIBUTE, attribute, element.local(),
                    "\"" + text + "\" is not a value of \"" + leaf.name().getLocalName() + "\"");
        }
    }
}
