package homeport.gateway.desk;

import java.net.InetAddress;
import java.util.Optional;

/**
 * A network of IPv4 or IPv6 addresses.
 *
 * @param prefixBits how many of its first bits count
 */
public record AddressRange(byte[] network, int prefixBits) {
    public AddressRange {
        network = network.clone();
        if (prefixBits < 0 || prefixBits > network.length * 8) {
            throw new IllegalArgumentException("a prefix of " + prefixBits + " bits");
        }
    }

    /** @param text such as {@code 192.0.2.0/24}, or one address. @throws IllegalArgumentException when it is neither */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        var address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash)).getAddress();
        if (slash < 0) {
            return new AddressRange(address, address.length * 8);
        }
        var bits = text.substring(slash + 1);
        if (!bits.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("not a number of bits: " + bits);
        }
        return new AddressRange(address, Integer.parseInt(bits));
    }

    /** @param text an address, with or without a port behind it as in {@code 192.0.2.1:830} or {@code [2001:db8::1]:830} */
    public boolean contains(String text) {
        return address(text).filter(this::holds).isPresent();
    }

    private static Optional<byte[]> address(String text) {
        var host = text.startsWith("[") && text.contains("]") ? text.substring(1, text.indexOf(']')) : text;
        if (host.indexOf(':') >= 0 && host.indexOf(':') == host.lastIndexOf(':')) {
            host = host.substring(0, host.indexOf(':'));
        }
        try {
            return Optional.of(InetAddress.ofLiteral(host).getAddress());
        } catch (IllegalArgumentException e) {
            // A device that never came has none; what is no address is in no network.
            return Optional.empty();
        }
    }

    private boolean holds(byte[] address) {
        if (address.length != network.length) {
            return false;
        }
        for (int bit = 0; bit < prefixBits; bit++) {
            int mask = 0x80 >> bit % 8;
            if ((address[bit / 8] & mask) != (network[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AddressRange that && prefixBits == that.prefixBits
                && java.util.Arrays.equals(network, that.network);
    }

    @Override
    public int hashCode() {
        return 31 * java.util.Arrays.hashCode(network) + prefixBits;
    }
}
