package homeport.netconf.xml;

/** One attribute as it stands in the document. No namespace and no prefix are empty strings. */
public record XmlAttribute(String prefix, XmlName name, String value) {}
