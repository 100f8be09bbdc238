package homeport.netconf.xml;

import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import java.util.HashSet;
import java.util.Set;
import javax.xml.stream.XMLStreamException;
import org.codehaus.stax2.XMLStreamReader2;
import org.codehaus.stax2.util.StreamReader2Delegate;
import org.jspecify.annotations.Nullable;

/** A cursor that keeps {@link XmlLimits}, knows no DTD, and says so with {@link XmlError}. */
final class GuardedReader extends StreamReader2Delegate {
    /** Counts the characters the parser takes in without an event to show for them. */
    static final class Input extends FilterReader {
        private final int limit;
        private int sinceEvent;

        Input(Reader in, int limit) {
            super(in);
            this.limit = limit;
        }

        @Override
        public int read(char[] into, int offset, int length) throws IOException {
            if (sinceEvent > limit) {
                throw new XmlError(XmlError.Kind.MARKUP_TOO_LONG, "more than " + limit + " characters");
            }
            int count = super.read(into, offset, length);
            if (count > 0) {
                sinceEvent += count;
            }
            return count;
        }

        @Override
        public int read() throws IOException {
            char[] one = new char[1];
            return read(one, 0, 1) < 0 ? -1 : one[0];
        }
    }

    /** From so many names on it is counted how they spread. */
    private static final int FEW_NAMES = 256;
    private static final int BUCKETS = 1024;
    /** The most names of one bucket; 20,000 that were not chosen for it put fewer than 60 into any. */
    private static final int NAMES_A_BUCKET = 256;

    private final Input input;
    private final XmlLimits limits;
    private final Set<String> names = new HashSet<>();
    /** Names by the low bits of their hash, once there are more than a few. */
    private short @Nullable [] spread;
    private int depth;

    GuardedReader(XMLStreamReader2 parser, Input input, XmlLimits limits) {
        super(parser);
        this.input = input;
        this.limits = limits;
        if (!Xml.utf8(parser)) {
            throw new XmlError(XmlError.Kind.ENCODING, "another encoding is declared");
        }
    }

    @Override
    public int next() throws XMLStreamException {
        int event = step();
        input.sinceEvent = 0;
        switch (event) {
            case START_ELEMENT -> entered();
            case END_ELEMENT -> depth--;
            case PROCESSING_INSTRUCTION -> name(getPITarget());
            case DTD -> throw new XmlError(XmlError.Kind.DTD, "");
            case ENTITY_REFERENCE, ENTITY_DECLARATION -> throw new XmlError(XmlError.Kind.DTD, "an entity");
            default -> {
            }
        }
        return event;
    }

    private int step() throws XMLStreamException {
        try {
            return super.next();
        } catch (XMLStreamException wrong) {
            throw Xml.error(wrong);
        }
    }

    private void entered() {
        if (++depth > limits.depth()) {
            throw new XmlError(XmlError.Kind.TOO_DEEP, "more than " + limits.depth());
        }
        int attributes = getAttributeCount();
        if (attributes > limits.attributes()) {
            throw new XmlError(XmlError.Kind.TOO_MANY, attributes + " attributes on one element");
        }
        name(getLocalName());
        named(getPrefix());
        for (int i = 0; i < attributes; i++) {
            name(getAttributeLocalName(i));
            named(getAttributePrefix(i));
        }
        for (int i = 0; i < getNamespaceCount(); i++) {
            named(getNamespacePrefix(i));
            named(getNamespaceURI(i));
        }
    }

    private void named(@Nullable String name) {
        if (name != null && !name.isEmpty()) {
            name(name);
        }
    }

    /** Counts what the parser keeps in its table of symbols, which has chains and no defence against chosen names. */
    private void name(String name) {
        if (!names.add(name)) {
            return;
        }
        if (names.size() > limits.names()) {
            throw new XmlError(XmlError.Kind.TOO_MANY, "more than " + limits.names() + " different names");
        }
        if (names.size() > FEW_NAMES) {
            short[] counts = spread;
            if (counts == null) {
                counts = new short[BUCKETS];
                spread = counts;
            }
            if (++counts[name.hashCode() & BUCKETS - 1] > NAMES_A_BUCKET) {
                throw new XmlError(XmlError.Kind.TOO_MANY, "names chosen to collide");
            }
        }
    }

    @Override
    public int nextTag() throws XMLStreamException {
        while (true) {
            int event = next();
            switch (event) {
                case START_ELEMENT, END_ELEMENT -> {
                    return event;
                }
                case CHARACTERS, CDATA -> {
                    if (!isWhiteSpace()) {
                        throw new XmlError(XmlError.Kind.MALFORMED, "text stands where a tag should");
                    }
                }
                case SPACE, COMMENT, PROCESSING_INSTRUCTION -> {
                }
                default -> throw new XmlError(XmlError.Kind.MALFORMED, "the document ends where a tag should be");
            }
        }
    }

    @Override
    public String getElementText() throws XMLStreamException {
        StringBuilder text = new StringBuilder();
        while (true) {
            switch (next()) {
                case END_ELEMENT -> {
                    return text.toString();
                }
                case CHARACTERS, CDATA, SPACE -> {
                    text.append(getText());
                    if (text.length() > limits.markupChars()) {
                        throw new XmlError(XmlError.Kind.MARKUP_TOO_LONG, "text of one element, asked for as a whole");
                    }
                }
                case COMMENT, PROCESSING_INSTRUCTION -> {
                }
                default -> throw new XmlError(XmlError.Kind.MALFORMED, "an element stands where only text may be");
            }
        }
    }
}
