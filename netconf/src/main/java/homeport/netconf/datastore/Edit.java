package homeport.netconf.datastore;

import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcErrorException;
import homeport.netconf.datastore.Definition.Kind;
import homeport.netconf.datastore.Definition.Membership;
import homeport.netconf.xml.XmlAttribute;
import homeport.netconf.xml.XmlElement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifierWithPredicates;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeWithValue;
import org.opendaylight.yangtools.yang.data.api.schema.ChoiceNode;
import org.opendaylight.yangtools.yang.data.api.schema.DataContainerChild;
import org.opendaylight.yangtools.yang.data.api.schema.LeafSetNode;
import org.opendaylight.yangtools.yang.data.api.schema.NormalizedNode;
import org.opendaylight.yangtools.yang.data.spi.node.ImmutableNodes;
import org.opendaylight.yangtools.yang.data.tree.api.DataTreeModification;

/**
 * The {@code config} of an {@code edit-config}, carried out on a modification of a data tree (RFC 6241 §7.2, RFC 7950
 * §7.5.8 to §7.9.5).
 *
 * <p>Where a subtree asks for one operation throughout, the library parses and merges or writes it whole. This class
 * walks where operations differ, where another case of a choice has to go, and where the library said no, to find the
 * element that is wrong.
 */
public final class Edit {
    /** The values of the {@code operation} attribute, and of {@code default-operation} with {@code NONE}. */
    public enum Operation {
        NONE,
        MERGE,
        REPLACE,
        CREATE,
        DELETE,
        REMOVE;

        static @Nullable Operation of(String wire) {
            for (Operation operation : values()) {
                if (operation != NONE && operation.name().toLowerCase(Locale.ROOT).equals(wire)) {
                    return operation;
                }
            }
            return null;
        }
    }

    private static final String BASE = "urn:ietf:params:xml:ns:netconf:base:1.0";
    private static final String YANG = "urn:ietf:params:xml:ns:yang:1";
    private static final Set<String> POSITION = Set.of("insert", "key", "value");

    private final Schemas schemas;
    private final DataErrors errors;
    private final DataTreeModification tree;
    private final boolean continueOnError;
    private final List<RpcError> collected = new ArrayList<>();

    private Edit(Schemas schemas, DataTreeModification tree, boolean continueOnError) {
        this.schemas = schemas;
        this.errors = new DataErrors(schemas);
        this.tree = tree;
        this.continueOnError = continueOnError;
    }

    /**
     * Does the edit.
     *
     * @param config the {@code config} element; its children are top-level data nodes
     * @param continueOnError whether to leave out what is wrong, and say so, rather than to stop
     * @return the errors of what was left out
     * @throws RpcErrorException for the first error; the modification is then of no use
     */
    static List<RpcError> apply(Schemas schemas, DataTreeModification tree, XmlElement config,
            Operation defaultOperation, boolean continueOnError) {
        Edit edit = new Edit(schemas, tree, continueOnError);
        edit.content(schemas.root(), YangInstanceIdentifier.of(), config, defaultOperation);
        return edit.collected;
    }

    private void content(Definition parent, YangInstanceIdentifier path, XmlElement around, Operation inherited) {
        Set<QName> seen = new HashSet<>();
        Map<QName, QName> cases = new HashMap<>();
        for (XmlElement element : around.children()) {
            try {
                Definition definition = resolve(parent, path, element);
                if (!definition.isEntry() && !seen.add(definition.name())) {
                    throw errors.badElement(definition.under(path), element.local(),
                            "\"" + element.local() + "\" stands here more than once");
                }
                Operation operation = operation(element, definition, path).orElse(inherited);
                if (operation != Operation.DELETE && operation != Operation.REMOVE) {
                    oneCaseOnly(definition, path, cases);
                }
                if (!definition.isKey()) {
                    node(definition, path, element, operation);
                }
            } catch (RpcErrorException e) {
                if (!continueOnError) {
                    throw e;
                }
                collected.addAll(e.errors());
            }
        }
    }

    private Definition resolve(Definition parent, YangInstanceIdentifier path, XmlElement element) {
        Definition definition = parent.child(schemas.name(element.namespace(), element.local()));
        if (definition == null || !definition.isConfig()) {
            throw errors.unknownElement(path, element);
        }
        return definition;
    }

    /** Data of two cases of one choice in one request is a bad element (RFC 7950 §8.3.1). */
    private void oneCaseOnly(Definition definition, YangInstanceIdentifier path, Map<QName, QName> cases) {
        for (Membership in : definition.memberships()) {
            QName before = cases.putIfAbsent(in.choice().getQName(), in.branch().getQName());
            if (before != null && !before.equals(in.branch().getQName())) {
                throw errors.badElement(definition.under(path), definition.name().getLocalName(),
                        "only one case of the choice \"" + in.choice().getQName().getLocalName() + "\" can be there");
            }
        }
    }

    private Optional<Operation> operation(XmlElement element, Definition definition, YangInstanceIdentifier path) {
        Operation operation = null;
        for (XmlAttribute attribute : element.attributes()) {
            String local = attribute.name().local();
            switch (attribute.name().namespace()) {
                case BASE -> {
                    operation = local.equals("operation") ? Operation.of(attribute.value()) : null;
                    if (operation == null) {
                        throw errors.attribute(definition.under(path),
                                local.equals("operation") ? Tag.BAD_ATTRIBUTE : Tag.UNKNOWN_ATTRIBUTE, local,
                                element.local(), "\"" + attribute.value() + "\" is not an operation");
                    }
                }
                case YANG -> {
                    if (!POSITION.contains(local) || !definition.isUserOrdered()) {
                        throw errors.attribute(definition.under(path), Tag.UNKNOWN_ATTRIBUTE, local, element.local(),
                                "\"" + element.local() + "\" is not ordered by its user");
                    }
                }
                default -> throw errors.attribute(definition.under(path), Tag.UNKNOWN_ATTRIBUTE, local,
                        element.local(), "an attribute that no implemented module defines");
            }
        }
        return Optional.ofNullable(operation);
    }

    private void node(Definition definition, YangInstanceIdentifier parentPath, XmlElement element,
            Operation operation) {
        YangInstanceIdentifier path = target(definition, parentPath, element);
        boolean exists = tree.readNode(path).isPresent();
        switch (operation) {
            case DELETE -> {
                if (!exists) {
                    throw errors.thrown(path, Tag.DATA_MISSING, "there is nothing to delete");
                }
                delete(definition, parentPath, path);
            }
            case REMOVE -> {
                if (exists) {
                    delete(definition, parentPath, path);
                }
            }
            case NONE -> {
                if (!exists && !definition.isStructural()) {
                    throw errors.thrown(path, Tag.DATA_MISSING, "there is no such data");
                }
                if (!definition.isTerminal()) {
                    content(definition, path, element, operation);
                }
            }
            case CREATE -> {
                if (exists) {
                    throw errors.thrown(path, Tag.DATA_EXISTS, "the data is there already");
                }
                set(definition, parentPath, path, element, operation, true);
            }
            case REPLACE -> set(definition, parentPath, path, element, operation, true);
            case MERGE -> set(definition, parentPath, path, element, operation,
                    !exists || !definition.hasChoicesBelow());
        }
    }

    /** Leaf-lists are the one thing the library neither makes for their first entry nor takes away with the last. */
    private void delete(Definition definition, YangInstanceIdentifier parentPath, YangInstanceIdentifier path) {
        tree.delete(path);
        YangInstanceIdentifier list = definition.under(parentPath);
        if (definition.kind() == Kind.LEAF_LIST
                && tree.readNode(list).orElse(null) instanceof LeafSetNode<?> left && left.isEmpty()) {
            tree.delete(list);
        }
    }

    private void leafListFor(Definition definition, YangInstanceIdentifier parentPath) {
        YangInstanceIdentifier list = definition.under(parentPath);
        NodeIdentifier name = NodeIdentifier.create(definition.name());
        tree.merge(list, definition.isUserOrdered()
                ? ImmutableNodes.newUserLeafSetBuilder().withNodeIdentifier(name).build()
                : ImmutableNodes.newSystemLeafSetBuilder().withNodeIdentifier(name).build());
    }

    /**
     * Puts an element there.
     *
     * @param whole whether the library may take the subtree in one go, if no attribute says otherwise
     */
    private void set(Definition definition, YangInstanceIdentifier parentPath, YangInstanceIdentifier path,
            XmlElement element, Operation operation, boolean whole) {
        leaveOtherCases(definition, parentPath);
        boolean done = false;
        if (definition.kind() == Kind.LEAF_LIST) {
            leafListFor(definition, parentPath);
        }
        if (definition.isTerminal()) {
            put(path, definition.kind() == Kind.LEAF_LIST ? leafListEntry(path) : parsed(definition, path, element),
                    operation);
            done = true;
        } else if (whole && isPlain(definition, element)) {
            try {
                put(path, schemas.parse(definition, element), operation);
                done = true;
            } catch (Schemas.MalformedData e) {
                // The walk below meets the same data piece by piece, and says which one is wrong.
                done = false;
            }
        }
        if (!done) {
            put(path, shell(definition, path), operation);
            content(definition, path, element, operation);
        }
        if (definition.isUserOrdered()) {
            position(definition, parentPath, path, element);
        }
    }

    private void put(YangInstanceIdentifier path, NormalizedNode node, Operation operation) {
        if (operation == Operation.MERGE) {
            tree.merge(path, node);
        } else {
            tree.write(path, node);
        }
    }

    private NormalizedNode parsed(Definition definition, YangInstanceIdentifier path, XmlElement element) {
        if (definition.kind() != Kind.OPAQUE && !element.children().isEmpty()) {
            throw errors.badElement(path, element.local(), "a leaf has no elements inside");
        }
        try {
            return schemas.parse(definition, element);
        } catch (Schemas.MalformedData e) {
            throw errors.badValue(path, e);
        }
    }

    private static NormalizedNode leafListEntry(YangInstanceIdentifier path) {
        if (path.getLastPathArgument() instanceof NodeWithValue<?> entry) {
            return ImmutableNodes.leafSetEntry(entry);
        }
        throw new IllegalStateException("not an entry of a leaf-list: " + path);
    }

    /** The node with nothing in it but what names it. */
    private static NormalizedNode shell(Definition definition, YangInstanceIdentifier path) {
        if (path.getLastPathArgument() instanceof NodeIdentifierWithPredicates entry) {
            var builder = ImmutableNodes.newMapEntryBuilder().withNodeIdentifier(entry);
            entry.asMap().forEach((key, value) -> builder.withChild(ImmutableNodes.leafNode(key, value)));
            return builder.build();
        }
        return ImmutableNodes.newContainerBuilder().withNodeIdentifier(NodeIdentifier.create(definition.name()))
                .build();
    }

    /** Whether a subtree is configuration throughout, and says nothing of operations. */
    private boolean isPlain(Definition definition, XmlElement element) {
        for (XmlElement child : element.children()) {
            Definition of = definition.child(schemas.name(child.namespace(), child.local()));
            boolean plain = of != null && of.isConfig() && child.attributes().isEmpty()
                    && (of.isTerminal() || isPlain(of, child));
            if (!plain) {
                return false;
            }
        }
        return true;
    }

    private YangInstanceIdentifier target(Definition definition, YangInstanceIdentifier parentPath,
            XmlElement element) {
        YangInstanceIdentifier list = definition.under(parentPath);
        return switch (definition.kind()) {
            case ROOT, CONTAINER, LEAF, OPAQUE -> list;
            case LEAF_LIST ->
                list.node(new NodeWithValue<>(definition.name(), parsed(definition, list, element).body()));
            case LIST -> list.node(keys(definition, list, element));
        };
    }

    private NodeIdentifierWithPredicates keys(Definition definition, YangInstanceIdentifier list, XmlElement element) {
        Map<QName, Object> values = new LinkedHashMap<>();
        for (QName key : definition.keys()) {
            XmlElement given = element.child(key.getNamespace().toString(), key.getLocalName()).orElseThrow(
                    () -> errors.missingElement(list, key, "an entry needs its key \"" + key.getLocalName() + "\""));
            Definition leaf = definition.child(key);
            if (leaf == null) {
                throw new IllegalStateException("a key that is not a leaf: " + key);
            }
            values.put(key, parsed(leaf, list.node(NodeIdentifier.create(key)), given).body());
        }
        return NodeIdentifierWithPredicates.of(definition.name(), values);
    }

    /**
     * What is there of another case goes when data of this one comes (RFC 7950 §7.9): node by node, since the library
     * does not take a choice away and fill it again in one go.
     */
    private void leaveOtherCases(Definition definition, YangInstanceIdentifier parentPath) {
        YangInstanceIdentifier path = parentPath;
        for (Membership in : definition.memberships()) {
            path = path.node(in.step());
            if (tree.readNode(path).orElse(null) instanceof ChoiceNode present) {
                for (DataContainerChild child : present.body()) {
                    if (in.branch().dataChildByName(child.name().getNodeType()) == null) {
                        tree.delete(path.node(child.name()));
                    }
                }
            }
        }
    }

    private void position(Definition definition, YangInstanceIdentifier parentPath, YangInstanceIdentifier path,
            XmlElement element) {
        Optional<String> where = element.attribute(YANG, "insert");
        if (where.isEmpty()) {
            return;
        }
        Placement placement = new Placement(schemas, errors, definition, path, element);
        YangInstanceIdentifier list = definition.under(parentPath);
        NormalizedNode before = tree.readNode(list)
                .orElseThrow(() -> new IllegalStateException("the entry was just put there: " + path));
        NormalizedNode after = placement.moved(before, where.get());
        // Deleting first makes the new order the whole truth; a write over a list that is there keeps the old order.
        tree.delete(list);
        tree.write(list, after);
    }
}
