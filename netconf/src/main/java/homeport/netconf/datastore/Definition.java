package homeport.netconf.datastore;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifier;
import org.opendaylight.yangtools.yang.data.api.schema.ChoiceNode;
import org.opendaylight.yangtools.yang.data.api.schema.DataContainerChild;
import org.opendaylight.yangtools.yang.data.api.schema.DataContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.LeafSetNode;
import org.opendaylight.yangtools.yang.data.api.schema.MapNode;
import org.opendaylight.yangtools.yang.data.api.schema.NormalizedNode;
import org.opendaylight.yangtools.yang.data.api.schema.UnkeyedListNode;
import org.opendaylight.yangtools.yang.model.api.AugmentationSchemaNode;
import org.opendaylight.yangtools.yang.model.api.AugmentationTarget;
import org.opendaylight.yangtools.yang.model.api.CaseSchemaNode;
import org.opendaylight.yangtools.yang.model.api.ChoiceSchemaNode;
import org.opendaylight.yangtools.yang.model.api.ContainerSchemaNode;
import org.opendaylight.yangtools.yang.model.api.DataNodeContainer;
import org.opendaylight.yangtools.yang.model.api.DataSchemaNode;
import org.opendaylight.yangtools.yang.model.api.EffectiveModelContext;
import org.opendaylight.yangtools.yang.model.api.EffectiveStatementEquivalent;
import org.opendaylight.yangtools.yang.model.api.EffectiveStatementInference;
import org.opendaylight.yangtools.yang.model.api.LeafListSchemaNode;
import org.opendaylight.yangtools.yang.model.api.LeafSchemaNode;
import org.opendaylight.yangtools.yang.model.api.ListSchemaNode;
import org.opendaylight.yangtools.yang.model.api.MustConstraintAware;
import org.opendaylight.yangtools.yang.model.api.MustDefinition;
import org.opendaylight.yangtools.yang.model.api.meta.DeclaredStatement;
import org.opendaylight.yangtools.yang.model.api.stmt.SchemaNodeIdentifier;
import org.opendaylight.yangtools.yang.model.util.SchemaInferenceStack;
import org.opendaylight.yangtools.yang.xpath.api.YangXPathExpression;

/**
 * A data node's definition: the schema tree with choices and cases folded away, as XPath, filters and XML see it, and
 * with the way back to where yangtools keeps them. One per data node of the schema, made lazily, never changed.
 */
public final class Definition {
    /** What a node is, as far as walking goes. */
    public enum Kind {
        ROOT,
        CONTAINER,
        LIST,
        LEAF,
        LEAF_LIST,
        OPAQUE
    }

    /** A choice a node stands in, and the case of it. */
    record Membership(ChoiceSchemaNode choice, CaseSchemaNode branch) {
        NodeIdentifier step() {
            return NodeIdentifier.create(choice.getQName());
        }
    }

    /** A condition on existing, and whether its context is the node itself or what is around it (RFC 7950 §7.21.5). */
    record When(YangXPathExpression.QualifiedBound condition, boolean onSelf) {}

    private final Kind kind;
    private final @Nullable Definition parent;
    private final QName name;
    private final DataSchemaNode schema;
    private final List<Membership> memberships;
    private final List<When> whens;
    private volatile @Nullable Map<QName, Definition> children;
    private volatile @Nullable EffectiveStatementInference inference;
    private volatile @Nullable Boolean choicesBelow;
    private volatile @Nullable Protection protection;

    private Definition(Kind kind, @Nullable Definition parent, DataSchemaNode schema, List<Membership> memberships,
            List<When> whens) {
        this.kind = kind;
        this.parent = parent;
        this.schema = schema;
        this.name = schema.getQName();
        this.memberships = memberships;
        this.whens = whens;
    }

    static Definition root(EffectiveModelContext context) {
        return new Definition(Kind.ROOT, null, context, List.of(), List.of());
    }

    public Kind kind() {
        return kind;
    }

    public boolean isRoot() {
        return kind == Kind.ROOT;
    }

    public QName name() {
        return name;
    }

    public String namespace() {
        return name.getNamespace().toString();
    }

    public Optional<Definition> parent() {
        return Optional.ofNullable(parent);
    }

    public DataSchemaNode schema() {
        return schema;
    }

    /** Steps from the root: 0 there. */
    int depth() {
        int depth = 0;
        for (Definition up = parent; up != null; up = up.parent) {
            depth++;
        }
        return depth;
    }

    boolean isConfig() {
        return kind == Kind.ROOT || schema.effectiveConfig().orElse(true);
    }

    /** Choices between the parent and here, outermost first. */
    List<Membership> memberships() {
        return memberships;
    }

    List<When> whens() {
        return whens;
    }

    Collection<? extends MustDefinition> musts() {
        return schema instanceof MustConstraintAware aware && kind != Kind.ROOT
                ? aware.getMustConstraints()
                : List.of();
    }

    boolean isPresence() {
        return schema instanceof ContainerSchemaNode container && kind == Kind.CONTAINER
                && container.isPresenceContainer();
    }

    /** A container without meaning of its own, which is there whenever its parent is. */
    public boolean isStructural() {
        return kind == Kind.CONTAINER && !isPresence();
    }

    boolean isTerminal() {
        return kind == Kind.LEAF || kind == Kind.LEAF_LIST || kind == Kind.OPAQUE;
    }

    /** Whether instances stand in a list of their kind. */
    boolean isEntry() {
        return kind == Kind.LIST || kind == Kind.LEAF_LIST;
    }

    boolean isUserOrdered() {
        return switch (schema) {
            case ListSchemaNode list -> list.isUserOrdered();
            case LeafListSchemaNode list -> list.isUserOrdered();
            default -> false;
        };
    }

    /** A list's keys in order. */
    List<QName> keys() {
        return schema instanceof ListSchemaNode list ? list.getKeyDefinition() : List.of();
    }

    boolean isKey() {
        return parent != null && parent.kind == Kind.LIST && parent.keys().contains(name);
    }

    boolean isMandatory() {
        return schema instanceof LeafSchemaNode leaf && leaf.isMandatory();
    }

    /** The combinations of leaves that no two entries of a list may share (RFC 7950 §7.8.3), choices left out. */
    List<Set<SchemaNodeIdentifier.Descendant>> uniques() {
        return schema instanceof ListSchemaNode list
                ? list.getUniqueConstraints().stream().map(unique -> Set.copyOf(unique.argument())).toList()
                : List.of();
    }

    int minElements() {
        return switch (schema) {
            case ListSchemaNode list -> list.getElementCountConstraint().map(Definition::min).orElse(0);
            case LeafListSchemaNode list -> list.getElementCountConstraint().map(Definition::min).orElse(0);
            default -> 0;
        };
    }

    private static int min(org.opendaylight.yangtools.yang.model.api.ElementCountConstraint count) {
        Integer min = count.getMinElements();
        return min == null ? 0 : min;
    }

    /** A leaf's default in its lexical form: its own, or its type's (RFC 7950 §7.6.1). */
    Optional<String> defaultText() {
        return schema instanceof LeafSchemaNode leaf && !leaf.isMandatory() && !isKey()
                ? leaf.getType().getDefaultValue().map(Object::toString)
                : Optional.empty();
    }

    /** The children by name, choices folded away, in schema order. */
    public Map<QName, Definition> children() {
        Map<QName, Definition> known = children;
        if (known == null) {
            Map<QName, Definition> made = new LinkedHashMap<>();
            if (schema instanceof DataNodeContainer container && !isTerminal()) {
                gather(container, List.of(), List.of(), made);
            }
            known = made;
            children = known;
        }
        return known;
    }

    public @Nullable Definition child(QName child) {
        return children().get(child);
    }

    /** A child by namespace, in whatever revision is implemented. */
    @Nullable
    Definition child(String namespace, String local) {
        for (Definition child : children().values()) {
            if (child.name.getLocalName().equals(local) && child.namespace().equals(namespace)) {
                return child;
            }
        }
        return null;
    }

    private void gather(DataNodeContainer container, List<Membership> within, List<When> around,
            Map<QName, Definition> into) {
        for (DataSchemaNode node : container.getChildNodes()) {
            List<When> conditions = new ArrayList<>(around);
            conditions.addAll(augmentConditions(container, node));
            if (node instanceof ChoiceSchemaNode choice) {
                choice.getWhenCondition().ifPresent(when -> conditions.add(new When(when, false)));
                for (CaseSchemaNode branch : choice.getCases()) {
                    List<Membership> deeper = new ArrayList<>(within);
                    deeper.add(new Membership(choice, branch));
                    List<When> more = new ArrayList<>(conditions);
                    more.addAll(augmentConditions(choice, branch));
                    branch.getWhenCondition().ifPresent(when -> more.add(new When(when, false)));
                    gather(branch, deeper, more, into);
                }
                continue;
            }
            node.getWhenCondition().ifPresent(when -> conditions.add(new When(when, true)));
            Kind of = switch (node) {
                case ContainerSchemaNode _ -> Kind.CONTAINER;
                case ListSchemaNode _ -> Kind.LIST;
                case LeafSchemaNode _ -> Kind.LEAF;
                case LeafListSchemaNode _ -> Kind.LEAF_LIST;
                default -> Kind.OPAQUE;
            };
            into.put(node.getQName(), new Definition(of, this, node, List.copyOf(within), List.copyOf(conditions)));
        }
    }

    private static List<When> augmentConditions(Object target, DataSchemaNode node) {
        List<When> conditions = new ArrayList<>();
        if (node.isAugmenting() && target instanceof AugmentationTarget augmented) {
            for (AugmentationSchemaNode augmentation : augmented.getAvailableAugmentations()) {
                if (augmentation.dataChildByName(node.getQName()) != null) {
                    augmentation.getWhenCondition().ifPresent(when -> conditions.add(new When(when, false)));
                }
            }
        }
        return conditions;
    }

    /** What RFC 8341 §3.5.2 denies without a rule: nothing, writing, or reading as well. */
    public enum Protection {
        NONE,
        WRITE,
        ALL;

        /**
         * The protection a statement asks for. yangtools 14 knows the extensions of NACM's first revision only, and keeps
         * those of RFC 8341 as unrecognized statements among what was declared.
         */
        public static Protection of(Object schema) {
            Protection found = NONE;
            if (schema instanceof EffectiveStatementEquivalent<?> node) {
                DeclaredStatement<?> declared = node.asEffectiveStatement().getDeclared();
                if (declared != null) {
                    for (DeclaredStatement<?> statement : declared.declaredSubstatements()) {
                        QName name = statement.statementDefinition().getStatementName();
                        if (name.getNamespace().toString().equals("urn:ietf:params:xml:ns:yang:ietf-netconf-acm")) {
                            found = switch (name.getLocalName()) {
                                case "default-deny-all" -> ALL;
                                case "default-deny-write" -> found == ALL ? ALL : WRITE;
                                default -> found;
                            };
                        }
                    }
                }
            }
            return found;
        }
    }

    /** What is denied here without a rule; what is denied above is denied here. */
    public Protection protection() {
        Protection known = protection;
        if (known == null) {
            Protection own = Protection.of(schema);
            Protection above = parent == null ? Protection.NONE : parent.protection();
            known = own.compareTo(above) > 0 ? own : above;
            protection = known;
        }
        return known;
    }

    /** Whether a choice stands anywhere below, so that a merge may have to take another case away. */
    boolean hasChoicesBelow() {
        Boolean known = choicesBelow;
        if (known == null) {
            known = hasChoicesBelow(this, 0);
            choicesBelow = known;
        }
        return known;
    }

    private static boolean hasChoicesBelow(Definition definition, int depth) {
        for (Definition child : definition.children().values()) {
            if (!child.memberships.isEmpty() || (depth < 64 && hasChoicesBelow(child, depth + 1))) {
                return true;
            }
        }
        return false;
    }

    /** The path of names from the root, choices left out. */
    List<QName> dataPath() {
        List<QName> path = new ArrayList<>();
        for (Definition at = this; at.parent != null; at = at.parent) {
            path.addFirst(at.name);
        }
        return path;
    }

    EffectiveStatementInference inference(EffectiveModelContext context) {
        EffectiveStatementInference known = inference;
        if (known == null) {
            known = SchemaInferenceStack.ofDataTreePath(context, dataPath().toArray(QName[]::new)).toInference();
            inference = known;
        }
        return known;
    }

    /** The steps from the parent's path to the node (for entries: to the list they stand in). */
    YangInstanceIdentifier under(YangInstanceIdentifier parentPath) {
        YangInstanceIdentifier path = parentPath;
        for (Membership membership : memberships) {
            path = path.node(membership.step());
        }
        return path.node(NodeIdentifier.create(name));
    }

    /** The node itself, or for entries the list they stand in; null when there is none. */
    @Nullable
    DataContainerChild in(DataContainerNode parentData) {
        DataContainerNode at = parentData;
        for (Membership membership : memberships) {
            if (!(at.childByArg(membership.step()) instanceof ChoiceNode choice)) {
                return null;
            }
            at = choice;
        }
        return at.childByArg(NodeIdentifier.create(name));
    }

    /** The instances below one parent instance, in order. */
    Collection<? extends NormalizedNode> instances(DataContainerNode parentData) {
        return switch (in(parentData)) {
            case null -> List.of();
            case MapNode map -> map.body();
            case LeafSetNode<?> set -> set.body();
            case UnkeyedListNode list -> list.body();
            case NormalizedNode single -> List.of(single);
        };
    }

    /** The entry in a list that holds one, or the node itself. */
    NormalizedNode entryOf(NormalizedNode parsed) {
        return switch (parsed) {
            case MapNode map -> map.body().iterator().next();
            case LeafSetNode<?> set -> set.body().iterator().next();
            case UnkeyedListNode list -> list.body().iterator().next();
            default -> parsed;
        };
    }

    /** The definitions that can be reached below and including this one; bounded by the schema being a tree. */
    void collectBelow(Set<Definition> into) {
        if (into.add(this)) {
            children().values().forEach(child -> child.collectBelow(into));
        }
    }

    @Override
    public String toString() {
        return kind + " " + dataPath();
    }
}
