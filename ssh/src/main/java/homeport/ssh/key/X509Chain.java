package homeport.ssh.key;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * X.509 certificates as a key blob (RFC 6187 §2), the one that holds the key first.
 *
 * <pre>
 * string name
 * uint32 certificate-count, string certificate[1..count]      DER, each certified by the next
 * uint32 ocsp-response-count, string ocsp-response[0..count]  not more than certificates
 * </pre>
 *
 * Parsing checks that the certificates are well formed and that the name fits the key of the first. Whether they lead to
 * a trusted authority is for {@link X509Trust} to say. Only the blob and the key are kept in memory.
 */
public final class X509Chain implements SshPublicKey {
    /** A leaf, and more intermediates than any manufacturer has. */
    public static final int MOST_CERTIFICATES = 8;
    private static final String TYPE_PREFIX = "x509v3-";
    private static final String OLDER_DIALECT = "x509v3-sign-";

    private final KeyAlgorithm algorithm;
    private final byte[] blob;
    private final PlainKey key;

    private X509Chain(KeyAlgorithm algorithm, byte[] blob, PlainKey key) {
        this.algorithm = algorithm;
        this.blob = blob;
        this.key = key;
    }

    static boolean names(String type) {
        return type.startsWith(TYPE_PREFIX);
    }

    static X509Chain parse(byte[] blob) {
        return KeyBlobs.strictly(() -> {
            String type = new SshReader(blob).ascii();
            if (type.startsWith(OLDER_DIALECT)) {
                throw KeyBlobs.notSupported(KeyBlobs.printable(type) + ", from before RFC 6187");
            }
            var algorithm = KeyAlgorithm.byName(type).filter(known -> names(known.keyType()))
                    .orElseThrow(() -> KeyBlobs.notSupported(KeyBlobs.printable(type)));
            var key = keyOf(certificates(blob).getFirst());
            if (SignatureScheme.of(algorithm).kind() != key.kind()) {
                throw KeyBlobs.malformed("a key " + key.type() + " in a chain " + type);
            }
            return new X509Chain(algorithm, blob, key);
        });
    }

    /**
     * From certificates, the leaf first; the trust anchor may be left out.
     *
     * @throws ProtocolError with {@code KEY_FORMAT} or {@code KEY_NOT_SUPPORTED} when the leaf's key has no algorithm here
     */
    public static X509Chain of(List<X509Certificate> certificates) {
        if (certificates.isEmpty()) {
            throw KeyBlobs.malformed("no certificate");
        }
        var algorithm = switch (keyOf(certificates.getFirst()).kind()) {
            case ED25519 -> KeyAlgorithm.X509V3_ED25519;
            case ECDSA_P256 -> KeyAlgorithm.X509V3_ECDSA_P256;
            case ECDSA_P384 -> KeyAlgorithm.X509V3_ECDSA_P384;
            case ECDSA_P521 -> KeyAlgorithm.X509V3_ECDSA_P521;
            case RSA -> KeyAlgorithm.X509V3_RSA2048_SHA256;
        };
        var out = new SshWriter(4096).string(algorithm.keyType()).uint32(certificates.size());
        try {
            for (var certificate : certificates) {
                out.string(certificate.getEncoded());
            }
        } catch (CertificateException e) {
            throw KeyBlobs.malformed("a certificate that cannot be written");
        }
        return parse(out.uint32(0).toByteArray());
    }

    /** The certificates, the leaf first; parsed anew each time. */
    public List<X509Certificate> certificates() {
        return certificates(blob);
    }

    private static List<X509Certificate> certificates(byte[] blob) {
        var in = new SshReader(blob);
        in.skipString();
        long count = in.uint32();
        if (count < 1 || count > MOST_CERTIFICATES) {
            throw KeyBlobs.malformed(count + " certificates, 1 to " + MOST_CERTIFICATES + " are possible");
        }
        var certificates = new ArrayList<X509Certificate>();
        for (int i = 0; i < count; i++) {
            certificates.add(certificate(in.string()));
        }
        long responses = in.uint32();
        if (responses > count) {
            throw KeyBlobs.malformed(responses + " OCSP responses for " + count + " certificates");
        }
        for (int i = 0; i < responses; i++) {
            in.skipString();
        }
        in.end();
        return List.copyOf(certificates);
    }

    private static X509Certificate certificate(byte[] der) {
        // The factory would take text as well, and would ignore what follows.
        if (der.length == 0 || der[0] != 0x30) {
            throw KeyBlobs.malformed("a certificate that is not DER");
        }
        try {
            var certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(der));
            if (Arrays.equals(certificate.getEncoded(), der)) {
                return certificate;
            }
        } catch (CertificateException | RuntimeException e) {
            // JDK 25 runs past the end of the array of an Ed25519 key that is empty; a stranger must not make us do that.
            throw KeyBlobs.malformed("a certificate that cannot be read");
        }
        throw KeyBlobs.malformed("bytes behind a certificate");
    }

    private static PlainKey keyOf(X509Certificate certificate) {
        return PlainKey.of(certificate.getPublicKey());
    }

    /** The key of the first certificate. */
    public PlainKey key() {
        return key;
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
        return algorithm.legacy() ? List.of() : List.of(algorithm);
    }

    @Override
    public boolean verify(KeyAlgorithm negotiated, byte[] data, byte[] signature) {
        return negotiated == algorithm && key.verifyScheme(algorithm, data, signature);
    }

    /** Of the key in the first certificate. */
    @Override
    public Fingerprint fingerprint() {
        return key.fingerprint();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof X509Chain that && Arrays.equals(blob, that.blob);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(blob);
    }

    @Override
    public String toString() {
        return type() + " " + fingerprint();
    }
}
