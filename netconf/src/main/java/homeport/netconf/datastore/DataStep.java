package homeport.netconf.datastore;

import java.util.ArrayList;
import java.util.List;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.PathArgument;

/**
 * One step of a path of data nodes, choices left out.
 *
 * @param argument what names the instance: for an entry of a list or leaf-list its keys or value
 */
public record DataStep(Definition definition, PathArgument argument) {
    /** A path's steps from the root. A path to a list, rather than to an entry, ends with a step that names the list. */
    public static List<DataStep> of(Schemas schemas, YangInstanceIdentifier path) {
        List<DataStep> steps = new ArrayList<>();
        Definition at = schemas.root();
        Definition list = null;
        int choices = 0;
        for (PathArgument argument : path.getPathArguments()) {
            if (list != null) {
                steps.set(steps.size() - 1, new DataStep(list, argument));
                list = null;
                continue;
            }
            Definition child = at.child(argument.getNodeType());
            if (child == null || !(argument instanceof NodeIdentifier) || child.memberships().size() != choices) {
                choices++;
                continue;
            }
            choices = 0;
            steps.add(new DataStep(child, argument));
            at = child;
            list = child.isEntry() ? child : null;
        }
        return steps;
    }
}
