package homeport.netconf.xml;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.XMLConstants;
import javax.xml.namespace.NamespaceContext;
import org.jspecify.annotations.Nullable;

/**
 * The prefixes in scope at one element: its own declarations and, behind them, those of the elements around it.
 *
 * <p>Elements keep their scope when they are taken out of their document, so a prefix inside a value (an
 * instance-identifier, an XPath filter, an identityref) can still be resolved.
 */
public final class Namespaces implements NamespaceContext {
    /** No declarations: only {@code xml} and {@code xmlns} are bound. */
    public static final Namespaces NONE = new Namespaces(null, List.of());

    /** A place of which nothing is known: nothing is bound, not even the default namespace to the empty one. */
    public static final Namespaces UNKNOWN = new Namespaces(null, List.of());

    /** One declaration; an empty prefix is the default namespace, an empty namespace takes a binding away. */
    public record Binding(String prefix, String namespace) {}

    private final @Nullable Namespaces outer;
    private final List<Binding> own;

    private Namespaces(@Nullable Namespaces outer, List<Binding> own) {
        this.outer = outer;
        this.own = own;
    }

    /** This scope with more declarations inside it; the scope itself when there are none. */
    public Namespaces with(List<Binding> declarations) {
        return declarations.isEmpty() ? this : new Namespaces(this == NONE ? null : this, List.copyOf(declarations));
    }

    /** A scope of its own, from prefixes to namespaces. */
    public static Namespaces of(Map<String, String> prefixes) {
        List<Binding> bindings = new ArrayList<>();
        prefixes.forEach((prefix, namespace) -> bindings.add(new Binding(prefix, namespace)));
        return NONE.with(bindings);
    }

    /** A scope of its own, with a default namespace and nothing else. */
    static Namespaces ofDefault(String namespace) {
        return new Namespaces(null, List.of(new Binding("", namespace)));
    }

    /** The namespace a prefix stands for, or null when it stands for none; the empty prefix without a declaration is the empty namespace. */
    public @Nullable String resolve(String prefix) {
        switch (prefix) {
            case XMLConstants.XML_NS_PREFIX -> {
                return XMLConstants.XML_NS_URI;
            }
            case XMLConstants.XMLNS_ATTRIBUTE -> {
                return XMLConstants.XMLNS_ATTRIBUTE_NS_URI;
            }
            default -> {
                for (Namespaces scope = this; scope != null; scope = scope.outer) {
                    for (Binding binding : scope.own) {
                        if (binding.prefix().equals(prefix)) {
                            return binding.namespace().isEmpty() && !prefix.isEmpty() ? null : binding.namespace();
                        }
                    }
                }
                return prefix.isEmpty() && this != UNKNOWN ? "" : null;
            }
        }
    }

    /** Whether this scope is the other one, or the other with declarations directly inside it. */
    boolean within(Namespaces around) {
        return this == around || outer == around;
    }

    /** Every binding in scope, innermost first, each prefix once. */
    public Map<String, String> all() {
        Map<String, String> all = new LinkedHashMap<>();
        for (Namespaces scope = this; scope != null; scope = scope.outer) {
            for (Binding binding : scope.own) {
                all.putIfAbsent(binding.prefix(), binding.namespace());
            }
        }
        return all;
    }

    @Override
    public String getNamespaceURI(String prefix) {
        String namespace = resolve(prefix);
        return namespace == null ? XMLConstants.NULL_NS_URI : namespace;
    }

    @Override
    @SuppressWarnings("NullAway") // the JDK's contract asks for null when nothing is bound
    public String getPrefix(String namespace) {
        Iterator<String> prefixes = getPrefixes(namespace);
        return prefixes.hasNext() ? prefixes.next() : null;
    }

    @Override
    public Iterator<String> getPrefixes(String namespace) {
        if (namespace.equals(XMLConstants.XML_NS_URI)) {
            return List.of(XMLConstants.XML_NS_PREFIX).iterator();
        }
        if (namespace.equals(XMLConstants.XMLNS_ATTRIBUTE_NS_URI)) {
            return List.of(XMLConstants.XMLNS_ATTRIBUTE).iterator();
        }
        return all().entrySet().stream().filter(entry -> entry.getValue().equals(namespace)).map(Map.Entry::getKey)
                .iterator();
    }
}
