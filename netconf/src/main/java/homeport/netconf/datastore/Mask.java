package homeport.netconf.datastore;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifierWithPredicates;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.PathArgument;
import org.opendaylight.yangtools.yang.data.api.schema.DistinctNodeContainer;
import org.opendaylight.yangtools.yang.data.api.schema.MapEntryNode;
import org.opendaylight.yangtools.yang.data.api.schema.NormalizedNode;
import org.opendaylight.yangtools.yang.data.api.schema.OrderedNodeContainer;
import org.opendaylight.yangtools.yang.data.api.schema.OrderingAware;

/** Which parts of a tree are wanted: a tree of path steps, some of them marked as wanted whole. */
final class Mask {
    private boolean whole;
    private final Map<PathArgument, Mask> children = new LinkedHashMap<>();

    Mask at(PathArgument step) {
        return children.computeIfAbsent(step, _ -> new Mask());
    }

    Mask at(YangInstanceIdentifier path) {
        Mask mask = this;
        for (PathArgument step : path.getPathArguments()) {
            mask = mask.at(step);
        }
        return mask;
    }

    void whole() {
        whole = true;
    }

    /** Takes another mask's wishes over. */
    void add(Mask other) {
        whole |= other.whole;
        other.children.forEach((step, mask) -> at(step).add(mask));
    }

    /**
     * What is wanted of a node; null when nothing of it is. Keys come along with anything of their entry. A mask without
     * children wants nothing inside, but an entry of a list keeps its keys.
     */
    @Nullable
    NormalizedNode of(NormalizedNode node) {
        if (whole) {
            return node;
        }
        List<NormalizedNode> kept = new ArrayList<>();
        switch (node) {
            case DistinctNodeContainer<?, ?> distinct when distinct instanceof OrderingAware.User ->
                distinct.body().forEach(child -> keep(child, kept));
            case DistinctNodeContainer<?, ?> distinct -> lookUp(distinct, kept);
            case OrderedNodeContainer<?> ordered -> ordered.body().forEach(child -> keep(child, kept));
            default -> {
                return null;
            }
        }
        if (node instanceof MapEntryNode entry && name(entry) instanceof NodeIdentifierWithPredicates keys) {
            keys.keySet().stream().map(NodeIdentifier::create).filter(key -> !children.containsKey(key))
                    .map(entry::childByArg).filter(key -> key != null).forEach(kept::addFirst);
        }
        return kept.isEmpty() ? null : Rebuild.with(node, kept);
    }

    private static PathArgument name(NormalizedNode node) {
        return node.name();
    }

    private void keep(NormalizedNode child, List<NormalizedNode> into) {
        Mask mask = children.get(child.name());
        NormalizedNode wanted = mask == null ? null : mask.of(child);
        if (wanted != null) {
            into.add(wanted);
        }
    }

    private <K extends PathArgument, V extends NormalizedNode> void lookUp(DistinctNodeContainer<K, V> node,
            List<NormalizedNode> into) {
        if (children.size() > node.size()) {
            node.body().forEach(child -> keep(child, into));
            return;
        }
        children.forEach((step, mask) -> {
            V child = childOf(node, step);
            NormalizedNode wanted = child == null ? null : mask.of(child);
            if (wanted != null) {
                into.add(wanted);
            }
        });
    }

    /** A step of another kind than the container's names finds nothing. */
    @SuppressWarnings("unchecked")
    private static <K extends PathArgument, V extends NormalizedNode> @Nullable V childOf(
            DistinctNodeContainer<K, V> node, PathArgument step) {
        return node.childByArg((K) step);
    }
}
