package homeport.ssh.key;

import homeport.ssh.crypto.Providers;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A host key that is the name of a shared secret: the deck's {@code hmac-*}, as this project defines it.
 *
 * <pre>
 * key blob        string name, string key-id                  (UTF-8: the device's id)
 * signature blob  string name, string mac
 * mac             HMAC(K, data)                               data is the exchange hash
 * K               HKDF-SHA-256(secret, salt "homeport hmac host key", info name || key-id), 32 octets
 * </pre>
 *
 * The exchange hash covers both sides' version lines, proposals and ephemeral values, so a proof is good in one session
 * only. It proves the holder of the secret to the one who has it too, and nobody else.
 */
public final class HmacKeyId implements SshPublicKey {
    /** What the names end in, as names that are not the IANA's must (RFC 4251 §6). */
    public static final String SUFFIX = "@homeport";
    /** 128 bits; what is shorter could be found by trying against one recorded proof. */
    public static final int LEAST_SECRET_BYTES = 16;
    public static final int MOST_SECRET_BYTES = 1024;
    /** Long enough for a serial number, a UUID or a name in the DNS. */
    public static final int MOST_KEY_ID_BYTES = 255;

    private static final byte[] SALT = "homeport hmac host key".getBytes(StandardCharsets.US_ASCII);
    private static final int DERIVED_BYTES = 32;
    /** Stands in for the secret of a key id that nobody knows, so that the answer takes as long; the answer is no. */
    private static final byte[] NOBODYS_SECRET = new byte[32];

    private final KeyAlgorithm algorithm;
    private final String keyId;
    private final byte[] blob;

    private HmacKeyId(KeyAlgorithm algorithm, String keyId, byte[] blob) {
        this.algorithm = algorithm;
        this.keyId = keyId;
        this.blob = blob;
    }

    /**
     * The key that a device shows.
     *
     * @param algorithm {@code HMAC_SHA2_256} or {@code HMAC_SHA2_512}
     * @param keyId 1 to 255 octets of UTF-8 without control characters
     * @throws ProtocolError with {@code KEY_FORMAT}
     */
    public static HmacKeyId of(KeyAlgorithm algorithm, String keyId) {
        if (macName(algorithm) == null) {
            throw new IllegalArgumentException(algorithm.wireName() + " is no hmac algorithm");
        }
        return parse(new SshWriter(64).string(algorithm.wireName()).string(keyId).toByteArray());
    }

    static HmacKeyId parse(byte[] blob) {
        return KeyBlobs.strictly(() -> {
            var in = new SshReader(blob);
            String name = in.ascii();
            var algorithm = KeyAlgorithm.byName(name).filter(known -> macName(known) != null)
                    .orElseThrow(() -> KeyBlobs.notSupported(KeyBlobs.printable(name)));
            int start = in.position();
            String keyId = in.utf8();
            int size = in.position() - start - 4;
            in.end();
            if (size == 0 || size > MOST_KEY_ID_BYTES || keyId.chars().anyMatch(Character::isISOControl)) {
                throw KeyBlobs.malformed("a key id is 1 to " + MOST_KEY_ID_BYTES + " bytes of printable text");
            }
            return new HmacKeyId(algorithm, keyId, blob);
        });
    }

    /** The id under which both sides know the secret. A claim until a proof is checked. */
    public String keyId() {
        return keyId;
    }

    /**
     * Whether {@code signature} proves that the peer has {@code secret}. Takes the same time for a wrong proof and for an
     * unknown key id.
     *
     * @param secret null when nobody has this key id: then false, after the same work
     * @param data the exchange hash
     * @param signature the signature blob
     * @return false too when the signature is malformed or the secret is too short to prove anything
     */
    public boolean verify(KeyAlgorithm negotiated, byte @Nullable [] secret, byte[] data, byte[] signature) {
        boolean usable = secret != null && secret.length >= LEAST_SECRET_BYTES && secret.length <= MOST_SECRET_BYTES;
        byte[] expected = proof(usable && secret != null ? secret : NOBODYS_SECRET, data);
        boolean same = MessageDigest.isEqual(expected, signature);
        return usable & same & negotiated == algorithm;
    }

    /** The signature blob over {@code data}. */
    byte[] proof(byte[] secret, byte[] data) {
        byte[] info = (algorithm.wireName() + keyId).getBytes(StandardCharsets.UTF_8);
        String macName = macName(algorithm);
        if (macName == null) {
            throw new IllegalStateException(algorithm.wireName());
        }
        byte[] derived = derive(secret, info);
        try {
            var mac = Providers.mac(macName);
            mac.init(new SecretKeySpec(derived, macName));
            return new SshWriter(128).string(algorithm.signatureName()).string(mac.doFinal(data)).toByteArray();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no " + macName, e);
        } finally {
            Arrays.fill(derived, (byte) 0);
        }
    }

    private static byte[] derive(byte[] secret, byte[] info) {
        SecretKey input = new SecretKeySpec(secret, "HKDF-SHA256");
        try {
            return KDF.getInstance("HKDF-SHA256").deriveData(HKDFParameterSpec.ofExtract().addIKM(input)
                    .addSalt(SALT).thenExpand(info, DERIVED_BYTES));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no HKDF-SHA256", e);
        }
    }

    private static @Nullable String macName(KeyAlgorithm algorithm) {
        return algorithm == KeyAlgorithm.HMAC_SHA2_256
                ? "HmacSHA256"
                : algorithm == KeyAlgorithm.HMAC_SHA2_512 ? "HmacSHA512" : null;
    }

    @Override
    public String type() {
        return algorithm.keyType();
    }

    @Override
    public byte[] blob() {
        return blob;
    }

    @Override
    public List<KeyAlgorithm> algorithms() {
        return List.of(algorithm);
    }

    /** Always false: see {@link #verify(KeyAlgorithm, byte[], byte[], byte[])}. */
    @Override
    public boolean verify(KeyAlgorithm negotiated, byte[] data, byte[] signature) {
        return false;
    }

    @Override
    public Fingerprint fingerprint() {
        return Fingerprint.ofBlob(blob);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HmacKeyId that && Arrays.equals(blob, that.blob);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(blob);
    }

    @Override
    public String toString() {
        return type() + " " + keyId;
    }
}
