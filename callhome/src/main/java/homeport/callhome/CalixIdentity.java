package homeport.callhome;

import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;

/**
 * The identity that Calix AXOS sends before SSH: two XML elements side by side, so not a document.
 *
 * <pre>
 * &lt;version>1&lt;/version>&lt;identity>&lt;mac>…&lt;/mac>&lt;serial-number>…&lt;/serial-number>
 * &lt;model-name>…&lt;/model-name>&lt;source-ip>…&lt;/source-ip>&lt;/identity>
 * </pre>
 *
 * The device then waits for {@link #acknowledgement} and is the SSH server. A claim only: nothing in it is proved.
 *
 * @param serialNumber the id it claims, never empty
 * @param mac empty when it was not sent, as the others
 */
public record CalixIdentity(String serialNumber, String mac, String modelName, String sourceAddress) {
    public static final int MOST_BYTES = 8 << 10;
    private static final int MOST_DEPTH = 8;
    private static final String END = "</identity";
    private static final Set<String> FIELDS = Set.of("serial-number", "mac", "model-name", "source-ip");

    /** Reading is all it does, so one will do for all threads; nothing outside the text is ever fetched. */
    private static final XMLInputFactory XML = factory();

    private static XMLInputFactory factory() {
        var factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        return factory;
    }

    /** What the device waits for. */
    public static byte[] acknowledgement() {
        return "<ack>ok</ack>".getBytes(StandardCharsets.US_ASCII);
    }

    /** Where the identity in {@code array[0 .. size)} ends, behind its last element; negative while it does not. */
    static int end(byte[] array, int size, int from) {
        for (int i = Math.max(0, from - MOST_BYTES); i + END.length() < size; i++) {
            if (array[i] == '<' && starts(array, i)) {
                int at = i + END.length();
                while (at < size && (array[at] == ' ' || array[at] == '\t' || array[at] == '\r' || array[at] == '\n')) {
                    at++;
                }
                return at < size && array[at] == '>' ? at + 1 : -1;
            }
        }
        return -1;
    }

    private static boolean starts(byte[] array, int at) {
        for (int i = 0; i < END.length(); i++) {
            if (array[at + i] != END.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Reads the identity that stands in {@code array[0 .. end)}.
     *
     * @throws BootstrapMessage.Malformed with the reason
     */
    static CalixIdentity parse(byte[] array, int end) {
        var text = new String(array, 0, end, StandardCharsets.UTF_8);
        var fields = new HashMap<String, String>();
        try {
            var reader = XML.createXMLStreamReader(new StringReader("<both>" + text + "</both>"));
            read(reader, fields);
            reader.close();
        } catch (XMLStreamException e) {
            throw new BootstrapMessage.Malformed("not well-formed XML");
        }
        var serial = fields.getOrDefault("serial-number", "");
        if (serial.isEmpty()) {
            throw new BootstrapMessage.Malformed("no serial-number");
        }
        return new CalixIdentity(serial, fields.getOrDefault("mac", ""), fields.getOrDefault("model-name", ""),
                fields.getOrDefault("source-ip", ""));
    }

    private static void read(javax.xml.stream.XMLStreamReader reader, Map<String, String> fields)
            throws XMLStreamException {
        int depth = 0;
        var name = "";
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    if (++depth > MOST_DEPTH) {
                        throw new BootstrapMessage.Malformed("elements nested more than " + MOST_DEPTH + " deep");
                    }
                    name = reader.getLocalName();
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
                    if (depth == 3 && FIELDS.contains(name)) {
                        keep(fields, name, reader.getText().strip());
                    }
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    depth--;
                    name = "";
                }
                case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
                    throw new BootstrapMessage.Malformed("a DTD or an entity");
                default -> name = "";
            }
        }
    }

    private static void keep(Map<String, String> fields, String name, String value) {
        if (value.length() > BootstrapMessage.MOST_ID_BYTES || !BootstrapMessage.printable(value)) {
            throw new BootstrapMessage.Malformed(name + " is not a short printable text");
        }
        if (!value.isEmpty() && fields.put(name, value) != null) {
            throw new BootstrapMessage.Malformed(name + " stands there twice");
        }
    }
}
