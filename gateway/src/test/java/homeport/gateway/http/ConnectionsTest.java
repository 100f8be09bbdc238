package homeport.gateway.http;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
    private final Connections connections = new Connections(8);

    @Test
    void anAddressHasAQuarterOfAll() {
        var one = InetAddress.ofLiteral("192.0.2.1");
        var other = InetAddress.ofLiteral("2001:db8::1");
        assertTrue(connections.come(one) && connections.come(one));
        assertFalse(connections.come(one));
        assertTrue(connections.come(other));
        connections.gone(one);
        assertTrue(connections.come(one));
        assertFalse(connections.come(one));
    }

    @Test
    void aProxyOnThisMachineHasAll() {
        var proxy = InetAddress.ofLiteral("127.0.0.1");
        for (int i = 0; i < 8; i++) {
            assertTrue(connections.come(proxy));
        }
        assertFalse(connections.come(proxy));
        assertFalse(connections.come(InetAddress.ofLiteral("192.0.2.1")));
    }
}
