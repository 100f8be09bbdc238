package homeport.agent;

import java.util.List;

/**
 * One {@code netconf-client} of the call-home subtree: a gateway that is called on its own, whatever becomes of the others.
 *
 * @param endpoints in the order of the configuration; the same gateway answers at each
 */
public record CalledGateway(String name, List<Endpoint> endpoints, ConnectionType type, ReconnectRules reconnect) {
    private static final int MOST_ENDPOINTS = 64;

    public CalledGateway {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty() || endpoints.size() > MOST_ENDPOINTS) {
            throw new IllegalArgumentException("the gateway " + name + " needs 1 to " + MOST_ENDPOINTS + " endpoints");
        }
        if (endpoints.stream().map(Endpoint::name).distinct().count() != endpoints.size()) {
            throw new IllegalArgumentException("the gateway " + name + " has two endpoints of one name");
        }
    }
}
