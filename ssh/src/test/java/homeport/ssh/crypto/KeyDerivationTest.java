package homeport.ssh.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import homeport.ssh.crypto.KeyDerivation.Direction;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class KeyDerivationTest {
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void keysAreThoseOfAnIndependentDerivation() throws IOException {
        int checked = 0;
        for (String[] line : Vectors.lines("derivation.txt")) {
            var derivation = new KeyDerivation(line[0], HEX.parseHex(line[1]), HEX.parseHex(line[2]),
                    HEX.parseHex(line[3]));
            byte[] key = derivation.derive(line[4].charAt(0), Integer.parseInt(line[5]));
            assertEquals(line[6], HEX.formatHex(key), line[0] + " " + line[4]);
            checked++;
        }
        assertEquals(96, checked);
    }

    @Test
    void theOrderOfDerivationsDoesNotMatter() {
        var derivation = derivation();
        byte[] first = derivation.derive('C', 100);
        derivation.derive('A', 12);
        assertArrayEquals(first, derivation.derive('C', 100));
        assertEquals(0, derivation.derive('B', 0).length);
    }

    @Test
    void eachDirectionHasItsLetters() {
        for (var suite : Suite.all()) {
            for (var direction : Direction.values()) {
                String letters = direction == Direction.CLIENT_TO_SERVER ? "ACE" : "BDF";
                var byHand = derivation();
                int macKeyBytes = suite.cipher().authenticated() ? 0 : suite.mac().keyBytes();
                var expected = suite.cipher().outbound(suite.mac(),
                        byHand.derive(letters.charAt(1), suite.cipher().keyBytes()),
                        byHand.derive(letters.charAt(0), suite.cipher().ivBytes()),
                        byHand.derive(letters.charAt(2), macKeyBytes));
                var outbound = derivation().outbound(direction, suite.cipher(), suite.mac());
                int length = Suite.length(outbound, 4);
                byte[] array = Suite.packet(outbound, 0, length, 1);
                byte[] other = array.clone();
                byte[] content = Suite.content(array, 0, length);
                outbound.seal(array, 0, length, 3);
                expected.seal(other, 0, length, 3);
                assertArrayEquals(other, array);
                var inbound = derivation().inbound(direction, suite.cipher(), suite.mac());
                inbound.length(array, 0, 3);
                inbound.open(array, 0, length, 3);
                assertArrayEquals(content, Suite.content(array, 0, length));
            }
        }
    }

    @Test
    void lettersBeyondFAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> derivation().derive('G', 16));
        assertThrows(IllegalArgumentException.class, () -> derivation().derive('a', 16));
    }

    @Test
    void destroyForgetsTheSecret() {
        var derivation = derivation();
        byte[] key = derivation.derive('A', 16);
        derivation.destroy();
        assertFalse(Arrays.equals(key, derivation.derive('A', 16)));
    }

    private static KeyDerivation derivation() {
        return new KeyDerivation("SHA-256", Secrets.mpint(Suite.octets(4, 32)), Suite.octets(5, 32),
                Suite.octets(6, 32));
    }
}
