package homeport.netconf.session;

import homeport.netconf.Capabilities;
import homeport.netconf.Ns;
import homeport.netconf.Rule;
import homeport.netconf.SessionError;
import homeport.netconf.xml.XmlElement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The first message of either side (RFC 6241 §8.1).
 *
 * @param sessionId in a server's hello only, 1 to 4294967295
 */
public record Hello(Capabilities capabilities, Optional<Long> sessionId) {
    private static final long LARGEST_ID = 0xffff_ffffL;
    private static final String DRAFT = "urn:ietf:params:xml:ns:netconf:";
    private static final String REGISTERED = "urn:ietf:params:netconf:";

    /** Reads what a server sent. */
    static Hello fromServer(XmlElement message) {
        Hello hello = read(message);
        if (hello.sessionId().isEmpty()) {
            throw new SessionError(Rule.SESSION_ID_MISSING);
        }
        return hello;
    }

    /** Reads what a client sent. */
    static Hello fromClient(XmlElement message) {
        Hello hello = read(message);
        if (hello.sessionId().isPresent()) {
            throw new SessionError(Rule.SESSION_ID_UNEXPECTED);
        }
        return hello;
    }

    private static Hello read(XmlElement message) {
        // Some old devices send their hello in no namespace; it can mean nothing else.
        if (!message.local().equals("hello")
                || !(message.namespace().equals(Ns.BASE) || message.namespace().isEmpty())) {
            throw new SessionError(Rule.HELLO_EXPECTED, message.name().toString());
        }
        List<XmlElement> lists = message.children(message.namespace(), "capabilities").toList();
        if (lists.size() != 1) {
            throw new SessionError(Rule.HELLO_CONTENT);
        }
        Set<String> uris = new LinkedHashSet<>();
        for (XmlElement child : lists.getFirst().children()) {
            if (child.local().equals("capability")) {
                String uri = child.text().strip();
                uris.add(uri);
                // Routers from before the registration announce the same under the namespaces' prefix, some under it alone.
                if (uri.startsWith(DRAFT + "base:") || uri.startsWith(DRAFT + "capability:")) {
                    uris.add(REGISTERED + uri.substring(DRAFT.length()));
                }
            }
        }
        List<XmlElement> ids = message.children(message.namespace(), "session-id").toList();
        if (ids.size() > 1) {
            throw new SessionError(Rule.SESSION_ID_INVALID, "more than one");
        }
        return new Hello(new Capabilities(uris), ids.stream().findFirst().map(id -> sessionId(id.text().strip())));
    }

    private static long sessionId(String text) {
        if (text.isEmpty() || text.length() > 10 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new SessionError(Rule.SESSION_ID_INVALID);
        }
        long id = Long.parseLong(text);
        if (id < 1 || id > LARGEST_ID) {
            throw new SessionError(Rule.SESSION_ID_INVALID, text);
        }
        return id;
    }

    /**
     * Whether both sides go over to chunks after their hellos.
     *
     * @throws SessionError when there is no base version in common
     */
    static boolean chunked(Capabilities ours, Capabilities theirs) {
        if (ours.uris().contains(Capabilities.BASE_1_1) && theirs.uris().contains(Capabilities.BASE_1_1)) {
            return true;
        }
        if (ours.uris().contains(Capabilities.BASE_1_0) && theirs.uris().contains(Capabilities.BASE_1_0)) {
            return false;
        }
        throw new SessionError(Rule.NO_COMMON_BASE);
    }

    XmlElement toXml() {
        List<XmlElement> list = new ArrayList<>();
        for (String uri : capabilities.uris()) {
            list.add(XmlElement.leaf(Ns.BASE, "capability", uri));
        }
        List<XmlElement> content = new ArrayList<>();
        content.add(XmlElement.of(Ns.BASE, "capabilities", list));
        sessionId.ifPresent(id -> content.add(XmlElement.leaf(Ns.BASE, "session-id", Long.toString(id))));
        return XmlElement.of(Ns.BASE, "hello", content);
    }
}
