package homeport.netconf.client;

import homeport.netconf.Capabilities;
import homeport.netconf.xml.XmlElement;
import java.util.ArrayList;
import java.util.List;

/** One operation ready to be sent: its element, and what it takes of the server. Made by {@link Operations}. */
public final class Operation {
    private final XmlElement element;
    private final List<Need> needs;

    Operation(XmlElement element, List<Need> needs) {
        this.element = element;
        this.needs = List.copyOf(needs);
    }

    /** Any operation, of which nothing is known that it needs. */
    public static Operation of(XmlElement element) {
        return new Operation(element, List.of());
    }

    /** This operation, which needs a capability of that URI too. */
    public Operation needing(String capability) {
        List<Need> more = new ArrayList<>(needs);
        more.add(Need.capability(capability));
        return new Operation(element, more);
    }

    /** What stands inside {@code rpc}. */
    public XmlElement element() {
        return element;
    }

    /**
     * Checks this operation against a server's hello.
     *
     * @throws MissingCapability when the server cannot do it
     */
    public void check(Capabilities server) {
        for (Need need : needs) {
            if (!need.met().test(server)) {
                throw new MissingCapability(element.local(), need.what());
            }
        }
    }
}
