package homeport.netconf.datastore;

import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcError.Type;
import homeport.netconf.RpcErrorException;
import homeport.netconf.xml.Namespaces;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.xpath.XPathExpressionException;
import org.jspecify.annotations.Nullable;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.common.QNameModule;
import org.opendaylight.yangtools.yang.common.Revision;
import org.opendaylight.yangtools.yang.common.XMLNamespace;
import org.opendaylight.yangtools.yang.common.YangNamespaceContext;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifierWithPredicates;
import org.opendaylight.yangtools.yang.model.api.LeafSchemaNode;
import org.opendaylight.yangtools.yang.model.api.type.StringTypeDefinition;
import org.opendaylight.yangtools.yang.xpath.api.YangBinaryExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangBinaryOperator;
import org.opendaylight.yangtools.yang.xpath.api.YangConstantExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangFilterExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangFunctionCallExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangLiteralExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangLocationPath;
import org.opendaylight.yangtools.yang.xpath.api.YangLocationPath.QNameStep;
import org.opendaylight.yangtools.yang.xpath.api.YangLocationPath.ResolvedQNameStep;
import org.opendaylight.yangtools.yang.xpath.api.YangLocationPath.Step;
import org.opendaylight.yangtools.yang.xpath.api.YangNaryExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangNegateExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangNumberExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangPathExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangQNameExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangXPathAxis;
import org.opendaylight.yangtools.yang.xpath.api.YangXPathExpression;
import org.opendaylight.yangtools.yang.xpath.api.YangXPathParser;
import org.opendaylight.yangtools.yang.xpath.api.YangXPathParserFactory;

/**
 * Evaluates the expressions yangtools' XPath parser makes, over data trees (XPath 1.0, with the functions of RFC 7950
 * §10). The library parses them and has no evaluator.
 *
 * <p>Work is bounded: an evaluation that visits more nodes than its budget ends in {@code resource-denied}.
 */
final class XPath {
    private static final YangXPathParserFactory PARSERS = ServiceLoader.load(YangXPathParserFactory.class).findFirst()
            .orElseThrow(() -> new IllegalStateException("yangtools' XPath parser is not there"));

    private final Schemas schemas;
    private final DataNode current;
    private final @Nullable QNameModule unprefixed;
    private long budget;

    /** An XPath value: one of the four types of XPath 1.0 §1. */
    sealed interface Value {
        record Nodes(Set<DataNode> set) implements Value {}

        record Text(String value) implements Value {}

        record Number(double value) implements Value {}

        record Bool(boolean value) implements Value {}

        default boolean bool() {
            return switch (this) {
                case Nodes(Set<DataNode> set) -> !set.isEmpty();
                case Text(String value) -> !value.isEmpty();
                case Number(double value) -> value != 0 && !Double.isNaN(value);
                case Bool(boolean value) -> value;
            };
        }

        default String text() {
            return switch (this) {
                case Nodes(Set<DataNode> set) -> set.isEmpty() ? "" : set.iterator().next().text();
                case Text(String value) -> value;
                case Number(double value) -> XPathFunctions.text(value);
                case Bool(boolean value) -> String.valueOf(value);
            };
        }

        default double number() {
            return switch (this) {
                case Number(double value) -> value;
                case Bool(boolean value) -> value ? 1 : 0;
                case Nodes _,Text _ -> XPathFunctions.number(text());
            };
        }
    }

    /** Where in a node-set evaluation stands. */
    record Focus(DataNode node, int position, int last) {}

    private XPath(Schemas schemas, DataNode current, @Nullable QNameModule unprefixed, long budget) {
        this.schemas = schemas;
        this.current = current;
        this.unprefixed = unprefixed;
        this.budget = budget;
    }

    /**
     * Evaluates an expression of a module at a node.
     *
     * @param unprefixed the module that names without a prefix belong to; null when they match any
     * @param budget the most nodes to visit
     */
    static Value evaluate(Schemas schemas, YangXPathExpression expression, DataNode context,
            @Nullable QNameModule unprefixed, long budget) {
        return new XPath(schemas, context, unprefixed, budget).value(expression.getRootExpr(),
                new Focus(context, 1, 1));
    }

    /** The nodes a location path, such as a leafref's, leads to. */
    static Set<DataNode> follow(Schemas schemas, YangLocationPath path, DataNode context,
            @Nullable QNameModule unprefixed, long budget) {
        XPath evaluation = new XPath(schemas, context, unprefixed, budget);
        return evaluation.location(path, path.isAbsolute() ? context.root() : context);
    }

    private static final Pattern LITERAL_OR_WILDCARD = Pattern
            .compile("\"[^\"]*\"|'[^']*'|(?<![\\w.-])([A-Za-z_][\\w.-]*):\\*");

    /** A parser that resolves prefixes as an element of a request has them. */
    static YangXPathParser.QualifiedBound parser(Schemas schemas, Namespaces namespaces) {
        return PARSERS.newParser(new RequestPrefixes(schemas, namespaces));
    }

    /** Parses an expression of a request. */
    static YangXPathExpression parse(Schemas schemas, String text, Namespaces namespaces) {
        try {
            return parser(schemas, namespaces).parseExpression(withoutPrefixedWildcards(text, namespaces));
        } catch (XPathExpressionException | IllegalArgumentException e) {
            throw new RpcErrorException(Type.APPLICATION, Tag.INVALID_VALUE, "not an XPath expression: " + text);
        }
    }

    /** {@code p:*} (XPath 1.0 §2.3), which yangtools' parser does not know, in words that it does; literals stay. */
    private static String withoutPrefixedWildcards(String text, Namespaces namespaces) {
        return LITERAL_OR_WILDCARD.matcher(text).replaceAll(found -> {
            String prefix = found.group(1);
            if (prefix == null) {
                return Matcher.quoteReplacement(found.group());
            }
            String namespace = namespaces.resolve(prefix);
            if (namespace == null || namespace.indexOf('"') >= 0) {
                throw new IllegalArgumentException(prefix);
            }
            return Matcher.quoteReplacement("*[namespace-uri()=\"" + namespace + "\"]");
        });
    }

    /** The prefixes of a request's element, as yangtools' parser asks for them. */
    private static final class RequestPrefixes implements YangNamespaceContext {
        private static final long serialVersionUID = 1L;

        private final transient Schemas schemas;
        private final transient Namespaces namespaces;

        RequestPrefixes(Schemas schemas, Namespaces namespaces) {
            this.schemas = schemas;
            this.namespaces = namespaces;
        }

        @Override
        public @Nullable QNameModule namespaceForPrefix(String prefix) {
            String namespace = namespaces.resolve(prefix);
            return namespace == null || namespace.isEmpty()
                    ? null
                    : schemas.module(namespace)
                            .orElseGet(() -> QNameModule.of(XMLNamespace.of(namespace), (Revision) null));
        }

        @Override
        @SuppressWarnings("NullAway") // the library's contract asks for null when nothing is bound
        public String prefixForNamespace(QNameModule namespace) {
            return namespaces.getPrefix(namespace.namespace().toString());
        }
    }

    private Value value(YangExpr expression, Focus focus) {
        return switch (expression) {
            case YangLocationPath path ->
                new Value.Nodes(location(path, path.isAbsolute() ? focus.node().root() : focus.node()));
            case YangLiteralExpr literal -> new Value.Text(literal.getLiteral());
            case YangNumberExpr number -> new Value.Number(number.getNumber().doubleValue());
            case YangConstantExpr<?> constant -> new Value.Bool(Boolean.TRUE.equals(constant.getValue()));
            case YangNegateExpr negation -> new Value.Number(-value(negation.getSubExpr(), focus).number());
            case YangBinaryExpr binary -> binary(binary, focus);
            case YangNaryExpr nary -> nary(nary, focus);
            case YangFilterExpr filter ->
                new Value.Nodes(predicates(nodes(value(filter.getExpr(), focus)), filter.getPredicates()));
            case YangPathExpr path -> {
                Value from = value(path.getFilterExpr(), focus);
                Optional<YangLocationPath.Relative> onwards = path.getLocationPath();
                yield onwards.isEmpty() ? from : new Value.Nodes(steps(onwards.get().getSteps(), nodes(from)));
            }
            case YangFunctionCallExpr call -> function(call, focus);
            // How the library writes the key in a leafref's predicate.
            case YangQNameExpr name -> new Value.Nodes(step(asStep(name), focus.node()));
            default -> throw unsupported(expression.getClass().getSimpleName());
        };
    }

    private Value binary(YangBinaryExpr binary, Focus focus) {
        Value left = value(binary.getLeftExpr(), focus);
        Value right = value(binary.getRightExpr(), focus);
        YangBinaryOperator operator = binary.getOperator();
        return switch (operator) {
            case PLUS -> new Value.Number(left.number() + right.number());
            case MINUS -> new Value.Number(left.number() - right.number());
            case MUL -> new Value.Number(left.number() * right.number());
            case DIV -> new Value.Number(left.number() / right.number());
            case MOD -> new Value.Number(left.number() % right.number());
            case EQUALS, NOT_EQUALS, GT, GTE, LT, LTE -> new Value.Bool(XPathFunctions.compare(operator, left, right));
        };
    }

    private Value nary(YangNaryExpr nary, Focus focus) {
        return switch (nary.getOperator()) {
            case AND -> new Value.Bool(nary.getExpressions().stream().allMatch(part -> value(part, focus).bool()));
            case OR -> new Value.Bool(nary.getExpressions().stream().anyMatch(part -> value(part, focus).bool()));
            case UNION -> {
                Set<DataNode> all = new LinkedHashSet<>();
                nary.getExpressions().forEach(part -> all.addAll(nodes(value(part, focus))));
                yield new Value.Nodes(all);
            }
        };
    }

    private Value function(YangFunctionCallExpr call, Focus focus) {
        List<Value> arguments = new ArrayList<>();
        for (YangExpr argument : call.getArguments()) {
            arguments.add(value(argument, focus));
        }
        return new XPathFunctions(schemas, current, focus, this::resolve).call(call.getName().getLocalName(),
                arguments);
    }

    static Set<DataNode> nodes(Value value) {
        if (value instanceof Value.Nodes(Set<DataNode> set)) {
            return set;
        }
        throw new RpcErrorException(Type.APPLICATION, Tag.INVALID_VALUE,
                "the expression needs nodes where it has a value");
    }

    private Set<DataNode> location(YangLocationPath path, DataNode from) {
        return steps(path.getSteps(), Set.of(from));
    }

    private Set<DataNode> steps(List<Step> steps, Set<DataNode> from) {
        Set<DataNode> at = from;
        for (Step step : steps) {
            Set<DataNode> next = new LinkedHashSet<>();
            for (DataNode node : at) {
                next.addAll(keyed(step, node).orElseGet(() -> predicates(step(step, node), step.getPredicates())));
            }
            at = next;
            if (at.isEmpty()) {
                break;
            }
        }
        return at;
    }

    private Set<DataNode> step(Step step, DataNode node) {
        Set<DataNode> found = new LinkedHashSet<>();
        for (DataNode candidate : axis(step, node)) {
            spend();
            if (!(step instanceof QNameStep named) || matches(named, candidate)) {
                found.add(candidate);
            }
        }
        return found;
    }

    private boolean matches(QNameStep step, DataNode node) {
        if (node.parent().isEmpty()) {
            return false;
        }
        if (step instanceof ResolvedQNameStep resolved) {
            return node.name().equals(resolved.getQName());
        }
        return node.name().getLocalName().equals(step.getLocalName())
                && (unprefixed == null || node.name().getModule().equals(unprefixed));
    }

    private Collection<DataNode> axis(Step step, DataNode node) {
        return switch (step.getAxis()) {
            case CHILD -> children(step, node);
            case PARENT -> node.parent().map(List::of).orElse(List.of());
            case SELF -> List.of(node);
            case DESCENDANT -> descendants(node, false);
            case DESCENDANT_OR_SELF -> descendants(node, true);
            case ANCESTOR -> node.parent().map(parent -> parent.line().reversed()).orElse(List.of());
            case ANCESTOR_OR_SELF -> node.line().reversed();
            case FOLLOWING_SIBLING -> siblings(node, true);
            case PRECEDING_SIBLING -> siblings(node, false);
            case FOLLOWING -> around(node, true);
            case PRECEDING -> around(node, false);
            // Data trees have neither (RFC 7950 §6.4.1 gives data nodes only elements).
            case ATTRIBUTE, NAMESPACE -> List.of();
        };
    }

    private Collection<DataNode> children(Step step, DataNode node) {
        if (step instanceof YangLocationPath.NodeTypeStep && node.definition().isTerminal()) {
            // text() and node() of a leaf: its only child is its text, which compares as the leaf does.
            return List.of(node);
        }
        Definition named = switch (step) {
            case ResolvedQNameStep resolved -> node.definition().child(resolved.getQName());
            case QNameStep plain when unprefixed != null ->
                node.definition().child(QName.create(unprefixed, plain.getLocalName()));
            default -> null;
        };
        if (named != null) {
            return node.children(named);
        }
        return step instanceof ResolvedQNameStep ? List.of() : node.children();
    }

    private Collection<DataNode> descendants(DataNode node, boolean self) {
        List<DataNode> all = new ArrayList<>();
        if (self) {
            all.add(node);
        }
        descend(node, all);
        return all;
    }

    private void descend(DataNode node, List<DataNode> into) {
        for (DataNode child : node.children()) {
            spend();
            into.add(child);
            descend(child, into);
        }
    }

    private static List<DataNode> siblings(DataNode node, boolean after) {
        List<DataNode> all = node.parent().map(DataNode::children).orElse(List.of());
        int at = all.indexOf(node);
        if (at < 0) {
            return List.of();
        }
        return after ? all.subList(at + 1, all.size()) : all.subList(0, at).reversed();
    }

    private Collection<DataNode> around(DataNode node, boolean after) {
        List<DataNode> all = new ArrayList<>();
        for (DataNode at : node.line().reversed()) {
            for (DataNode sibling : siblings(at, after)) {
                Collection<DataNode> below = descendants(sibling, true);
                all.addAll(after ? below : List.copyOf(below).reversed());
            }
        }
        return all;
    }

    private Set<DataNode> predicates(Set<DataNode> nodes, Set<YangExpr> predicates) {
        Set<DataNode> kept = nodes;
        for (YangExpr predicate : predicates) {
            Set<DataNode> next = new LinkedHashSet<>();
            int position = 0;
            for (DataNode node : kept) {
                position++;
                spend();
                Value said = value(predicate, new Focus(node, position, kept.size()));
                if (said instanceof Value.Number(double wanted) ? wanted == position : said.bool()) {
                    next.add(node);
                }
            }
            kept = next;
        }
        return kept;
    }

    /**
     * An entry looked up by its keys instead of by trying all entries, when the predicates say what the keys are and
     * that does not depend on the entry.
     */
    private Optional<Set<DataNode>> keyed(Step step, DataNode node) {
        if (step.getAxis() != YangXPathAxis.CHILD || step.getPredicates().isEmpty()
                || !(step instanceof QNameStep named)) {
            return Optional.empty();
        }
        QNameModule module = step instanceof ResolvedQNameStep resolved ? resolved.getQName().getModule() : unprefixed;
        Definition list = module == null ? null : node.definition().child(QName.create(module, named.getLocalName()));
        if (list == null || list.kind() != Definition.Kind.LIST || list.keys().size() != step.getPredicates().size()) {
            return Optional.empty();
        }
        Map<QName, Object> keys = new LinkedHashMap<>();
        for (YangExpr predicate : step.getPredicates()) {
            Optional<String> key = predicate instanceof YangBinaryExpr equality
                    && equality.getOperator() == YangBinaryOperator.EQUALS && isFixed(equality.getRightExpr())
                            ? childName(equality.getLeftExpr())
                            : Optional.empty();
            if (key.isEmpty() || !(predicate instanceof YangBinaryExpr equality)) {
                return Optional.empty();
            }
            QName name = QName.create(list.name(), key.get());
            Definition leaf = list.child(name);
            if (!list.keys().contains(name) || leaf == null || !(leaf.schema() instanceof LeafSchemaNode schema)
                    || !(schema.getType() instanceof StringTypeDefinition)) {
                return Optional.empty();
            }
            Value wanted = value(equality.getRightExpr(), new Focus(node, 1, 1));
            if (wanted instanceof Value.Nodes(Set<DataNode> set) && set.size() != 1) {
                return Optional.empty();
            }
            keys.put(name, wanted.text());
        }
        spend();
        Map<QName, Object> ordered = new LinkedHashMap<>();
        list.keys().forEach(key -> ordered.put(key, keys.get(key)));
        return ordered.containsValue(null)
                ? Optional.empty()
                : Optional.of(node.entry(list, NodeIdentifierWithPredicates.of(list.name(), ordered)).map(Set::of)
                        .orElse(Set.of()));
    }

    private static Step asStep(YangQNameExpr name) {
        return switch (name) {
            case YangQNameExpr.Resolved resolved -> YangXPathAxis.CHILD.asStep(resolved.getQName());
            case YangQNameExpr.Unresolved unresolved -> YangXPathAxis.CHILD.asStep(unresolved.getQName());
            default -> throw unsupported(name.getClass().getSimpleName());
        };
    }

    /** The name in an expression that is just a child's name. */
    private static Optional<String> childName(YangExpr expression) {
        return switch (expression) {
            case YangQNameExpr name -> Optional.of(name.getLocalName());
            case YangLocationPath path when !path.isAbsolute() && path.getSteps().size() == 1
                    && path.getSteps().getFirst() instanceof QNameStep key && key.getAxis() == YangXPathAxis.CHILD
                    && key.getPredicates().isEmpty() ->
                Optional.of(key.getLocalName());
            default -> Optional.empty();
        };
    }

    private static boolean isFixed(YangExpr expression) {
        return switch (expression) {
            case YangLiteralExpr _ -> true;
            case YangFunctionCallExpr call -> call.getName().getLocalName().equals("current");
            case YangPathExpr path -> isFixed(path.getFilterExpr());
            case YangFilterExpr filter -> isFixed(filter.getExpr());
            default -> false;
        };
    }

    private Optional<QName> resolve(String prefixed) {
        int colon = prefixed.indexOf(':');
        String local = prefixed.substring(colon + 1);
        if (colon < 0) {
            return Optional.ofNullable(unprefixed).map(module -> QName.create(module, local));
        }
        return XPathFunctions.byPrefix(schemas, unprefixed, prefixed.substring(0, colon))
                .map(module -> QName.create(module, local));
    }

    private void spend() {
        if (--budget < 0) {
            throw new RpcErrorException(Type.APPLICATION, Tag.RESOURCE_DENIED, "the expression visits too many nodes");
        }
    }

    private static RpcErrorException unsupported(String what) {
        return new RpcErrorException(Type.APPLICATION, Tag.OPERATION_NOT_SUPPORTED, "not supported in XPath: " + what);
    }
}
