package homeport.ssh.key;

import java.io.IOException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/**
 * What a certificate calls its device, in the order in which RFC 8071's C6 makes most of it: the serial number that IEEE
 * 802.1AR demands of an IDevID first. Worth something only after {@link X509Trust} has said that the chain is good.
 *
 * @param serialNumbers the subject's serialNumber attributes
 * @param hardwareSerials of a hardwareModuleName (RFC 4108 §5), as text where it is printable, in hexadecimal otherwise
 * @param dnsNames of the subject's alternative names, as they stand
 * @param commonNames the subject's CN attributes
 */
public record X509Identifiers(List<String> serialNumbers, List<String> hardwareSerials, List<String> dnsNames,
        List<String> commonNames) {
    private static final ASN1ObjectIdentifier HARDWARE_MODULE_NAME = new ASN1ObjectIdentifier("1.3.6.1.5.5.7.8.4");
    private static final int OTHER_NAME = 0;
    private static final int DNS_NAME = 2;
    /** Longer, or not printable, is no identifier: it would only confuse a record or a screen. */
    private static final int MOST_CHARACTERS = 255;

    public X509Identifiers {
        serialNumbers = List.copyOf(serialNumbers);
        hardwareSerials = List.copyOf(hardwareSerials);
        dnsNames = List.copyOf(dnsNames);
        commonNames = List.copyOf(commonNames);
    }

    /** Of a chain's first certificate. */
    public static X509Identifiers of(X509Chain chain) {
        return of(chain.certificates().getFirst());
    }

    /** What cannot be read is left out. */
    public static X509Identifiers of(X509Certificate certificate) {
        var hardware = new ArrayList<String>();
        var dns = new ArrayList<String>();
        try {
            var names = certificate.getSubjectAlternativeNames();
            for (List<?> name : names == null ? List.<List<?>>of() : names) {
                if (name.get(0) instanceof Integer type && type == DNS_NAME && name.get(1) instanceof String text) {
                    add(dns, text);
                } else if (name.get(0) instanceof Integer type && type == OTHER_NAME
                        && name.get(1) instanceof byte[] der) {
                    addHardwareSerial(hardware, der);
                }
            }
        } catch (CertificateParsingException e) {
            // The alternative names are damaged; the subject may still say who it is.
            hardware.clear();
            dns.clear();
        }
        return new X509Identifiers(subject(certificate, BCStyle.SERIALNUMBER), hardware, dns,
                subject(certificate, BCStyle.CN));
    }

    /** All of them, the serial numbers first. */
    public List<String> all() {
        var all = new ArrayList<String>(serialNumbers);
        all.addAll(hardwareSerials);
        all.addAll(dnsNames);
        all.addAll(commonNames);
        return List.copyOf(all);
    }

    private static List<String> subject(X509Certificate certificate, ASN1ObjectIdentifier attribute) {
        var found = new ArrayList<String>();
        try {
            var subject = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
            for (var part : subject.getRDNs(attribute)) {
                for (var pair : part.getTypesAndValues()) {
                    if (pair.getType().equals(attribute)) {
                        add(found, IETFUtils.valueToString(pair.getValue()));
                    }
                }
            }
        } catch (RuntimeException e) {
            // As above; the JDK has parsed the name before, so this is not to be expected.
            found.clear();
        }
        return found;
    }

    /** {@code SEQUENCE { type-id OID, [0] SEQUENCE { hwType OID, hwSerialNum OCTET STRING } }} */
    private static void addHardwareSerial(List<String> found, byte[] der) {
        try {
            var otherName = ASN1Sequence.getInstance(ASN1Primitive.fromByteArray(der));
            if (otherName.size() == 2 && HARDWARE_MODULE_NAME.equals(otherName.getObjectAt(0))) {
                var value = ASN1TaggedObject.getInstance(otherName.getObjectAt(1)).getExplicitBaseObject();
                var module = ASN1Sequence.getInstance(value);
                byte[] serial = ASN1OctetString.getInstance(module.getObjectAt(1)).getOctets();
                boolean text = serial.length > 0;
                for (byte octet : serial) {
                    text &= octet >= 0x20 && octet < 0x7f;
                }
                add(found, text
                        ? new String(serial, java.nio.charset.StandardCharsets.US_ASCII)
                        : HexFormat.of().formatHex(serial));
            }
        } catch (IOException | RuntimeException e) {
            // Bouncy Castle throws all sorts when ASN.1 is not what its type says. Such a name identifies nobody: what was
            // found before it stands.
            return;
        }
    }

    private static void add(List<String> found, String text) {
        if (!text.isBlank() && text.length() <= MOST_CHARACTERS && text.chars().noneMatch(Character::isISOControl)) {
            found.add(text);
        }
    }
}
