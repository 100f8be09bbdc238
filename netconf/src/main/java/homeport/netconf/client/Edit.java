package homeport.netconf.client;

import homeport.netconf.Ns;
import homeport.netconf.xml.XmlElement;

/** Says on an element of a configuration what is to be done with it (RFC 6241 §7.2, RFC 7950 §7.7.9 and §7.8.6). */
public final class Edit {
    private Edit() {}

    public static XmlElement merge(XmlElement element) {
        return operation(element, "merge");
    }

    public static XmlElement replace(XmlElement element) {
        return operation(element, "replace");
    }

    public static XmlElement create(XmlElement element) {
        return operation(element, "create");
    }

    public static XmlElement delete(XmlElement element) {
        return operation(element, "delete");
    }

    public static XmlElement remove(XmlElement element) {
        return operation(element, "remove");
    }

    private static XmlElement operation(XmlElement element, String name) {
        return element.with("nc", Ns.BASE, "operation", name);
    }

    /** Puts an entry of an ordered list or leaf-list first. */
    public static XmlElement first(XmlElement entry) {
        return entry.with("yang", Ns.YANG, "insert", "first");
    }

    /** Puts an entry of an ordered list or leaf-list last. */
    public static XmlElement last(XmlElement entry) {
        return entry.with("yang", Ns.YANG, "insert", "last");
    }

    /** Puts a list entry before the one with these key predicates, such as {@code [ex:name='a']}. */
    public static XmlElement beforeKey(XmlElement entry, String predicates) {
        return entry.with("yang", Ns.YANG, "insert", "before").with("yang", Ns.YANG, "key", predicates);
    }

    /** Puts a list entry after the one with these key predicates. */
    public static XmlElement afterKey(XmlElement entry, String predicates) {
        return entry.with("yang", Ns.YANG, "insert", "after").with("yang", Ns.YANG, "key", predicates);
    }

    /** Puts a leaf-list entry before the one of this value. */
    public static XmlElement beforeValue(XmlElement entry, String value) {
        return entry.with("yang", Ns.YANG, "insert", "before").with("yang", Ns.YANG, "value", value);
    }

    /** Puts a leaf-list entry after the one of this value. */
    public static XmlElement afterValue(XmlElement entry, String value) {
        return entry.with("yang", Ns.YANG, "insert", "after").with("yang", Ns.YANG, "value", value);
    }
}
