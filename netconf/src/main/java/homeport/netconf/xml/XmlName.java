package homeport.netconf.xml;

import javax.xml.namespace.QName;

/** A name in a namespace, prefix left out: what two elements are compared by. No namespace is the empty string. */
public record XmlName(String namespace, String local) {
    /** The name in Clark notation, {@code {namespace}local}, as it is read in messages to people. */
    @Override
    public String toString() {
        return namespace.isEmpty() ? local : "{" + namespace + "}" + local;
    }

    /** The same name as the JDK's type. */
    public QName qname() {
        return new QName(namespace, local);
    }
}
