package homeport.callhome;

import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.X509Chain;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A manufacturer that signs its devices' certificates. */
final class X509Authority {
    private final X500Name name;
    private final KeyPair keys;
    private final X509Certificate certificate;
    private final Instant now;

    X509Authority(String commonName, Instant now) {
        this.now = now;
        name = new X500Name("CN=" + commonName);
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            keys = generator.generateKeyPair();
            var builder = new JcaX509v3CertificateBuilder(name, BigInteger.ONE, Date.from(now.minusSeconds(86_400)),
                    Date.from(now.plusSeconds(86_400)), name, keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            certificate = sign(builder);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static PlainSigner newKey() {
        return PrivateKeys.generate(KeyAlgorithm.ECDSA_P256, Meeting.RANDOM);
    }

    X509Certificate certificate() {
        return certificate;
    }

    X509Chain issue(PlainSigner key, String serialNumber, Instant until) {
        try {
            var builder = new JcaX509v3CertificateBuilder(name, BigInteger.TWO, Date.from(now.minusSeconds(3600)),
                    Date.from(until), new X500Name("SERIALNUMBER=" + serialNumber), key.publicKey().jcaKey());
            return X509Chain.of(List.of(sign(builder)));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private X509Certificate sign(JcaX509v3CertificateBuilder builder) throws Exception {
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    }
}
