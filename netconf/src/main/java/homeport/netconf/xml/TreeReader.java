package homeport.netconf.xml;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import javax.xml.namespace.NamespaceContext;
import javax.xml.namespace.QName;
import javax.xml.stream.Location;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/** A cursor over an element tree, for libraries that read {@link XMLStreamReader}. */
@SuppressWarnings("NullAway") // StAX answers null where something is absent
final class TreeReader implements XMLStreamReader {
    /** An element that was entered, and how much of its content was passed. */
    private static final class Open {
        final XmlElement element;
        int next;

        Open(XmlElement element) {
            this.element = element;
        }
    }

    private final XmlElement root;
    private final List<Open> open = new ArrayList<>();
    private int event = START_DOCUMENT;
    private XmlElement element;
    private @Nullable XmlNode node;

    TreeReader(XmlElement root) {
        this.root = root;
        this.element = root;
    }

    @Override
    public int next() {
        if (event == END_DOCUMENT) {
            throw new NoSuchElementException("the document is over");
        }
        if (event == END_ELEMENT) {
            open.removeLast();
        }
        if (open.isEmpty()) {
            event = event == START_DOCUMENT ? enter(root) : END_DOCUMENT;
            return event;
        }
        Open parent = open.getLast();
        if (parent.next == parent.element.content().size()) {
            element = parent.element;
            node = null;
            event = END_ELEMENT;
            return event;
        }
        node = parent.element.content().get(parent.next++);
        event = switch (node) {
            case XmlElement child -> enter(child);
            case XmlNode.Text text -> text.cdata() ? CDATA : CHARACTERS;
            case XmlNode.Comment _ -> COMMENT;
            case XmlNode.Instruction _ -> PROCESSING_INSTRUCTION;
        };
        return event;
    }

    private int enter(XmlElement child) {
        element = child;
        node = null;
        open.add(new Open(child));
        return START_ELEMENT;
    }

    @Override
    public int getEventType() {
        return event;
    }

    @Override
    public boolean hasNext() {
        return event != END_DOCUMENT;
    }

    @Override
    public void close() {
        open.clear();
        event = END_DOCUMENT;
    }

    @Override
    public void require(int type, String namespace, String local) throws XMLStreamException {
        if (type != event || (namespace != null && !namespace.equals(getNamespaceURI()))
                || (local != null && !local.equals(getLocalName()))) {
            throw new XMLStreamException("another event is here: " + event, getLocation());
        }
    }

    @Override
    public String getElementText() throws XMLStreamException {
        if (event != START_ELEMENT) {
            throw new XMLStreamException("not at a start tag", getLocation());
        }
        StringBuilder text = new StringBuilder();
        while (next() != END_ELEMENT) {
            if (event == START_ELEMENT) {
                throw new XMLStreamException("element " + element.name() + " stands where only text may be",
                        getLocation());
            }
            if (node instanceof XmlNode.Text part) {
                text.append(part.value());
            }
        }
        return text.toString();
    }

    @Override
    public int nextTag() throws XMLStreamException {
        while (true) {
            int found = next();
            if (found == START_ELEMENT || found == END_ELEMENT) {
                return found;
            }
            if (found == END_DOCUMENT || ((found == CHARACTERS || found == CDATA) && !isWhiteSpace())) {
                throw new XMLStreamException("text or the end stands where a tag should", getLocation());
            }
        }
    }

    // Elements

    private XmlElement here() {
        if (event != START_ELEMENT && event != END_ELEMENT) {
            throw new IllegalStateException("not at a tag");
        }
        return element;
    }

    @Override
    public QName getName() {
        XmlElement here = here();
        return new QName(here.namespace(), here.local(), here.prefix());
    }

    @Override
    public String getLocalName() {
        return here().local();
    }

    @Override
    public boolean hasName() {
        return event == START_ELEMENT || event == END_ELEMENT;
    }

    @Override
    public String getNamespaceURI() {
        return hasName() ? element.namespace() : null;
    }

    @Override
    public String getPrefix() {
        return hasName() ? element.prefix() : null;
    }

    @Override
    public int getAttributeCount() {
        return here().attributes().size();
    }

    private XmlAttribute attribute(int index) {
        return here().attributes().get(index);
    }

    @Override
    public QName getAttributeName(int index) {
        XmlAttribute attribute = attribute(index);
        return new QName(attribute.name().namespace(), attribute.name().local(), attribute.prefix());
    }

    @Override
    public String getAttributeNamespace(int index) {
        String namespace = attribute(index).name().namespace();
        return namespace.isEmpty() ? null : namespace;
    }

    @Override
    public String getAttributeLocalName(int index) {
        return attribute(index).name().local();
    }

    @Override
    public String getAttributePrefix(int index) {
        return attribute(index).prefix();
    }

    @Override
    public String getAttributeType(int index) {
        return "CDATA";
    }

    @Override
    public String getAttributeValue(int index) {
        return attribute(index).value();
    }

    @Override
    public String getAttributeValue(String namespace, String local) {
        for (XmlAttribute attribute : here().attributes()) {
            if (attribute.name().local().equals(local)
                    && (namespace == null || attribute.name().namespace().equals(namespace))) {
                return attribute.value();
            }
        }
        return null;
    }

    @Override
    public boolean isAttributeSpecified(int index) {
        return true;
    }

    /** The root declares all that was around it, so that whoever copies this cursor loses no prefix. */
    private List<Namespaces.Binding> declared() {
        if (here() != root) {
            return element.declarations();
        }
        List<Namespaces.Binding> all = new ArrayList<>();
        root.namespaces().all().forEach((prefix, namespace) -> all.add(new Namespaces.Binding(prefix, namespace)));
        return all;
    }

    @Override
    public int getNamespaceCount() {
        return declared().size();
    }

    @Override
    public String getNamespacePrefix(int index) {
        String prefix = declared().get(index).prefix();
        return prefix.isEmpty() ? null : prefix;
    }

    @Override
    public String getNamespaceURI(int index) {
        return declared().get(index).namespace();
    }

    @Override
    public String getNamespaceURI(String prefix) {
        return element.namespaces().resolve(prefix);
    }

    @Override
    public NamespaceContext getNamespaceContext() {
        return element.namespaces();
    }

    // Text

    @Override
    public boolean hasText() {
        return event == CHARACTERS || event == CDATA || event == COMMENT;
    }

    @Override
    public String getText() {
        return switch (node) {
            case XmlNode.Text text -> text.value();
            case XmlNode.Comment comment -> comment.value();
            case null, default -> throw new IllegalStateException("not at text");
        };
    }

    @Override
    public char[] getTextCharacters() {
        return getText().toCharArray();
    }

    @Override
    public int getTextCharacters(int from, char[] into, int start, int length) {
        String text = getText();
        int count = Math.min(length, text.length() - from);
        text.getChars(from, from + count, into, start);
        return count;
    }

    @Override
    public int getTextStart() {
        return 0;
    }

    @Override
    public int getTextLength() {
        return getText().length();
    }

    @Override
    public boolean isWhiteSpace() {
        return node instanceof XmlNode.Text text && text.value().isBlank();
    }

    @Override
    public String getPITarget() {
        return node instanceof XmlNode.Instruction instruction ? instruction.target() : null;
    }

    @Override
    public String getPIData() {
        return node instanceof XmlNode.Instruction instruction ? instruction.data() : null;
    }

    // What a tree does not have

    @Override
    public boolean isStartElement() {
        return event == START_ELEMENT;
    }

    @Override
    public boolean isEndElement() {
        return event == END_ELEMENT;
    }

    @Override
    public boolean isCharacters() {
        return event == CHARACTERS;
    }

    @Override
    public Object getProperty(String name) {
        return switch (name) {
            case "javax.xml.stream.isNamespaceAware" -> Boolean.TRUE;
            case "javax.xml.stream.isCoalescing", "javax.xml.stream.supportDTD" -> Boolean.FALSE;
            default -> null;
        };
    }

    @Override
    public String getEncoding() {
        return null;
    }

    @Override
    public String getVersion() {
        return "1.0";
    }

    @Override
    public boolean isStandalone() {
        return false;
    }

    @Override
    public boolean standaloneSet() {
        return false;
    }

    @Override
    public String getCharacterEncodingScheme() {
        return null;
    }

    @Override
    public Location getLocation() {
        return Nowhere.NOWHERE;
    }

    private enum Nowhere implements Location {
        NOWHERE;

        @Override
        public int getLineNumber() {
            return -1;
        }

        @Override
        public int getColumnNumber() {
            return -1;
        }

        @Override
        public int getCharacterOffset() {
            return -1;
        }

        @Override
        public String getPublicId() {
            return null;
        }

        @Override
        public String getSystemId() {
            return null;
        }
    }
}
