package homeport.ssh.key;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A block of addresses, {@code 192.0.2.0/24} or {@code 2001:db8::/32}; a bare address is a block of one. What maps IPv4
 * into IPv6 counts as IPv4. Never a name: nothing here asks the DNS.
 */
record AddressBlock(InetAddress network, int prefixLength) {
    private static final int IPV4_BITS = 32;
    /** Before the IPv4 address in an IPv6 address that maps it (RFC 4291 §2.5.5.2). */
    private static final int MAPPED_PREFIX_BITS = 96;

    /** @return empty unless it is an address with a prefix length that fits and no bit set behind it */
    static Optional<AddressBlock> parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        if (address.indexOf('%') >= 0) {
            return Optional.empty();
        }
        InetAddress network;
        try {
            network = InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        int bits = 8 * network.getAddress().length;
        int length = slash < 0 ? bits : decimal(text.substring(slash + 1));
        // Java makes an IPv4 address of ::ffff:192.0.2.0.
        length -= slash >= 0 && bits == IPV4_BITS && address.indexOf(':') >= 0 ? MAPPED_PREFIX_BITS : 0;
        if (length < 0 || length > bits) {
            return Optional.empty();
        }
        for (int bit = length; bit < bits; bit++) {
            if (bit(network.getAddress(), bit)) {
                return Optional.empty();
            }
        }
        return Optional.of(new AddressBlock(network, length));
    }

    /** @return empty when one of the blocks between commas is none */
    static Optional<List<AddressBlock>> parseList(String text) {
        var blocks = new ArrayList<AddressBlock>();
        for (String part : text.split(",", -1)) {
            var block = parse(part);
            if (block.isEmpty()) {
                return Optional.empty();
            }
            blocks.add(block.get());
        }
        return Optional.of(List.copyOf(blocks));
    }

    boolean contains(InetAddress address) {
        byte[] octets = address.getAddress();
        byte[] expected = network.getAddress();
        if (octets.length != expected.length) {
            return false;
        }
        for (int bit = 0; bit < prefixLength; bit++) {
            if (bit(octets, bit) != bit(expected, bit)) {
                return false;
            }
        }
        return true;
    }

    private static boolean bit(byte[] octets, int index) {
        return (octets[index / 8] >> (7 - index % 8) & 1) != 0;
    }

    private static int decimal(String text) {
        return text.isEmpty() || text.length() > 3 || !text.chars().allMatch(c -> c >= '0' && c <= '9')
                ? -1
                : Integer.parseInt(text);
    }
}
