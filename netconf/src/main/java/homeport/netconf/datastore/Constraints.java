package homeport.netconf.datastore;

import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.datastore.Changes.Change;
import homeport.netconf.datastore.Definition.Membership;
import homeport.netconf.datastore.Rules.Dependent;
import homeport.netconf.datastore.Rules.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifier;
import org.opendaylight.yangtools.yang.data.api.schema.ChoiceNode;
import org.opendaylight.yangtools.yang.data.api.schema.ContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.DataContainerNode;
import org.opendaylight.yangtools.yang.data.spi.node.ImmutableNodes;
import org.opendaylight.yangtools.yang.model.api.ChoiceSchemaNode;
import org.opendaylight.yangtools.yang.model.api.DataNodeContainer;
import org.opendaylight.yangtools.yang.model.api.stmt.SchemaNodeIdentifier;

/**
 * Checks what yangtools' data tree leaves to its user, or does not do as RFC 7950 §8.1 asks: {@code must}, {@code when},
 * leafrefs, instance-identifiers, {@code unique} and what is mandatory. See {@code docs/decisions/0004-yang-validation.md} for who checks what and why.
 *
 * <p>Given the changes since a valid state it looks only at what they can have broken.
 */
final class Constraints {
    /** What a check found: errors, or nodes whose condition no longer holds and which therefore have to go. */
    record Verdict(List<RpcError> errors, List<YangInstanceIdentifier> obsolete) {}

    /** Nodes one expression may visit. */
    private static final long BUDGET = 5_000_000;
    /** Errors that are worth reporting at once. */
    private static final int MOST_ERRORS = 64;

    private record Check(Rule rule, DataNode node) {}

    private record UniqueCheck(DataNode parent, Definition list) {}

    private final Schemas schemas;
    private final DataErrors errors;
    private final Rules rules;
    private final DataNode root;
    private final List<RpcError> found = new ArrayList<>();
    private final Set<YangInstanceIdentifier> obsolete = new LinkedHashSet<>();
    private final Set<Check> done = new HashSet<>();
    private final Set<DataNode> complete = new HashSet<>();
    private final Set<UniqueCheck> uniqueDone = new HashSet<>();

    private Constraints(Schemas schemas, ContainerNode data) {
        this.schemas = schemas;
        this.errors = new DataErrors(schemas);
        this.rules = schemas.rules();
        this.root = DataNode.root(schemas, data);
    }

    /** Checks a tree that came out of changes to a valid one. */
    static Verdict check(Schemas schemas, ContainerNode after, List<Change> changes) {
        Constraints check = new Constraints(schemas, after);
        changes.forEach(check::own);
        changes.forEach(check::others);
        return new Verdict(check.found, List.copyOf(check.obsolete));
    }

    /** Checks all of a tree. */
    static Verdict checkAll(Schemas schemas, ContainerNode all) {
        Constraints check = new Constraints(schemas, all);
        check.subtree(check.root);
        return new Verdict(check.found, List.of());
    }

    /** The rules on the nodes that came or changed, and whether what is around them is still complete. */
    private void own(Change change) {
        YangInstanceIdentifier path = change.path();
        switch (change.kind()) {
            case CREATED, UPDATED -> root.find(path).ifPresent(this::subtree);
            case DELETED, MOVED -> {
                // Nothing of it is there to be checked.
            }
        }
        parentOf(change).ifPresent(parent -> {
            mandatory(parent);
            if (change.kind() != Changes.Kind.DELETED) {
                unique(parent, change.definition());
                for (DataNode at : parent.line()) {
                    at.parent().ifPresent(above -> unique(above, at.definition()));
                }
            }
        });
    }

    /** The nearest data node around a change. */
    private Optional<DataNode> parentOf(Change change) {
        for (YangInstanceIdentifier up = change.path().getParent(); up != null; up = up.getParent()) {
            Optional<DataNode> node = root.find(up);
            if (node.isPresent() && node.get().definition() != change.definition()
                    && node.get().definition().schema() instanceof DataNodeContainer) {
                return node;
            }
        }
        return Optional.empty();
    }

    private void subtree(DataNode node) {
        for (Rule rule : rules.on(node.definition())) {
            apply(rule, node, true);
        }
        if (node.data() instanceof DataContainerNode) {
            mandatory(node);
            node.definition().children().values().forEach(child -> unique(node, child));
            node.children().forEach(this::subtree);
        }
    }

    /** The rules elsewhere that read what changed. */
    private void others(Change change) {
        DataNode parent = parentOf(change).orElse(root);
        Set<Definition> changed = new LinkedHashSet<>();
        change.definition().collectBelow(changed);
        if (change.definition().isTerminal()) {
            changed.retainAll(Set.of(change.definition()));
        }
        for (Definition definition : changed) {
            for (Dependent dependent : rules.reading(definition)) {
                boolean harmless = dependent.rule() instanceof Rule.Leafref && change.kind() == Changes.Kind.CREATED;
                if (!harmless) {
                    parent.ancestor(dependent.anchor()).ifPresent(anchor -> below(anchor, dependent.rule()));
                }
            }
        }
        if (change.kind() == Changes.Kind.DELETED) {
            rules.instances().forEach(rule -> below(root, rule));
        }
    }

    private void below(DataNode anchor, Rule rule) {
        for (DataNode node : instances(anchor, rule.on())) {
            apply(rule, node, false);
        }
        if (rule instanceof Rule.When when) {
            // What becomes possible may be mandatory.
            when.on().parent().ifPresent(around -> instances(anchor, around).forEach(this::mandatory));
        }
    }

    /** The instances of a definition at or below a node. */
    private static List<DataNode> instances(DataNode from, Definition wanted) {
        List<Definition> way = new ArrayList<>();
        Definition at = wanted;
        while (at != from.definition()) {
            way.addFirst(at);
            Optional<Definition> up = at.parent();
            if (up.isEmpty()) {
                return List.of();
            }
            at = up.get();
        }
        List<DataNode> nodes = List.of(from);
        for (Definition step : way) {
            List<DataNode> next = new ArrayList<>();
            nodes.forEach(node -> next.addAll(node.children(step)));
            nodes = next;
        }
        return nodes;
    }

    private void apply(Rule rule, DataNode node, boolean fresh) {
        if (found.size() >= MOST_ERRORS || !done.add(new Check(rule, node))) {
            return;
        }
        switch (rule) {
            case Rule.Must(Definition on, var must) -> {
                if (!XPath.evaluate(schemas, must.getXpath(), node, on.name().getModule(), BUDGET).bool()) {
                    found.add(errors.at(node.path(), Tag.OPERATION_FAILED,
                            must.getErrorMessage().orElse("this does not hold: " + must.getXpath()))
                            .withAppTag(must.getErrorAppTag().orElse("must-violation")));
                }
            }
            case Rule.When(Definition on, Definition.When when) -> {
                if (isThere(node) && !holds(on, when, node, node.parent().orElse(root))) {
                    if (fresh) {
                        found.add(errors.at(node.path(), Tag.UNKNOWN_ELEMENT,
                                "\"" + on.name().getLocalName() + "\" cannot be here under its condition"));
                    } else {
                        obsolete.add(node.path());
                    }
                }
            }
            case Rule.Leafref(_, var type) -> {
                if (isThere(node) && Leafrefs.targets(schemas, type, node).isEmpty()) {
                    found.add(instanceRequired(node));
                }
            }
            case Rule.Instance _ -> {
                if (isThere(node) && node.data().body() instanceof YangInstanceIdentifier path
                        && root.find(path).isEmpty()) {
                    found.add(instanceRequired(node));
                }
            }
        }
    }

    private RpcError instanceRequired(DataNode node) {
        return errors.at(node.path(), Tag.DATA_MISSING, "it refers to what is not there: " + node.text())
                .withAppTag("instance-required");
    }

    /** Whether a node was put there, rather than counting as there by default. */
    private static boolean isThere(DataNode node) {
        return node.parent().filter(parent -> parent.data() instanceof DataContainerNode container
                && node.definition().in(container) != null).isPresent();
    }

    private boolean holds(Definition on, Definition.When when, DataNode self, DataNode parent) {
        return XPath.evaluate(schemas, when.condition(), when.onSelf() ? self : parent, on.name().getModule(), BUDGET)
                .bool();
    }

    /** Whether all that has to be inside a node is: leaves, choices, least numbers of entries. */
    private void mandatory(DataNode node) {
        if (!(node.data() instanceof DataContainerNode data) || !complete.add(node)) {
            return;
        }
        Map<QName, Membership> choices = new LinkedHashMap<>();
        Map<QName, List<Membership>> around = new LinkedHashMap<>();
        for (Definition child : node.definition().children().values()) {
            if (!child.isConfig()) {
                continue;
            }
            for (int i = 0; i < child.memberships().size(); i++) {
                QName name = child.memberships().get(i).choice().getQName();
                choices.putIfAbsent(name, child.memberships().get(i));
                around.putIfAbsent(name, child.memberships().subList(0, i));
            }
            if (child.isStructural()) {
                if (Defaults.caseInUse(child, data) && wanted(child, node)) {
                    node.children(child).forEach(this::mandatory);
                }
            } else if ((child.isMandatory() || child.minElements() > 0) && active(child.memberships(), data)) {
                int count = child.instances(data).size();
                if (child.isMandatory() && count == 0 && wanted(child, node)) {
                    found.add(errors.at(child.under(node.path()), Tag.DATA_MISSING,
                            "\"" + child.name().getLocalName() + "\" has to be given"));
                } else if (count < child.minElements() && wanted(child, node)) {
                    found.add(errors.at(child.under(node.path()), Tag.OPERATION_FAILED,
                            count + " entries of at least " + child.minElements()).withAppTag("too-few-elements"));
                }
            }
        }
        choices.forEach((name, in) -> {
            ChoiceSchemaNode choice = in.choice();
            List<Membership> outer = around.getOrDefault(name, List.of());
            if (choice.isMandatory() && active(outer, data) && !isThere(data, outer, in)
                    && choice.getWhenCondition().isEmpty()) {
                found.add(errors.at(node.path(), Tag.DATA_MISSING,
                        "one case of \"" + name.getLocalName() + "\" has to be given").withAppTag("missing-choice")
                        .withInfo(List.of(errors.missingChoice(name.getLocalName()))));
            }
        });
    }

    /**
     * Whether no two entries of a list share what is to be unique. Only entries that have all of it count, defaults
     * included; the whole list is gone through, since nothing keeps an index.
     */
    private void unique(DataNode parent, Definition list) {
        if (list.uniques().isEmpty() || !uniqueDone.add(new UniqueCheck(parent, list))) {
            return;
        }
        for (Set<SchemaNodeIdentifier.Descendant> leaves : list.uniques()) {
            Map<List<Object>, List<DataNode>> seen = new HashMap<>();
            for (DataNode entry : parent.children(list)) {
                List<DataNode> found = new ArrayList<>();
                leaves.forEach(leaf -> descendant(entry, leaf).ifPresent(found::add));
                if (found.size() < leaves.size()) {
                    continue;
                }
                List<DataNode> before = seen.putIfAbsent(found.stream().map(leaf -> leaf.data().body()).toList(),
                        found);
                if (before != null) {
                    List<YangInstanceIdentifier> both = new ArrayList<>();
                    before.forEach(leaf -> both.add(leaf.path()));
                    found.forEach(leaf -> both.add(leaf.path()));
                    this.found.add(errors.notUnique(list.under(parent.path()), both));
                    break;
                }
            }
        }
    }

    private static Optional<DataNode> descendant(DataNode entry, SchemaNodeIdentifier.Descendant path) {
        Optional<DataNode> at = Optional.of(entry);
        for (QName step : path.getNodeIdentifiers()) {
            DataNode here = at.get();
            Definition child = here.definition().child(step);
            if (child == null) {
                continue; // a choice or a case
            }
            at = here.children(child).stream().findFirst();
            if (at.isEmpty()) {
                return at;
            }
        }
        return at;
    }

    /** Whether the conditions of a node that is not there allow it. */
    private boolean wanted(Definition child, DataNode parent) {
        if (child.whens().isEmpty()) {
            return true;
        }
        DataNode dummy = parent.under(child, ImmutableNodes.newContainerBuilder()
                .withNodeIdentifier(NodeIdentifier.create(child.name())).build());
        return child.whens().stream().allMatch(when -> holds(child, when, dummy, parent));
    }

    /** What is mandatory in a case is so only when something of the case is there (RFC 7950 §7.6.5). */
    private static boolean active(List<Membership> memberships, DataContainerNode parent) {
        DataContainerNode at = parent;
        for (Membership in : memberships) {
            if (!(at.childByArg(in.step()) instanceof ChoiceNode choice) || choice.isEmpty() || choice.body().stream()
                    .anyMatch(child -> in.branch().dataChildByName(child.name().getNodeType()) == null)) {
                return false;
            }
            at = choice;
        }
        return true;
    }

    private static boolean isThere(DataContainerNode parent, List<Membership> outer, Membership in) {
        DataContainerNode at = parent;
        for (Membership around : outer) {
            if (!(at.childByArg(around.step()) instanceof ChoiceNode choice)) {
                return false;
            }
            at = choice;
        }
        return at.childByArg(in.step()) instanceof ChoiceNode choice && !choice.isEmpty();
    }
}
