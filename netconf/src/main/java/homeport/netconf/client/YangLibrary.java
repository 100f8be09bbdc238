package homeport.netconf.client;

import homeport.netconf.Ns;
import homeport.netconf.xml.XmlElement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a server says about its modules (RFC 8525, and RFC 7895 of older servers).
 *
 * @param contentId changes when anything here does
 */
public record YangLibrary(Optional<String> contentId, List<Module> modules) {
    /**
     * One module.
     *
     * @param implemented false for one that others only import from
     */
    public record Module(String name, Optional<String> revision, String namespace, List<String> features,
            boolean implemented) {}

    static Filter filter() {
        return Filter.subtree(XmlElement.of(Ns.YANG_LIBRARY, "yang-library"),
                XmlElement.of(Ns.YANG_LIBRARY, "modules-state"));
    }

    /** Reads what {@code get} gave for the filter; empty when the server has no library. */
    static Optional<YangLibrary> read(XmlElement data) {
        Optional<XmlElement> library = data.child(Ns.YANG_LIBRARY, "yang-library");
        if (library.isPresent()) {
            return library.map(YangLibrary::read8525);
        }
        return data.child(Ns.YANG_LIBRARY, "modules-state").map(YangLibrary::read7895);
    }

    private static YangLibrary read8525(XmlElement library) {
        Map<String, Module> modules = new LinkedHashMap<>();
        for (XmlElement set : library.children(Ns.YANG_LIBRARY, "module-set").toList()) {
            set.children(Ns.YANG_LIBRARY, "module").forEach(
                    module -> modules.put(text(module, "name").orElse(""), module(module, true)));
            set.children(Ns.YANG_LIBRARY, "import-only-module").forEach(module -> modules.putIfAbsent(
                    text(module, "name").orElse("") + "@" + text(module, "revision").orElse(""),
                    module(module, false)));
        }
        return new YangLibrary(text(library, "content-id"), new ArrayList<>(modules.values()));
    }

    private static YangLibrary read7895(XmlElement state) {
        return new YangLibrary(text(state, "module-set-id"), state.children(Ns.YANG_LIBRARY, "module")
                .map(module -> module(module, text(module, "conformance-type").filter("implement"::equals).isPresent()))
                .toList());
    }

    private static Module module(XmlElement module, boolean implemented) {
        return new Module(text(module, "name").orElse(""), text(module, "revision"),
                text(module, "namespace").orElse(""),
                module.children(Ns.YANG_LIBRARY, "feature").map(feature -> feature.text().strip()).toList(),
                implemented);
    }

    private static Optional<String> text(XmlElement parent, String child) {
        return parent.child(child).map(element -> element.text().strip()).filter(text -> !text.isEmpty());
    }
}
