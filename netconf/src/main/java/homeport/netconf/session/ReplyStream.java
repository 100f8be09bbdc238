package homeport.netconf.session;

import homeport.netconf.Limits;
import homeport.netconf.Ns;
import homeport.netconf.RpcError;
import homeport.netconf.RpcErrorException;
import homeport.netconf.SessionError;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlError;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import org.codehaus.stax2.XMLStreamReader2;

/**
 * A reply that is read while it comes, by one thread and in one of the ways below. Closing it early gives the rest up:
 * the session skips it and goes on.
 */
public final class ReplyStream implements AutoCloseable {
    /** Reads XML at the reader's own pace. */
    @FunctionalInterface
    public interface XmlConsumer<T> {
        T read(XMLStreamReader2 cursor) throws XMLStreamException;
    }

    private final ReplyPipe pipe;
    private final Limits limits;
    private final Runnable abandon;
    private final Consumer<SessionError> fail;

    ReplyStream(ReplyPipe pipe, Limits limits, Runnable abandon, Consumer<SessionError> fail) {
        this.pipe = pipe;
        this.limits = limits;
        this.abandon = abandon;
        this.fail = fail;
    }

    /**
     * Reads the reply as XML, limits as in every message but the one on elements. The cursor stands at the first child
     * of {@code rpc-reply}, mostly {@code data} or {@code ok}. What the consumer leaves unread is skipped.
     *
     * @throws RpcErrorException when the reply begins with errors
     * @throws SessionError when the session fails; malformed XML ends it
     */
    public <T> T read(XmlConsumer<T> consumer) {
        try {
            XMLStreamReader2 cursor = Xml.reader(pipe, limits.xml());
            cursor.nextTag();
            cursor.nextTag();
            if (cursor.isEndElement()) {
                throw new XmlError(XmlError.Kind.MALFORMED, "an empty rpc-reply");
            }
            String namespace = cursor.getNamespaceURI();
            if (cursor.getLocalName().equals("rpc-error")
                    && (namespace == null || namespace.isEmpty() || namespace.equals(Ns.BASE))) {
                throw new RpcErrorException(errors(cursor));
            }
            T result = consumer.read(cursor);
            while (cursor.hasNext()) {
                cursor.next();
            }
            return result;
        } catch (XmlError wrong) {
            throw ended(SessionError.of(wrong));
        } catch (XMLStreamException wrong) {
            throw ended(SessionError.of(Xml.error(wrong)));
        }
    }

    private List<RpcError> errors(XMLStreamReader2 cursor) throws XMLStreamException {
        List<RpcError> errors = new ArrayList<>();
        while (cursor.getEventType() == XMLStreamConstants.START_ELEMENT
                && cursor.getLocalName().equals("rpc-error")) {
            errors.add(ErrorXml.read(Xml.element(cursor, limits.xml())));
            cursor.nextTag();
        }
        return errors;
    }

    private SessionError ended(SessionError error) {
        fail.accept(error);
        return error;
    }

    /**
     * Hands the bytes of the {@code rpc-reply} document on as they came, unread: nobody has checked that they are XML.
     *
     * @param consumer gets a buffer that it may keep
     */
    public void forEachPiece(Consumer<ByteBuffer> consumer) {
        for (ByteBuffer piece = pipe.nextPiece(); piece != null; piece = pipe.nextPiece()) {
            consumer.accept(piece);
        }
    }

    /** The bytes of the {@code rpc-reply} document as a stream. Its reads throw {@link SessionError}. */
    public InputStream bytes() {
        return pipe;
    }

    @Override
    public void close() {
        if (!pipe.complete()) {
            abandon.run();
        }
        pipe.close();
    }
}
