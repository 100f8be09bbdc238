package homeport.netconf.client;

import homeport.netconf.Capabilities;
import homeport.netconf.Ns;
import homeport.netconf.xml.XmlElement;
import java.util.List;
import java.util.Locale;

/** Where a configuration is: what stands in {@code source} and {@code target}. */
public sealed interface Datastore {
    /** The datastores of RFC 6241 §5.1. */
    enum Named implements Datastore {
        RUNNING,
        CANDIDATE,
        STARTUP
    }

    /** A file that the server reaches (RFC 6241 §8.8). */
    record Url(String url) implements Datastore {}

    /** A configuration given in the request itself, for {@code copy-config} and {@code validate}. */
    record Inline(List<XmlElement> config) implements Datastore {}

    Datastore RUNNING = Named.RUNNING;
    Datastore CANDIDATE = Named.CANDIDATE;
    Datastore STARTUP = Named.STARTUP;

    /** The element inside {@code source} or {@code target}. */
    default XmlElement toXml() {
        return switch (this) {
            case Named named -> XmlElement.of(Ns.BASE, named.name().toLowerCase(Locale.ROOT));
            case Url(String url) -> XmlElement.leaf(Ns.BASE, "url", url);
            case Inline(List<XmlElement> config) -> XmlElement.of(Ns.BASE, "config", config);
        };
    }

    /** What reading it takes. */
    private List<Need> reading() {
        return switch (this) {
            case Named.RUNNING -> List.of();
            case Named.CANDIDATE -> List.of(Need.capability(Capabilities.CANDIDATE));
            case Named.STARTUP -> List.of(Need.capability(Capabilities.STARTUP));
            case Url(String url) -> List.of(urlNeed(url));
            case Inline _ -> List.of();
        };
    }

    /** What it takes as the source of an operation. */
    static List<Need> source(Datastore datastore) {
        return datastore.reading();
    }

    /** What it takes as the target of an operation that writes. */
    static List<Need> target(Datastore datastore) {
        return switch (datastore) {
            case Named.RUNNING -> List.of(Need.capability(Capabilities.WRITABLE_RUNNING));
            case Inline _ -> throw new IllegalArgumentException("a configuration in the request is no target");
            case Named.CANDIDATE, Named.STARTUP -> datastore.reading();
            case Url _ -> datastore.reading();
        };
    }

    private static Need urlNeed(String url) {
        int colon = url.indexOf(':');
        String scheme = colon < 0 ? "" : url.substring(0, colon);
        return new Need(Capabilities.URL + "?scheme=" + scheme, capabilities -> capabilities
                .parameter(Capabilities.URL, "scheme").filter(list -> List.of(list.split(",", -1)).contains(scheme))
                .isPresent());
    }
}
