package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.crypto.CompressionAlgorithm;
import homeport.ssh.crypto.KexAlgorithm;
import homeport.ssh.crypto.MacAlgorithm;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.SshWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every algorithm between our own client and our own server, with data both ways and new keys half way. */
class AlgorithmsTest {
    private static final Algorithms FAST = Algorithms.MODERN.withKex(List.of(KexAlgorithm.CURVE25519_SHA256));

    @ParameterizedTest
    @EnumSource(KexAlgorithm.class)
    void everyKeyExchangeCarriesData(KexAlgorithm kex) {
        var pair = carriesData(Algorithms.MODERN.withKex(List.of(kex)), Keys.ED25519.publicKey().algorithms()
                .getFirst());
        assertEquals(kex, pair.client.connection.negotiated().orElseThrow().kex());
        assertEquals(kex.legacy(), pair.client.connection.negotiated().orElseThrow().legacy());
    }

    @ParameterizedTest
    // SHA-1 in a chain is only ever read: no signer of ours makes it.
    @EnumSource(value = KeyAlgorithm.class, mode = EnumSource.Mode.EXCLUDE, names = "X509V3_SSH_RSA")
    void everyHostKeyCarriesData(KeyAlgorithm hostKey) {
        var pair = carriesData(FAST.withHostKeys(List.of(hostKey)), hostKey);
        assertEquals(hostKey, pair.client.connection.negotiated().orElseThrow().hostKey());
        assertArrayEquals(Keys.of(hostKey).publicKey().blob(), pair.client.connection.hostKey().orElseThrow().blob());
    }

    static List<Algorithms> packetSuites() {
        var suites = new ArrayList<Algorithms>();
        for (var compression : CompressionAlgorithm.values()) {
            for (var cipher : CipherAlgorithm.values()) {
                if (cipher == CipherAlgorithm.NONE) {
                    continue;
                }
                for (var mac : cipher.authenticated()
                        ? new MacAlgorithm[]{MacAlgorithm.HMAC_SHA2_256}
                        : MacAlgorithm
                                .values()) {
                    if (mac != MacAlgorithm.NONE) {
                        suites.add(FAST.withCiphers(List.of(cipher)).withMacs(List.of(mac))
                                .withCompression(List.of(compression)));
                    }
                }
            }
        }
        return suites;
    }

    @ParameterizedTest
    @MethodSource("packetSuites")
    void everyCipherWithEveryMacAndCompressionCarriesData(Algorithms algorithms) {
        var pair = carriesData(algorithms, KeyAlgorithm.SSH_ED25519);
        var agreed = pair.server.connection.negotiated().orElseThrow();
        assertEquals(algorithms.ciphers().getFirst(), agreed.cipherClientToServer());
        assertEquals(algorithms.compression().getFirst(), agreed.compressionServerToClient());
        assertEquals(agreed.cipherClientToServer().authenticated() ? MacAlgorithm.NONE : algorithms.macs().getFirst(),
                agreed.macServerToClient());
    }

    @Test
    void directionsMayDiffer() {
        var up = FAST.withCiphers(List.of(CipherAlgorithm.AES256_CTR, CipherAlgorithm.CHACHA20_POLY1305));
        var evil = new EvilPeer(Role.CLIENT, Pair.clientWith(up).build(), Pair.serverWith(up).build());
        // The lists of a KEXINIT are one for each direction; our own settings use one for both, so look at the choice.
        var theirs = EvilPeer.proposal(up, List.of(), false);
        var mixed = new homeport.ssh.wire.KexInit(theirs.cookie(), theirs.kex(), theirs.hostKeys(),
                List.of("aes256-ctr"), List.of("chacha20-poly1305@openssh.com"), theirs.macsClientToServer(),
                List.of("hmac-sha2-512"), List.of("none"), List.of("none"), List.of(), List.of(), false);
        evil.scripted().sendInit(mixed);
        var agreed = evil.victim.negotiated().orElseThrow();
        assertEquals(CipherAlgorithm.AES256_CTR, agreed.cipherClientToServer());
        assertEquals(CipherAlgorithm.CHACHA20_POLY1305, agreed.cipherServerToClient());
        assertEquals(MacAlgorithm.NONE, agreed.macServerToClient());
    }

    @Test
    void theClientsOrderDecides() {
        var client = Pair.clientWith(FAST.withCiphers(List.of(CipherAlgorithm.AES192_CTR, CipherAlgorithm.AES128_GCM)))
                .build();
        var pair = Pair.friendly(client, Pair.serverWith(FAST).build()).start();
        assertEquals(CipherAlgorithm.AES192_CTR,
                pair.server.connection.negotiated().orElseThrow().cipherServerToClient());
    }

    private static Pair carriesData(Algorithms algorithms, KeyAlgorithm hostKey) {
        var hostKeys = algorithms.hostKeys().contains(hostKey)
                ? algorithms
                : algorithms.withHostKeys(List.of(hostKey));
        var pair = Pair.friendly(Pair.clientWith(hostKeys).build(),
                SshSettings.builder().algorithms(hostKeys).hostKeys(List.of(Keys.of(hostKey))).build());
        var echoed = new SshWriter();
        pair.server.on((end, event) -> {
            if (event instanceof Event.Data data) {
                byte[] copy = java.util.Arrays.copyOfRange(data.array(), data.offset(), data.offset() + data.length());
                assertEquals(copy.length, data.channel().send(copy, 0, copy.length));
            }
        });
        pair.client.on((end, event) -> {
            if (event instanceof Event.Data data) {
                echoed.bytes(data.array(), data.offset(), data.length());
            }
        });
        pair.start();
        assertTrue(pair.client.connection.isAuthenticated(), pair.client.events::toString);
        var channel = pair.session();
        var data = new byte[40_000];
        new Random(7).nextBytes(data);
        java.util.Arrays.fill(data, 10_000, 20_000, (byte) 'x');
        assertEquals(data.length, channel.send(data, 0, data.length));
        pair.run();
        pair.client.connection.rekey();
        pair.run();
        assertEquals(2, pair.client.events(Event.KeysExchanged.class).size());
        assertEquals(1, channel.send(data, 0, 1));
        channel.request(new ChannelRequest.Shell(), true);
        pair.run();
        assertEquals(data.length + 1, echoed.size());
        assertArrayEquals(data, java.util.Arrays.copyOf(echoed.toByteArray(), data.length));
        assertFalse(pair.server.events(Question.ChannelRequested.class).isEmpty());
        assertEquals(List.of(true), pair.client.events(Event.ChannelReply.class).stream()
                .map(Event.ChannelReply::success).toList());
        return pair;
    }
}
