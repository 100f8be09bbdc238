package homeport.ssh.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Known answers for every suite: packets that AsyncSSH's ciphers sealed (packets.py says how). */
class PacketVectorsTest {
    private static final HexFormat HEX = HexFormat.of();

    @TestFactory
    List<DynamicTest> packetsOfAnotherImplementation() throws IOException {
        var suites = new ArrayList<DynamicTest>();
        List<String[]> lines = Vectors.lines("packets.txt");
        for (int at = 0; at < lines.size();) {
            String[] suite = lines.get(at++);
            int first = at;
            while (at < lines.size() && lines.get(at).length == 3) {
                at++;
            }
            var packets = lines.subList(first, at);
            suites.add(DynamicTest.dynamicTest(suite[0] + " " + suite[1], () -> check(suite, packets)));
        }
        assertEquals(Suite.all().size(), suites.size(), "suites without a known answer");
        return suites;
    }

    private static void check(String[] suite, List<String[]> packets) throws GeneralSecurityException {
        var cipher = CipherAlgorithm.byName(suite[0]).orElseThrow();
        var mac = MacAlgorithm.byName(suite[1]).orElse(MacAlgorithm.NONE);
        var outbound = cipher.outbound(mac, octets(suite[2]), octets(suite[3]), octets(suite[4]));
        var inbound = cipher.inbound(mac, octets(suite[2]), octets(suite[3]), octets(suite[4]));
        for (String[] packet : packets) {
            int sequence = Integer.parseUnsignedInt(packet[0]);
            int length = Integer.parseInt(packet[1]);
            var plain = new byte[4 + length];
            for (int i = 0; i < plain.length; i++) {
                plain[i] = (byte) (7 * i + sequence);
            }
            BigEndian.putInt32(plain, 0, length);

            int offset = 5;
            var array = new byte[offset + plain.length + outbound.tagBytes()];
            System.arraycopy(plain, 0, array, offset, plain.length);
            outbound.seal(array, offset, length, sequence);
            byte[] sealed = Arrays.copyOfRange(array, offset, array.length);
            String told = packet[2].startsWith("sha256:")
                    ? "sha256:" + HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(sealed))
                    : HEX.formatHex(sealed);
            assertEquals(packet[2], told, "packet " + packet[0]);

            assertEquals(length, inbound.length(array, offset, sequence));
            inbound.open(array, offset, length, sequence);
            assertArrayEquals(Arrays.copyOfRange(plain, 4, plain.length), Suite.content(array, offset, length));
        }
    }

    private static byte[] octets(String hex) {
        return hex.equals("-") ? new byte[0] : HEX.parseHex(hex);
    }
}
