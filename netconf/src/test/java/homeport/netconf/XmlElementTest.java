package homeport.netconf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.XmlElement;
import homeport.netconf.xml.XmlNode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class XmlElementTest {
    @Test
    void childInAnotherNamespaceDeclaresItOnce() {
        XmlElement tree = XmlElement.of("urn:a", "top",
                XmlElement.of("urn:b", "inner", XmlElement.leaf("urn:b", "x", "1")));

        assertEquals("<top xmlns=\"urn:a\"><inner xmlns=\"urn:b\"><x>1</x></inner></top>",
                tree.toXml());
    }

    @Test
    void elementTakenOutOfItsDocumentKeepsThePrefixesAroundIt() {
        Namespaces around = Namespaces.of(Map.of("ex", "urn:ex"));
        XmlElement value = new XmlElement("", new homeport.netconf.xml.XmlName("", "type"), List.of(), around,
                List.of(),
                List.of(new XmlNode.Text("ex:ethernet")));

        assertEquals("<type xmlns:ex=\"urn:ex\">ex:ethernet</type>", value.toXml());
        assertEquals("urn:ex", value.reader().getNamespaceURI("ex"));
    }
}
