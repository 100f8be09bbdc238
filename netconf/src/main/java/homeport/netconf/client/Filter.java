package homeport.netconf.client;

import homeport.netconf.Capabilities;
import homeport.netconf.Ns;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.XmlElement;
import java.util.List;
import java.util.Map;

/** Which part of a datastore is wanted. */
public sealed interface Filter {
    /** Subtrees to match (RFC 6241 §6); an empty list selects nothing. */
    record Subtree(List<XmlElement> subtrees) implements Filter {
        public Subtree {
            subtrees = List.copyOf(subtrees);
        }
    }

    /** An XPath 1.0 expression, and the prefixes it uses (RFC 6241 §8.9). */
    record XPath(String expression, Namespaces namespaces) implements Filter {}

    static Filter subtree(XmlElement... subtrees) {
        return new Subtree(List.of(subtrees));
    }

    static Filter xpath(String expression, Map<String, String> prefixes) {
        return new XPath(expression, Namespaces.of(prefixes));
    }

    /** The {@code filter} element of {@code get} and {@code get-config}. */
    default XmlElement toXml() {
        return switch (this) {
            case Subtree(List<XmlElement> subtrees) ->
                XmlElement.of(Ns.BASE, "filter", subtrees).with("type", "subtree");
            case XPath(String expression, Namespaces namespaces) -> XmlElement.of(Ns.BASE, "filter")
                    .declaring(namespaces).with("type", "xpath").with("select", expression);
        };
    }

    /** The same filter as a leaf or a container of another module. */
    default XmlElement toXml(String namespace, String subtreeName, String xpathName) {
        return switch (this) {
            case Subtree(List<XmlElement> subtrees) -> XmlElement.of(namespace, subtreeName, subtrees);
            case XPath(String expression, Namespaces namespaces) ->
                XmlElement.leaf(namespace, xpathName, expression).declaring(namespaces);
        };
    }

    /** What a filter in {@code get} and {@code get-config} takes. */
    static List<Need> needs(Filter filter) {
        return filter instanceof XPath ? List.of(Need.capability(Capabilities.XPATH)) : List.of();
    }
}
