package homeport.ssh;

import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.crypto.CompressionAlgorithm;
import homeport.ssh.crypto.KexAlgorithm;
import homeport.ssh.crypto.MacAlgorithm;
import homeport.ssh.key.KeyAlgorithm;
import java.util.ArrayList;
import java.util.List;

/**
 * What a side is willing to use, each list with the preferred first.
 *
 * @param hostKeys host-key algorithms: as a client those accepted, as a server those offered where a key is at hand
 * @param userKeys algorithms accepted from users, announced as {@code server-sig-algs} (RFC 8308 §3.1)
 */
public record Algorithms(
        List<KexAlgorithm> kex,
        List<KeyAlgorithm> hostKeys,
        List<KeyAlgorithm> userKeys,
        List<CipherAlgorithm> ciphers,
        List<MacAlgorithm> macs,
        List<CompressionAlgorithm> compression) {

    private static final List<KeyAlgorithm> KEYS = List.of(
            KeyAlgorithm.ED25519_CERT, KeyAlgorithm.ECDSA_P256_CERT, KeyAlgorithm.ECDSA_P384_CERT,
            KeyAlgorithm.ECDSA_P521_CERT, KeyAlgorithm.RSA_SHA2_512_CERT, KeyAlgorithm.RSA_SHA2_256_CERT,
            KeyAlgorithm.SSH_ED25519, KeyAlgorithm.ECDSA_P256, KeyAlgorithm.ECDSA_P384, KeyAlgorithm.ECDSA_P521,
            KeyAlgorithm.RSA_SHA2_512, KeyAlgorithm.RSA_SHA2_256);

    /** X.509 chains (RFC 6187) and HMAC key ids: what call-home devices may show besides the usual kinds. */
    public static final List<KeyAlgorithm> DEVICE_KEYS = List.of(
            KeyAlgorithm.X509V3_ED25519, KeyAlgorithm.X509V3_ECDSA_P256, KeyAlgorithm.X509V3_ECDSA_P384,
            KeyAlgorithm.X509V3_ECDSA_P521, KeyAlgorithm.X509V3_RSA2048_SHA256,
            KeyAlgorithm.HMAC_SHA2_256, KeyAlgorithm.HMAC_SHA2_512);

    /** No SHA-1, no CBC, no compression. */
    public static final Algorithms MODERN = new Algorithms(
            List.of(KexAlgorithm.MLKEM768X25519_SHA256, KexAlgorithm.CURVE25519_SHA256,
                    KexAlgorithm.CURVE25519_SHA256_LIBSSH, KexAlgorithm.ECDH_NISTP256, KexAlgorithm.ECDH_NISTP384,
                    KexAlgorithm.ECDH_NISTP521, KexAlgorithm.GROUP_EXCHANGE_SHA256,
                    KexAlgorithm.GROUP16_SHA512, KexAlgorithm.GROUP18_SHA512, KexAlgorithm.GROUP14_SHA256),
            KEYS,
            KEYS,
            List.of(CipherAlgorithm.AES128_GCM, CipherAlgorithm.AES256_GCM, CipherAlgorithm.CHACHA20_POLY1305,
                    CipherAlgorithm.AES128_CTR, CipherAlgorithm.AES192_CTR, CipherAlgorithm.AES256_CTR),
            List.of(MacAlgorithm.HMAC_SHA2_256_ETM, MacAlgorithm.HMAC_SHA2_512_ETM, MacAlgorithm.HMAC_SHA2_256,
                    MacAlgorithm.HMAC_SHA2_512),
            List.of(CompressionAlgorithm.NONE));

    public Algorithms {
        kex = List.copyOf(kex);
        hostKeys = List.copyOf(hostKeys);
        userKeys = List.copyOf(userKeys);
        ciphers = List.copyOf(ciphers);
        macs = List.copyOf(macs);
        compression = List.copyOf(compression);
    }

    /** These, and behind them what old gear needs: SHA-1 and CBC. For peers whose record says so, never for all. */
    public Algorithms withLegacy() {
        return new Algorithms(
                joined(kex, List.of(KexAlgorithm.GROUP14_SHA1)),
                joined(hostKeys, List.of(KeyAlgorithm.SSH_RSA)),
                joined(userKeys, List.of(KeyAlgorithm.SSH_RSA)),
                joined(ciphers,
                        List.of(CipherAlgorithm.AES128_CBC, CipherAlgorithm.AES192_CBC, CipherAlgorithm.AES256_CBC)),
                joined(macs, List.of(MacAlgorithm.HMAC_SHA1_ETM, MacAlgorithm.HMAC_SHA1)),
                compression);
    }

    /** These, with the host keys of call-home devices before the usual kinds, certifiable ones first. */
    public Algorithms withDeviceKeys() {
        return withHostKeys(joined(DEVICE_KEYS, hostKeys));
    }

    public Algorithms withKex(List<KexAlgorithm> list) {
        return new Algorithms(list, hostKeys, userKeys, ciphers, macs, compression);
    }

    public Algorithms withHostKeys(List<KeyAlgorithm> list) {
        return new Algorithms(kex, list, userKeys, ciphers, macs, compression);
    }

    public Algorithms withUserKeys(List<KeyAlgorithm> list) {
        return new Algorithms(kex, hostKeys, list, ciphers, macs, compression);
    }

    public Algorithms withCiphers(List<CipherAlgorithm> list) {
        return new Algorithms(kex, hostKeys, userKeys, list, macs, compression);
    }

    public Algorithms withMacs(List<MacAlgorithm> list) {
        return new Algorithms(kex, hostKeys, userKeys, ciphers, list, compression);
    }

    public Algorithms withCompression(List<CompressionAlgorithm> list) {
        return new Algorithms(kex, hostKeys, userKeys, ciphers, macs, list);
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        var all = new ArrayList<>(first);
        second.stream().filter(value -> !first.contains(value)).forEach(all::add);
        return all;
    }
}
