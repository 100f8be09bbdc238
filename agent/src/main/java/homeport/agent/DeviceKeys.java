package homeport.agent;

import homeport.callhome.BootstrapMessage;
import homeport.callhome.Design;
import homeport.ssh.key.CertifiedSigner;
import homeport.ssh.key.HmacKeyId;
import homeport.ssh.key.HmacSigner;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.KeyFileError;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PublicKeyFile;
import homeport.ssh.key.Signer;
import homeport.ssh.key.X509Chain;
import homeport.ssh.wire.ProtocolError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;

/**
 * What this device proves itself by, made of its identity key, its certificate and its secret.
 *
 * @param shown signs, and comes with the certificate where there is one
 * @param secret empty where there is none
 */
record DeviceKeys(PlainSigner identity, Signer shown, Optional<byte[]> secret) {
    private static final int MOST_BYTES = 1 << 20;

    static DeviceKeys open(AgentConfig config, PlainSigner identity) {
        try {
            var secret = config.secretFile().isPresent()
                    ? Optional.of(secret(config.secretFile().get()))
                    : Optional.<byte[]>empty();
            Signer shown = config.certificate().isPresent()
                    ? certified(config.certificate().get(), identity)
                    : identity;
            if (secret.isPresent() && config.design() == Design.CALL_HOME) {
                shown = new HmacSigner(HmacKeyId.of(KeyAlgorithm.HMAC_SHA2_256, config.id()), secret.get());
            }
            return new DeviceKeys(identity, shown, secret);
        } catch (IOException e) {
            throw new AgentError("a file of this device's keys cannot be read: " + e.getMessage(), e);
        } catch (GeneralSecurityException | ProtocolError | KeyFileError | IllegalArgumentException e) {
            throw new AgentError("this device's certificate or secret does not do: " + e.getMessage(), e);
        }
    }

    /** The message of the bootstrap design, about a host key of this device. */
    BootstrapMessage message(String id, Optional<PlainKey> hostKey) {
        return secret.isPresent() && hostKey.isPresent()
                ? BootstrapMessage.signed(id, hostKey.get(), secret.get())
                : BootstrapMessage.claim(id);
    }

    private static byte[] secret(Path file) throws IOException {
        var modes = Files.getPosixFilePermissions(file);
        if (modes.contains(PosixFilePermission.OTHERS_READ) || modes.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new AgentError("the secret " + file + " is open to everybody: chmod 600 it");
        }
        byte[] content = read(file);
        int length = content.length;
        while (length > 0 && (content[length - 1] == '\n' || content[length - 1] == '\r')) {
            length--;
        }
        byte[] secret = Arrays.copyOf(content, length);
        Arrays.fill(content, (byte) 0);
        if (secret.length < HmacKeyId.LEAST_SECRET_BYTES || secret.length > HmacKeyId.MOST_SECRET_BYTES) {
            throw new AgentError("the secret in " + file + " has " + secret.length + " bytes, not "
                    + HmacKeyId.LEAST_SECRET_BYTES + " to " + HmacKeyId.MOST_SECRET_BYTES);
        }
        return secret;
    }

    private static Signer certified(Path file, PlainSigner identity) throws IOException, GeneralSecurityException {
        byte[] content = read(file);
        var text = new String(content, StandardCharsets.UTF_8);
        if (!text.contains("-----BEGIN CERTIFICATE-----")) {
            var key = PublicKeyFile.read(file.toString(), text).key();
            if (key instanceof OpenSshCertificate certificate) {
                return new CertifiedSigner(identity, certificate);
            }
            throw new AgentError(file + " holds a " + key.type() + ": a certificate is due");
        }
        var chain = new ArrayList<X509Certificate>();
        for (var each : CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(content))) {
            if (each instanceof X509Certificate certificate) {
                chain.add(certificate);
            }
        }
        // RFC 8071 S4: with all intermediates, so each is signed by the next.
        for (int i = 0; i + 1 < chain.size(); i++) {
            chain.get(i).verify(chain.get(i + 1).getPublicKey());
        }
        return new CertifiedSigner(identity, X509Chain.of(chain));
    }

    private static byte[] read(Path file) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException(file + " is larger than any such file");
        }
        return Files.readAllBytes(file);
    }

    @Override
    public String toString() {
        return "DeviceKeys[" + shown.publicKey() + "]";
    }
}
