package homeport.netconf.datastore;

import java.util.List;
import org.opendaylight.yangtools.yang.data.api.schema.ChoiceNode;
import org.opendaylight.yangtools.yang.data.api.schema.ContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.DataContainerChild;
import org.opendaylight.yangtools.yang.data.api.schema.LeafSetEntryNode;
import org.opendaylight.yangtools.yang.data.api.schema.MapEntryNode;
import org.opendaylight.yangtools.yang.data.api.schema.NormalizedNode;
import org.opendaylight.yangtools.yang.data.api.schema.SystemLeafSetNode;
import org.opendaylight.yangtools.yang.data.api.schema.SystemMapNode;
import org.opendaylight.yangtools.yang.data.api.schema.UnkeyedListEntryNode;
import org.opendaylight.yangtools.yang.data.api.schema.UnkeyedListNode;
import org.opendaylight.yangtools.yang.data.api.schema.UserLeafSetNode;
import org.opendaylight.yangtools.yang.data.api.schema.UserMapNode;
import org.opendaylight.yangtools.yang.data.spi.node.ImmutableNodes;

/** Makes a node like another one with other children: how filters, access control and defaults shape an answer. */
final class Rebuild {
    private Rebuild() {}

    static NormalizedNode with(NormalizedNode like, List<? extends NormalizedNode> children) {
        return switch (like) {
            case ContainerNode node -> {
                var builder = ImmutableNodes.newContainerBuilder().withNodeIdentifier(node.name());
                children.forEach(child -> builder.withChild((DataContainerChild) child));
                yield builder.build();
            }
            case ChoiceNode node -> {
                var builder = ImmutableNodes.newChoiceBuilder().withNodeIdentifier(node.name());
                children.forEach(child -> builder.withChild((DataContainerChild) child));
                yield builder.build();
            }
            case MapEntryNode node -> {
                var builder = ImmutableNodes.newMapEntryBuilder().withNodeIdentifier(node.name());
                children.forEach(child -> builder.withChild((DataContainerChild) child));
                yield builder.build();
            }
            case SystemMapNode node -> {
                var builder = ImmutableNodes.newSystemMapBuilder().withNodeIdentifier(node.name());
                children.forEach(child -> builder.withChild((MapEntryNode) child));
                yield builder.build();
            }
            case UserMapNode node -> {
                var builder = ImmutableNodes.newUserMapBuilder().withNodeIdentifier(node.name());
                children.forEach(child -> builder.withChild((MapEntryNode) child));
                yield builder.build();
            }
            case SystemLeafSetNode<?> node -> {
                var builder = ImmutableNodes.newSystemLeafSetBuilder().withNodeIdentifier(node.name());
                children.forEach(child -> builder.withChild(entry(child)));
                yield builder.build();
            }
            case UserLeafSetNode<?> node -> {
                var builder = ImmutableNodes.newUserLeafSetBuilder().withNodeIdentifier(node.name());
                children.forEach(child -> builder.withChild(entry(child)));
                yield builder.build();
            }
            case UnkeyedListNode node -> {
                var builder = ImmutableNodes.newUnkeyedListBuilder().withNodeIdentifier(node.name());
                children.forEach(child -> builder.withChild((UnkeyedListEntryNode) child));
                yield builder.build();
            }
            case UnkeyedListEntryNode node -> {
                var builder = ImmutableNodes.newUnkeyedListEntryBuilder().withNodeIdentifier(node.name());
                children.forEach(child -> builder.withChild((DataContainerChild) child));
                yield builder.build();
            }
            default -> like;
        };
    }

    @SuppressWarnings("unchecked")
    private static LeafSetEntryNode<Object> entry(NormalizedNode child) {
        return (LeafSetEntryNode<Object>) child;
    }
}
