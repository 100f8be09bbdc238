package homeport.gateway.config;

import java.net.InetSocketAddress;

/**
 * Where to listen: {@code host:port}, {@code [v6]:port}, or {@code :port} for all addresses.
 *
 * @param host empty for all addresses
 * @param port 0 lets the system choose
 */
public record Address(String host, int port) {
    public Address {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("a port is 0 to 65535");
        }
    }

    static Address parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("an address is HOST:PORT");
        }
        var host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("an IPv6 address stands in brackets: [::1]:4334");
        }
        if (!host.matches("[A-Za-z0-9.:%_-]*")) {
            throw new IllegalArgumentException("an address is HOST:PORT");
        }
        return new Address(host, Values.whole(text.substring(colon + 1), 0, 65535));
    }

    /** As a socket takes it; unresolved where the name is not known. */
    public InetSocketAddress resolve() {
        return host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
