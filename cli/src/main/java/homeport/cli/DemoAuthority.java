package homeport.cli;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A manufacturer that signs its devices' certificates (IEEE 802.1AR IDevIDs), for as long as the demo runs. */
final class DemoAuthority {
    private static final int CURVE_BITS = 256;
    private static final int LINE_LENGTH = 64;
    private static final Duration LIFE = Duration.ofDays(1);

    private final X500Name name;
    private final KeyPair keys;
    private final String pem;
    private int issued;

    private DemoAuthority(String commonName) throws GeneralSecurityException, OperatorCreationException, IOException {
        name = new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, commonName).build();
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(CURVE_BITS);
        keys = generator.generateKeyPair();
        var builder = builder(name, keys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        pem = sign(builder);
    }

    static DemoAuthority create(String commonName) throws IOException {
        try {
            return new DemoAuthority(commonName);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("a certificate authority cannot be made: " + e.getMessage(), e);
        }
    }

    /** The authority's own certificate. */
    String pem() {
        return pem;
    }

    /** A device's certificate in PEM. @param serialNumber by which the device is known */
    String certify(PublicKey key, String serialNumber) throws IOException {
        var subject = new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, "demo device")
                .addRDN(BCStyle.SERIALNUMBER, serialNumber).build();
        try {
            var builder = builder(subject, key);
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            return sign(builder);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("a certificate cannot be made: " + e.getMessage(), e);
        }
    }

    private JcaX509v3CertificateBuilder builder(X500Name subject, PublicKey key) {
        issued++;
        var now = Instant.now();
        return new JcaX509v3CertificateBuilder(name, BigInteger.valueOf(issued), Date.from(now.minus(LIFE)),
                Date.from(now.plus(LIFE)), subject, key);
    }

    private String sign(JcaX509v3CertificateBuilder builder)
            throws GeneralSecurityException, OperatorCreationException {
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
        X509Certificate certificate = new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(LINE_LENGTH, new byte[]{'\n'}).encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }
}
