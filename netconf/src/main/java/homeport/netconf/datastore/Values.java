package homeport.netconf.datastore;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.opendaylight.yangtools.yang.common.Empty;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;

/** Leaf values in their canonical text (RFC 7950 §9), as XPath and paths compare them. */
final class Values {
    private Values() {}

    /** The text, identities with their module's own prefix. */
    static String text(Schemas schemas, Object value) {
        return text(schemas, value, new LinkedHashMap<>());
    }

    /** The text; prefixes that are needed and not in {@code prefixes} are added there. */
    static String text(Schemas schemas, Object value, Map<String, String> prefixes) {
        return switch (value) {
            case String text -> text;
            case QName name -> InstancePath.Prefixes.of(schemas, name.getNamespace().toString(), prefixes) + ":"
                    + name.getLocalName();
            case Empty _ -> "";
            case byte[] bytes -> Base64.getEncoder().encodeToString(bytes);
            case Set<?> bits -> String.join(" ", new TreeSet<>(bits.stream().map(Object::toString).toList()));
            case YangInstanceIdentifier path -> InstancePath.of(schemas, path).xpath();
            default -> value.toString();
        };
    }
}
