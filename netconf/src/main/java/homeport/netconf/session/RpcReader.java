package homeport.netconf.session;

import homeport.netconf.Ns;
import homeport.netconf.Rpc;
import homeport.netconf.RpcError;
import homeport.netconf.RpcErrorException;
import homeport.netconf.Rule;
import homeport.netconf.SessionError;
import homeport.netconf.xml.XmlElement;
import java.util.List;

/** What a client's message after its hello is (RFC 6241 §4.1). */
final class RpcReader {
    private RpcReader() {}

    /**
     * The message as a request.
     *
     * @throws SessionError when it is no request at all
     * @throws RpcErrorException when it is one that cannot be done, and the session can go on
     */
    static Rpc read(XmlElement message) {
        if (!message.is(Ns.BASE, "rpc")) {
            throw new SessionError(message.local().equals("hello") ? Rule.HELLO_TWICE : Rule.UNEXPECTED_MESSAGE,
                    message.name().toString());
        }
        if (message.attribute("message-id").isEmpty()) {
            throw new RpcErrorException(RpcError
                    .of(RpcError.Type.RPC, RpcError.Tag.MISSING_ATTRIBUTE, "a request needs a message-id")
                    .withInfo(List.of(XmlElement.leaf(Ns.BASE, "bad-attribute", "message-id"),
                            XmlElement.leaf(Ns.BASE, "bad-element", "rpc"))));
        }
        List<XmlElement> operations = message.children();
        if (operations.size() != 1) {
            throw new RpcErrorException(RpcError.Type.RPC, RpcError.Tag.MALFORMED_MESSAGE,
                    "a request needs exactly one operation, this has " + operations.size());
        }
        return new Rpc(message, operations.getFirst());
    }

    /** The error as this peer may get it: {@code malformed-message} is unknown to base 1.0. */
    static RpcError forPeer(RpcError error, boolean base11) {
        return error.tag() == RpcError.Tag.MALFORMED_MESSAGE && !base11
                ? new RpcError(error.type(), RpcError.Tag.OPERATION_FAILED, error.severity(), error.appTag(),
                        error.path(), error.message(), error.info())
                : error;
    }
}
