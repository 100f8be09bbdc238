package homeport.netconf.xml;

/** What can stand inside an element, in document order. */
public sealed interface XmlNode permits XmlElement, XmlNode.Text, XmlNode.Comment, XmlNode.Instruction {
    /** Character data; {@code cdata} when it was, or is to be, written as a CDATA section. */
    record Text(String value, boolean cdata) implements XmlNode {
        public Text(String value) {
            this(value, false);
        }
    }

    /** A comment, without its delimiters. */
    record Comment(String value) implements XmlNode {}

    /** A processing instruction. */
    record Instruction(String target, String data) implements XmlNode {}
}
