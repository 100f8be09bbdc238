package homeport.netconf.datastore;

import homeport.netconf.xml.Namespaces;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.xpath.XPathExpressionException;
import org.jspecify.annotations.Nullable;
import org.opendaylight.yangtools.yang.common.QNameModule;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifierWithPredicates;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeWithValue;
import org.opendaylight.yangtools.yang.model.api.Module;
import org.opendaylight.yangtools.yang.xpath.api.YangBinaryExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangBinaryOperator;
import org.opendaylight.yangtools.yang.xpath.api.YangExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangLiteralExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangLocationPath;
import org.opendaylight.yangtools.yang.xpath.api.YangLocationPath.QNameStep;
import org.opendaylight.yangtools.yang.xpath.api.YangLocationPath.ResolvedQNameStep;

/**
 * An instance-identifier that may leave keys out and then stands for all entries: {@code node-instance-identifier} of
 * RFC 8341.
 *
 * <p>The prefixes are the modules' own: a value of that type is text to yangtools, which does not keep the prefixes
 * around it. A name without a prefix is of any module.
 */
public final class PathPattern {
    private record Step(@Nullable QNameModule module, String local, Map<String, String> keys) {}

    private final List<Step> steps;
    private final boolean readable;

    private PathPattern(List<Step> steps, boolean readable) {
        this.steps = List.copyOf(steps);
        this.readable = readable;
    }

    public static PathPattern parse(Schemas schemas, String path) {
        Map<String, String> prefixes = new LinkedHashMap<>();
        for (Module module : schemas.context().getModules()) {
            prefixes.putIfAbsent(module.getPrefix(), module.getNamespace().toString());
            prefixes.putIfAbsent(module.getName(), module.getNamespace().toString());
        }
        try {
            YangExpr parsed = XPath.parser(schemas, Namespaces.of(prefixes)).parseExpression(path).getRootExpr();
            if (parsed instanceof YangLocationPath location && location.isAbsolute()) {
                List<Step> steps = new ArrayList<>();
                for (YangLocationPath.Step step : location.getSteps()) {
                    if (!(step instanceof QNameStep named)) {
                        return new PathPattern(List.of(), false);
                    }
                    steps.add(new Step(
                            step instanceof ResolvedQNameStep resolved ? resolved.getQName().getModule() : null,
                            named.getLocalName(), keys(step)));
                }
                return new PathPattern(steps, true);
            }
        } catch (XPathExpressionException | IllegalArgumentException e) {
            return new PathPattern(List.of(), false);
        }
        return new PathPattern(List.of(), false);
    }

    private static Map<String, String> keys(YangLocationPath.Step step) {
        Map<String, String> keys = new LinkedHashMap<>();
        for (YangExpr predicate : step.getPredicates()) {
            if (!(predicate instanceof YangBinaryExpr equality) || equality.getOperator() != YangBinaryOperator.EQUALS
                    || !(equality.getRightExpr() instanceof YangLiteralExpr literal)
                    || !(equality.getLeftExpr() instanceof YangLocationPath left) || left.getSteps().size() > 1) {
                throw new IllegalArgumentException("not a key predicate: " + predicate);
            }
            String key = left.getSteps().isEmpty() || !(left.getSteps().getFirst() instanceof QNameStep named)
                    ? "."
                    : named.getLocalName();
            keys.put(key, literal.getLiteral());
        }
        return keys;
    }

    /** Whether the path could be read; one that could not covers nothing. */
    public boolean isReadable() {
        return readable;
    }

    /** Whether the last step of a line is the node this stands for, or inside it. */
    public boolean covers(Schemas schemas, List<DataStep> line) {
        if (!readable || line.size() < steps.size()) {
            return false;
        }
        for (int i = 0; i < steps.size(); i++) {
            if (!matches(schemas, steps.get(i), line.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean matches(Schemas schemas, Step wanted, DataStep step) {
        if (!step.definition().name().getLocalName().equals(wanted.local())
                || !(wanted.module() == null || step.definition().name().getModule().equals(wanted.module()))) {
            return false;
        }
        return switch (step.argument()) {
            case NodeIdentifierWithPredicates entry -> wanted.keys().entrySet().stream()
                    .allMatch(key -> entry.asMap().entrySet().stream()
                            .anyMatch(own -> own.getKey().getLocalName().equals(key.getKey())
                                    && Values.text(schemas, own.getValue()).equals(key.getValue())));
            case NodeWithValue<?> entry -> wanted.keys().values().stream()
                    .allMatch(value -> Values.text(schemas, entry.getValue()).equals(value));
            default -> wanted.keys().isEmpty();
        };
    }
}
