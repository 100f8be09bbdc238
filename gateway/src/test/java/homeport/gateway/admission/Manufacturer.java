package homeport.gateway.admission;

import homeport.gateway.inventory.IdFrom;
import homeport.gateway.inventory.TrustAnchor;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.X509Chain;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A manufacturer that signs its devices' certificates. */
public final class Manufacturer {
    private final X500Name name;
    private final KeyPair keys;
    private final X509Certificate certificate;
    private final Instant now;

    public Manufacturer(String commonName, Instant now) throws Exception {
        this.now = now;
        name = new X500Name("CN=" + commonName);
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        keys = generator.generateKeyPair();
        var builder = new JcaX509v3CertificateBuilder(name, BigInteger.ONE, Date.from(now.minusSeconds(86_400)),
                Date.from(now.plusSeconds(86_400)), name, keys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        certificate = sign(builder);
    }

    X509Chain issue(PlainSigner key, String subject, int number, int usage, Instant from, Instant until)
            throws Exception {
        var builder = new JcaX509v3CertificateBuilder(name, BigInteger.valueOf(number), Date.from(from),
                Date.from(until), new X500Name(subject), key.publicKey().jcaKey());
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
        return X509Chain.of(List.of(sign(builder)));
    }

    public X509Chain issue(PlainSigner key, String subject) throws Exception {
        return issue(key, subject, 7, KeyUsage.digitalSignature, now.minusSeconds(60), now.plusSeconds(60));
    }

    private X509Certificate sign(JcaX509v3CertificateBuilder builder) throws Exception {
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder(64, new byte[]{'\n'}).encodeToString(der)
                + "\n-----END " + label + "-----\n";
    }

    String revoking(int number) throws Exception {
        var builder = new JcaX509v2CRLBuilder(certificate.getSubjectX500Principal(), Date.from(now));
        builder.addCRLEntry(BigInteger.valueOf(number), Date.from(now), CRLReason.keyCompromise);
        X509CRL list = new JcaX509CRLConverter()
                .getCRL(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        return pem("X509 CRL", list.getEncoded());
    }

    /** Of the certificates that {@link #issue(PlainSigner, String)} makes. */
    public String revocationOfItsFirst() throws Exception {
        return revoking(7);
    }

    public TrustAnchor anchor(String as, IdFrom from, boolean admitsUnknown, Set<String> listed, String revocations)
            throws Exception {
        return new TrustAnchor(as, TrustAnchor.Kind.X509, TrustAnchor.Purpose.DEVICES,
                pem("CERTIFICATE", certificate.getEncoded()), from, admitsUnknown, listed, revocations);
    }
}
