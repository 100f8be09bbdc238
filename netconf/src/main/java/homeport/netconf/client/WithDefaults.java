package homeport.netconf.client;

import homeport.netconf.Capabilities;
import homeport.netconf.Ns;
import homeport.netconf.xml.XmlElement;
import java.util.List;
import java.util.Locale;

/** How a server is to report values that are the schema's defaults (RFC 6243 §3). */
public enum WithDefaults {
    REPORT_ALL,
    REPORT_ALL_TAGGED,
    TRIM,
    EXPLICIT;

    /** As written in requests and capabilities. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    XmlElement toXml() {
        return XmlElement.leaf(Ns.WITH_DEFAULTS, "with-defaults", wire());
    }

    /** The capability lists the modes it has: its basic one, and the others. */
    Need need() {
        return new Need(Capabilities.WITH_DEFAULTS + " with " + wire(),
                server -> server.parameter(Capabilities.WITH_DEFAULTS, "basic-mode").filter(wire()::equals).isPresent()
                        || server.parameter(Capabilities.WITH_DEFAULTS, "also-supported")
                                .filter(list -> List.of(list.split(",", -1)).contains(wire())).isPresent());
    }
}
