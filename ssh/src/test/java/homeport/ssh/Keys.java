package homeport.ssh;

import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.CertifiedSigner;
import homeport.ssh.key.HmacKeyId;
import homeport.ssh.key.HmacSigner;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.Signer;
import homeport.ssh.key.X509Chain;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/** A signer for every algorithm that a host or user key can have; always the same keys. */
final class Keys {
    static final PlainSigner ED25519 = plain("id_ed25519");
    static final PlainSigner RSA = plain("id_rsa2048");
    static final PlainSigner P256 = plain("id_ecdsa256");
    private static final PlainSigner P384 = plain("id_ecdsa384");
    private static final PlainSigner P521 = plain("id_ecdsa521");
    private static final PlainSigner AUTHORITY = plain("ca_ed25519");
    static final PlainSigner USER = AUTHORITY;
    /** What the HMAC host keys are keyed with. */
    static final byte[] SECRET = "a secret of enough octets".getBytes(StandardCharsets.US_ASCII);

    private Keys() {}

    static Signer of(KeyAlgorithm algorithm) {
        return switch (algorithm) {
            case SSH_ED25519 -> ED25519;
            case ECDSA_P256 -> P256;
            case ECDSA_P384 -> P384;
            case ECDSA_P521 -> P521;
            case RSA_SHA2_512, RSA_SHA2_256, SSH_RSA -> RSA;
            case ED25519_CERT -> certified(ED25519);
            case ECDSA_P256_CERT -> certified(P256);
            case ECDSA_P384_CERT -> certified(P384);
            case ECDSA_P521_CERT -> certified(P521);
            case RSA_SHA2_512_CERT, RSA_SHA2_256_CERT -> certified(RSA);
            case X509V3_ED25519 -> chained("x509_ed25519");
            case X509V3_ECDSA_P256 -> chained("x509_p256");
            case X509V3_ECDSA_P384 -> chained("x509_p384");
            case X509V3_ECDSA_P521 -> chained("x509_p521");
            case X509V3_RSA2048_SHA256, X509V3_SSH_RSA -> chained("x509_rsa");
            case HMAC_SHA2_256, HMAC_SHA2_512 -> new HmacSigner(HmacKeyId.of(algorithm, "device-1"), SECRET);
        };
    }

    private static Signer certified(PlainSigner key) {
        var terms = CertificateTerms.forHost("a test's host", List.of("device-1"), Instant.EPOCH,
                CertificateTerms.ALWAYS);
        return new CertifiedSigner(key,
                OpenSshCertificate.issue(key.publicKey(), terms, AUTHORITY, new SeededRandom(1)));
    }

    private static Signer chained(String name) {
        try {
            var factory = CertificateFactory.getInstance("X.509");
            var leaf = (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(file(name + ".pem")));
            var issuer = (X509Certificate) factory
                    .generateCertificate(new ByteArrayInputStream(file("x509_inter.pem")));
            return new CertifiedSigner(plain(name + ".key"), X509Chain.of(List.of(leaf, issuer)));
        } catch (CertificateException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    private static PlainSigner plain(String name) {
        return PrivateKeys.read(name, file(name));
    }

    private static byte[] file(String name) {
        try (var in = Keys.class.getResourceAsStream("key/" + name)) {
            if (in == null) {
                throw new IllegalArgumentException("no test resource " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
