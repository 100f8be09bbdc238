package homeport.netconf.datastore;

import homeport.netconf.datastore.Changes.Change;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlElement;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.xml.stream.XMLStreamException;
import org.codehaus.stax2.XMLStreamWriter2;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.data.api.schema.ContainerNode;

/**
 * The difference between two states of a tree as edits of a YANG patch (RFC 8072 §2.5), which is how YANG push tells of
 * changes (RFC 8641 §3.7).
 */
public final class Patch {
    /** A patch of more edits than this is longer than what it describes is worth. */
    private static final int MOST_EDITS = 200;

    private Patch() {}

    /**
     * The edits that make one tree another, as {@code edit} elements of a namespace. Empty when they are better told
     * whole: when there are too many, or when entries that a user orders came or moved, whose places an edit would have
     * to name one by one.
     *
     * @param without operations that are not to be told: {@code create}, {@code delete}, {@code replace}
     */
    public static Optional<List<XmlElement>> between(Schemas schemas, ContainerNode before, ContainerNode after,
            String namespace, Set<String> without) {
        List<Change> changes = Changes.between(schemas, before, after);
        boolean whole = changes.size() > MOST_EDITS || changes.stream().anyMatch(change -> change.definition()
                .isUserOrdered() && change.kind() != Changes.Kind.DELETED && change.kind() != Changes.Kind.UPDATED);
        if (whole) {
            return Optional.empty();
        }
        List<XmlElement> edits = new ArrayList<>();
        for (Change change : changes) {
            String operation = switch (change.kind()) {
                case CREATED -> "create";
                case DELETED -> "delete";
                case UPDATED, MOVED -> "replace";
            };
            if (without.contains(operation)) {
                continue;
            }
            List<XmlElement> edit = new ArrayList<>();
            edit.add(XmlElement.leaf(namespace, "edit-id", "edit" + (edits.size() + 1)));
            edit.add(XmlElement.leaf(namespace, "operation", operation));
            edit.add(XmlElement.leaf(namespace, "target", InstancePath.resource(schemas, change.path())));
            if (change.after() != null) {
                edit.add(XmlElement.of(namespace, "value", element(schemas, after, change.path())));
            }
            edits.add(XmlElement.of(namespace, "edit", edit));
        }
        return Optional.of(edits);
    }

    /** One node of a tree as an element. */
    private static XmlElement element(Schemas schemas, ContainerNode tree, YangInstanceIdentifier path) {
        Mask mask = new Mask();
        mask.at(path).whole();
        if (!(mask.of(tree) instanceof ContainerNode alone)) {
            throw new IllegalStateException("a node that is not there: " + path);
        }
        XmlElement at = written(schemas, alone);
        // Beside the node itself there is nothing on the way but keys.
        for (DataStep step : DataStep.of(schemas, path)) {
            at = at.child(step.definition().namespace(), step.definition().name().getLocalName())
                    .orElseThrow(() -> new IllegalStateException("a node that is not written: " + path));
        }
        return at;
    }

    private static XmlElement written(Schemas schemas, ContainerNode tree) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter2 writer = Xml.writer(text);
            writer.writeStartElement("", "data", "");
            schemas.write(tree, schemas.root(), writer);
            writer.writeEndElement();
            writer.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("data that cannot be written as XML", e);
        }
        return Xml.parse(text.toString());
    }
}
