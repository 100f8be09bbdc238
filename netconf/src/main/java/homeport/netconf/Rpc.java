package homeport.netconf;

import homeport.netconf.xml.XmlElement;
import homeport.netconf.xml.XmlName;

/**
 * One request as a server sees it (RFC 6241 §4.1).
 *
 * @param element the whole {@code rpc} element; its attributes come back on the reply
 * @param operation its only child element, with all prefixes around it in scope
 */
public record Rpc(XmlElement element, XmlElement operation) {
    /** The operation's name, by which a handler dispatches. */
    public XmlName name() {
        return operation.name();
    }

    /** The message id as sent; any string the client chose. */
    public String messageId() {
        return element.attribute("message-id").orElse("");
    }
}
