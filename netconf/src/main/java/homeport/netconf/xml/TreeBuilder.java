package homeport.netconf.xml;

import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/** Makes a tree of what a cursor stands on. Works with a stack of its own, not the thread's. */
final class TreeBuilder {
    /** An element whose end tag has not come. */
    private static final class Open {
        final @Nullable Open parent;
        final XmlElement start;
        private final List<XmlNode> content = new ArrayList<>();
        private final StringBuilder text = new StringBuilder();
        private boolean cdata;

        Open(@Nullable Open parent, XmlElement start) {
            this.parent = parent;
            this.start = start;
        }

        /** Parsers hand out long text in pieces; the tree has it in one. */
        void text(String piece, boolean inCdata) {
            if (cdata != inCdata) {
                endText();
                cdata = inCdata;
            }
            text.append(piece);
        }

        private void endText() {
            if (!text.isEmpty()) {
                content.add(new XmlNode.Text(text.toString(), cdata));
                text.setLength(0);
            }
        }

        void add(XmlNode node) {
            endText();
            content.add(node);
        }

        XmlElement done() {
            endText();
            return content.isEmpty() ? start : start.containing(content);
        }
    }

    private TreeBuilder() {}

    /** The element whose start tag the cursor is at; afterwards the cursor is at its end tag. */
    static XmlElement build(XMLStreamReader cursor, XmlLimits limits) throws XMLStreamException {
        Open open = new Open(null, startTag(cursor, Namespaces.NONE, List.of()));
        int elements = 1;
        while (true) {
            switch (cursor.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    if (++elements > limits.elements()) {
                        throw new XmlError(XmlError.Kind.TOO_MANY, "more than " + limits.elements() + " elements");
                    }
                    open = new Open(open, startTag(cursor, open.start.namespaces(), List.of()));
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    XmlElement done = open.done();
                    Open parent = open.parent;
                    if (parent == null) {
                        return done;
                    }
                    parent.add(done);
                    open = parent;
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.SPACE -> open.text(cursor.getText(), false);
                case XMLStreamConstants.CDATA -> open.text(cursor.getText(), true);
                case XMLStreamConstants.COMMENT -> open.add(new XmlNode.Comment(cursor.getText()));
                case XMLStreamConstants.PROCESSING_INSTRUCTION -> {
                    String data = cursor.getPIData();
                    open.add(new XmlNode.Instruction(cursor.getPITarget(), data == null ? "" : data));
                }
                default -> throw new XmlError(XmlError.Kind.MALFORMED, "the document ends inside an element");
            }
        }
    }

    static XmlElement startTag(XMLStreamReader cursor, Namespaces outer, List<XmlNode> content) {
        List<Namespaces.Binding> declarations = List.of();
        int declared = cursor.getNamespaceCount();
        if (declared > 0) {
            declarations = new ArrayList<>(declared);
            for (int i = 0; i < declared; i++) {
                declarations.add(new Namespaces.Binding(orEmpty(cursor.getNamespacePrefix(i)),
                        orEmpty(cursor.getNamespaceURI(i))));
            }
        }
        List<XmlAttribute> attributes = List.of();
        int count = cursor.getAttributeCount();
        if (count > 0) {
            attributes = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                attributes.add(new XmlAttribute(orEmpty(cursor.getAttributePrefix(i)),
                        new XmlName(orEmpty(cursor.getAttributeNamespace(i)), cursor.getAttributeLocalName(i)),
                        cursor.getAttributeValue(i)));
            }
        }
        return new XmlElement(orEmpty(cursor.getPrefix()),
                new XmlName(orEmpty(cursor.getNamespaceURI()), cursor.getLocalName()), declarations, outer, attributes,
                content);
    }

    private static String orEmpty(@Nullable String value) {
        return value == null ? "" : value;
    }
}
