package homeport.netconf.xml;

import com.fasterxml.aalto.stax.OutputFactoryImpl;
import java.io.OutputStream;
import java.io.Writer;
import javax.xml.stream.XMLStreamException;
import org.codehaus.stax2.XMLOutputFactory2;
import org.codehaus.stax2.XMLStreamWriter2;

/** The doors to the XML library: writers that declare only what they are told to. */
public final class Xml {
    private static final XMLOutputFactory2 WRITERS = writers();

    private Xml() {}

    private static XMLOutputFactory2 writers() {
        OutputFactoryImpl factory = new OutputFactoryImpl();
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
}
