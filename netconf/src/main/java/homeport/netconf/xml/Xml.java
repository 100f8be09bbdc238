package homeport.netconf.xml;

import com.ctc.wstx.stax.WstxInputFactory;
import com.ctc.wstx.stax.WstxOutputFactory;
import java.io.CharArrayReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.codehaus.stax2.XMLInputFactory2;
import org.codehaus.stax2.XMLOutputFactory2;
import org.codehaus.stax2.XMLStreamReader2;
import org.codehaus.stax2.XMLStreamWriter2;

/**
 * The doors to the XML library (docs/decisions/0003-xml-parser.md).
 *
 * <p>Readers take UTF-8 only, decoded strictly by the JDK; they know no DTD, no external entity, and none to expand but
 * XML's five. Writers declare only what they are told to.
 */
public final class Xml {
    private static final XMLInputFactory2 READERS = readers();
    private static final XMLOutputFactory2 WRITERS = writers();

    private Xml() {}

    private static XMLInputFactory2 readers() {
        WstxInputFactory factory = new WstxInputFactory();
        factory.setProperty(XMLInputFactory2.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory2.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory2.IS_COALESCING, false);
        factory.setProperty(XMLInputFactory2.P_REPORT_CDATA, true);
        factory.setProperty(XMLInputFactory2.P_PRESERVE_LOCATION, false);
        // Malformed text must show when the cursor moves, as a checked fault, and not when somebody looks at it.
        factory.setProperty(XMLInputFactory2.P_LAZY_PARSING, false);
        // Names come from peers: a shared table that never forgets is not for them.
        factory.setProperty(XMLInputFactory2.P_INTERN_NAMES, false);
        factory.setProperty(XMLInputFactory2.P_INTERN_NS_URIS, false);
        return factory;
    }

    private static XMLOutputFactory2 writers() {
        WstxOutputFactory factory = new WstxOutputFactory();
        factory.setProperty(XMLOutputFactory2.IS_REPAIRING_NAMESPACES, false);
        return factory;
    }

    /** A writer to characters, not repairing namespaces. */
    public static XMLStreamWriter2 writer(Writer to) throws XMLStreamException {
        return (XMLStreamWriter2) WRITERS.createXMLStreamWriter(to);
    }

    /** A writer of UTF-8, not repairing namespaces. Closing it does not close the stream. */
    public static XMLStreamWriter2 writer(OutputStream to) throws XMLStreamException {
        return (XMLStreamWriter2) WRITERS.createXMLStreamWriter(to, "UTF-8");
    }

    /** A cursor over a stream, in bounded memory however long it is. Past a limit it throws {@link XmlError}. */
    public static XMLStreamReader2 reader(InputStream from, XmlLimits limits) throws XMLStreamException {
        return guarded(new InputStreamReader(from, strictUtf8()), limits);
    }

    private static GuardedReader guarded(Reader characters, XmlLimits limits) throws XMLStreamException {
        GuardedReader.Input input = new GuardedReader.Input(characters, limits.markupChars());
        try {
            return new GuardedReader((XMLStreamReader2) READERS.createXMLStreamReader(input), input, limits);
        } catch (XMLStreamException wrong) {
            throw error(wrong);
        }
    }

    /**
     * A whole document as a tree.
     *
     * @throws XmlError when it is not well-formed or past a limit
     */
    public static XmlElement parse(byte[] bytes, int offset, int length, XmlLimits limits) {
        try {
            GuardedReader reader = guarded(characters(bytes, offset, length), limits);
            while (reader.next() != XMLStreamConstants.START_ELEMENT) {
                // what stands before the root is not kept
            }
            XmlElement root = TreeBuilder.build(reader, limits);
            while (reader.hasNext()) {
                reader.next();
            }
            reader.close();
            return root;
        } catch (XMLStreamException wrong) {
            throw error(wrong);
        }
    }

    /** The element whose start tag a cursor is at, as a tree; afterwards the cursor is at its end tag. */
    public static XmlElement element(XMLStreamReader cursor, XmlLimits limits) throws XMLStreamException {
        return TreeBuilder.build(cursor, limits);
    }

    /** A document of our own as a tree, limits at their defaults. */
    public static XmlElement parse(String document) {
        byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
        return parse(bytes, 0, bytes.length, XmlLimits.DEFAULT);
    }

    /**
     * The root element of a document that may go on after these bytes: its name, attributes and declarations, no
     * content.
     *
     * @throws XmlError when the bytes hold no complete root start tag, or are wrong before it
     */
    public static XmlElement root(byte[] bytes, int offset, int length, XmlLimits limits) {
        try {
            GuardedReader reader = guarded(prefix(bytes, offset, length), limits);
            while (reader.next() != XMLStreamConstants.START_ELEMENT) {
                // what stands before the root is not kept
            }
            return TreeBuilder.startTag(reader, Namespaces.NONE, List.of());
        } catch (XMLStreamException wrong) {
            throw error(wrong);
        }
    }

    /**
     * What a parser's complaint means for us. Woodstox has no types for these, only the texts.
     */
    public static XmlError error(XMLStreamException wrong) {
        Throwable cause = wrong.getNestedException() != null ? wrong.getNestedException() : wrong.getCause();
        if (cause instanceof CharacterCodingException) {
            return new XmlError(XmlError.Kind.ENCODING, "the bytes are not UTF-8");
        }
        String text = String.valueOf(wrong.getMessage());
        int line = text.indexOf('\n');
        return new XmlError(XmlError.Kind.MALFORMED, printable(line < 0 ? text : text.substring(0, line)));
    }

    private static String printable(String text) {
        StringBuilder clean = new StringBuilder();
        text.codePoints().limit(200).forEach(point -> clean.append(point >= ' ' && point < 0x7f ? (char) point : '?'));
        return clean.toString();
    }

    private static CharsetDecoder strictUtf8() {
        return StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    private static Reader characters(byte[] bytes, int offset, int length) {
        try {
            CharBuffer decoded = strictUtf8().decode(ByteBuffer.wrap(bytes, offset, length));
            return new CharArrayReader(decoded.array(), decoded.arrayOffset(), decoded.remaining());
        } catch (CharacterCodingException wrong) {
            throw new XmlError(XmlError.Kind.ENCODING, "the bytes are not UTF-8");
        }
    }

    /** As {@link #characters}, but the last character may be cut. */
    private static Reader prefix(byte[] bytes, int offset, int length) {
        CharBuffer decoded = CharBuffer.allocate(length);
        if (strictUtf8().decode(ByteBuffer.wrap(bytes, offset, length), decoded, false).isError()) {
            throw new XmlError(XmlError.Kind.ENCODING, "the bytes are not UTF-8");
        }
        decoded.flip();
        return new CharArrayReader(decoded.array(), 0, decoded.remaining());
    }

    /** Whether a cursor's declared encoding, if any, is one that UTF-8 bytes may declare. */
    static boolean utf8(XMLStreamReader reader) {
        String declared = reader.getCharacterEncodingScheme();
        return declared == null || declared.equalsIgnoreCase("UTF-8") || declared.equalsIgnoreCase("US-ASCII");
    }
}
