package homeport.netconf.datastore;

import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcError.Type;
import homeport.netconf.RpcErrorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangNetconfErrorAware;
import org.opendaylight.yangtools.yang.data.api.schema.DataContainerChild;
import org.opendaylight.yangtools.yang.data.api.schema.DataContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.MapNode;
import org.opendaylight.yangtools.yang.data.tree.api.DataTreeModification;
import org.opendaylight.yangtools.yang.data.tree.api.DataValidationFailedException;
import org.opendaylight.yangtools.yang.data.tree.api.UniqueConstraintException;
import org.opendaylight.yangtools.yang.model.api.stmt.SchemaNodeIdentifier;

/** What the data tree refused, told as the errors RFC 7950 §15 asks for. */
final class Refusal {
    private Refusal() {}

    static RpcErrorException of(DataErrors errors, DataValidationFailedException found,
            DataTreeModification tree) {
        String message = String.valueOf(found.getMessage());
        if (!(found instanceof YangNetconfErrorAware aware)) {
            return new RpcErrorException(Type.APPLICATION, Tag.OPERATION_FAILED, message);
        }
        return errors.refused(found.getPath(), aware, message,
                found instanceof UniqueConstraintException unique ? nonUnique(unique, tree) : List.of());
    }

    /** The leaves whose values were not unique, in every entry that has them (RFC 7950 §15.1). */
    private static List<YangInstanceIdentifier> nonUnique(UniqueConstraintException found, DataTreeModification tree) {
        List<YangInstanceIdentifier> leaves = new ArrayList<>();
        YangInstanceIdentifier list = Optional.ofNullable(found.getPath().getParent()).orElse(found.getPath());
        if (tree.readNode(list).orElse(null) instanceof MapNode entries) {
            entries.body().forEach(entry -> {
                List<YangInstanceIdentifier> here = new ArrayList<>();
                for (Map.Entry<SchemaNodeIdentifier.Descendant, Object> value : found.values().entrySet()) {
                    YangInstanceIdentifier path = list.node(entry.name());
                    DataContainerNode at = entry;
                    for (QName step : value.getKey().getNodeIdentifiers()) {
                        YangInstanceIdentifier.NodeIdentifier name = YangInstanceIdentifier.NodeIdentifier.create(step);
                        path = path.node(name);
                        DataContainerChild child = at.childByArg(name);
                        if (child instanceof DataContainerNode inner) {
                            at = inner;
                        } else if (child == null || !child.body().equals(value.getValue())) {
                            return;
                        }
                    }
                    here.add(path);
                }
                leaves.addAll(here);
            });
        }
        return leaves;
    }
}
