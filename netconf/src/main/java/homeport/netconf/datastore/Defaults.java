package homeport.netconf.datastore;

import homeport.netconf.datastore.Definition.Membership;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.XmlElement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.data.api.schema.ChoiceNode;
import org.opendaylight.yangtools.yang.data.api.schema.DataContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.LeafNode;
import org.opendaylight.yangtools.yang.data.api.schema.NormalizedNode;
import org.opendaylight.yangtools.yang.model.api.CaseSchemaNode;
import org.opendaylight.yangtools.yang.model.api.LeafSchemaNode;
import org.opendaylight.yangtools.yang.model.api.Module;
import org.opendaylight.yangtools.yang.model.api.ModuleImport;

/** The default values of leaves, as nodes (RFC 7950 §7.6.1). */
final class Defaults {
    private final Schemas schemas;
    private final Map<Definition, Optional<LeafNode<?>>> leaves = new ConcurrentHashMap<>();

    Defaults(Schemas schemas) {
        this.schemas = schemas;
    }

    /** The leaf with its default value; empty when it has none. */
    Optional<LeafNode<?>> leaf(Definition definition) {
        return leaves.computeIfAbsent(definition, this::parse);
    }

    /** Whether a leaf's value is the one it would have had anyway. */
    boolean isDefault(Definition definition, NormalizedNode leaf) {
        return leaf(definition).filter(node -> node.body().equals(leaf.body())).isPresent();
    }

    private Optional<LeafNode<?>> parse(Definition definition) {
        if (!(definition.schema() instanceof LeafSchemaNode schema) || definition.isMandatory()
                || definition.isKey()) {
            return Optional.empty();
        }
        return schema.getType().getDefaultValue().map(value -> {
            Map<String, String> prefixes = new LinkedHashMap<>();
            String text;
            if (value instanceof QName name) {
                prefixes.put("d", name.getNamespace().toString());
                text = "d:" + name.getLocalName();
            } else {
                text = value.toString();
                prefixes.putAll(prefixesOf(schema.getQName()));
                prefixes.putAll(prefixesOf(schema.getType().getQName()));
            }
            XmlElement element = XmlElement.leaf(definition.namespace(), definition.name().getLocalName(), text)
                    .declaring(Namespaces.of(prefixes));
            try {
                return (LeafNode<?>) schemas.parse(definition, element);
            } catch (Schemas.MalformedData e) {
                throw new IllegalStateException("the default of " + definition + " is not a value of its type", e);
            }
        });
    }

    private Map<String, String> prefixesOf(QName name) {
        Map<String, String> prefixes = new LinkedHashMap<>();
        Optional<Module> module = schemas.context().findModule(name.getModule());
        module.ifPresent(found -> {
            prefixes.put(found.getPrefix(), found.getNamespace().toString());
            for (ModuleImport imported : found.getImports()) {
                schemas.context().findModules(imported.getModuleName().getLocalName()).stream().findFirst()
                        .ifPresent(other -> prefixes.put(imported.getPrefix(), other.getNamespace().toString()));
            }
        });
        return prefixes;
    }

    /** Whether nothing of another case keeps a node, absent itself, from counting as there (RFC 7950 §7.9.3). */
    static boolean caseInUse(Definition definition, DataContainerNode parent) {
        DataContainerNode at = parent;
        List<Membership> memberships = definition.memberships();
        for (int i = 0; i < memberships.size(); i++) {
            Membership in = memberships.get(i);
            if (at.childByArg(in.step()) instanceof ChoiceNode choice && !choice.isEmpty()) {
                if (choice.body().stream()
                        .anyMatch(child -> in.branch().dataChildByName(child.name().getNodeType()) == null)) {
                    return false;
                }
                at = choice;
            } else {
                return memberships.subList(i, memberships.size()).stream().allMatch(Defaults::isDefaultCase);
            }
        }
        return true;
    }

    private static boolean isDefaultCase(Membership in) {
        return in.choice().getDefaultCase().map(CaseSchemaNode::getQName).filter(in.branch().getQName()::equals)
                .isPresent();
    }
}
