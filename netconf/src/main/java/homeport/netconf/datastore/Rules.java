package homeport.netconf.datastore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.model.api.MustDefinition;
import org.opendaylight.yangtools.yang.model.api.TypedDataSchemaNode;
import org.opendaylight.yangtools.yang.model.api.type.InstanceIdentifierTypeDefinition;
import org.opendaylight.yangtools.yang.model.api.type.LeafrefTypeDefinition;
import org.opendaylight.yangtools.yang.xpath.api.YangBinaryExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangFilterExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangFunctionCallExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangLocationPath;
import org.opendaylight.yangtools.yang.xpath.api.YangLocationPath.QNameStep;
import org.opendaylight.yangtools.yang.xpath.api.YangLocationPath.ResolvedQNameStep;
import org.opendaylight.yangtools.yang.xpath.api.YangLocationPath.Step;
import org.opendaylight.yangtools.yang.xpath.api.YangNaryExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangNegateExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangPathExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangQNameExpr;

/**
 * The rules of a schema that depend on other data: {@code must}, {@code when}, leafrefs and instance-identifiers. For
 * each, which definitions it reads and how far from its node it looks, so that a change has only those rules checked
 * that it can have broken.
 */
final class Rules {
    /** A rule on the instances of a definition. */
    sealed interface Rule {
        Definition on();

        record Must(Definition on, MustDefinition must) implements Rule {}

        record When(Definition on, Definition.When when) implements Rule {}

        record Leafref(Definition on, LeafrefTypeDefinition type) implements Rule {}

        record Instance(Definition on) implements Rule {}
    }

    /** A rule that reads some definition, and the definition whose one instance holds all it reads. */
    record Dependent(Rule rule, Definition anchor) {}

    private final Definition root;
    private final Map<Definition, List<Rule>> byNode = new HashMap<>();
    private final Map<Definition, List<Dependent>> readers = new HashMap<>();
    private final List<Rule.Instance> instances = new ArrayList<>();

    Rules(Definition root) {
        this.root = root;
        gather(root);
    }

    /** The rules on a definition's own instances. */
    List<Rule> on(Definition definition) {
        return byNode.getOrDefault(definition, List.of());
    }

    /** The rules that read a definition's instances. */
    List<Dependent> reading(Definition definition) {
        return readers.getOrDefault(definition, List.of());
    }

    /** Every instance-identifier that has to lead somewhere: it can lead anywhere. */
    List<Rule.Instance> instances() {
        return instances;
    }

    private void gather(Definition definition) {
        if (!definition.isConfig()) {
            return;
        }
        List<Rule> own = new ArrayList<>();
        for (Definition.When when : definition.whens()) {
            own.add(new Rule.When(definition, when));
            Definition context = when.onSelf() ? definition : definition.parent().orElse(root);
            new Reach(context).read(when.condition().getRootExpr()).registers(new Rule.When(definition, when));
        }
        for (MustDefinition must : definition.musts()) {
            Rule.Must rule = new Rule.Must(definition, must);
            own.add(rule);
            new Reach(definition).read(must.getXpath().getRootExpr()).registers(rule);
        }
        if (definition.schema() instanceof TypedDataSchemaNode typed) {
            if (typed.getType() instanceof LeafrefTypeDefinition leafref && leafref.requireInstance()) {
                Rule.Leafref rule = new Rule.Leafref(definition, leafref);
                own.add(rule);
                new Reach(definition).read(Leafrefs.path(leafref)).registers(rule);
            }
            if (typed.getType() instanceof InstanceIdentifierTypeDefinition path && path.requireInstance()) {
                Rule.Instance rule = new Rule.Instance(definition);
                own.add(rule);
                instances.add(rule);
            }
        }
        if (!own.isEmpty()) {
            byNode.put(definition, own);
        }
        definition.children().values().forEach(this::gather);
    }

    /** What an expression can read, found by following its paths over definitions instead of data. */
    private final class Reach {
        private final Definition context;
        private final Set<Definition> touched = new LinkedHashSet<>();
        private boolean absolute;

        Reach(Definition context) {
            this.context = context;
        }

        Reach read(YangExpr expression) {
            value(expression, Set.of(context));
            return this;
        }

        void registers(Rule rule) {
            Definition anchor = context;
            for (Definition each : touched) {
                if (each.depth() < anchor.depth()) {
                    anchor = each;
                }
            }
            Dependent dependent = new Dependent(rule, absolute ? root : anchor);
            touched.forEach(each -> readers.computeIfAbsent(each, _ -> new ArrayList<>()).add(dependent));
        }

        private Set<Definition> value(YangExpr expression, Set<Definition> at) {
            return switch (expression) {
                case YangLocationPath path -> {
                    absolute |= path.isAbsolute();
                    yield steps(path.getSteps(), path.isAbsolute() ? Set.of(root) : at);
                }
                case YangPathExpr path -> {
                    Set<Definition> from = value(path.getFilterExpr(), at);
                    yield path.getLocationPath().map(onwards -> steps(onwards.getSteps(), from)).orElse(from);
                }
                case YangFilterExpr filter -> {
                    Set<Definition> from = value(filter.getExpr(), at);
                    filter.getPredicates().forEach(predicate -> value(predicate, from));
                    yield from;
                }
                case YangBinaryExpr binary -> {
                    value(binary.getLeftExpr(), at);
                    value(binary.getRightExpr(), at);
                    yield Set.of();
                }
                case YangNaryExpr nary -> {
                    Set<Definition> all = new LinkedHashSet<>();
                    nary.getExpressions().forEach(part -> all.addAll(value(part, at)));
                    yield all;
                }
                case YangNegateExpr negation -> value(negation.getSubExpr(), at);
                case YangFunctionCallExpr call -> call(call, at);
                case YangQNameExpr name -> {
                    Set<Definition> named = new LinkedHashSet<>();
                    at.forEach(from -> from.children().values().stream()
                            .filter(child -> child.name().getLocalName().equals(name.getLocalName()))
                            .forEach(named::add));
                    touched.addAll(named);
                    yield named;
                }
                default -> Set.of();
            };
        }

        private Set<Definition> call(YangFunctionCallExpr call, Set<Definition> at) {
            Set<Definition> arguments = new LinkedHashSet<>();
            call.getArguments().forEach(argument -> arguments.addAll(value(argument, at)));
            return switch (call.getName().getLocalName()) {
                case "current" -> Set.of(context);
                case "deref" -> {
                    Set<Definition> targets = new LinkedHashSet<>();
                    for (Definition leaf : arguments) {
                        if (leaf.schema() instanceof TypedDataSchemaNode typed
                                && typed.getType() instanceof LeafrefTypeDefinition leafref) {
                            YangLocationPath path = Leafrefs.path(leafref);
                            absolute |= path.isAbsolute();
                            targets.addAll(steps(path.getSteps(), path.isAbsolute() ? Set.of(root) : Set.of(leaf)));
                        }
                    }
                    yield targets;
                }
                default -> Set.of();
            };
        }

        private Set<Definition> steps(List<Step> steps, Set<Definition> from) {
            Set<Definition> at = from;
            touched.addAll(at);
            for (Step step : steps) {
                Set<Definition> next = new LinkedHashSet<>();
                at.forEach(definition -> step(step, definition, next));
                touched.addAll(next);
                step.getPredicates().forEach(predicate -> value(predicate, next));
                at = next;
            }
            return at;
        }

        private void step(Step step, Definition from, Set<Definition> into) {
            Set<Definition> reached = new LinkedHashSet<>();
            switch (step.getAxis()) {
                case CHILD -> {
                    reached.addAll(from.children().values());
                    if (step instanceof YangLocationPath.NodeTypeStep && from.isTerminal()) {
                        reached.add(from);
                    }
                }
                case PARENT -> from.parent().ifPresent(reached::add);
                case SELF -> reached.add(from);
                case ANCESTOR -> from.parent().ifPresent(parent -> line(parent, reached));
                case ANCESTOR_OR_SELF -> line(from, reached);
                case DESCENDANT, DESCENDANT_OR_SELF -> from.collectBelow(reached);
                case FOLLOWING_SIBLING, PRECEDING_SIBLING ->
                    from.parent().ifPresent(parent -> reached.addAll(parent.children().values()));
                case FOLLOWING, PRECEDING -> {
                    absolute = true;
                    root.collectBelow(reached);
                }
                case ATTRIBUTE, NAMESPACE -> reached.clear();
            }
            if (step instanceof QNameStep named) {
                QName wanted = named instanceof ResolvedQNameStep resolved
                        ? resolved.getQName()
                        : name(named.getLocalName());
                reached.stream().filter(each -> each.name().equals(wanted)).forEach(into::add);
            } else {
                into.addAll(reached);
            }
        }

        private @Nullable QName name(String local) {
            return QName.create(context.name(), local);
        }

        private static void line(Definition from, Set<Definition> into) {
            into.add(from);
            from.parent().ifPresent(parent -> line(parent, into));
        }
    }
}
