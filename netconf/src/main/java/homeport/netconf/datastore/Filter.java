package homeport.netconf.datastore;

import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcError.Type;
import homeport.netconf.RpcErrorException;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.XmlElement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifierWithPredicates;
import org.opendaylight.yangtools.yang.data.api.schema.ContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.DataContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.MapNode;
import org.opendaylight.yangtools.yang.data.api.schema.NormalizedNode;
import org.opendaylight.yangtools.yang.xpath.api.YangXPathExpression;

/** Selects parts of a datastore (RFC 6241 §6 and §8.9). Keys of list entries always come along. */
public sealed interface Filter {
    /** Everything. */
    record All() implements Filter {}

    /** A subtree filter: the elements inside {@code filter}. */
    record Subtree(List<XmlElement> elements) implements Filter {
        public Subtree {
            elements = List.copyOf(elements);
        }
    }

    /** An XPath filter; a name without a prefix matches in any namespace. */
    record Path(YangXPathExpression expression) implements Filter {}

    /** Nodes an XPath filter may visit before it is refused: a walk or two through 100,000 nodes, under a second. */
    long BUDGET = 2_000_000;

    /** The filter of a {@code filter} element, as {@code get} and {@code get-config} have it. */
    static Filter of(Schemas schemas, XmlElement element) {
        String base = "urn:ietf:params:xml:ns:netconf:base:1.0";
        String type = element.attribute("type").or(() -> element.attribute(base, "type")).orElse("subtree");
        return switch (type) {
            case "subtree" -> new Subtree(element.children());
            case "xpath" -> xpath(schemas,
                    element.attribute("select").or(() -> element.attribute(base, "select")).orElseThrow(
                            () -> new RpcErrorException(Type.PROTOCOL, Tag.MISSING_ATTRIBUTE,
                                    "a filter of type xpath needs a select attribute")),
                    element.namespaces());
            default -> throw new RpcErrorException(Type.PROTOCOL, Tag.BAD_ATTRIBUTE,
                    "there is no filter of type \"" + type + "\"");
        };
    }

    static Filter xpath(Schemas schemas, String expression, Namespaces namespaces) {
        return new Path(XPath.parse(schemas, expression, namespaces));
    }

    /** The data nodes an XPath expression selects. */
    static List<YangInstanceIdentifier> select(Schemas schemas, ContainerNode data, String expression,
            Namespaces namespaces) {
        YangXPathExpression parsed = XPath.parse(schemas, expression, namespaces);
        return XPath.nodes(XPath.evaluate(schemas, parsed, DataNode.root(schemas, data), null, BUDGET)).stream()
                .map(DataNode::path).toList();
    }

    /** What the filter leaves of a datastore. */
    default ContainerNode apply(Schemas schemas, ContainerNode data) {
        Mask mask = new Mask();
        switch (this) {
            case All() -> mask.whole();
            case Subtree(List<XmlElement> elements) -> {
                for (XmlElement element : elements) {
                    new Selection(schemas).element(schemas.root(), data, element, mask);
                }
            }
            case Path(YangXPathExpression expression) -> XPath
                    .nodes(XPath.evaluate(schemas, expression, DataNode.root(schemas, data), null, BUDGET))
                    .forEach(node -> mask.at(node.path()).whole());
        }
        return mask.of(data) instanceof ContainerNode kept ? kept : Datastores.empty();
    }

    /** Whether anything below a namespace can be in the answer, so that state need not be made in vain. */
    default boolean concerns(String namespace) {
        return switch (this) {
            case All(),Path(_) -> true;
            case Subtree(List<XmlElement> elements) -> elements.stream()
                    .anyMatch(element -> element.namespace().isEmpty() || element.namespace().equals(namespace));
        };
    }

    /** Subtree filtering as RFC 6241 §6.2 defines it. */
    final class Selection {
        private final Schemas schemas;

        private Selection(Schemas schemas) {
            this.schemas = schemas;
        }

        /** One filter element against the children of a node. */
        private boolean element(Definition parent, DataContainerNode data, XmlElement filter, Mask mask) {
            if (!filter.attributes().isEmpty()) {
                // No data node has attributes to match (§6.2.2).
                return false;
            }
            boolean any = false;
            for (Definition child : parent.children().values()) {
                if (matches(filter, child)) {
                    YangInstanceIdentifier path = child.under(YangInstanceIdentifier.of());
                    any |= child(child, data, filter, path, mask);
                }
            }
            return any;
        }

        private static boolean matches(XmlElement filter, Definition child) {
            return filter.local().equals(child.name().getLocalName())
                    && (filter.namespace().isEmpty() || filter.namespace().equals(child.namespace()));
        }

        private boolean child(Definition child, DataContainerNode data, XmlElement filter, YangInstanceIdentifier path,
                Mask mask) {
            List<XmlElement> inner = filter.children();
            if (inner.isEmpty()) {
                if (child.in(data) == null) {
                    return false;
                }
                if (child.isTerminal() && !filter.text().isBlank()) {
                    return content(child, data, filter, path, mask);
                }
                mask.at(path).whole();
                return true;
            }
            if (child.isTerminal()) {
                return false;
            }
            boolean any = false;
            for (NormalizedNode instance : candidates(child, data, inner)) {
                Mask found = new Mask();
                if (instance instanceof DataContainerNode container && inside(child, container, inner, found)) {
                    Mask here = mask.at(path);
                    (child.isEntry() ? here.at(instance.name()) : here).add(found);
                    any = true;
                }
            }
            return any;
        }

        /** The filters inside a containment node, against one instance of it. */
        private boolean inside(Definition definition, DataContainerNode data, List<XmlElement> filters, Mask mask) {
            List<XmlElement> others = new ArrayList<>();
            boolean contents = false;
            for (XmlElement filter : filters) {
                if (filter.children().isEmpty() && !filter.text().isBlank()) {
                    contents = true;
                    if (!element(definition, data, filter, mask)) {
                        return false;
                    }
                } else {
                    others.add(filter);
                }
            }
            if (others.isEmpty()) {
                mask.whole();
                return true;
            }
            boolean any = false;
            for (XmlElement filter : others) {
                any |= element(definition, data, filter, mask);
            }
            return any || (contents && definition.kind() == Definition.Kind.LIST);
        }

        private boolean content(Definition leaf, DataContainerNode data, XmlElement filter, YangInstanceIdentifier path,
                Mask mask) {
            Object wanted;
            try {
                wanted = schemas.parse(leaf, as(leaf, filter)).body();
            } catch (Schemas.MalformedData e) {
                return false;
            }
            boolean any = false;
            for (NormalizedNode instance : leaf.instances(data)) {
                if (instance.body().equals(wanted)) {
                    Mask here = mask.at(path);
                    (leaf.isEntry() ? here.at(instance.name()) : here).whole();
                    any = true;
                }
            }
            return any;
        }

        /** The filter element as an element of the leaf's namespace, white space around its value taken away. */
        private static XmlElement as(Definition leaf, XmlElement filter) {
            return XmlElement.leaf(leaf.namespace(), leaf.name().getLocalName(), filter.text().strip())
                    .declaring(filter.namespaces());
        }

        /** The entry the keys name, when all are there; else all instances. */
        private Collection<? extends NormalizedNode> candidates(Definition child, DataContainerNode data,
                List<XmlElement> inner) {
            if (child.kind() != Definition.Kind.LIST || child.keys().isEmpty()
                    || !(child.in(data) instanceof MapNode map)) {
                return child.instances(data);
            }
            Map<QName, Object> keys = new LinkedHashMap<>();
            for (QName key : child.keys()) {
                Definition leaf = child.child(key);
                Optional<XmlElement> given = leaf == null
                        ? Optional.empty()
                        : inner.stream()
                                .filter(filter -> matches(filter, leaf) && !filter.text().isBlank()).findFirst();
                if (leaf == null || given.isEmpty()) {
                    return child.instances(data);
                }
                try {
                    keys.put(key, schemas.parse(leaf, as(leaf, given.get())).body());
                } catch (Schemas.MalformedData e) {
                    return List.of();
                }
            }
            NormalizedNode entry = map.childByArg(NodeIdentifierWithPredicates.of(child.name(), keys));
            return entry == null ? List.of() : List.of(entry);
        }
    }
}
