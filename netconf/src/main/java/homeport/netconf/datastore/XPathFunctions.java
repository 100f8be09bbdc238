package homeport.netconf.datastore;

import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcError.Type;
import homeport.netconf.RpcErrorException;
import homeport.netconf.datastore.XPath.Focus;
import homeport.netconf.datastore.XPath.Value;
import java.math.BigDecimal;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.common.QNameModule;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.model.api.IdentitySchemaNode;
import org.opendaylight.yangtools.yang.model.api.Module;
import org.opendaylight.yangtools.yang.model.api.ModuleImport;
import org.opendaylight.yangtools.yang.model.api.TypedDataSchemaNode;
import org.opendaylight.yangtools.yang.model.api.type.EnumTypeDefinition;
import org.opendaylight.yangtools.yang.model.api.type.LeafrefTypeDefinition;
import org.opendaylight.yangtools.yang.xpath.api.YangBinaryOperator;

/** The function library: XPath 1.0 §4, and RFC 7950 §10. */
final class XPathFunctions {
    private final Schemas schemas;
    private final DataNode current;
    private final Focus focus;
    private final Function<String, Optional<QName>> names;

    XPathFunctions(Schemas schemas, DataNode current, Focus focus, Function<String, Optional<QName>> names) {
        this.schemas = schemas;
        this.current = current;
        this.focus = focus;
        this.names = names;
    }

    Value call(String name, List<Value> arguments) {
        return switch (name) {
            // Nodes
            case "last" -> new Value.Number(focus.last());
            case "position" -> new Value.Number(focus.position());
            case "count" -> new Value.Number(nodes(arguments, 0).size());
            case "local-name", "name" ->
                new Value.Text(self(arguments).map(node -> node.name().getLocalName()).orElse(""));
            case "namespace-uri" ->
                new Value.Text(self(arguments).map(node -> node.name().getNamespace().toString()).orElse(""));
            case "id" -> new Value.Nodes(Set.of());
            case "current" -> new Value.Nodes(Set.of(current));
            case "deref" -> new Value.Nodes(deref(nodes(arguments, 0)));
            // Strings
            case "string" -> new Value.Text(text(arguments));
            case "concat" -> new Value.Text(String.join("", arguments.stream().map(Value::text).toList()));
            case "starts-with" -> new Value.Bool(text(arguments, 0).startsWith(text(arguments, 1)));
            case "contains" -> new Value.Bool(text(arguments, 0).contains(text(arguments, 1)));
            case "substring-before" -> new Value.Text(before(text(arguments, 0), text(arguments, 1)));
            case "substring-after" -> new Value.Text(after(text(arguments, 0), text(arguments, 1)));
            case "substring" -> new Value.Text(substring(arguments));
            case "string-length" -> new Value.Number(text(arguments).codePointCount(0, text(arguments).length()));
            case "normalize-space" -> new Value.Text(text(arguments).strip().replaceAll("[ \\t\\r\\n]+", " "));
            case "translate" -> new Value.Text(translate(text(arguments, 0), text(arguments, 1), text(arguments, 2)));
            case "re-match" -> new Value.Bool(matches(text(arguments, 0), text(arguments, 1)));
            // Booleans
            case "boolean" -> new Value.Bool(at(arguments, 0).bool());
            case "not" -> new Value.Bool(!at(arguments, 0).bool());
            case "true" -> new Value.Bool(true);
            case "false", "lang" -> new Value.Bool(false);
            // Numbers
            case "number" ->
                new Value.Number(arguments.isEmpty() ? number(focus.node().text()) : at(arguments, 0).number());
            case "sum" ->
                new Value.Number(nodes(arguments, 0).stream().mapToDouble(node -> number(node.text())).sum());
            case "floor" -> new Value.Number(Math.floor(at(arguments, 0).number()));
            case "ceiling" -> new Value.Number(Math.ceil(at(arguments, 0).number()));
            case "round" -> new Value.Number(Math.floor(at(arguments, 0).number() + 0.5));
            // YANG types
            case "derived-from" -> new Value.Bool(derived(nodes(arguments, 0), text(arguments, 1), false));
            case "derived-from-or-self" -> new Value.Bool(derived(nodes(arguments, 0), text(arguments, 1), true));
            case "enum-value" -> new Value.Number(enumValue(nodes(arguments, 0)));
            case "bit-is-set" -> new Value.Bool(nodes(arguments, 0).stream().limit(1)
                    .anyMatch(node -> node.data().body() instanceof Set<?> bits && bits.contains(text(arguments, 1))));
            default -> throw invalid("there is no function " + name + "()");
        };
    }

    private static Value at(List<Value> arguments, int index) {
        if (index >= arguments.size()) {
            throw invalid("a function has too few arguments");
        }
        return arguments.get(index);
    }

    private static String text(List<Value> arguments, int index) {
        return at(arguments, index).text();
    }

    private String text(List<Value> arguments) {
        return arguments.isEmpty() ? focus.node().text() : text(arguments, 0);
    }

    private static Set<DataNode> nodes(List<Value> arguments, int index) {
        return XPath.nodes(at(arguments, index));
    }

    private Optional<DataNode> self(List<Value> arguments) {
        return arguments.isEmpty() ? Optional.of(focus.node()) : nodes(arguments, 0).stream().findFirst();
    }

    private static String before(String text, String mark) {
        int at = text.indexOf(mark);
        return at < 0 ? "" : text.substring(0, at);
    }

    private static String after(String text, String mark) {
        int at = text.indexOf(mark);
        return at < 0 ? "" : text.substring(at + mark.length());
    }

    /** Positions count from 1 and are rounded, and NaN takes nothing (XPath 1.0 §4.2). */
    private static String substring(List<Value> arguments) {
        int[] points = text(arguments, 0).codePoints().toArray();
        double start = Math.floor(at(arguments, 1).number() + 0.5);
        double end = arguments.size() > 2
                ? start + Math.floor(at(arguments, 2).number() + 0.5)
                : Double.POSITIVE_INFINITY;
        StringBuilder taken = new StringBuilder();
        for (int i = 0; i < points.length; i++) {
            if (i + 1 >= start && i + 1 < end) {
                taken.appendCodePoint(points[i]);
            }
        }
        return taken.toString();
    }

    private static String translate(String text, String from, String to) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            int at = from.indexOf(text.charAt(i));
            if (at < 0) {
                out.append(text.charAt(i));
            } else if (at < to.length()) {
                out.append(to.charAt(at));
            }
        }
        return out.toString();
    }

    private static boolean matches(String text, String pattern) {
        try {
            return Pattern.matches(pattern, text);
        } catch (PatternSyntaxException e) {
            throw invalid("not a pattern: " + pattern);
        }
    }

    private Set<DataNode> deref(Set<DataNode> of) {
        Set<DataNode> found = new LinkedHashSet<>();
        of.stream().findFirst().ifPresent(node -> {
            if (node.data().body() instanceof YangInstanceIdentifier path) {
                node.root().find(path).ifPresent(found::add);
            } else if (node.definition().schema() instanceof TypedDataSchemaNode typed
                    && typed.getType() instanceof LeafrefTypeDefinition leafref) {
                found.addAll(Leafrefs.targets(schemas, leafref, node));
            }
        });
        return found;
    }

    private boolean derived(Set<DataNode> nodes, String identity, boolean orSelf) {
        QName base = names.apply(identity).orElse(null);
        if (base == null) {
            return false;
        }
        return nodes.stream().anyMatch(node -> node.data().body() instanceof QName value
                && ((orSelf && value.equals(base)) || isDerived(value, base)));
    }

    private boolean isDerived(QName identity, QName base) {
        return schemas.context().findModule(identity.getModule()).stream().flatMap(in -> in.getIdentities().stream())
                .filter(found -> found.getQName().equals(identity)).anyMatch(found -> isDerived(found, base));
    }

    private static boolean isDerived(IdentitySchemaNode identity, QName base) {
        return identity.getBaseIdentities().stream()
                .anyMatch(direct -> direct.getQName().equals(base) || isDerived(direct, base));
    }

    private static double enumValue(Set<DataNode> nodes) {
        return nodes.stream().findFirst()
                .filter(node -> node.definition().schema() instanceof TypedDataSchemaNode typed
                        && typed.getType() instanceof EnumTypeDefinition)
                .flatMap(node -> ((EnumTypeDefinition) ((TypedDataSchemaNode) node.definition().schema()).getType())
                        .getValues().stream().filter(pair -> pair.getName().equals(node.text())).findFirst())
                .map(pair -> (double) pair.getValue()).orElse(Double.NaN);
    }

    /** The module a prefix stands for in a module, or else the one that calls itself so. */
    static Optional<QNameModule> byPrefix(Schemas schemas, @Nullable QNameModule within, String prefix) {
        Optional<Module> here = Optional.ofNullable(within).flatMap(schemas.context()::findModule);
        Optional<QNameModule> imported = here.flatMap(module -> module.getImports().stream()
                .filter(other -> other.getPrefix().equals(prefix)).findFirst()).map(ModuleImport::getModuleName)
                .flatMap(name -> schemas.context().findModules(name.getLocalName()).stream().findFirst())
                .map(Module::getQNameModule);
        return imported.or(() -> schemas.context().getModules().stream()
                .filter(module -> module.getPrefix().equals(prefix)).findFirst().map(Module::getQNameModule));
    }

    /** Number to string (XPath 1.0 §4.2): no exponent, no trailing {@code .0}. */
    static String text(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "Infinity" : "-Infinity";
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.valueOf((long) value)
                : new BigDecimal(String.valueOf(value)).stripTrailingZeros().toPlainString();
    }

    private static final Pattern NUMBER = Pattern.compile("-?(\\d+(\\.\\d*)?|\\.\\d+)");

    /** String to number (XPath 1.0 §4.4): NaN for what is none. */
    static double number(String text) {
        String trimmed = text.strip();
        return NUMBER.matcher(trimmed).matches() ? Double.parseDouble(trimmed) : Double.NaN;
    }

    /** Comparisons, existential over node-sets (XPath 1.0 §3.4). */
    static boolean compare(YangBinaryOperator operator, Value left, Value right) {
        boolean equality = operator == YangBinaryOperator.EQUALS || operator == YangBinaryOperator.NOT_EQUALS;
        if (left instanceof Value.Bool || right instanceof Value.Bool) {
            return equality
                    ? (left.bool() == right.bool()) == (operator == YangBinaryOperator.EQUALS)
                    : ordered(operator, left.bool() ? 1 : 0, right.bool() ? 1 : 0);
        }
        if (left instanceof Value.Nodes(Set<DataNode> set)) {
            return set.stream().anyMatch(node -> compare(operator, new Value.Text(node.text()), right));
        }
        if (right instanceof Value.Nodes(Set<DataNode> set)) {
            return set.stream().anyMatch(node -> compare(operator, left, new Value.Text(node.text())));
        }
        if (!equality) {
            return ordered(operator, left.number(), right.number());
        }
        boolean equal = (left instanceof Value.Number || right instanceof Value.Number)
                ? left.number() == right.number()
                : left.text().equals(right.text());
        return equal == (operator == YangBinaryOperator.EQUALS);
    }

    private static boolean ordered(YangBinaryOperator operator, double left, double right) {
        return switch (operator) {
            case GT -> left > right;
            case GTE -> left >= right;
            case LT -> left < right;
            case LTE -> left <= right;
            case EQUALS, NOT_EQUALS, PLUS, MINUS, MUL, DIV, MOD ->
                throw new IllegalArgumentException("not an order: " + operator);
        };
    }

    private static RpcErrorException invalid(String message) {
        return new RpcErrorException(Type.APPLICATION, Tag.INVALID_VALUE, message);
    }
}
