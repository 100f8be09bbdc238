package homeport.netconf.server;

import homeport.netconf.Ns;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.Schemas;
import homeport.netconf.datastore.Schemas.YangModule;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.XmlElement;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.opendaylight.yangtools.yang.common.Revision;
import org.opendaylight.yangtools.yang.model.api.Module;

/** The YANG library (RFC 8525): one module set, one schema, the same in every datastore. It never changes. */
final class Library {
    private static final String SET = "all";

    private final Schemas schemas;
    private final String contentId;
    private final XmlElement library;
    private final XmlElement modulesState;

    Library(Schemas schemas, Datastores.Boot boot) {
        this.schemas = schemas;
        this.contentId = contentId(schemas);
        this.library = library(boot);
        this.modulesState = modulesState();
    }

    /** Another value whenever any module or feature is another. */
    String contentId() {
        return contentId;
    }

    /** The {@code yang-library} and, for older clients, {@code modules-state} containers. */
    List<XmlElement> elements() {
        return List.of(library, modulesState);
    }

    private static String contentId(Schemas schemas) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            sorted(schemas).forEach(module -> {
                digest.update((module.getName() + "@" + revision(module) + "\n").getBytes(StandardCharsets.UTF_8));
                features(schemas, module)
                        .forEach(feature -> digest.update((feature + "\n").getBytes(StandardCharsets.UTF_8)));
            });
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private static List<Module> sorted(Schemas schemas) {
        List<Module> modules = new ArrayList<>(schemas.context().getModules());
        modules.sort(Comparator.comparing(Module::getName));
        return modules;
    }

    private static String revision(Module module) {
        return module.getQNameModule().findRevision().map(Revision::toString).orElse("");
    }

    private static List<String> features(Schemas schemas, Module module) {
        return module.getFeatures().stream().filter(feature -> schemas.supports(feature.getQName()))
                .map(feature -> feature.getQName().getLocalName()).sorted().toList();
    }

    private static XmlElement leaf(String name, String text) {
        return XmlElement.leaf(Ns.YANG_LIBRARY, name, text);
    }

    /** The modules that say what is left out of one. */
    private List<String> deviating(Module module) {
        return sorted(schemas).stream().filter(other -> other != module && other.getDeviations().stream()
                .anyMatch(deviation -> deviation.getTargetPath().lastNodeIdentifier().getModule()
                        .equals(module.getQNameModule())))
                .map(Module::getName).toList();
    }

    private XmlElement library(Datastores.Boot boot) {
        List<XmlElement> set = new ArrayList<>();
        set.add(leaf("name", SET));
        for (Module module : sorted(schemas)) {
            boolean imported = schemas.isImportOnly(module.getName());
            List<XmlElement> content = new ArrayList<>();
            content.add(leaf("name", module.getName()));
            if (!revision(module).isEmpty()) {
                content.add(leaf("revision", revision(module)));
            }
            content.add(leaf("namespace", module.getNamespace().toString()));
            if (!imported) {
                features(schemas, module).forEach(feature -> content.add(leaf("feature", feature)));
                deviating(module).forEach(other -> content.add(leaf("deviation", other)));
            }
            set.add(XmlElement.of(Ns.YANG_LIBRARY, imported ? "import-only-module" : "module", content));
        }
        List<XmlElement> all = new ArrayList<>();
        all.add(XmlElement.of(Ns.YANG_LIBRARY, "module-set", set));
        all.add(XmlElement.of(Ns.YANG_LIBRARY, "schema", leaf("name", SET), leaf("module-set", SET)));
        List<String> names = boot == Datastores.Boot.STARTUP
                ? List.of("running", "candidate", "startup", "intended", "operational")
                : List.of("running", "candidate", "intended", "operational");
        for (String name : names) {
            all.add(XmlElement.of(Ns.YANG_LIBRARY, "datastore",
                    leaf("name", "ds:" + name).declaring(Namespaces.of(Map.of("ds", Ns.DATASTORES))),
                    leaf("schema", SET)));
        }
        all.add(leaf("content-id", contentId));
        return XmlElement.of(Ns.YANG_LIBRARY, "yang-library", all);
    }

    private XmlElement modulesState() {
        List<XmlElement> all = new ArrayList<>();
        all.add(leaf("module-set-id", contentId));
        for (Module module : sorted(schemas)) {
            List<XmlElement> content = new ArrayList<>();
            content.add(leaf("name", module.getName()));
            content.add(leaf("revision", revision(module)));
            content.add(leaf("namespace", module.getNamespace().toString()));
            features(schemas, module).forEach(feature -> content.add(leaf("feature", feature)));
            content.add(leaf("conformance-type", schemas.isImportOnly(module.getName()) ? "import" : "implement"));
            all.add(XmlElement.of(Ns.YANG_LIBRARY, "module", content));
        }
        return XmlElement.of(Ns.YANG_LIBRARY, "modules-state", all);
    }

    /** The schema list of {@code ietf-netconf-monitoring}. */
    List<XmlElement> monitored() {
        List<XmlElement> all = new ArrayList<>();
        for (YangModule module : schemas.modules()) {
            String namespace = schemas.context().findModules(module.name()).stream().findFirst()
                    .map(found -> found.getNamespace().toString()).orElse("");
            all.add(XmlElement.of(Ns.MONITORING, "schema", XmlElement.leaf(Ns.MONITORING, "identifier", module.name()),
                    XmlElement.leaf(Ns.MONITORING, "version", module.revision()),
                    XmlElement.leaf(Ns.MONITORING, "format", "yang"),
                    XmlElement.leaf(Ns.MONITORING, "namespace", namespace),
                    XmlElement.leaf(Ns.MONITORING, "location", "NETCONF")));
        }
        return all;
    }
}
