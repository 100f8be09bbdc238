package homeport.testkit.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.OptionalFeature;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.config.keys.OpenSshCertificate;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.helpers.AbstractFactoryManager;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.kex.KeyExchangeFactory;
import org.apache.sshd.common.mac.BuiltinMacs;
import org.apache.sshd.common.signature.BuiltinSignatures;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.ServerBuilder;

/** What MINA SSHD's client and server have in common: algorithm lists and keys. */
final class Mina {
    private Mina() {}

    /** All it has code for on this Java, not only what it offers by default. */
    static Algorithms algorithms() {
        return new Algorithms(supported(BuiltinDHFactories.VALUES), supported(BuiltinSignatures.VALUES),
                supported(BuiltinCiphers.VALUES), supported(BuiltinMacs.VALUES));
    }

    private static <T extends NamedResource & OptionalFeature> List<String> supported(Collection<T> all) {
        return all.stream().filter(OptionalFeature::isSupported).map(NamedResource::getName)
                .filter(name -> !name.equals("none")).toList();
    }

    static List<NamedFactory<Signature>> allSignatures() {
        return new ArrayList<>(BuiltinSignatures.VALUES.stream().filter(OptionalFeature::isSupported).toList());
    }

    static void offer(AbstractFactoryManager manager, Algorithms offer, boolean asServer, long rekeyBytes) {
        if (!offer.kex().isEmpty()) {
            var dh = BuiltinDHFactories.parseDHFactoriesList(offer.kex()).getParsedFactories();
            var factories = new ArrayList<KeyExchangeFactory>();
            dh.forEach(method -> factories
                    .add(asServer ? ServerBuilder.DH2KEX.apply(method) : ClientBuilder.DH2KEX.apply(method)));
            manager.setKeyExchangeFactories(factories);
        }
        if (!offer.hostKeys().isEmpty()) {
            // The offer first, and then all others: it checks the signature on a certificate by the same list.
            var signatures = new LinkedHashSet<>(offer.hostKeys());
            allSignatures().forEach(signature -> signatures.add(signature.getName()));
            manager.setSignatureFactoriesNames(signatures);
        }
        if (!offer.ciphers().isEmpty()) {
            manager.setCipherFactoriesNames(offer.ciphers());
        }
        if (!offer.macs().isEmpty()) {
            manager.setMacFactoriesNames(offer.macs());
        }
        if (rekeyBytes > 0) {
            CoreModuleProperties.REKEY_BYTES_LIMIT.set(manager, rekeyBytes);
        }
    }

    /** The certificate in a file that ssh-keygen wrote. */
    static OpenSshCertificate certificate(Path file) throws IOException {
        try {
            var key = PublicKeyEntry.parsePublicKeyEntry(Files.readString(file).strip()).resolvePublicKey(null, null,
                    null);
            if (key instanceof OpenSshCertificate certificate) {
                return certificate;
            }
            throw new IOException(file + " holds no certificate");
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " cannot be read as a certificate", e);
        }
    }

    /** Whether {@code key} is among {@code keys}, or is a certificate by one of {@code authorities}. */
    static boolean accepts(PublicKey key, List<String> keys, List<String> authorities) {
        return key instanceof OpenSshCertificate certificate
                ? authorities.contains(PublicKeyEntry.toString(certificate.getCaPubKey()))
                : keys.contains(PublicKeyEntry.toString(key));
    }

    /** {@code TYPE BASE64} of each public key file. */
    static List<String> lines(List<Path> files) throws IOException {
        var lines = new ArrayList<String>();
        for (var file : files) {
            var words = Files.readString(file).strip();
            int comment = words.indexOf(' ', words.indexOf(' ') + 1);
            lines.add(comment < 0 ? words : words.substring(0, comment));
        }
        return lines;
    }
}
