package homeport.ssh.key;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTextTest {
    @ParameterizedTest
    @CsvSource({"::1, ::1", "0:0:0:0:0:0:0:1, ::1", "0:0:0:0:0:0:0:0, ::", "2001:db8:0:0:0:0:0:9, 2001:db8::9",
            "2001:DB8::00A9, 2001:db8::a9", "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
            "2001:0:0:1:0:0:0:1, 2001:0:0:1::1", "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
            "1:2:3:4:5:6:7:0, 1:2:3:4:5:6:7:0",
            "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::", "::ffff:192.0.2.1, 192.0.2.1", "::FFFF:C000:0201, 192.0.2.1",
            "FE80:0::1%eth0, fe80::1%eth0", "fe80::1%2, fe80::1%2", "192.0.2.1, 192.0.2.1"})
    void ipv6IsWrittenAsRfc5952Has(String typed, String written) {
        assertEquals(written, AddressText.of(typed));
        assertEquals(written, AddressText.forms(typed).getFirst());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "router1", "1234", "00:11:22:33:44:55", "SHA256:abc", "::1::", "gw.example.org"})
    void whatIsNoAddressStaysAsItIs(String text) {
        assertEquals(text, AddressText.of(text));
        assertEquals(List.of(text), AddressText.forms(text));
    }

    @Test
    void theFormOfOlderVersionsIsAmongThem() {
        assertEquals(List.of("2001:db8::9", "2001:db8:0:0:0:0:0:9"), AddressText.forms("2001:DB8::9"));
        assertEquals(List.of("fe80::1%2", "fe80:0:0:0:0:0:0:1%2"), AddressText.forms("fe80::1%2"));
    }

    @Test
    void anAddressKeepsItsScope() throws UnknownHostException {
        byte[] local = InetAddress.ofLiteral("fe80::1").getAddress();
        assertEquals("fe80::1%7", AddressText.of(Inet6Address.getByAddress(null, local, 7)));
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = -1;
        mapped[12] = (byte) 192;
        assertEquals("192.0.0.0", AddressText.of(Inet6Address.getByAddress(null, mapped, -1)));
    }
}
