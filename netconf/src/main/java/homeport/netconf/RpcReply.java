package homeport.netconf;

import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.XmlElement;
import java.util.List;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** What a handler answers. The session writes {@code rpc-reply} around it. */
public sealed interface RpcReply {
    /** {@code <ok/>}. */
    record Ok() implements RpcReply {}

    /**
     * Content, written to the session as it is produced. The writer stands inside {@code rpc-reply}, whose default
     * namespace is NETCONF base 1.0 and whose other declarations are the request's. Writes block while the peer does not
     * read. A body that fails becomes an {@code rpc-error} as long as nothing of it has gone out, which is the first 32
     * KiB; later it ends the session.
     */
    record Content(Body body) implements RpcReply {}

    /** {@code rpc-error}, one or more. Throwing {@link RpcErrorException} is the same. */
    record Errors(List<RpcError> errors) implements RpcReply {
        public Errors {
            errors = List.copyOf(errors);
            if (errors.isEmpty()) {
                throw new IllegalArgumentException("an error reply needs an error");
            }
        }
    }

    /** Writes XML where the writer stands: whole elements, balanced. The writer is not repairing: declare what you use. */
    @FunctionalInterface
    interface Body {
        void writeTo(XMLStreamWriter writer) throws XMLStreamException;
    }

    static RpcReply ok() {
        return new Ok();
    }

    /** Content from elements in memory. */
    static RpcReply of(XmlElement... elements) {
        List<XmlElement> all = List.of(elements);
        return new Content(writer -> {
            for (XmlElement element : all) {
                element.writeTo(writer, Namespaces.UNKNOWN);
            }
        });
    }

    static RpcReply content(Body body) {
        return new Content(body);
    }
}
