package homeport.netconf.datastore;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.common.QNameModule;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifierWithPredicates;
import org.opendaylight.yangtools.yang.model.api.PathExpression;
import org.opendaylight.yangtools.yang.model.api.type.LeafrefTypeDefinition;
import org.opendaylight.yangtools.yang.xpath.api.YangLocationPath;
import org.opendaylight.yangtools.yang.xpath.api.YangLocationPath.QNameStep;
import org.opendaylight.yangtools.yang.xpath.api.YangLocationPath.ResolvedQNameStep;
import org.opendaylight.yangtools.yang.xpath.api.YangLocationPath.Step;
import org.opendaylight.yangtools.yang.xpath.api.YangXPathAxis;

/** Where leafrefs lead (RFC 7950 §9.9). */
final class Leafrefs {
    /** More nodes than any leafref of a sane configuration visits; beyond it the answer is {@code resource-denied}. */
    private static final long BUDGET = 5_000_000;

    private Leafrefs() {}

    /** The location path of a leafref; of one that starts with {@code deref()}, the path behind it. */
    static YangLocationPath path(LeafrefTypeDefinition leafref) {
        return switch (leafref.getPathStatement().getSteps()) {
            case PathExpression.LocationPathSteps plain -> plain.getLocationPath();
            case PathExpression.DerefSteps deref -> deref.getRelativePath();
            default -> throw new IllegalStateException("a leafref's path of an unknown kind");
        };
    }

    /** The leaves it refers to: those its path leads to that have the same value. */
    static Set<DataNode> targets(Schemas schemas, LeafrefTypeDefinition leafref, DataNode leaf) {
        YangLocationPath path = path(leafref);
        QNameModule module = leaf.name().getModule();
        List<Step> steps = path.getSteps();
        Set<DataNode> candidates;
        if (leafref.getPathStatement().getSteps() instanceof PathExpression.DerefSteps) {
            candidates = Set.of();
        } else if (steps.size() >= 2 && steps.getLast() instanceof QNameStep key
                && steps.get(steps.size() - 2) instanceof QNameStep list && isPlainChild(key) && isPlainChild(list)) {
            candidates = byKey(schemas, path, leaf, list, key, module);
        } else {
            candidates = XPath.follow(schemas, path, leaf, module, BUDGET);
        }
        Set<DataNode> same = new LinkedHashSet<>();
        for (DataNode candidate : candidates) {
            if (candidate.data().body().equals(leaf.data().body())) {
                same.add(candidate);
            }
        }
        return same;
    }

    private static boolean isPlainChild(Step step) {
        return step.getAxis() == YangXPathAxis.CHILD && step.getPredicates().isEmpty();
    }

    /** The common leafref, to a list's only key: the entry is looked up, however long the list is. */
    private static Set<DataNode> byKey(Schemas schemas, YangLocationPath path, DataNode leaf, QNameStep list,
            QNameStep key, QNameModule module) {
        List<Step> steps = path.getSteps();
        YangLocationPath lead = path.isAbsolute()
                ? YangLocationPath.absolute(steps.subList(0, steps.size() - 2))
                : YangLocationPath.relative(steps.subList(0, steps.size() - 2));
        Set<DataNode> found = new LinkedHashSet<>();
        for (DataNode parent : XPath.follow(schemas, lead, leaf, module, BUDGET)) {
            Definition entries = parent.definition().child(name(list, module));
            QName keyName = name(key, module);
            if (entries == null) {
                continue;
            }
            Definition keyLeaf = entries.child(keyName);
            if (keyLeaf != null && entries.keys().equals(List.of(keyName))) {
                parent.entry(entries,
                        NodeIdentifierWithPredicates.of(entries.name(), Map.of(keyName, leaf.data().body())))
                        .ifPresent(entry -> found.addAll(entry.children(keyLeaf)));
            } else {
                found.addAll(
                        XPath.follow(schemas, YangLocationPath.relative(steps.subList(steps.size() - 2, steps.size())),
                                parent, module, BUDGET));
            }
        }
        return found;
    }

    private static QName name(QNameStep step, QNameModule module) {
        return step instanceof ResolvedQNameStep resolved
                ? resolved.getQName()
                : QName.create(module, step.getLocalName());
    }
}
