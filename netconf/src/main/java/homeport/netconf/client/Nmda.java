package homeport.netconf.client;

import homeport.netconf.Capabilities;
import homeport.netconf.Ns;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.XmlElement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The operations on datastores by name (RFC 8526). A server that has them announces {@code :yang-library:1.1} (§2), since
 * their module is YANG 1.1 and such modules are not in a hello.
 */
public final class Nmda {
    private static final Need NMDA = new Need(Capabilities.YANG_LIBRARY_1_1,
            server -> server.has(Capabilities.YANG_LIBRARY_1_1) || server.hasModule(Ns.NMDA, "ietf-netconf-nmda"));

    /** The datastores of RFC 8342. */
    public enum Store {
        RUNNING,
        CANDIDATE,
        STARTUP,
        INTENDED,
        OPERATIONAL;

        /** The identity's local name. */
        public String identity() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What {@code get-data} asks beside the datastore (RFC 8526 §3.1.1). What is empty is left to the server.
     *
     * @param config only configuration, or only state
     * @param origins identities of {@code ietf-origin}, such as {@code intended}; none for all
     * @param maxDepth levels of the tree, 1 for the selected nodes alone
     */
    public record Query(Optional<Filter> filter, Optional<Boolean> config, List<String> origins,
            Optional<Integer> maxDepth, boolean withOrigin, Optional<WithDefaults> defaults) {
        public static final Query ALL = new Query(Optional.empty(), Optional.empty(), List.of(), Optional.empty(),
                false, Optional.empty());

        public Query with(Filter part) {
            return new Query(Optional.of(part), config, origins, maxDepth, withOrigin, defaults);
        }

        public Query config(boolean only) {
            return new Query(filter, Optional.of(only), origins, maxDepth, withOrigin, defaults);
        }

        public Query depth(int levels) {
            return new Query(filter, config, origins, Optional.of(levels), withOrigin, defaults);
        }
    }

    private static final String ORIGIN = "urn:ietf:params:xml:ns:yang:ietf-origin";

    private Nmda() {}

    /** {@code get-data} (RFC 8526 §3.1.1). */
    public static Operation getData(Store store, Query query) {
        List<Need> needs = new ArrayList<>();
        needs.add(NMDA);
        List<XmlElement> content = new ArrayList<>();
        content.add(datastore(Ns.NMDA, store));
        query.filter().ifPresent(filter -> {
            needs.addAll(Filter.needs(filter));
            content.add(filter.toXml(Ns.NMDA, "subtree-filter", "xpath-filter"));
        });
        query.config()
                .ifPresent(only -> content.add(XmlElement.leaf(Ns.NMDA, "config-filter", Boolean.toString(only))));
        for (String origin : query.origins()) {
            content.add(XmlElement.leaf(Ns.NMDA, "origin-filter", "or:" + origin)
                    .declaring(Namespaces.of(Map.of("or", ORIGIN))));
        }
        query.maxDepth()
                .ifPresent(levels -> content.add(XmlElement.leaf(Ns.NMDA, "max-depth", Integer.toString(levels))));
        if (query.withOrigin()) {
            content.add(XmlElement.of(Ns.NMDA, "with-origin"));
        }
        // RFC 8526 §3.1.1 takes the leaf from a grouping, so it is in this module's own namespace.
        query.defaults().ifPresent(mode -> content.add(XmlElement.leaf(Ns.NMDA, "with-defaults", mode.wire())));
        return new Operation(XmlElement.of(Ns.NMDA, "get-data", content), needs);
    }

    /** {@code edit-data} (RFC 8526 §3.1.2). */
    public static Operation editData(Store store, Optional<EditConfig.DefaultOperation> defaultOperation,
            XmlElement... config) {
        List<XmlElement> content = new ArrayList<>();
        content.add(datastore(Ns.NMDA, store));
        defaultOperation.ifPresent(option -> content
                .add(XmlElement.leaf(Ns.NMDA, "default-operation", option.name().toLowerCase(Locale.ROOT))));
        content.add(XmlElement.of(Ns.NMDA, "config", config));
        return new Operation(XmlElement.of(Ns.NMDA, "edit-data", content), List.of(NMDA));
    }

    /** A {@code datastore} leaf: an identity of {@code ietf-datastores}. */
    static XmlElement datastore(String namespace, Store store) {
        return XmlElement.leaf(namespace, "datastore", "ds:" + store.identity())
                .declaring(Namespaces.of(Map.of("ds", Ns.DATASTORES)));
    }
}
