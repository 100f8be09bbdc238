package homeport.netconf.xml;

import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.codehaus.stax2.XMLStreamWriter2;

/** Writes element trees, declaring exactly what the place they are written to does not have in scope. */
final class TreeWriter {
    private TreeWriter() {}

    static String toXml(XmlElement element) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter2 writer = Xml.writer(text);
            write(element, writer, Namespaces.NONE);
            writer.close();
        } catch (XMLStreamException impossible) {
            throw new IllegalStateException("a string did not take XML", impossible);
        }
        return text.toString();
    }

    static void write(XmlElement element, XMLStreamWriter writer, Namespaces around) throws XMLStreamException {
        Map<String, String> declare = declarations(element, around);
        boolean empty = element.content().isEmpty();
        if (empty) {
            writer.writeEmptyElement(element.prefix(), element.local(), element.namespace());
        } else {
            writer.writeStartElement(element.prefix(), element.local(), element.namespace());
        }
        for (Map.Entry<String, String> declaration : declare.entrySet()) {
            if (declaration.getKey().isEmpty()) {
                writer.writeDefaultNamespace(declaration.getValue());
            } else {
                writer.writeNamespace(declaration.getKey(), declaration.getValue());
            }
        }
        for (XmlAttribute attribute : element.attributes()) {
            if (attribute.prefix().isEmpty()) {
                writer.writeAttribute(attribute.name().local(), attribute.value());
            } else {
                writer.writeAttribute(attribute.prefix(), attribute.name().namespace(), attribute.name().local(),
                        attribute.value());
            }
        }
        if (empty) {
            return;
        }
        for (XmlNode node : element.content()) {
            switch (node) {
                case XmlElement child -> write(child, writer, element.namespaces());
                case XmlNode.Text(String value, boolean cdata) -> {
                    if (cdata) {
                        cdata(value, writer);
                    } else {
                        writer.writeCharacters(value);
                    }
                }
                case XmlNode.Comment(String value) -> writer.writeComment(value);
                case XmlNode.Instruction(String target, String data) -> writer.writeProcessingInstruction(target, data);
            }
        }
        writer.writeEndElement();
    }

    /** One section, or more where the text holds the mark that ends one. */
    private static void cdata(String value, XMLStreamWriter writer) throws XMLStreamException {
        int from = 0;
        for (int mark = value.indexOf("]]>"); mark >= 0; mark = value.indexOf("]]>", from)) {
            writer.writeCData(value.substring(from, mark + 2));
            from = mark + 2;
        }
        writer.writeCData(value.substring(from));
    }

    /** Its own declarations as they stood, then whatever else is in its scope and not around it. */
    private static Map<String, String> declarations(XmlElement element, Namespaces around) {
        Map<String, String> declare = new LinkedHashMap<>();
        element.declarations().forEach(own -> declare.put(own.prefix(), own.namespace()));
        if (!element.namespaces().within(around)) {
            element.namespaces().all().forEach((prefix, namespace) -> {
                if (!namespace.equals(around.resolve(prefix))) {
                    declare.putIfAbsent(prefix, namespace);
                }
            });
            if (element.prefix().isEmpty() && element.namespace().isEmpty() && !"".equals(around.resolve(""))) {
                declare.putIfAbsent("", "");
            }
        }
        return declare;
    }
}
