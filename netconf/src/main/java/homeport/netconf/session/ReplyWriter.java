package homeport.netconf.session;

import homeport.netconf.Ns;
import homeport.netconf.RpcError;
import homeport.netconf.RpcReply;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlAttribute;
import homeport.netconf.xml.XmlElement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** A server's messages as XML: {@code rpc-reply} and {@code notification}. */
final class ReplyWriter {
    private ReplyWriter() {}

    /** A reply, with the request's attributes on it (RFC 6241 §4.2); none when the request could not be read. */
    static void reply(Optional<XmlElement> rpc, RpcReply reply, FrameEncoder to) throws XMLStreamException {
        XMLStreamWriter writer = Xml.writer(to);
        writer.writeStartElement("", "rpc-reply", Ns.BASE);
        writer.writeDefaultNamespace(Ns.BASE);
        if (rpc.isPresent()) {
            echo(rpc.get(), writer);
        }
        switch (reply) {
            case RpcReply.Ok _ -> writer.writeEmptyElement("", "ok", Ns.BASE);
            case RpcReply.Errors(List<RpcError> errors) -> {
                for (RpcError error : errors) {
                    ErrorXml.write(error, writer);
                }
            }
            case RpcReply.Content(RpcReply.Body body) -> body.writeTo(writer);
        }
        writer.writeEndElement();
        writer.close();
    }

    private static void echo(XmlElement rpc, XMLStreamWriter writer) throws XMLStreamException {
        for (Namespaces.Binding declared : rpc.declarations()) {
            if (!declared.prefix().isEmpty()) {
                writer.writeNamespace(declared.prefix(), declared.namespace());
            }
        }
        for (XmlAttribute attribute : rpc.attributes()) {
            if (attribute.prefix().isEmpty()) {
                writer.writeAttribute(attribute.name().local(), attribute.value());
            } else {
                writer.writeAttribute(attribute.prefix(), attribute.name().namespace(), attribute.name().local(),
                        attribute.value());
            }
        }
    }

    static void notification(Instant eventTime, RpcReply.Body content, FrameEncoder to) throws XMLStreamException {
        XMLStreamWriter writer = Xml.writer(to);
        writer.writeStartElement("", "notification", Ns.NOTIFICATION);
        writer.writeDefaultNamespace(Ns.NOTIFICATION);
        XmlElement.leaf(Ns.NOTIFICATION, "eventTime", eventTime.toString()).writeTo(writer,
                Namespaces.of(Map.of("", Ns.NOTIFICATION)));
        content.writeTo(writer);
        writer.writeEndElement();
        writer.close();
    }
}
