package homeport.netconf.xml;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import javax.xml.stream.XMLStreamWriter;

/**
 * An element in memory: its name as written, attributes, declarations and content in document order. Immutable.
 *
 * <p>Read from a document it keeps what stood there, prefixes and empty declarations included, so that writing it gives
 * the same infoset back. Made by hand ({@link #of}) it uses the default namespace.
 */
public final class XmlElement implements XmlNode {
    private final String prefix;
    private final XmlName name;
    private final List<Namespaces.Binding> declarations;
    private final Namespaces namespaces;
    private final List<XmlAttribute> attributes;
    private final List<XmlNode> content;

    /**
     * An element as a parser found it.
     *
     * @param declarations the declarations on this element, in order
     * @param outer the scope around it, which it inherits
     */
    public XmlElement(String prefix, XmlName name, List<Namespaces.Binding> declarations, Namespaces outer,
            List<XmlAttribute> attributes, List<? extends XmlNode> content) {
        this.prefix = prefix;
        this.name = name;
        this.declarations = List.copyOf(declarations);
        this.namespaces = outer.with(declarations);
        this.attributes = List.copyOf(attributes);
        this.content = List.copyOf(content);
    }

    private XmlElement(XmlElement start, List<? extends XmlNode> content) {
        this.prefix = start.prefix;
        this.name = start.name;
        this.declarations = start.declarations;
        this.namespaces = start.namespaces;
        this.attributes = start.attributes;
        this.content = List.copyOf(content);
    }

    /** An element in the given namespace, which is the default one there. */
    public static XmlElement of(String namespace, String local, XmlNode... content) {
        return of(namespace, local, List.of(content));
    }

    /** An element in the given namespace, which is the default one there. */
    public static XmlElement of(String namespace, String local, List<? extends XmlNode> content) {
        XmlName name = new XmlName(namespace, local);
        if (namespace.isEmpty()) {
            return new XmlElement("", name, List.of(new Namespaces.Binding("", "")), Namespaces.NONE, List.of(),
                    content);
        }
        // In scope but not declared: written where it is not in scope already, and so once for a whole tree.
        return new XmlElement("", name, List.of(), Namespaces.ofDefault(namespace), List.of(), content);
    }

    /** An element that holds text only. */
    public static XmlElement leaf(String namespace, String local, String text) {
        return of(namespace, local, text.isEmpty() ? List.of() : List.of(new XmlNode.Text(text)));
    }

    /** This element with one more attribute of no namespace. */
    public XmlElement with(String attribute, String value) {
        return with(new XmlAttribute("", new XmlName("", attribute), value), declarations);
    }

    /** This element with one more attribute of a namespace, and the declaration its prefix needs. */
    public XmlElement with(String attributePrefix, String namespace, String local, String value) {
        List<Namespaces.Binding> more = new ArrayList<>(declarations);
        if (!namespace.equals(namespaces.resolve(attributePrefix))) {
            more.add(new Namespaces.Binding(attributePrefix, namespace));
        }
        return with(new XmlAttribute(attributePrefix, new XmlName(namespace, local), value), more);
    }

    /** This element with prefixes declared on it, for values that use them. */
    public XmlElement declaring(Namespaces prefixes) {
        List<Namespaces.Binding> more = new ArrayList<>(declarations);
        prefixes.all().forEach((key, value) -> {
            if (!key.isEmpty() && declarations.stream().noneMatch(own -> own.prefix().equals(key))) {
                more.add(new Namespaces.Binding(key, value));
            }
        });
        return new XmlElement(prefix, name, more, namespaces, attributes, content);
    }

    private XmlElement with(XmlAttribute attribute, List<Namespaces.Binding> declared) {
        List<XmlAttribute> more = new ArrayList<>(attributes);
        more.add(attribute);
        return new XmlElement(prefix, name, declared, namespaces, more, content);
    }

    /** This element's start tag around other content. */
    public XmlElement containing(List<? extends XmlNode> other) {
        return new XmlElement(this, other);
    }

    public String prefix() {
        return prefix;
    }

    public XmlName name() {
        return name;
    }

    public String namespace() {
        return name.namespace();
    }

    public String local() {
        return name.local();
    }

    /** The declarations on this element itself, in order. */
    public List<Namespaces.Binding> declarations() {
        return declarations;
    }

    /** Everything in scope here, what was declared around it included. */
    public Namespaces namespaces() {
        return namespaces;
    }

    public List<XmlAttribute> attributes() {
        return attributes;
    }

    /** All content in document order. */
    public List<XmlNode> content() {
        return content;
    }

    public boolean is(String namespace, String local) {
        return name.local().equals(local) && name.namespace().equals(namespace);
    }

    /** The value of an attribute of no namespace. */
    public Optional<String> attribute(String local) {
        return attribute("", local);
    }

    public Optional<String> attribute(String namespace, String local) {
        for (XmlAttribute attribute : attributes) {
            if (attribute.name().local().equals(local) && attribute.name().namespace().equals(namespace)) {
                return Optional.of(attribute.value());
            }
        }
        return Optional.empty();
    }

    /** The child elements in order. */
    public List<XmlElement> children() {
        List<XmlElement> children = new ArrayList<>();
        for (XmlNode node : content) {
            if (node instanceof XmlElement element) {
                children.add(element);
            }
        }
        return children;
    }

    /** The child elements of one name in order. */
    public Stream<XmlElement> children(String namespace, String local) {
        return children().stream().filter(child -> child.is(namespace, local));
    }

    /** The first child of that name. */
    public Optional<XmlElement> child(String namespace, String local) {
        return children(namespace, local).findFirst();
    }

    /** The first child of that local name in this element's own namespace. */
    public Optional<XmlElement> child(String local) {
        return child(name.namespace(), local);
    }

    /** The character data directly inside, CDATA included, not trimmed. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (XmlNode node : content) {
            if (node instanceof Text(String value, boolean _)) {
                text.append(value);
            }
        }
        return text.toString();
    }

    /** A cursor over this element as if it were a document, with the prefixes around it in scope. */
    public XMLStreamReader reader() {
        return new TreeReader(this);
    }

    /**
     * Writes this element where the writer stands. Prefixes that were in scope where it was read and are not in scope
     * here are declared on it, so values that use them keep their meaning.
     *
     * @param around the scope the writer stands in; {@link Namespaces#UNKNOWN} declares all that is in scope
     */
    public void writeTo(XMLStreamWriter writer, Namespaces around) throws XMLStreamException {
        TreeWriter.write(this, writer, around);
    }

    /** The element as a document of its own, without an XML declaration. */
    public String toXml() {
        return TreeWriter.toXml(this);
    }

    /** The first characters of its XML, for messages to people. */
    @Override
    public String toString() {
        String xml = toXml();
        return xml.length() <= 200 ? xml : xml.substring(0, 200) + "…";
    }
}
