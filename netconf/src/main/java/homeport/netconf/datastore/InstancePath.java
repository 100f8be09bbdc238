package homeport.netconf.datastore;

import homeport.netconf.RpcError;
import homeport.netconf.xml.Namespaces;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeIdentifierWithPredicates;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.NodeWithValue;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier.PathArgument;
import org.opendaylight.yangtools.yang.model.api.Module;

/**
 * Instance identifiers as text: in their XML form (RFC 7950 §9.13.2) for {@code error-path} and notifications, and as
 * RESTCONF resources (RFC 8040 §3.5.3) for YANG patches.
 */
public final class InstancePath {
    private final Schemas schemas;
    private final StringBuilder text = new StringBuilder();
    private final Map<String, String> prefixes = new LinkedHashMap<>();

    private InstancePath(Schemas schemas) {
        this.schemas = schemas;
    }

    /** The path as text, with the prefixes it uses; each is its module's own unless two modules share one. */
    public static RpcError.Path of(Schemas schemas, YangInstanceIdentifier path) {
        InstancePath out = new InstancePath(schemas);
        out.steps(path.getPathArguments());
        return new RpcError.Path(out.text.isEmpty() ? "/" : out.text.toString(), Namespaces.of(out.prefixes));
    }

    /** The path as a resource, such as {@code /ietf-interfaces:interfaces/interface=eth0}. */
    static String resource(Schemas schemas, YangInstanceIdentifier path) {
        StringBuilder text = new StringBuilder();
        String module = "";
        for (DataStep step : DataStep.of(schemas, path)) {
            String own = moduleName(schemas, step.definition().name());
            text.append('/').append(own.equals(module) ? "" : own + ":")
                    .append(step.definition().name().getLocalName());
            module = own;
            switch (step.argument()) {
                case NodeIdentifierWithPredicates entry -> {
                    char before = '=';
                    for (QName key : step.definition().keys()) {
                        text.append(before).append(encoded(schemas, entry.getValue(key)));
                        before = ',';
                    }
                }
                case NodeWithValue<?> entry -> text.append('=').append(encoded(schemas, entry.getValue()));
                default -> {
                    // The name alone says which.
                }
            }
        }
        return text.isEmpty() ? "/" : text.toString();
    }

    private static String moduleName(Schemas schemas, QName name) {
        return schemas.context().findModule(name.getModule()).map(Module::getName).orElse("");
    }

    /** A key's value with all but unreserved characters encoded; an identity is named by its module. */
    private static String encoded(Schemas schemas, Object value) {
        String text = value instanceof QName name
                ? moduleName(schemas, name) + ":" + name.getLocalName()
                : Values.text(schemas, value);
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private void steps(List<PathArgument> arguments) {
        @Nullable
        Definition at = schemas.root();
        List<QName> choices = new ArrayList<>();
        boolean known = true;
        for (PathArgument argument : arguments) {
            switch (argument) {
                case NodeIdentifierWithPredicates entry -> entry.asMap().forEach(
                        (key, value) -> text.append('[').append(name(key)).append('=').append(quoted(value))
                                .append(']'));
                case NodeWithValue<?> entry -> text.append("[.=").append(quoted(entry.getValue())).append(']');
                case NodeIdentifier node -> {
                    Definition child = known && at != null ? at.child(node.getNodeType()) : null;
                    if (child != null && choices.equals(
                            child.memberships().stream().map(in -> in.choice().getQName()).toList())) {
                        at = child;
                        choices.clear();
                        text.append('/').append(name(node.getNodeType()));
                    } else if (known && at != null && isChoice(at, choices, node.getNodeType())) {
                        choices.add(node.getNodeType());
                    } else {
                        known = false;
                        text.append('/').append(name(node.getNodeType()));
                    }
                }
            }
        }
    }

    private static boolean isChoice(Definition at, List<QName> within, QName name) {
        List<QName> deeper = new ArrayList<>(within);
        deeper.add(name);
        return at.children().values().stream().anyMatch(child -> child.memberships().size() >= deeper.size()
                && child.memberships().stream().limit(deeper.size()).map(in -> in.choice().getQName()).toList()
                        .equals(deeper));
    }

    private String name(QName name) {
        return Prefixes.of(schemas, name.getNamespace().toString(), prefixes) + ":" + name.getLocalName();
    }

    private String quoted(Object value) {
        String plain = Values.text(schemas, value, prefixes);
        return plain.indexOf('\'') < 0 ? "'" + plain + "'" : "\"" + plain + "\"";
    }

    /** Prefixes for namespaces, handed out as they are needed. */
    static final class Prefixes {
        private Prefixes() {}

        /** The prefix of a namespace in {@code used}, which is filled as names come. */
        static String of(Schemas schemas, String namespace, Map<String, String> used) {
            for (Map.Entry<String, String> entry : used.entrySet()) {
                if (entry.getValue().equals(namespace)) {
                    return entry.getKey();
                }
            }
            String wish = schemas.module(namespace).flatMap(schemas.context()::findModule).map(Module::getPrefix)
                    .orElse("ns");
            String prefix = wish;
            for (int next = 1; used.containsKey(prefix); next++) {
                prefix = wish + next;
            }
            used.put(prefix, namespace);
            return prefix;
        }
    }
}
