package homeport.netconf.server;

import homeport.netconf.Ns;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.xml.XmlElement;
import java.util.List;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.namespace.NamespaceContext;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMResult;
import javax.xml.transform.stax.StAXSource;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpression;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import javax.xml.xpath.XPathFactoryConfigurationException;
import org.w3c.dom.Document;

/**
 * Which events a subscription wants (RFC 5277 §3.6). An event passes when the filter leaves anything of it, and then
 * passes whole. Events are small documents of no data tree, so XPath is the JDK's.
 */
sealed interface EventFilter {
    boolean passes(XmlElement event);

    record All() implements EventFilter {
        @Override
        public boolean passes(XmlElement event) {
            return true;
        }
    }

    /** A subtree filter: the elements inside {@code filter}. */
    record Subtree(List<XmlElement> elements) implements EventFilter {
        @Override
        public boolean passes(XmlElement event) {
            return elements.stream().anyMatch(filter -> selects(filter, event));
        }

        private static boolean selects(XmlElement filter, XmlElement event) {
            if (!filter.local().equals(event.local())
                    || !(filter.namespace().isEmpty() || filter.namespace().equals(event.namespace()))) {
                return false;
            }
            List<XmlElement> inner = filter.children();
            if (inner.isEmpty()) {
                return filter.text().isBlank() || filter.text().strip().equals(event.text().strip());
            }
            boolean others = false;
            boolean any = false;
            for (XmlElement each : inner) {
                boolean found = event.children().stream().anyMatch(child -> selects(each, child));
                if (each.children().isEmpty() && !each.text().isBlank()) {
                    if (!found) {
                        return false;
                    }
                } else {
                    others = true;
                    any |= found;
                }
            }
            return any || !others;
        }
    }

    /** An XPath filter, evaluated with the event as the root's only child. */
    record Path(XPathExpression expression) implements EventFilter {
        @Override
        public boolean passes(XmlElement event) {
            try {
                Document document = factory().newDocumentBuilder().newDocument();
                transformers().newTransformer().transform(new StAXSource(event.reader()), new DOMResult(document));
                return Boolean.TRUE.equals(expression.evaluate(document, XPathConstants.BOOLEAN));
            } catch (ParserConfigurationException | TransformerException | XPathExpressionException e) {
                return false;
            }
        }

        private static DocumentBuilderFactory factory() throws ParserConfigurationException {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            return factory;
        }

        private static TransformerFactory transformers() throws TransformerException {
            TransformerFactory factory = TransformerFactory.newDefaultInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            return factory;
        }
    }

    /** The filter of a {@code create-subscription}. */
    static EventFilter of(Optional<XmlElement> filter) {
        if (filter.isEmpty()) {
            return new All();
        }
        XmlElement element = filter.get();
        String type = element.attribute("type").or(() -> element.attribute(Ns.BASE, "type")).orElse("subtree");
        return switch (type) {
            case "subtree" -> new Subtree(element.children());
            case "xpath" -> path(element);
            default -> throw Input.error(Tag.BAD_ATTRIBUTE, "there is no filter of type \"" + type + "\"");
        };
    }

    private static EventFilter path(XmlElement element) {
        String select = element.attribute("select").or(() -> element.attribute(Ns.BASE, "select"))
                .orElseThrow(
                        () -> Input.error(Tag.MISSING_ATTRIBUTE, "a filter of type xpath needs a select attribute"));
        return xpath(select, element.namespaces());
    }

    /** An XPath filter with the prefixes it uses. */
    static EventFilter xpath(String select, NamespaceContext namespaces) {
        XPathFactory factory = XPathFactory.newDefaultInstance();
        try {
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            XPath xpath = factory.newXPath();
            xpath.setNamespaceContext(namespaces);
            return new Path(xpath.compile(select));
        } catch (XPathFactoryConfigurationException | XPathExpressionException e) {
            throw Input.error(Tag.INVALID_VALUE, "not an XPath expression: " + select);
        }
    }
}
