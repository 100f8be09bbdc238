package homeport.netconf.session;

import homeport.netconf.Ns;
import homeport.netconf.RpcError;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.XmlElement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import javax.xml.XMLConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** {@code rpc-error} as XML, both ways (RFC 6241 §4.3). */
final class ErrorXml {
    private ErrorXml() {}

    /**
     * Reads an error as leniently as errors deserve: a device that fails must not fail twice. What is missing gets the
     * most general value; a tag that RFC 6241 does not know becomes {@code operation-failed} and stands first in the
     * info as it was sent.
     */
    static RpcError read(XmlElement error) {
        List<XmlElement> info = new ArrayList<>();
        Optional<RpcError.Tag> tag = find(RpcError.Tag.values(), RpcError.Tag::wire, text(error, "error-tag"));
        if (tag.isEmpty()) {
            error.child("error-tag").ifPresent(info::add);
        }
        error.child("error-info").ifPresent(element -> info.addAll(element.children()));
        return new RpcError(
                find(RpcError.Type.values(), RpcError.Type::wire, text(error, "error-type"))
                        .orElse(RpcError.Type.APPLICATION),
                tag.orElse(RpcError.Tag.OPERATION_FAILED),
                find(RpcError.Severity.values(), RpcError.Severity::wire, text(error, "error-severity"))
                        .orElse(RpcError.Severity.ERROR),
                text(error, "error-app-tag"),
                error.child("error-path").map(path -> new RpcError.Path(path.text().strip(), path.namespaces())),
                error.child("error-message")
                        .map(message -> new RpcError.Message(message.text().strip(),
                                message.attribute(XMLConstants.XML_NS_URI, "lang").orElse(""))),
                info);
    }

    private static Optional<String> text(XmlElement error, String child) {
        return error.child(child).map(element -> element.text().strip()).filter(text -> !text.isEmpty());
    }

    private static <T> Optional<T> find(T[] values, Function<T, String> wire,
            Optional<String> text) {
        for (T value : values) {
            if (text.filter(wire.apply(value)::equals).isPresent()) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }

    /** Writes an error where base 1.0 is the default namespace. */
    static void write(RpcError error, XMLStreamWriter writer) throws XMLStreamException {
        writer.writeStartElement("", "rpc-error", Ns.BASE);
        leaf(writer, "error-type", error.type().wire());
        leaf(writer, "error-tag", error.tag().wire());
        leaf(writer, "error-severity", error.severity().wire());
        if (error.appTag().isPresent()) {
            leaf(writer, "error-app-tag", error.appTag().get());
        }
        if (error.path().isPresent()) {
            RpcError.Path path = error.path().get();
            writer.writeStartElement("", "error-path", Ns.BASE);
            for (Map.Entry<String, String> prefix : path.namespaces().all().entrySet()) {
                if (!prefix.getKey().isEmpty()) {
                    writer.writeNamespace(prefix.getKey(), prefix.getValue());
                }
            }
            writer.writeCharacters(path.xpath());
            writer.writeEndElement();
        }
        if (error.message().isPresent()) {
            RpcError.Message message = error.message().get();
            writer.writeStartElement("", "error-message", Ns.BASE);
            if (!message.language().isEmpty()) {
                writer.writeAttribute(XMLConstants.XML_NS_PREFIX, XMLConstants.XML_NS_URI, "lang", message.language());
            }
            writer.writeCharacters(message.text());
            writer.writeEndElement();
        }
        if (!error.info().isEmpty()) {
            writer.writeStartElement("", "error-info", Ns.BASE);
            Namespaces around = Namespaces.of(Map.of("", Ns.BASE));
            for (XmlElement element : error.info()) {
                element.writeTo(writer, around);
            }
            writer.writeEndElement();
        }
        writer.writeEndElement();
    }

    private static void leaf(XMLStreamWriter writer, String name, String text) throws XMLStreamException {
        writer.writeStartElement("", name, Ns.BASE);
        writer.writeCharacters(text);
        writer.writeEndElement();
    }
}
