package homeport.netconf.session;

import homeport.netconf.Limits;
import homeport.netconf.Ns;
import homeport.netconf.Rule;
import homeport.netconf.SessionError;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlElement;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Whole messages as framed bytes. */
final class Messages {
    private static final Namespaces INSIDE_BASE = Namespaces.of(Map.of("", Ns.BASE));

    private Messages() {}

    /** A hello always ends with the mark (RFC 6242 §4.1). */
    static ByteBuffer hello(Hello hello) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        FrameEncoder encoder = new FrameEncoder(false,
                framed -> all.write(framed.array(), framed.arrayOffset() + framed.position(), framed.remaining()));
        try {
            XMLStreamWriter writer = Xml.writer(encoder);
            writer.writeStartDocument("UTF-8", "1.0");
            hello.toXml().writeTo(writer, Namespaces.NONE);
            writer.close();
        } catch (XMLStreamException impossible) {
            throw new IllegalStateException("a hello that is not XML", impossible);
        }
        encoder.endMessage();
        return ByteBuffer.wrap(all.toByteArray());
    }

    /**
     * A request, in the pieces it is to be sent in.
     *
     * @throws SessionError when it is larger than the limit, or cannot be framed
     */
    static List<ByteBuffer> rpc(String id, XmlElement operation, boolean chunked, Limits limits) {
        List<ByteBuffer> pieces = new ArrayList<>(1);
        long[] total = {0};
        FrameEncoder encoder = new FrameEncoder(chunked, framed -> {
            total[0] += framed.remaining();
            if (total[0] > limits.requestBytes()) {
                throw new SessionError(Rule.REQUEST_TOO_LARGE, "more than " + limits.requestBytes() + " bytes");
            }
            pieces.add(framed);
        });
        try {
            XMLStreamWriter writer = Xml.writer(encoder);
            if (!chunked) {
                // Old peers expect the declaration.
                writer.writeStartDocument("UTF-8", "1.0");
            }
            writer.writeStartElement("", "rpc", Ns.BASE);
            writer.writeDefaultNamespace(Ns.BASE);
            writer.writeAttribute("message-id", id);
            operation.writeTo(writer, INSIDE_BASE);
            writer.writeEndElement();
            writer.close();
        } catch (XMLStreamException wrong) {
            throw new IllegalArgumentException("the request cannot be written as XML: " + wrong.getMessage(), wrong);
        }
        encoder.endMessage();
        return pieces;
    }
}
