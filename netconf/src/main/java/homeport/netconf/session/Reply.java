package homeport.netconf.session;

import homeport.netconf.Ns;
import homeport.netconf.RpcError;
import homeport.netconf.RpcErrorException;
import homeport.netconf.Rule;
import homeport.netconf.SessionError;
import homeport.netconf.xml.XmlElement;
import java.util.List;

/**
 * A reply in memory (RFC 6241 §4.2).
 *
 * @param element the whole {@code rpc-reply}
 * @param errors all {@code rpc-error}s in it, warnings included
 */
public record Reply(XmlElement element, List<RpcError> errors) {
    public Reply {
        errors = List.copyOf(errors);
    }

    static Reply of(XmlElement element) {
        return new Reply(element, element.children().stream().filter(Reply::isError).map(ErrorXml::read).toList());
    }

    /** In base, or in no namespace as old devices write all of their replies. */
    private static boolean isError(XmlElement child) {
        return child.is(Ns.BASE, "rpc-error") || child.is("", "rpc-error");
    }

    /** Whether a reply has errors and nothing else. */
    static boolean onlyErrors(XmlElement reply) {
        List<XmlElement> children = reply.children();
        return !children.isEmpty() && children.stream().allMatch(Reply::isError);
    }

    /**
     * This reply, when it reports no error; warnings are not errors.
     *
     * @throws RpcErrorException with every error and warning otherwise
     */
    public Reply orThrow() {
        if (errors.stream().anyMatch(error -> error.severity() == RpcError.Severity.ERROR)) {
            throw new RpcErrorException(errors);
        }
        return this;
    }

    /** The child elements that are not errors. */
    public List<XmlElement> content() {
        return element.children().stream().filter(child -> !isError(child)).toList();
    }

    /**
     * The child of that name, whatever its namespace: {@code data} is in base for {@code get}, in others elsewhere.
     *
     * @throws SessionError when there is none
     */
    public XmlElement content(String local) {
        return content().stream().filter(child -> child.local().equals(local)).findFirst()
                .orElseThrow(() -> new SessionError(Rule.REPLY_CONTENT, "there is no " + local));
    }
}
