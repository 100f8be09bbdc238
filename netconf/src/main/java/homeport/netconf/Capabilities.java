package homeport.netconf;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The capability URIs of one hello, in its order, without duplicates (RFC 6241 §8). */
public record Capabilities(Set<String> uris) {
    public static final String BASE_1_0 = "urn:ietf:params:netconf:base:1.0";
    public static final String BASE_1_1 = "urn:ietf:params:netconf:base:1.1";
    public static final String WRITABLE_RUNNING = "urn:ietf:params:netconf:capability:writable-running:1.0";
    public static final String CANDIDATE = "urn:ietf:params:netconf:capability:candidate:1.0";
    public static final String CONFIRMED_COMMIT_1_0 = "urn:ietf:params:netconf:capability:confirmed-commit:1.0";
    public static final String CONFIRMED_COMMIT_1_1 = "urn:ietf:params:netconf:capability:confirmed-commit:1.1";
    public static final String ROLLBACK_ON_ERROR = "urn:ietf:params:netconf:capability:rollback-on-error:1.0";
    public static final String VALIDATE_1_0 = "urn:ietf:params:netconf:capability:validate:1.0";
    public static final String VALIDATE_1_1 = "urn:ietf:params:netconf:capability:validate:1.1";
    public static final String STARTUP = "urn:ietf:params:netconf:capability:startup:1.0";
    public static final String URL = "urn:ietf:params:netconf:capability:url:1.0";
    public static final String XPATH = "urn:ietf:params:netconf:capability:xpath:1.0";
    public static final String NOTIFICATION = "urn:ietf:params:netconf:capability:notification:1.0";
    public static final String INTERLEAVE = "urn:ietf:params:netconf:capability:interleave:1.0";
    public static final String WITH_DEFAULTS = "urn:ietf:params:netconf:capability:with-defaults:1.0";
    public static final String PARTIAL_LOCK = "urn:ietf:params:netconf:capability:partial-lock:1.0";
    public static final String YANG_LIBRARY_1_0 = "urn:ietf:params:netconf:capability:yang-library:1.0";
    public static final String YANG_LIBRARY_1_1 = "urn:ietf:params:netconf:capability:yang-library:1.1";

    public Capabilities {
        uris = Collections.unmodifiableSet(new LinkedHashSet<>(uris));
    }

    public static Capabilities of(String... uris) {
        return of(List.of(uris));
    }

    public static Capabilities of(Collection<String> uris) {
        return new Capabilities(new LinkedHashSet<>(uris));
    }

    /** Whether a capability is there, whatever parameters follow it. */
    public boolean has(String capability) {
        return find(capability).isPresent();
    }

    /** The capability's URI with the parameters it came with. */
    public Optional<String> find(String capability) {
        if (uris.contains(capability)) {
            return Optional.of(capability);
        }
        String withParameters = capability + "?";
        return uris.stream().filter(uri -> uri.startsWith(withParameters)).findFirst();
    }

    /** The value of a capability's query parameter, such as {@code basic-mode} of with-defaults. */
    public Optional<String> parameter(String capability, String name) {
        return find(capability).flatMap(uri -> parameterOf(uri, name));
    }

    /** Whether a YANG 1.0 module of this namespace is announced in the hello (RFC 6020 §5.6.4). */
    public boolean hasModule(String namespace, String module) {
        String withParameters = namespace + "?";
        return uris.stream().anyMatch(uri -> uri.equals(namespace)
                || (uri.startsWith(withParameters) && parameterOf(uri, "module").filter(module::equals).isPresent()));
    }

    private static Optional<String> parameterOf(String uri, String name) {
        int query = uri.indexOf('?');
        if (query < 0) {
            return Optional.empty();
        }
        for (String pair : uri.substring(query + 1).split("&", -1)) {
            if (pair.startsWith(name + "=")) {
                return Optional.of(pair.substring(name.length() + 1));
            }
        }
        return Optional.empty();
    }
}
