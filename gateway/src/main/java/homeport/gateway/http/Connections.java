package homeport.gateway.http;

import java.net.InetAddress;

/**
 * How many connections there are, in all and of each address, so that one address does not have them all. Not so for the
 * gateway's own machine: whoever comes through a proxy there comes from its address. Safe for all threads.
 */
final class Connections {
    private final Shares<InetAddress> shares;

    Connections(int most) {
        this.shares = new Shares<>(most);
    }

    /** @return whether there is room for one more; then {@link #gone} must follow */
    boolean come(InetAddress address) {
        return address.isLoopbackAddress() ? shares.takeOfAll(address, 1) : shares.take(address, 1);
    }

    void gone(InetAddress address) {
        shares.give(address, 1);
    }
}
