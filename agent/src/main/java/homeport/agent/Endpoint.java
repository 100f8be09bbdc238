package homeport.agent;

import java.net.InetSocketAddress;

/**
 * Where to dial, or what to relay to.
 *
 * @param host a name, looked up anew at each dial, or an address without brackets
 */
public record Endpoint(String name, String host, int port) {
    /** The IANA port of NETCONF Call Home over SSH (RFC 8071 S1). */
    public static final int CALL_HOME_PORT = 4334;
    private static final int MOST_PORT = 65535;

    public Endpoint {
        if (host.isEmpty() || host.chars().anyMatch(c -> c <= ' ' || ",*?!|[]".indexOf(c) >= 0)) {
            throw new IllegalArgumentException("\"" + host + "\" is no host");
        }
        if (port < 1 || port > MOST_PORT) {
            throw new IllegalArgumentException("a port is 1 to 65535, not " + port);
        }
    }

    /** Reads {@code host}, {@code host:port} or {@code [address]:port}; the text is the name too. */
    public static Endpoint parse(String text, int defaultPort) {
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            if (end < 0 || (end + 1 < text.length() && text.charAt(end + 1) != ':')) {
                throw new IllegalArgumentException("\"" + text + "\" is not [ADDRESS]:PORT");
            }
            return new Endpoint(text, text.substring(1, end),
                    end + 1 == text.length() ? defaultPort : port(text.substring(end + 2)));
        }
        int colon = text.indexOf(':');
        boolean alone = colon < 0 || colon != text.lastIndexOf(':'); // a bare IPv6 address
        return alone
                ? new Endpoint(text, text, defaultPort)
                : new Endpoint(text, text.substring(0, colon), port(text.substring(colon + 1)));
    }

    static int port(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + text + "\" is no port", e);
        }
    }

    /** Not looked up yet: each dial asks anew, so that a changed address is found. */
    InetSocketAddress address() {
        return InetSocketAddress.createUnresolved(host, port);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
