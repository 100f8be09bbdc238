package homeport.cli;

import java.io.StringReader;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** What a device says to an rpc (RFC 6241, section 4.2). */
final class RpcReply {
    private static final String BASE = "urn:ietf:params:xml:ns:netconf:base:1.0";

    private RpcReply() {}

    /** Whether it reports an error, and not only warnings. What is no XML is one. */
    static boolean isError(String xml) {
        var factory = XMLInputFactory.newFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        try {
            var reader = factory.createXMLStreamReader(new StringReader(xml));
            try {
                return hasError(reader);
            } finally {
                reader.close();
            }
        } catch (XMLStreamException e) {
            return true;
        }
    }

    private static boolean hasError(XMLStreamReader reader) throws XMLStreamException {
        int depth = 0;
        boolean inError = false;
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    depth++;
                    boolean ours = BASE.equals(reader.getNamespaceURI());
                    if (depth == 2) {
                        inError = ours && reader.getLocalName().equals("rpc-error");
                    } else if (depth == 3 && inError && ours && reader.getLocalName().equals("error-severity")) {
                        depth--; // the text's reader takes the end with it
                        if (!reader.getElementText().strip().equals("warning")) {
                            return true;
                        }
                    }
                }
                case XMLStreamConstants.END_ELEMENT -> depth--;
                default -> { // text and comments
                }
            }
        }
        return false;
    }
}
